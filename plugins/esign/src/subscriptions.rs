//! Requests that were stored, and mails with links that come back.

use crate::Esign;
use crate::endings::note_returned_mail;
use crate::request_job::start_request;
use cairn_plugin::prelude::*;
use serde::Deserialize;

/// Event of the host about a mail.
#[derive(Deserialize)]
struct ReturnedMail {
    mail: u64,
}

impl Events for Esign {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        match subscription {
            "requests" => start_request(&event.document_id()),
            "returned-mails" => note_returned_mail(&event.data::<ReturnedMail>()?.mail.to_string()),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}
