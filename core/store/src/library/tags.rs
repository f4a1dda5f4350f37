//! `cairn_asset_tags`: words to find files by.

use crate::connection::Param;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use std::collections::HashMap;

impl namespaces::Tags<Reader<'_>> {
    /// Every tag, with its number of files; files in the trash do not count.
    pub fn list(&self) -> Result<Vec<(String, i64)>> {
        let doing = "reading the tags";
        let read = |r: &crate::connection::Row<'_>| Ok((r.get(0)?, r.get(1)?));
        let sql = "SELECT tag, count(*) FROM cairn_asset_tags GROUP BY tag ORDER BY tag";
        let all: Vec<(String, i64)> = self.tx.conn.query_all(doing, sql, (), read)?;
        let sql = "SELECT t.tag, count(*) FROM cairn_assets a JOIN cairn_asset_tags t ON t.document_id = a.document_id
                   WHERE a.deleted_at IS NOT NULL GROUP BY t.tag";
        let trashed: HashMap<String, i64> = self.tx.conn.query_all(doing, sql, (), read)?.into_iter().collect();
        let left = all.into_iter().map(|(tag, n)| {
            let trashed_count = trashed.get(&tag).copied().unwrap_or_default();
            (tag, n - trashed_count)
        });
        Ok(left.collect())
    }

    /// The tags of these files, in order, by file.
    pub fn find_for_assets(&self, documents: &[&str]) -> Result<HashMap<String, Vec<String>>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("SELECT document_id, tag FROM cairn_asset_tags WHERE {inside} ORDER BY document_id, tag");
        let mut by_file: HashMap<String, Vec<String>> = HashMap::new();
        self.tx.conn.query("reading the tags of files", &sql, [Param::Texts(documents)], |r| {
            by_file.entry(r.get(0)?).or_default().push(r.get(1)?);
            Ok(())
        })?;
        Ok(by_file)
    }

    /// The files with a tag, in no order.
    pub fn find_assets(&self, tag: &str) -> Result<Vec<String>> {
        let sql = "SELECT document_id FROM cairn_asset_tags WHERE tag = ?1";
        self.tx.conn.query_all("reading the files of a tag", sql, [tag], |r| r.get(0))
    }
}

impl namespaces::Tags<&mut WriteTx<'_>> {
    /// Adds a tag to files; those that have it are unchanged.
    pub fn add_to_assets(&mut self, documents: &[&str], tag: &str) -> Result<()> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        let sql = "INSERT INTO cairn_asset_tags (document_id, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let rows: Vec<Vec<Param<'_>>> =
            documents.iter().map(|document| vec![Param::Text(document), Param::Text(tag)]).collect();
        self.tx.conn.execute_each("tagging files", sql, &rows)
    }

    /// Removes a tag from files.
    pub fn remove_from_assets(&mut self, documents: &[&str], tag: &str) -> Result<()> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("DELETE FROM cairn_asset_tags WHERE {inside} AND tag = ?2");
        self.tx.conn.execute("removing a tag from files", &sql, [Param::Texts(documents), Param::Text(tag)]).map(drop)
    }

    /// Replaces a tag on every file that has it; a file that has the new one already only loses the old one. Returns the number of files.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<usize> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        let sql =
            "INSERT INTO cairn_asset_tags (document_id, tag) SELECT document_id, CAST(?2 AS text) FROM cairn_asset_tags
                   WHERE tag = ?1 ON CONFLICT DO NOTHING";
        self.tx.conn.execute("renaming a tag", sql, (old, new))?;
        self.delete(old)
    }

    /// Removes a tag from every file. Returns the number of files.
    pub fn delete(&mut self, tag: &str) -> Result<usize> {
        self.tx.touch_type(self.tx.store.registry.file_type().id);
        self.tx.conn.execute("removing a tag", "DELETE FROM cairn_asset_tags WHERE tag = ?1", [tag])
    }
}
