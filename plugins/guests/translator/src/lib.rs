//! Translations for tests: words of the glossary are replaced, and the language is put before each text. Some first texts make it misbehave:
//! `wrong-count`, `markup`, `huge`, `garbage`, `panic`, `unreachable` and `no-such-language`.

use cairn_plugin::{Call, Error, Request, Response, Result, Routes};
use serde::Deserialize;
use serde_json::json;

struct Translator;

cairn_plugin::export!(Translator: routes);

/// Texts to translate, as the server sends them.
#[derive(Deserialize)]
struct Texts {
    source: String,
    target: String,
    texts: Vec<String>,
    glossary: Vec<Pair>,
}

/// A word and its translation.
#[derive(Deserialize)]
struct Pair {
    source: String,
    target: String,
}

impl Routes for Translator {
    fn handle(_call: &Call, request: &Request) -> Result<Response> {
        let wanted: Texts = request.json()?;
        let mut texts: Vec<String> = wanted.texts.iter().map(|text| translate(&wanted, text)).collect();
        match wanted.texts.first().map(String::as_str) {
            Some("wrong-count") => drop(texts.pop()),
            Some("markup") => texts[0] = "<script>alert(1)</script>".to_owned(),
            Some("huge") => texts[0] = "x".repeat(4 << 20),
            Some("garbage") => return Ok(Response::bytes(200, "text/html", b"<html>".to_vec())),
            Some("panic") => panic!("a translation failed"),
            Some("unreachable") => return Err(Error::Unavailable(None)),
            Some("no-such-language") => {
                return Err(Error::field("target", "language", format!("There is no {} here.", wanted.target)));
            }
            _ => {}
        }
        let body = json!({ "texts": texts }).to_string();
        Ok(Response::bytes(200, "application/json", body.into_bytes()))
    }
}

fn translate(wanted: &Texts, text: &str) -> String {
    let words = wanted.glossary.iter().fold(text.to_owned(), |text, pair| text.replace(&pair.source, &pair.target));
    format!("[{}>{}] {words}", wanted.source, wanted.target)
}
