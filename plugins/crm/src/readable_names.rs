//! Names of documents that people can read.

use cairn_contact_details::invisible::has_visible;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value};

/// True if a change gives a document a name of which nobody sees anything. That there is one, the content type asks for.
pub(crate) fn is_name_unreadable(change: &Change, field: &str, after: &Map<String, Value>) -> bool {
    let name = after.get(field).and_then(Value::as_str);
    change.touches(field) && name.is_some_and(|name| !has_visible(name))
}
