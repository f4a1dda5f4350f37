//! `[content-types]`: where its content types are, their unique keys, how long documents are kept.

use super::items::read_field_name;
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::{quote_input, words};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where the files are unless the manifest says.
const DEFAULT_DIR: &str = "content-types";
const DAY: Duration = Duration::from_secs(86_400);
const HUNDRED_YEARS: Duration = Duration::from_secs(36_525 * 86_400);
/// Most fields of a unique key.
const MAX_KEY_FIELDS: usize = 8;

/// The section `[content-types]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTypes {
    /// The folder in the package with `<type>/schema.json`.
    pub dir: String,
    /// Sections for single types, by name (`lead` of `plugin::crm.lead`). Others may be in the folder.
    pub types: BTreeMap<String, OwnTypeSection>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// `[content-types.lead]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTypeSection {
    /// Keys no two documents share: lists of fields.
    pub unique: Vec<Vec<String>>,
    /// Retention of its documents; `None`: they never expire.
    pub retention: Option<Retention>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// When documents are too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The date that counts.
    pub field: String,
    /// How long after it.
    pub after: Duration,
    /// Action on documents that are too old.
    pub action: Expiry,
}

words! {
    /// Action on a document that is too old.
    Expiry {
        /// Its personal fields are emptied.
        Anonymise = "anonymise",
        /// It is deleted.
        Delete = "delete",
    }
}

pub(super) fn read_content_types(s: &TomlSection<'_>) -> Option<ContentTypes> {
    let dir = s.optional_or("dir", DEFAULT_DIR.to_owned(), |i| {
        i.text_of("\"content-types\", the folder of the package they are in", |dir| dir == DEFAULT_DIR)
    });
    let types = s.remaining_items().into_iter().filter_map(|(name, item)| {
        if !item.is_table() || !names::is_kebab(name) {
            item.error_at_key(
                format!("[content-types] has no key {}", quote_input(name)),
                "supported here: dir, and tables named after content types, such as [content-types.lead]",
            );
            return None;
        }
        Some((name.to_owned(), read_own_type(&item.section()?)))
    });
    Some(ContentTypes { dir, types: types.collect(), at: s.at })
}

fn read_own_type(s: &TomlSection<'_>) -> OwnTypeSection {
    let unique = s.list("unique", |key| {
        let fields = key.list(read_field_name);
        if fields.is_empty() || fields.len() > MAX_KEY_FIELDS {
            let hint = format!(
                "write lists of 1 to {MAX_KEY_FIELDS} fields in a list, such as [[\"source\", \"externalId\"]]"
            );
            key.error("contains an invalid key", hint);
            return None;
        }
        if fields.iter().enumerate().any(|(i, field)| fields.iter().skip(i + 1).any(|other| other == field)) {
            key.error("names the same field twice", "");
        }
        Some(fields)
    });
    let retention = s.section("retention").and_then(|s| {
        let field = s.required("field", "field = \"createdAt\"", read_field_name);
        let after = s.required("after", "after = \"730d\"", |i| i.duration(DAY..=HUNDRED_YEARS));
        let action = s.required("action", "action = \"anonymise\"", TomlItem::word);
        s.finish();
        Some(Retention { field: field?, after: after?, action: action? })
    });
    s.finish();
    OwnTypeSection { unique, retention, at: s.at }
}
