//! The sample content of `examples/sample/`: read here, sent to a server by `load`, and checked against the project's schema
//! files by the tests in `check`.
//!
//! A file holds the entries of one content type; files are loaded in the order of their names. An entry has `data` (the default locale), an
//! object with the localised values for each other locale, and optionally `"status": "draft"`.
//! Where a value depends on the server, an object with one key stands for it:
//! `{"$ref": "phase/assembly"}` an entry of an earlier file by type and key, `{"$image": name}` and `{"$pdf": title}`
//! a file that is made and uploaded, `{"$role": type}` a role, `{"$secret": "password"}` the sample users' password.

#[cfg(test)]
mod check;
mod donkervoort;
mod files;
mod load;
mod mr_dj;
mod schema;
pub(crate) mod site;
mod site_content;

pub(crate) use load::load_samples;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::path::Path;

/// The uid of users, whose routes have no envelope.
const USER_UID: &str = "plugin::users-permissions.user";

/// One file: the entries of one content type.
struct EntrySet {
    uid: String,
    /// The attribute by which an entry is recognised; `None` for single types.
    key: Option<String>,
    entries: Vec<SampleEntry>,
}

/// One document of a file, with its translations.
struct SampleEntry {
    draft: bool,
    data: Map<String, Value>,
    /// Values by locale, without the default one.
    translations: Vec<(String, Map<String, Value>)>,
}

impl EntrySet {
    /// The last part of the uid, as a `$ref` names it.
    fn type_name(&self) -> &str {
        self.uid.rsplit('.').next().unwrap_or(&self.uid)
    }

    /// An entry's key value; empty for single types.
    fn key_of<'a>(&self, entry: &'a SampleEntry) -> &'a str {
        self.key.as_ref().and_then(|key| entry.data.get(key)).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Reads the numbered files of a folder, in order.
fn read_sets(folder: &Path) -> Result<Vec<EntrySet>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(|e| e.path()).collect();
    let numbered = |path: &Path| {
        path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    paths.retain(|path| numbered(path));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let json = serde_json::from_str(&std::fs::read_to_string(path)?)?;
            parse_set(json).with_context(|| path.display().to_string())
        })
        .collect()
}

fn parse_set(json: Value) -> Result<EntrySet> {
    let uid = json["type"].as_str().context("`type` is missing")?.to_owned();
    let key = json["key"].as_str().map(str::to_owned);
    let entries = json["entries"].as_array().context("`entries` is missing")?;
    let entries = entries.iter().map(parse_entry).collect::<Result<_>>()?;
    Ok(EntrySet { uid, key, entries })
}

fn parse_entry(json: &Value) -> Result<SampleEntry> {
    let mut entry = SampleEntry { draft: false, data: Map::new(), translations: Vec::new() };
    for (name, value) in json.as_object().context("an entry is not an object")? {
        match (name.as_str(), value) {
            ("status", Value::String(status)) if status == "draft" => entry.draft = true,
            ("status", other) => bail!("status {other}: only \"draft\" is supported"),
            ("data", Value::Object(data)) => entry.data = data.clone(),
            (locale, Value::Object(data)) => entry.translations.push((locale.to_owned(), data.clone())),
            (name, _) => bail!("`{name}` is not an object"),
        }
    }
    Ok(entry)
}

/// A value that stands for something the server knows: `{"$name": "argument"}`.
fn parse_placeholder(value: &Value) -> Option<(&str, &str)> {
    let object = value.as_object().filter(|o| o.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    Some((name.strip_prefix('$')?, argument.as_str()?))
}
