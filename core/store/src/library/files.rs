//! Library data of single files: folder, privacy, texts in other locales.

use crate::connection::Param;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// The texts of a file in one locale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssetText {
    /// Code of the locale, not the default one.
    pub locale: String,
    /// Description of the picture for people who cannot see it.
    pub alternative_text: Option<String>,
    /// Caption that is shown beside the file.
    pub caption: Option<String>,
}

impl namespaces::Assets<Reader<'_>> {
    /// The texts of a file in locales other than the default one.
    pub fn list_texts(&self, document_id: &str) -> Result<Vec<AssetText>> {
        let sql =
            "SELECT locale, alternative_text, caption FROM cairn_asset_texts WHERE document_id = ?1 ORDER BY locale";
        self.tx.conn.query_all("reading the texts of a file", sql, [document_id], |r| {
            Ok(AssetText { locale: r.get(0)?, alternative_text: r.get(1)?, caption: r.get(2)? })
        })
    }

    /// Number of files with these bytes, by SHA-256, without those in the trash.
    pub fn count_by_hash(&self, sums: &[&str]) -> Result<std::collections::HashMap<String, i64>> {
        let inside = self.tx.conn.dialect().in_list("sha256", 1);
        let sql = format!(
            "SELECT sha256, count(*) FROM cairn_assets WHERE {inside} AND sha256 <> '' AND deleted_at IS NULL GROUP BY sha256"
        );
        let found = self
            .tx
            .conn
            .query_all("counting identical files", &sql, [Param::Texts(sums)], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(found.into_iter().collect())
    }

    /// SHA-256 of bytes that several files have, in order, behind `after`; with the number of files, and the size of one.
    pub fn list_duplicates(&self, after: &str, limit: i64) -> Result<Vec<(String, i64, i64)>> {
        let sql = "SELECT sha256, count(*), max(bytes) FROM cairn_assets
                   WHERE sha256 > ?1 AND sha256 <> '' AND deleted_at IS NULL
                   GROUP BY sha256 HAVING count(*) > 1 ORDER BY sha256 LIMIT ?2";
        self.tx
            .conn
            .query_all("finding identical files", sql, (after, limit), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
    }

    /// Files with these bytes, oldest first: SHA-256 and file.
    pub fn find_by_hash(&self, sums: &[&str]) -> Result<Vec<(String, String)>> {
        let inside = self.tx.conn.dialect().in_list("sha256", 1);
        let sql = format!(
            "SELECT sha256, document_id FROM cairn_assets WHERE {inside} AND sha256 <> '' AND deleted_at IS NULL
             ORDER BY added_at, document_id"
        );
        self.tx.conn.query_all("reading identical files", &sql, [Param::Texts(sums)], |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::Assets<&mut WriteTx<'_>> {
    /// Moves files to a folder.
    pub fn move_many_to_folder(&mut self, documents: &[&str], folder: i64) -> Result<()> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("UPDATE cairn_assets SET folder = ?2 WHERE {inside}");
        self.tx.conn.execute("moving files", &sql, [Param::Texts(documents), Param::Integer(folder)]).map(drop)
    }

    /// Replaces the texts of a file in a locale; nothing deletes them.
    pub fn set_texts(&mut self, document_id: &str, t: &AssetText) -> Result<()> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        if t.alternative_text.is_none() && t.caption.is_none() {
            let sql = "DELETE FROM cairn_asset_texts WHERE document_id = ?1 AND locale = ?2";
            return self.tx.conn.execute("removing a text of a file", sql, (document_id, &t.locale)).map(drop);
        }
        let sql =
            "INSERT INTO cairn_asset_texts (document_id, locale, alternative_text, caption) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (document_id, locale) DO UPDATE SET alternative_text = excluded.alternative_text,
                     caption = excluded.caption";
        let values = (document_id, &t.locale, &t.alternative_text, &t.caption);
        self.tx.conn.execute("writing a text of a file", sql, values).map(drop)
    }
}
