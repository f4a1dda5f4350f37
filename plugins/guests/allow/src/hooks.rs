//! Hooks: `allow-prepare` and `allow-before` do nothing but say yes (the benchmarks), `amend` sets a field from another,
//! `refuse` turns down one title, `count` reads and writes in the request's transaction.

use crate::Allow;
use crate::host::{self, COUNTED};
use cairn_plugin::{Authority, Call, Change, Decision, Error, Hooks, Result};
use serde_json::{Value, json};

impl Hooks for Allow {
    fn prepare(_call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        changes.iter().map(|change| pure(hook, change)).collect()
    }

    fn before(_call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        if hook == "count" {
            return counted(changes);
        }
        changes.iter().map(|change| pure(hook, change)).collect()
    }
}

/// Decides for the hooks that need no data.
fn pure(hook: &str, change: &Change) -> Result<Decision> {
    match hook {
        "allow-prepare" | "allow-before" => Ok(Decision::Allow),
        "amend" => match title(change)? {
            Some(title) => Decision::amend(&json!({ "loud": title.to_uppercase() })),
            None => Ok(Decision::Allow),
        },
        "refuse" => match title(change)?.as_deref() {
            Some("bad") => Ok(Decision::refuse_field("title", "bad", "This title is not allowed.")),
            _ => Ok(Decision::Allow),
        },
        other => Err(Error::NotFound(other.to_owned())),
    }
}

fn title(change: &Change) -> Result<Option<String>> {
    let after: Option<Value> = change.after()?;
    Ok(after.and_then(|after| after["title"].as_str().map(str::to_owned)))
}

/// At most three documents of one title, and a log document for each: both in the transaction of the request, so what is
/// refused or fails later leaves nothing.
fn counted(changes: &[Change]) -> Result<Vec<Decision>> {
    let mut decisions = Vec::with_capacity(changes.len());
    for change in changes {
        let title = title(change)?.unwrap_or_default();
        let there = host::count(COUNTED, &json!({ "title": { "$eq": title } }), Authority::Plugin)?;
        decisions.push(if there < 3 {
            host::log("count", &change.document_id, Authority::Plugin)?;
            Decision::Allow
        } else {
            Decision::refuse_field("title", "full", "There are three of these already.")
        });
    }
    Ok(decisions)
}
