//! The report of an import, before it and after it: counts on both sides, and every difference with its reason.

use crate::source::ImportSource;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Largest number of findings of a kind that are listed.
const MAX_LISTED: usize = 1_000;

/// A difference or problem, and its place in the archive or database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFinding {
    /// Type, row and attribute: `api::article.article 7, sections[1].text`.
    pub place: String,
    /// The difference or problem, and its reason.
    pub message: String,
}

/// Rows of a type on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeCount {
    /// Rows in the archive or database: a document has one for each locale, draft and published.
    pub in_archive: u64,
    /// Number of those that are imported.
    pub imported: u64,
}

/// Outcome of an import, before it and after it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The kind of source.
    pub source: ImportSource,
    /// The version of Strapi that wrote the archive or database; `4` or `5` if only that is known.
    pub strapi: String,
    /// When the archive was written, or the database was read.
    pub archived_at: String,
    /// Rows by type.
    pub types: BTreeMap<String, TypeCount>,
    /// SHA-256 of the content of each type, in hexadecimal: of what the source has, as it is stored.
    pub hashes: BTreeMap<String, String>,
    /// Relations and uses of files.
    pub links: TypeCount,
    /// Files of the media library and their formats, as bytes.
    pub assets: TypeCount,
    /// Locales, the default one first.
    pub locales: Vec<String>,
    /// Permissions of roles that are granted: role, subject and action.
    pub permissions: Vec<String>,
    /// How new site users come in; empty if the source does not say.
    pub registration: String,
    /// Problems that prevent the import.
    pub problems: Vec<ImportFinding>,
    /// Differences between the content in Strapi and here.
    pub differences: Vec<ImportFinding>,
    /// Work that is left to people, since the source does not have what it takes.
    pub left_to_do: Vec<String>,
    /// Number of findings beyond those that are listed.
    pub unlisted: u64,
}

impl ImportReport {
    /// Adds a problem, which prevents the import.
    pub fn add_problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        let finding = ImportFinding { place: place.into(), message: message.into() };
        if self.problems.len() < MAX_LISTED { self.problems.push(finding) } else { self.unlisted += 1 }
    }

    /// Adds a difference from the content in Strapi.
    pub fn add_difference(&mut self, place: impl Into<String>, message: impl Into<String>) {
        let finding = ImportFinding { place: place.into(), message: message.into() };
        if self.differences.len() < MAX_LISTED { self.differences.push(finding) } else { self.unlisted += 1 }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, verb) = match self.source {
            ImportSource::Archive => ("archive", "exported"),
            ImportSource::Database => ("database", "read"),
        };
        writeln!(f, "Strapi {}, {verb} at {}", plain(&self.strapi), plain(&self.archived_at))?;
        // The first digits of a hash tell two imports apart; the report as JSON has all.
        let hash_of = |uid: &String| self.hashes.get(uid).map_or("", |hash| hash.get(..16).unwrap_or(hash));
        let mut rows: Vec<(String, TypeCount, &str)> =
            self.types.iter().map(|(uid, count)| (plain(uid), *count, hash_of(uid))).collect();
        rows.push(("links".to_owned(), self.links, ""));
        rows.push(("files and their formats".to_owned(), self.assets, ""));
        let width = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or_default();
        let title = format!("in {noun}");
        writeln!(f, "{:width$}  {title:>11}  {:>10}  SHA-256", "", "imported")?;
        for (name, count, hash) in rows {
            let line = format!("{name:width$}  {:>11}  {:>10}  {hash}", count.in_archive, count.imported);
            writeln!(f, "{}", line.trim_end())?;
        }
        writeln!(f, "locales: {}", plain(&self.locales.join(", ")))?;
        if !self.registration.is_empty() {
            writeln!(f, "registration: {}", plain(&self.registration))?;
        }
        for (title, lines) in [("permissions", &self.permissions), ("left to do", &self.left_to_do)] {
            if !lines.is_empty() {
                writeln!(f, "{title}:")?;
                lines.iter().try_for_each(|line| writeln!(f, "  {}", plain(line)))?;
            }
        }
        for (title, findings) in [("differences", &self.differences), ("problems", &self.problems)] {
            if !findings.is_empty() {
                writeln!(f, "{title}:")?;
                let line = |found: &ImportFinding| format!("  {}: {}", plain(&found.place), plain(&found.message));
                findings.iter().try_for_each(|found| writeln!(f, "{}", line(found)))?;
            }
        }
        if self.unlisted > 0 {
            writeln!(f, "and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

/// A text of the archive in one line of a terminal, which it neither controls nor ends.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_archive_stay_in_their_line() {
        let mut report = ImportReport { strapi: "5\u{1b}[2J".into(), ..ImportReport::default() };
        report.left_to_do.push("role a\npermissions:\n  public: nothing".into());
        report.add_problem("api::a.a\r1", "b\nc");
        let text = report.to_string();
        assert!(text.starts_with("Strapi 5\u{fffd}[2J, exported at"), "{text}");
        assert!(text.contains("  role a\u{fffd}permissions:\u{fffd}  public: nothing\n"), "{text}");
        assert!(text.contains("  api::a.a\u{fffd}1: b\u{fffd}c\n"), "{text}");
    }
}
