//! `cairn_asset_consents`: consents of people who can be seen or heard in files.

use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A consent to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewConsent {
    /// Name of the person who consents.
    pub person: String,
    /// Subject of the consent: `portrait`, `voice`, ….
    pub kind: String,
    /// When it was given; `None` until it is.
    pub given_at: Option<i64>,
    /// Document id of the file that proves it.
    pub evidence: Option<String>,
    /// Notes for editors, free text.
    pub notes: Option<String>,
}

/// A consent, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsentRow {
    /// Numeric id of the consent.
    pub id: i64,
    /// The fields that callers write.
    pub consent: NewConsent,
    /// When the consent ends because it was withdrawn.
    pub withdrawn_at: Option<i64>,
    /// Number of writes, from 1.
    pub version: i64,
    /// Time of creation.
    pub created_at: i64,
    /// Actor who created it.
    pub created_by: Actor,
    /// Time of the last change.
    pub updated_at: i64,
    /// Actor who changed it last.
    pub updated_by: Actor,
}

const COLUMNS: &str = "id, person, kind, given_at, withdrawn_at, evidence, notes, version, created_at, created_by, updated_at, updated_by";

fn read_consent(r: &Row<'_>) -> Result<ConsentRow> {
    let (created_by, updated_by): (String, String) = (r.get(9)?, r.get(11)?);
    Ok(ConsentRow {
        id: r.get(0)?,
        consent: NewConsent {
            person: r.get(1)?,
            kind: r.get(2)?,
            given_at: r.get(3)?,
            evidence: r.get(5)?,
            notes: r.get(6)?,
        },
        withdrawn_at: r.get(4)?,
        version: r.get(7)?,
        created_at: r.get(8)?,
        created_by: Actor::from_json(&created_by),
        updated_at: r.get(10)?,
        updated_by: Actor::from_json(&updated_by),
    })
}

fn consent_values(n: &NewConsent) -> Vec<Value> {
    vec![
        n.person.as_str().into(),
        n.kind.as_str().into(),
        n.given_at.into(),
        n.evidence.clone().into(),
        n.notes.clone().into(),
    ]
}

impl namespaces::Consents<Reader<'_>> {
    /// Lists consents with smaller ids, newest first; of one file, if one is given.
    pub fn list(&self, file: Option<&str>, before: Option<i64>, limit: i64) -> Result<Vec<ConsentRow>> {
        let of_file = match file {
            Some(_) => "id IN (SELECT consent_id FROM cairn_asset_consent_links WHERE document_id = ?3)",
            None => "CAST(?3 AS text) IS NULL",
        };
        let sql =
            format!("SELECT {COLUMNS} FROM cairn_asset_consents WHERE id < ?1 AND {of_file} ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading consents", &sql, (before.unwrap_or(i64::MAX), limit, file), read_consent)
    }

    /// Gets the consent with that id.
    pub fn get(&self, id: i64) -> Result<Option<ConsentRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_asset_consents WHERE id = ?1");
        self.tx.conn.query_first("reading a consent", &sql, [id], read_consent)
    }

    /// Gets those of these consents that exist.
    pub fn get_many(&self, ids: &[i64]) -> Result<Vec<ConsentRow>> {
        let inside = self.tx.conn.dialect().in_list("id", 1);
        let sql = format!("SELECT {COLUMNS} FROM cairn_asset_consents WHERE {inside} ORDER BY id");
        self.tx.conn.query_all("reading consents", &sql, [crate::connection::Param::Integers(ids)], read_consent)
    }
}

impl namespaces::Consents<&mut WriteTx<'_>> {
    /// Adds a consent; returns its id.
    pub fn create(&mut self, n: &NewConsent, by: &Actor, now: i64) -> Result<i64> {
        self.tx.touch_files();
        let mut values = consent_values(n);
        values.extend([now.into(), by.to_json().into()]);
        self.tx.conn.insert(
            "adding a consent",
            "INSERT INTO cairn_asset_consents (person, kind, given_at, evidence, notes, version, created_at, created_by, updated_at, updated_by)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7)",
            &values[..],
            false,
        )
    }

    /// Changes a consent, but not whether it was withdrawn. Returns `false` if it does not exist.
    pub fn update(&mut self, id: i64, n: &NewConsent, by: &Actor, now: i64) -> Result<bool> {
        self.tx.touch_files();
        let mut values = consent_values(n);
        values.extend([now.into(), by.to_json().into(), id.into()]);
        let sql = "UPDATE cairn_asset_consents SET person = ?1, kind = ?2, given_at = ?3, evidence = ?4, notes = ?5, version = version + 1,
                     updated_at = ?6, updated_by = ?7
                   WHERE id = ?8";
        Ok(self.tx.conn.execute("changing a consent", sql, &values[..])? > 0)
    }

    /// Withdraws a consent. Returns `false` if it does not exist, or was withdrawn before.
    pub fn withdraw(&mut self, id: i64, at: i64, by: &Actor, now: i64) -> Result<bool> {
        self.tx.touch_files();
        let sql =
            "UPDATE cairn_asset_consents SET withdrawn_at = ?2, version = version + 1, updated_at = ?3, updated_by = ?4
                   WHERE id = ?1 AND withdrawn_at IS NULL";
        Ok(self.tx.conn.execute("revoking a consent", sql, (id, at, now, by.to_json()))? > 0)
    }

    /// Deletes a consent with its links. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        self.tx.touch_files();
        let doing = "removing a consent";
        self.tx.conn.execute(doing, "DELETE FROM cairn_asset_consent_links WHERE consent_id = ?1", [id])?;
        Ok(self.tx.conn.execute(doing, "DELETE FROM cairn_asset_consents WHERE id = ?1", [id])? > 0)
    }
}
