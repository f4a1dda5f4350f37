//! Digest that is sent each working day.

use crate::Newsletter;
use crate::desk::Subscriber;
use cairn_plugin::prelude::*;
use cairn_plugin::{Outcome, Task};
use serde_json::json;

/// Subscribers of one run at most.
const MOST: u32 = 1_000;

impl Jobs for Newsletter {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        let confirmed: Vec<Row<Subscriber>> =
            data::find().filter(json!({ "confirmed": { "$eq": true } })).sort("email:asc").all(MOST)?;
        for one in &confirmed {
            // The key names the mail: a run that comes again sends nothing twice.
            mail::mail(format!("digest/{}/{}", task.due, one.document_id), &one.email)
                .template("digest")
                .locale(&one.language)
                .reply_to("desk@example.com")
                .header("List-Unsubscribe", "<mailto:desk@example.com?subject=unsubscribe>")
                .send(&json!({ "readers": confirmed.len() - 1 }))?;
        }
        Ok(Outcome::DONE)
    }
}
