//! `cairn_asset_settings`: licensing settings of single files.

use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// The licensing settings of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileSettings {
    /// End of its embargo as entered: a day, or a local time.
    pub embargo_local: Option<String>,
    /// Time zone of `embargo_local`.
    pub embargo_zone: Option<String>,
    /// End of its embargo in milliseconds since 1970.
    pub embargo_until: Option<i64>,
    /// Document id of the file that is shown instead.
    pub fallback: Option<String>,
    /// Numeric id of the admin user who is responsible for it.
    pub owner: Option<i64>,
    /// Permitted use of the file if it has no records.
    pub policy: Option<String>,
}

fn read_settings(r: &Row<'_>) -> Result<FileSettings> {
    Ok(FileSettings {
        embargo_local: r.get(0)?,
        embargo_zone: r.get(1)?,
        embargo_until: r.get(2)?,
        fallback: r.get(3)?,
        owner: r.get(4)?,
        policy: r.get(5)?,
    })
}

impl namespaces::Licensing<Reader<'_>> {
    /// Gets the settings of a file.
    pub fn get_file_settings(&self, document_id: &str) -> Result<Option<FileSettings>> {
        let sql = "SELECT embargo_local, embargo_zone, embargo_until, fallback, owner, policy FROM cairn_asset_settings WHERE document_id = ?1";
        self.tx.conn.query_first("reading settings of a file", sql, [document_id], read_settings)
    }

    /// The owners of these files, by document.
    pub fn find_file_owners(&self, documents: &[&str]) -> Result<Vec<(String, i64)>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("SELECT document_id, owner FROM cairn_asset_settings WHERE {inside} AND owner IS NOT NULL");
        self.tx.conn.query_all("reading owners of files", &sql, [crate::connection::Param::Texts(documents)], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
    }
}

impl namespaces::Licensing<&mut WriteTx<'_>> {
    /// Replaces the settings of a file.
    pub fn set_file_settings(&mut self, document_id: &str, s: &FileSettings, by: &Actor, now: i64) -> Result<()> {
        self.tx.touch_files();
        let values: Vec<Value> = vec![
            document_id.into(),
            s.embargo_local.clone().into(),
            s.embargo_zone.clone().into(),
            s.embargo_until.into(),
            s.fallback.clone().into(),
            s.owner.into(),
            s.policy.clone().into(),
            now.into(),
            by.to_json().into(),
        ];
        let sql = "INSERT INTO cairn_asset_settings (document_id, embargo_local, embargo_zone, embargo_until, fallback, owner, policy,
                     updated_at, updated_by)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT (document_id) DO UPDATE SET embargo_local = excluded.embargo_local, embargo_zone = excluded.embargo_zone,
                     embargo_until = excluded.embargo_until, fallback = excluded.fallback, owner = excluded.owner, policy = excluded.policy,
                     updated_at = excluded.updated_at, updated_by = excluded.updated_by";
        self.tx.conn.execute("writing settings of a file", sql, &values[..]).map(drop)
    }

    /// Stores the policy of the tenant: what files without records may be used for.
    pub fn set_policy(&mut self, policy: &serde_json::Value) -> Result<()> {
        self.tx.touch_files();
        self.tx.settings().set(super::POLICY_SETTING, policy)
    }
}
