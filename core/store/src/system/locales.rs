//! `cairn_locales`: the locales of the project.

use super::new_document_id;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A configured locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocaleRow {
    /// Numeric id of the locale.
    pub id: i64,
    /// Its document id.
    pub document_id: String,
    /// Code of the locale: `nl`, `en-GB`.
    pub code: String,
    /// Display name: `Dutch (nl)`.
    pub name: String,
    /// True if it applies to requests without a locale. True for exactly one.
    pub is_default: bool,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of the last change, ISO 8601 in UTC.
    pub updated_at: String,
}

impl namespaces::Locales<Reader<'_>> {
    /// Lists all locales in order of creation.
    pub fn list(&self) -> Result<Vec<LocaleRow>> {
        self.tx.conn.query_all(
            "reading the locales",
            "SELECT id, document_id, code, name, is_default, created_at, updated_at FROM cairn_locales ORDER BY id",
            (),
            |r| {
                Ok(LocaleRow {
                    id: r.get(0)?,
                    document_id: r.get(1)?,
                    code: r.get(2)?,
                    name: r.get(3)?,
                    is_default: r.get(4)?,
                    created_at: r.get(5)?,
                    updated_at: r.get(6)?,
                })
            },
        )
    }
}

impl namespaces::Documents<Reader<'_>> {
    /// Number of documents in each locale.
    pub fn count_by_locale(&self) -> Result<Vec<(String, i64)>> {
        // A document has a draft, a published version, or both.
        let sql = "SELECT locale, CAST(sum(n) AS bigint) FROM (
                     SELECT type, locale, max(n) AS n FROM (
                       SELECT type, status, locale, sum(n) AS n FROM cairn_counts WHERE locale <> '' GROUP BY type, status, locale
                     ) s GROUP BY type, locale
                   ) d GROUP BY locale ORDER BY locale";
        self.tx.conn.query_all("counting documents", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::Locales<&mut WriteTx<'_>> {
    /// Renames a locale.
    pub fn rename(&mut self, code: &str, name: &str, now: &str) -> Result<()> {
        self.tx.touch_settings();
        let sql = "UPDATE cairn_locales SET name = ?2, updated_at = ?3 WHERE code = ?1";
        self.tx.conn.execute("renaming a locale", sql, (code, name, now)).map(drop)
    }

    /// Adds a locale; it is not the default one.
    pub fn create(&mut self, code: &str, name: &str, now: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute(
                "adding a locale",
                "INSERT INTO cairn_locales (document_id, code, name, is_default, created_at, updated_at)
             VALUES (?1, ?2, ?3, FALSE, ?4, ?4)",
                (new_document_id(), code, name, now),
            )
            .map(drop)
    }

    /// Makes that locale the default one, in place of the previous one.
    pub fn set_default(&mut self, code: &str, now: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute(
                "setting the default locale",
                "UPDATE cairn_locales SET is_default = (code = ?1), updated_at = ?2 WHERE is_default <> (code = ?1)",
                (code, now),
            )
            .map(drop)
    }

    /// Deletes a locale. Content in it stays stored.
    pub fn delete(&mut self, code: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("removing a locale", "DELETE FROM cairn_locales WHERE code = ?1", [code]).map(drop)
    }
}
