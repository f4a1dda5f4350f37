//! What a plugin declares by name: `[read-policy]`, `[[index]]`, `[[event]]`, `[[permission]]`, `[[metric]]`.

use super::Text;
use super::about::text;
use super::grant::uid;
use super::hook::section_name;
use super::route::permission_name;
use crate::names;
use crate::problem::Place;
use crate::read::{Item, Section};
use crate::words::{alternatives, nearest, shown, words};
use std::collections::{BTreeMap, BTreeSet};

/// The content types whose documents the plugin decides about: who sees which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPolicy {
    /// Their uids.
    pub types: Vec<String>,
    /// Where the section begins.
    pub at: Place,
}

words! {
    /// How a field of a search index is searched.
    IndexField {
        /// By its words.
        Text = "text",
        /// As a whole, counted per value.
        Facet = "facet",
        /// As a whole.
        Keyword = "keyword",
        /// By its amount.
        Number = "number",
        /// By its time.
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
pub struct Index {
    /// Its name, as the plugin calls it.
    pub name: String,
    /// Its fields.
    pub fields: BTreeMap<String, IndexField>,
    /// Those of its `text` fields whose words count more than others'.
    pub important: BTreeSet<String>,
    /// Where the section begins.
    pub at: Place,
}

/// One `[[event]]` the plugin publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `crm.lead.qualified`; begins with the plugin's id.
    pub name: String,
    /// The version of its data.
    pub version: u32,
    /// The file in the package with the JSON Schema of its data.
    pub schema: Option<String>,
    /// Where the section begins.
    pub at: Place,
}

/// One `[[permission]]`: a row in the matrix of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `deals.reassign`
    pub name: String,
    /// What it allows, as people see it.
    pub title: Option<Text>,
    /// Where the section begins.
    pub at: Place,
}

words! {
    /// What a metric measures.
    MetricKind {
        /// How often something happened.
        Counter = "counter",
        /// How large something was, each time.
        Histogram = "histogram",
    }
}

/// One `[[metric]]`, shown as `cairn_plugin_<id>_<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// `leads_received`
    pub name: String,
    /// What it measures.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Where the section begins.
    pub at: Place,
}

/// Most labels of a metric.
const MAX_LABELS: usize = 8;

pub(super) fn read_policy(s: &Section<'_>) -> Option<ReadPolicy> {
    let types = s.filled_list("types", "types = [\"api::article.article\"]", uid);
    s.finish();
    Some(ReadPolicy { types: types?, at: s.at })
}

fn index(s: &Section<'_>) -> Option<Index> {
    let name = s.required("name", "name = \"articles\"", section_name);
    let fields = s.required("fields", "fields = { title = \"text\", topic = \"facet\" }", Item::section).map(|s| {
        let others = s.others();
        if others.is_empty() || others.len() > MAX_FIELDS {
            s.error(format!("has {} fields", others.len()), format!("declare 1 to {MAX_FIELDS} fields"));
        }
        let fields = others.into_iter().filter_map(|(field, item)| {
            if !names::is_field(field) {
                item.error_at_key(format!("{} is not a valid field name", shown(field)), "");
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
            let hint = match nearest(&name, texts()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if texts().is_empty() => "declare fields of kind \"text\" first".to_owned(),
                None => format!("write {}", alternatives(texts())),
            };
            i.error(format!("names {}, which is not a `text` field of the index", shown(&name)), hint);
        }
        Some(name)
    });
    s.finish();
    Some(Index { name: name?, fields: fields?, important: important.into_iter().collect(), at: s.at })
}

/// Those that are too many are told of.
pub(super) fn indexes(all: &[Section<'_>]) -> Vec<Index> {
    if let Some(s) = all.get(MAX_INDEXES) {
        s.error(format!("exceeds the limit: a plugin can have at most {MAX_INDEXES} indexes"), "");
    }
    all.iter().filter_map(index).collect()
}

pub(super) fn event(s: &Section<'_>) -> Option<Event> {
    let name = s.required("name", "name = \"my-plugin.thing.happened\"", |i| {
        i.text_of("the plugin's id and two words or more, such as \"crm.lead.qualified\"", names::is_event)
    });
    let version = s.or("version", 1, |i| i.integer(1..=u32::MAX));
    let schema = s.optional("schema", |i| {
        i.text_of("a file of the package, such as \"events/lead-qualified.json\"", |path| {
            let name = path.strip_prefix("events/").and_then(|name| name.strip_suffix(".json"));
            name.is_some_and(names::is_dotted)
        })
    });
    s.finish();
    Some(Event { name: name?, version, schema, at: s.at })
}

pub(super) fn permission(s: &Section<'_>) -> Option<Permission> {
    let name = s.required("name", "name = \"deals.reassign\"", permission_name);
    let title = s.optional("title", text);
    s.finish();
    Some(Permission { name: name?, title, at: s.at })
}

pub(super) fn metric(s: &Section<'_>) -> Option<Metric> {
    let snake = |i: &Item<'_>| i.text_of("a name of lowercase letters, digits and single `_`", names::is_snake);
    let name = s.required("name", "name = \"leads_received\"", snake);
    let kind = s.required("kind", "kind = \"counter\"", Item::word);
    let labels = s.list("labels", snake);
    if labels.len() > MAX_LABELS {
        s.error(format!("has more than {MAX_LABELS} labels"), "");
    }
    s.finish();
    Some(Metric { name: name?, kind: kind?, labels, at: s.at })
}
