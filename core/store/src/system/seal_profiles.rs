//! `cairn_seal_profiles`: keys and certificates that seal PDFs. The caller encrypts the keys.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A sealing profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealProfileRow {
    /// Unique name of the profile.
    pub name: String,
    /// The certificate of its key and those above it: DER in base64, one per line.
    pub certificates: String,
    /// The encrypted key.
    pub key: String,
    /// Time of its import, in milliseconds since 1970.
    pub changed_at: i64,
}

fn read_profile(r: &Row<'_>) -> Result<SealProfileRow> {
    Ok(SealProfileRow { name: r.get(0)?, certificates: r.get(1)?, key: r.get(2)?, changed_at: r.get(3)? })
}

impl namespaces::SealProfiles<Reader<'_>> {
    /// Lists all profiles, by name. Returns an error if the database cannot be read.
    pub fn list(&self) -> Result<Vec<SealProfileRow>> {
        let sql = "SELECT name, certificates, key, changed_at FROM cairn_seal_profiles ORDER BY name";
        self.tx.conn.query_all("reading sealing profiles", sql, (), read_profile)
    }

    /// Gets the profile with that name. Returns an error if the database cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<SealProfileRow>> {
        let sql = "SELECT name, certificates, key, changed_at FROM cairn_seal_profiles WHERE name = ?1";
        self.tx.conn.query_first("reading a sealing profile", sql, [name], read_profile)
    }
}

impl namespaces::SealProfiles<&mut WriteTx<'_>> {
    /// Adds or replaces a profile. Returns an error if the database cannot be written.
    pub fn save(&mut self, row: &SealProfileRow) -> Result<()> {
        let sql = "INSERT INTO cairn_seal_profiles (name, certificates, key, changed_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (name) DO UPDATE SET certificates = excluded.certificates, key = excluded.key,
                     changed_at = excluded.changed_at";
        let values = (&row.name, &row.certificates, &row.key, row.changed_at);
        self.tx.conn.execute("writing a sealing profile", sql, values).map(drop)
    }

    /// Deletes a profile. Returns `false` if there is none with that name. Returns an error if the database cannot be written.
    pub fn delete(&mut self, name: &str) -> Result<bool> {
        let sql = "DELETE FROM cairn_seal_profiles WHERE name = ?1";
        Ok(self.tx.conn.execute("removing a sealing profile", sql, [name])? > 0)
    }
}
