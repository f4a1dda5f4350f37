//! The plugin's own tasks: to answer a lead.

use crate::model::Activity;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::json;

/// Tasks of one lead that are done with its clock.
const MAX_TASKS: u32 = 50;

/// The task to answer a lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResponseTask<'a> {
    pub(crate) lead: &'a str,
    pub(crate) contact: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) owner_name: &'a str,
    pub(crate) due: Option<Instant>,
    pub(crate) language: &'a str,
}

impl ResponseTask<'_> {
    /// Stores it, in the open transaction.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn create(&self) -> Result<()> {
        let subject = translate("task.respond", self.language, Some(&json!({ "name": self.name })));
        data::create::<Activity>(&json!({
            "kind": "task", "subject": subject, "at": time::format(time::now()), "dueAt": self.due.map(time::format),
            "assignee": self.owner, "assigneeName": self.owner_name, "automatic": true, "lead": self.lead,
            "contact": self.contact,
        }))
        .map(|_| ())
    }
}

/// Marks the plugin's open tasks of a lead as done.
///
/// # Errors
/// What the host says.
pub(crate) fn complete_tasks(lead: &str, now: Instant) -> Result<()> {
    let open = json!({
        "lead": { "documentId": lead }, "kind": "task", "automatic": true, "doneAt": { "$null": true },
    });
    let tasks = data::find::<Activity>().filter(open).fields(&["kind"]).all(MAX_TASKS)?;
    let done = json!({ "doneAt": time::format(now) });
    let batch = tasks.iter().try_fold(Batch::new(), |batch, task| batch.update::<Activity>(&task.document_id, &done));
    batch?.write().map(|_| ())
}
