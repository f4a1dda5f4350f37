//! Parts that the pages of documents have in common.

use super::filters::build_condition;
use crate::model::Activity;
use crate::packages::list_packages;
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// A document that a page is about, as whoever looks may read it.
pub(super) struct Shown {
    id: String,
    content_type: &'static str,
    fields: Map<String, Value>,
}

impl Shown {
    /// Reads it.
    ///
    /// # Errors
    /// `NotFound` for one that is not there, or that the person may not see.
    pub(super) fn find<T: Document>(id: &str, populate: Value) -> Result<Self> {
        let found = data::find::<AllFields<T>>().as_caller().populate(populate).by_ids(&[id])?;
        let row = found.into_iter().next().flatten().ok_or_else(|| Error::NotFound(id.to_owned()))?;
        Ok(Self { id: row.document_id.clone(), content_type: T::TYPE, fields: row.fields.fields })
    }

    /// A text of it; empty where there is none, or the person may not read it.
    pub(super) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// True if a field has a value.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(crate::deals::is_filled)
    }

    /// True if the person may read a field, also one without a value.
    pub(super) fn is_readable(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub(super) fn value(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    /// A group of its fields. `editable`: those that can be changed on the page.
    pub(super) fn describe_group(&self, label: &str, fields: Vec<Value>, editable: &[&str]) -> Value {
        let document = json!({ "type": self.content_type, "documentId": self.id });
        let mut group = json!({ "kind": "fields", "label": label, "document": document, "fields": fields });
        if !editable.is_empty() {
            group["edit"] = json!(editable);
        }
        group
    }

    /// The condition for documents that a relation links to it.
    pub(super) fn build_link(&self, relation: &str) -> Value {
        build_condition(&format!("{relation}.documentId"), "$eq", self.id.as_str())
    }
}

/// The field of who looks after a document, or wrote it: the admin shows people and roles by their names of today.
pub(super) fn describe_person(field: &str) -> Value {
    json!({ "field": field, "label": format!("t:field.{field}"), "format": "user" })
}

/// The column of who looks after something: the name beside the owner, who may be a role.
pub(super) fn describe_owner(field: &str) -> Value {
    json!({ "field": format!("{field}Name"), "label": format!("t:field.{field}") })
}

/// Two columns: what a document says, and what happened with it.
pub(super) fn describe_columns(left: Vec<Value>, right: Vec<Value>) -> Value {
    json!({ "kind": "columns", "items": [{ "span": 2, "show": left }, { "span": 1, "show": right }] })
}

/// Open tasks that a condition finds.
pub(super) fn describe_tasks(condition: &Value) -> Value {
    json!({
        "kind": "table", "type": Activity::TYPE, "label": "t:page.tasks", "sort": ["dueAt:asc"],
        "filters": { "and": [condition, build_condition("kind", "$eq", "task"), build_condition("doneAt", "$null", true)] },
        "columns": [
            { "field": "subject", "label": "t:field.subject" },
            { "field": "dueAt", "label": "t:field.dueAt", "format": "countdown", "stoppedBy": "doneAt" },
            describe_owner("assignee"),
        ],
    })
}

/// The field of the package that somebody wishes for, by the names of the packages.
///
/// # Errors
/// What the host says.
pub(super) fn describe_package_wish() -> Result<Value> {
    let label = |name: &str| json!({ "label": name, "tone": "neutral" });
    let names: Map<String, Value> =
        list_packages()?.into_iter().map(|package| (package.key, label(&package.name))).collect();
    Ok(if names.is_empty() { json!("packageWish") } else { json!({ "field": "packageWish", "values": names }) })
}
