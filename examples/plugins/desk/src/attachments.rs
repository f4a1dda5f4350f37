//! Files of tickets. The body of a request is the file, which does not pass through the plugin; a message keeps it, so that whoever may read the
//! message sees the file, and nobody else.

use crate::agents::is_agent;
use crate::authors::Author;
use crate::intake::clean_text;
use crate::messages::NewMessage;
use crate::model::Direction;
use crate::routes::find_theirs;
use cairn_plugin::files;
use cairn_plugin::prelude::*;
use serde_json::json;

/// Types that are taken, with the endings of their names; the manifest has the same list.
const TYPES: [(&str, &[&str]); 5] = [
    ("application/pdf", &[".pdf"]),
    ("image/png", &[".png"]),
    ("image/jpeg", &[".jpg", ".jpeg"]),
    ("image/webp", &[".webp"]),
    ("text/plain", &[".txt", ".log"]),
];
/// Limit of a name, in characters, without an ending that is added.
const MAX_NAME: usize = 100;

/// Adds the file of a request to a ticket, as a message of the caller.
///
/// # Errors
/// `NotFound` for a ticket of others; `Invalid` without a file, or for one of another type.
pub(crate) fn attach(call: &Call, request: &Request) -> Result<Response> {
    let ticket = find_theirs(call, request)?;
    let wrong = |code: &str| Error::field("file", code, translate(&format!("problem.file.{code}"), &call.locale, None));
    let Some(body) = request.file() else { return Err(wrong("missing")) };
    let sent_type = request.header("content-type").unwrap_or_default();
    let Some((media_type, name)) = describe_file(sent_type, request.query("name").unwrap_or_default()) else {
        return Err(wrong("type"));
    };
    let direction = match (is_agent(&call.actor), request.query("note") == Some("true")) {
        (true, true) => Direction::Note,
        (true, false) => Direction::Out,
        (false, _) => Direction::In,
    };
    let author = Author::of_message(&call.actor, direction, &ticket);
    // Files are stored outside of transactions: one that nobody needs goes again.
    let file = files::keep(body, &name, media_type)?;
    let message =
        NewMessage { ticket: &ticket.document_id, direction, author, text: &name, file: Some(&file), as_caller: false };
    if let Err(error) = message.store() {
        files::delete(&[file])?;
        return Err(error);
    }
    Response::json(201, &json!({ "data": { "direction": direction, "name": name } }))
}

/// The media type of a file and its name, with an ending of that type; none for a type that is not taken.
fn describe_file(sent_type: &str, name: &str) -> Option<(&'static str, String)> {
    let sent_type = sent_type.split(';').next().unwrap_or_default().trim();
    let (media_type, endings) = TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(sent_type))?;
    let name = clean_text(name).replace(['/', '\\', '\n', '\t'], " ");
    let name: String = name.trim_start_matches(['.', ' ']).chars().take(MAX_NAME).collect();
    let name = if name.is_empty() { "file".to_owned() } else { name };
    let lower = name.to_lowercase();
    let has_ending = endings.iter().any(|ending| lower.ends_with(ending));
    Some((media_type, if has_ending { name } else { format!("{name}{}", endings[0]) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_its_type_does() {
        for (sent_type, name, described) in [
            ("application/pdf", "Invoice.PDF", Some(("application/pdf", "Invoice.PDF"))),
            ("Image/JPEG; a=b", "photo.jpeg", Some(("image/jpeg", "photo.jpeg"))),
            ("text/plain", "page.html", Some(("text/plain", "page.html.txt"))),
            ("image/png", "", Some(("image/png", "file.png"))),
            ("image/png", "../../..\\etc/pass\nwd", Some(("image/png", "etc pass wd.png"))),
            ("text/html", "page.html", None),
            ("image/svg+xml", "logo.svg", None),
            ("", "a.pdf", None),
        ] {
            let described = described.map(|(media_type, name)| (media_type, name.to_owned()));
            assert_eq!(describe_file(sent_type, name), described, "{sent_type} {name}");
        }
        assert_eq!(describe_file("text/plain", &"é".repeat(300)).unwrap().1.chars().count(), MAX_NAME + 4);
    }

    #[test]
    fn the_manifest_has_the_same_types() {
        let manifest = include_str!("../plugin.toml");
        let types: Vec<_> = TYPES.iter().map(|(media_type, _)| format!("\"{media_type}\"")).collect();
        assert!(manifest.contains(&format!("types = [{}]", types.join(", "))), "{types:?}");
    }
}
