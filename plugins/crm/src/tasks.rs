//! The plugin's own tasks: to answer a lead, and to decide about a contract that nobody signs.

use crate::model::Activity;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Tasks of one lead or deal that are done at once.
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

/// The task to decide how to go on without the contract.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContractTask<'a> {
    pub(crate) deal: &'a str,
    pub(crate) contact: Option<&'a str>,
    /// Number of the quote.
    pub(crate) number: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) owner_name: &'a str,
    /// Description of what happened.
    pub(crate) body: &'a str,
    pub(crate) language: &'a str,
}

impl ContractTask<'_> {
    /// Stores it, in the open transaction.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn create(&self) -> Result<()> {
        let subject = name_contract_task(self.number, self.language);
        let now = time::format(time::now());
        data::create::<Activity>(&json!({
            "kind": "task", "subject": subject, "body": self.body, "at": now, "dueAt": now, "assignee": self.owner,
            "assigneeName": self.owner_name, "automatic": true, "deal": self.deal, "contact": self.contact,
        }))
        .map(|_| ())
    }
}

fn name_contract_task(number: &str, language: &str) -> String {
    translate("task.contract", language, Some(&json!({ "number": number })))
}

/// Marks the plugin's open tasks of a lead as done.
///
/// # Errors
/// What the host says.
pub(crate) fn complete_tasks(lead: &str, now: Instant) -> Result<()> {
    complete(json!({ "lead": { "documentId": lead } }), now)
}

/// Marks the open tasks about the contract of a deal's quote as done.
///
/// # Errors
/// What the host says.
pub(crate) fn complete_contract_tasks(deal: &str, number: &str, language: &str, now: Instant) -> Result<()> {
    complete(json!({ "deal": { "documentId": deal }, "subject": name_contract_task(number, language) }), now)
}

/// Gives the open tasks to answer a lead to whoever looks after it now.
///
/// # Errors
/// What the host says.
pub(crate) fn assign_tasks(lead: &str, owner: &str, owner_name: &str) -> Result<()> {
    change_open(json!({ "lead": { "documentId": lead } }), &json!({ "assignee": owner, "assigneeName": owner_name }))
}

fn complete(which: Value, now: Instant) -> Result<()> {
    change_open(which, &json!({ "doneAt": time::format(now) }))
}

/// Changes the plugin's own open tasks among those.
fn change_open(which: Value, patch: &Value) -> Result<()> {
    let open = json!({ "kind": "task", "automatic": true, "doneAt": { "$null": true } });
    let open = json!({ "$and": [which, open] });
    let tasks = data::find::<Activity>().filter(open).fields(&["kind"]).all(MAX_TASKS)?;
    let batch = tasks.iter().try_fold(Batch::new(), |batch, task| batch.update::<Activity>(&task.document_id, patch));
    batch?.write().map(|_| ())
}
