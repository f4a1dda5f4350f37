//! Declarations of a plugin by name: `[read-policy]`, `[[index]]`, `[[event]]`, `[[permission]]`, `[[metric]]`.

use super::items::{ManifestText, read_permission_name, read_section_name, read_text, read_uid_or_choice};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::{list_alternatives, nearest_word, quote_input, words};
use std::collections::{BTreeMap, BTreeSet};

/// The content types whose documents the plugin decides about: who sees which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPolicy {
    /// Uids of the content types.
    pub types: Vec<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

words! {
    /// How a field of a search index is searched.
    IndexField {
        /// By the words in it.
        Text = "text",
        /// As a whole, counted per value.
        Facet = "facet",
        /// By its whole value.
        Keyword = "keyword",
        /// By its amount.
        Number = "number",
        /// By its moment or day.
        Date = "date",
        /// True or false.
        Boolean = "boolean",
    }
}

/// Most fields of a search index.
const MAX_FIELDS: usize = 64;
/// Most search indexes of a plugin.
const MAX_INDEXES: usize = 16;

/// One `[[index]]`: a search index of the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestIndex {
    /// Its name, as the plugin calls it.
    pub name: String,
    /// Its fields, by name.
    pub fields: BTreeMap<String, IndexField>,
    /// Those of its `text` fields whose words count more than others'.
    pub important: BTreeSet<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// One `[[event]]` the plugin publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEvent {
    /// `crm.lead.qualified`; begins with the plugin's id.
    pub name: String,
    /// The version of its data.
    pub version: u32,
    /// The file in the package with the JSON Schema of its data.
    pub schema: Option<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// One `[[permission]]`: a row in the matrix of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestPermission {
    /// `deals.reassign`
    pub name: String,
    /// Description of what it allows, as people see it.
    pub title: Option<ManifestText>,
    /// Where the section begins.
    pub at: SourceLocation,
}

words! {
    /// Kind of measurement that a metric makes.
    MetricKind {
        /// How often something happened.
        Counter = "counter",
        /// How large something was, each time.
        Histogram = "histogram",
    }
}

/// One `[[metric]]`, shown as `cairn_plugin_<id>_<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestMetric {
    /// `leads_received`
    pub name: String,
    /// Kind of its measurements.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// Most labels of a metric.
const MAX_LABELS: usize = 8;

pub(super) fn read_policy(s: &TomlSection<'_>) -> Option<ReadPolicy> {
    let types = s.filled_list("types", "types = [\"api::article.article\"]", read_uid_or_choice);
    s.finish();
    Some(ReadPolicy { types: types?, at: s.at })
}

fn read_index(s: &TomlSection<'_>) -> Option<ManifestIndex> {
    let name = s.required("name", "name = \"articles\"", read_section_name);
    let fields = s.required("fields", "fields = { title = \"text\", topic = \"facet\" }", TomlItem::section).map(|s| {
        let others = s.remaining_items();
        if others.is_empty() || others.len() > MAX_FIELDS {
            s.error(format!("has {} fields", others.len()), format!("declare 1 to {MAX_FIELDS} fields"));
        }
        let fields = others.into_iter().filter_map(|(field, item)| {
            if !names::is_field(field) {
                item.error_at_key(format!("{} is not a valid field name", quote_input(field)), "");
                return None;
            }
            Some((field.to_owned(), item.word()?))
        });
        fields.collect::<BTreeMap<String, IndexField>>()
    });
    let important = s.list("important", |i| {
        let name = i.text()?;
        let texts = || {
            let all = fields.iter().flatten().filter(|(_, kind)| **kind == IndexField::Text);
            all.map(|(name, _)| name.as_str()).collect::<Vec<&str>>()
        };
        if fields.is_some() && !texts().contains(&name.as_str()) {
            let hint = match nearest_word(&name, texts()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if texts().is_empty() => "declare fields of kind \"text\" first".to_owned(),
                None => format!("write {}", list_alternatives(texts())),
            };
            i.error(format!("names {}, which is not a `text` field of the index", quote_input(&name)), hint);
        }
        Some(name)
    });
    s.finish();
    Some(ManifestIndex { name: name?, fields: fields?, important: important.into_iter().collect(), at: s.at })
}

/// Those that are too many are told of.
pub(super) fn read_indexes(all: &[TomlSection<'_>]) -> Vec<ManifestIndex> {
    if let Some(s) = all.get(MAX_INDEXES) {
        s.error(format!("exceeds the limit: a plugin can have at most {MAX_INDEXES} indexes"), "");
    }
    all.iter().filter_map(read_index).collect()
}

pub(super) fn read_event(s: &TomlSection<'_>) -> Option<ManifestEvent> {
    let name = s.required("name", "name = \"my-plugin.thing.happened\"", |i| {
        i.text_of("the plugin's id and two words or more, such as \"crm.lead.qualified\"", names::is_event)
    });
    let version = s.optional_or("version", 1, |i| i.integer(1..=u32::MAX));
    let schema = s.optional("schema", |i| {
        i.text_of("a file of the package, such as \"events/lead-qualified.json\"", |path| {
            let name = path.strip_prefix("events/").and_then(|name| name.strip_suffix(".json"));
            name.is_some_and(names::is_dotted)
        })
    });
    s.finish();
    Some(ManifestEvent { name: name?, version, schema, at: s.at })
}

pub(super) fn read_permission(s: &TomlSection<'_>) -> Option<ManifestPermission> {
    let name = s.required("name", "name = \"deals.reassign\"", read_permission_name);
    let title = s.optional("title", read_text);
    s.finish();
    Some(ManifestPermission { name: name?, title, at: s.at })
}

pub(super) fn read_metric(s: &TomlSection<'_>) -> Option<ManifestMetric> {
    let snake = |i: &TomlItem<'_>| i.text_of("a name of lowercase letters, digits and single `_`", names::is_snake);
    let name = s.required("name", "name = \"leads_received\"", snake);
    let kind = s.required("kind", "kind = \"counter\"", TomlItem::word);
    let labels = s.list("labels", snake);
    if labels.len() > MAX_LABELS {
        s.error(format!("has more than {MAX_LABELS} labels"), "");
    }
    s.finish();
    Some(ManifestMetric { name: name?, kind: kind?, labels, at: s.at })
}
