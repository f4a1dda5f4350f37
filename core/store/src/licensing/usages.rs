//! Usages of files, the names under which they are served, and the file for a name.

use crate::connection::Param;
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{Reader, Result};
use cairn_model::registry::FILE_UID;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// A version of an entry that uses a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUsage {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if the type is not localised.
    pub locale: String,
    /// True if it is the published version that uses it (the draft may as well).
    pub published: bool,
}

/// The entries that use a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileUsages {
    /// Some of the entries, by type, document and locale.
    pub entries: Vec<FileUsage>,
    /// Number of all entries.
    pub total: usize,
}

impl namespaces::Assets<Reader<'_>> {
    /// Finds the entries that use these files through media attributes and relations, at any depth, by file: one statement for each
    /// attribute that can hold such a link. Returns at most `most` entries of each file, published ones first.
    pub fn find_usages(&self, documents: &[&str], most: usize) -> Result<HashMap<String, FileUsages>> {
        let registry = &self.tx.store.registry;
        let file = registry.file_type();
        let inside = |column: &str| self.tx.conn.dialect().in_list(column, 1);
        let mut found: HashMap<String, BTreeMap<(String, String, String), bool>> = HashMap::new();
        for incoming in &self.tx.store.schema.link_sources[file.id.0 as usize] {
            let owner = registry.get(incoming.owner);
            let t = Ident::table(owner);
            let sql = match incoming.location {
                LinkLocation::Column(a) => {
                    let c = format!("o.{}", Ident::column(&owner.attributes[a]));
                    format!("SELECT {c}, o.document_id, o.locale, o._status FROM {t} o WHERE {}", inside(&c))
                }
                LinkLocation::Table(a) => format!(
                    "SELECT l.target, o.document_id, o.locale, o._status FROM {} l JOIN {t} o ON o.id = l.owner_id WHERE {}",
                    Ident::links(owner, &owner.attributes[a]),
                    inside("l.target"),
                ),
                LinkLocation::References => format!(
                    "SELECT l.target, o.document_id, o.locale, o._status FROM {} l JOIN {t} o ON o.id = l.owner_id
                     WHERE l.target_type = '{FILE_UID}' AND {}",
                    Ident::references(owner),
                    inside("l.target"),
                ),
            };
            self.tx.conn.query("finding usages of files", &sql, [Param::Texts(documents)], |r| {
                let entry = (owner.uid.clone(), r.get(1)?, r.get(2)?);
                let published = r.get::<i64>(3)? == 1;
                *found.entry(r.get(0)?).or_default().entry(entry).or_default() |= published;
                Ok(())
            })?;
        }
        let listed = |entries: BTreeMap<(String, String, String), bool>| {
            let total = entries.len();
            let usage = |((content_type, document_id, locale), published)| FileUsage {
                content_type,
                document_id,
                locale,
                published,
            };
            let (mut first, drafts): (Vec<FileUsage>, Vec<FileUsage>) =
                entries.into_iter().map(usage).partition(|u| u.published);
            first.extend(drafts);
            first.truncate(most);
            FileUsages { entries: first, total }
        };
        Ok(found.into_iter().map(|(file, entries)| (file, listed(entries))).collect())
    }

    /// The names under which these files and their variants are served now, by file.
    pub fn find_served_names(&self, documents: &[&str]) -> Result<HashMap<String, Vec<String>>> {
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        let sql = format!(
            "SELECT document_id, name FROM cairn_asset_blobs WHERE serving AND {} ORDER BY document_id, variant, name",
            self.tx.conn.dialect().in_list("document_id", 1)
        );
        self.tx.conn.query("reading names of files", &sql, [Param::Texts(documents)], |r| {
            found.entry(r.get(0)?).or_default().push(r.get(1)?);
            Ok(())
        })?;
        // Of files from before there are only their rows.
        let unknown: Vec<&str> = documents.iter().copied().filter(|d| !found.contains_key(*d)).collect();
        let file = self.tx.store.registry.file_type();
        let column = |name: &str| file.attributes.get(name).map(|(_, a)| Ident::column(a));
        let (Some(url), Some(formats), false) = (column("url"), column("formats"), unknown.is_empty()) else {
            return Ok(found);
        };
        let sql = format!(
            "SELECT document_id, {url}, CAST({formats} AS text) FROM {} WHERE {}",
            Ident::table(file),
            self.tx.conn.dialect().in_list("document_id", 1)
        );
        self.tx.conn.query("reading names of files", &sql, [Param::Texts(&unknown)], |r| {
            let (url, formats): (Option<String>, Option<String>) = (r.get(1)?, r.get(2)?);
            let formats: Json = formats.and_then(|f| serde_json::from_str(&f).ok()).unwrap_or_default();
            let variants = formats.as_object().into_iter().flatten().filter_map(|(_, f)| f["url"].as_str());
            let own = |url: &str| url.strip_prefix("/uploads/").map(str::to_owned);
            found.insert(r.get(0)?, url.as_deref().into_iter().chain(variants).filter_map(own).collect());
            Ok(())
        })?;
        Ok(found)
    }

    /// The files that are served under these names, by name.
    pub fn find_by_served_names(&self, names: &[&str]) -> Result<HashMap<String, String>> {
        let mut found: HashMap<String, String> = HashMap::new();
        let sql = format!(
            "SELECT name, document_id FROM cairn_asset_blobs WHERE serving AND {}",
            self.tx.conn.dialect().in_list("name", 1)
        );
        self.tx.conn.query("looking up files by name", &sql, [Param::Texts(names)], |r| {
            found.insert(r.get(0)?, r.get(1)?);
            Ok(())
        })?;
        let unknown: Vec<String> =
            names.iter().filter(|n| !found.contains_key(**n)).map(|n| format!("/uploads/{n}")).collect();
        let file = self.tx.store.registry.file_type();
        if let (Some((_, url)), false) = (file.attributes.get("url"), unknown.is_empty()) {
            let c = Ident::column(url);
            let inside = self.tx.conn.dialect().in_list(&c.to_string(), 1);
            let sql = format!("SELECT {c}, document_id FROM {} WHERE {inside}", Ident::table(file));
            let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
            self.tx.conn.query("looking up files by name", &sql, [Param::Texts(&unknown)], |r| {
                let url: String = r.get(0)?;
                found.insert(url.trim_start_matches("/uploads/").to_owned(), r.get(1)?);
                Ok(())
            })?;
        }
        Ok(found)
    }
}
