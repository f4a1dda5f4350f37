//! Subscribers: how they come in and how they are confirmed.

use cairn_plugin::bindings::random;
use cairn_plugin::prelude::*;
use cairn_plugin::site;
use serde::Deserialize;
use serde_json::json;

/// Bytes of a token: nobody guesses as many.
const BYTES: u32 = 32;

#[derive(Debug, Deserialize)]
pub(crate) struct Subscriber {
    pub(crate) email: String,
    pub(crate) language: String,
}

impl Document for Subscriber {
    const TYPE: &'static str = "plugin::newsletter.subscriber";
}

/// Asks somebody whether they want it, unless they were asked before. Whether they were nobody is told.
pub(crate) fn ask(call: &Call, email: &str, language: &str) -> Result<()> {
    let email = email.trim().to_lowercase();
    if !email.contains('@') {
        return Err(Error::field("email", "email", translate("wrong.email", &call.locale, None)));
    }
    transaction(|| {
        let known: Option<Row<Subscriber>> = data::find().filter(json!({ "email": { "$eq": email } })).first()?;
        if known.is_some() {
            return Ok(());
        }
        let token: String = random::bytes(BYTES).iter().map(|byte| format!("{byte:02x}")).collect();
        let link = format!("{}/api/newsletter/confirm/{token}", site().map_or_else(String::new, |site| site.url));
        let new = json!({ "email": email, "language": language, "confirmed": false, "token": token });
        let id = data::create::<Subscriber>(&new)?.target.document_id;
        mail::mail(format!("confirm/{id}"), &email)
            .template("confirm")
            .locale(language)
            .send(&json!({ "link": link }))?;
        Ok(())
    })
}

/// Confirms whoever has this token, which is good for once.
pub(crate) fn confirm(token: &str) -> Result<()> {
    let nobody = || Error::NotFound(String::new());
    if token.len() != 2 * BYTES as usize {
        return Err(nobody());
    }
    transaction(|| {
        let found: Option<Row<Subscriber>> = data::find().filter(json!({ "token": { "$eq": token } })).first()?;
        let id = found.ok_or_else(nobody)?.document_id;
        data::update::<Subscriber>(&id, &json!({ "confirmed": true, "token": "" })).map(drop)
    })
}
