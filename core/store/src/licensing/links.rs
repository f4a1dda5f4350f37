//! `cairn_asset_right_links` and `cairn_asset_consent_links`: which records apply to which files.

use crate::connection::{Param, ToParam};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// The kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// A licence or release.
    Licence,
    /// A consent of a person.
    Consent,
}

/// How the links of files change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkMode {
    /// Adds links to these records.
    Add,
    /// Replaces all links by links to these records.
    Set,
    /// Removes links to these records.
    Remove,
}

impl RecordKind {
    /// The table of its links, and the column with its id.
    fn link_table(self) -> (&'static str, &'static str) {
        match self {
            Self::Licence => ("cairn_asset_right_links", "right_id"),
            Self::Consent => ("cairn_asset_consent_links", "consent_id"),
        }
    }
}

impl namespaces::Assets<Reader<'_>> {
    /// Those of these documents that are files.
    pub fn find_existing(&self, documents: &[&str]) -> Result<Vec<String>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql =
            format!("SELECT document_id FROM {} WHERE {inside}", Ident::table(self.tx.store.registry.file_type()));
        self.tx.conn.query_all("finding files", &sql, [Param::Texts(documents)], |r| r.get(0))
    }

    /// Names of these files, by document.
    pub fn find_names(&self, documents: &[&str]) -> Result<std::collections::HashMap<String, String>> {
        let file = self.tx.store.registry.file_type();
        let Some((_, name)) = file.attributes.get("name") else { return Ok(Default::default()) };
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("SELECT document_id, {} FROM {} WHERE {inside}", Ident::column(name), Ident::table(file));
        let found: Vec<(String, Option<String>)> =
            self.tx
                .conn
                .query_all("reading names of files", &sql, [Param::Texts(documents)], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(found.into_iter().map(|(document, name)| (document, name.unwrap_or_default())).collect())
    }
}

impl namespaces::Licensing<Reader<'_>> {
    /// Lists the files that a record applies to, in the order of their documents, behind `after`. Some may have been deleted.
    pub fn list_files_of_record(&self, record: RecordKind, id: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let (table, column) = record.link_table();
        let sql = format!(
            "SELECT document_id FROM {table} WHERE {column} = ?1 AND document_id > ?2 ORDER BY document_id LIMIT ?3"
        );
        self.tx.conn.query_all("reading links of licences", &sql, (id, after, limit), |r| r.get(0))
    }

    /// Number of files that a record applies to.
    pub fn count_files_of_record(&self, record: RecordKind, id: i64) -> Result<i64> {
        let (table, column) = record.link_table();
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = ?1");
        Ok(self.tx.conn.query_first("counting links of licences", &sql, [id], |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::Licensing<&mut WriteTx<'_>> {
    /// Changes which records of a kind apply to these files. Adding an existing link or removing a missing one is not an error.
    pub fn link_files(&mut self, record: RecordKind, ids: &[i64], documents: &[&str], mode: LinkMode) -> Result<()> {
        self.tx.touch_files();
        let (table, column) = record.link_table();
        let dialect = self.tx.conn.dialect();
        let doing = "linking licences to files";
        let on_files = dialect.in_list("document_id", 1);
        match mode {
            LinkMode::Set => {
                let sql = format!("DELETE FROM {table} WHERE {on_files}");
                self.tx.conn.execute(doing, &sql, [Param::Texts(documents)])?;
            }
            LinkMode::Remove if !ids.is_empty() => {
                let sql = format!("DELETE FROM {table} WHERE {on_files} AND {}", dialect.in_list(column, 2));
                self.tx.conn.execute(doing, &sql, [Param::Texts(documents), Param::Integers(ids)])?;
            }
            LinkMode::Add | LinkMode::Remove => {}
        }
        if mode != LinkMode::Remove {
            let sql = format!(
                "INSERT INTO {table} (document_id, {column})
                 SELECT document_id, CAST(?2 AS bigint) FROM {} WHERE {on_files} ON CONFLICT DO NOTHING",
                Ident::table(self.tx.store.registry.file_type())
            );
            for id in ids {
                self.tx.conn.execute(doing, &sql, [Param::Texts(documents), id.param()])?;
            }
        }
        Ok(())
    }
}
