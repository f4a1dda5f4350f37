//! `cairn_asset_rights`: licences and releases.

use super::{list_json, parse_list};
use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A licence or release to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewLicence {
    /// Name of the rights holder.
    pub holder: String,
    /// Kind of licence: `owned`, `licensed`, `cc-by`, ….
    pub licence: String,
    /// Channels it covers; empty: all. The same applies to territories and products.
    pub channels: Vec<String>,
    /// Territories that it covers; empty: all.
    pub territories: Vec<String>,
    /// Products that it covers; empty: all.
    pub products: Vec<String>,
    /// Its beginning as entered: a day, or a local time.
    pub start_local: Option<String>,
    /// Its end as entered; a day means the end of that day.
    pub end_local: Option<String>,
    /// Time zone of beginning and end.
    pub zone: Option<String>,
    /// When it begins, in milliseconds since 1970.
    pub starts_at: Option<i64>,
    /// When it ends, in milliseconds since 1970.
    pub ends_at: Option<i64>,
    /// Document id of the file that proves it.
    pub evidence: Option<String>,
    /// Its cost as a decimal number.
    pub cost: Option<String>,
    /// Currency of the cost.
    pub currency: Option<String>,
    /// Notes for editors, free text.
    pub notes: Option<String>,
}

/// A licence or release, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct LicenceRow {
    /// Numeric id of the record.
    pub id: i64,
    /// The fields that callers write.
    pub licence: NewLicence,
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

const COLUMNS: &str = "id, holder, licence, channels, territories, products, start_local, end_local, zone, starts_at, ends_at, evidence, cost, \
                       currency, notes, version, created_at, created_by, updated_at, updated_by";

fn read_licence(r: &Row<'_>) -> Result<LicenceRow> {
    let (channels, territories, products): (String, String, String) = (r.get(3)?, r.get(4)?, r.get(5)?);
    let (created_by, updated_by): (String, String) = (r.get(17)?, r.get(19)?);
    let right = NewLicence {
        holder: r.get(1)?,
        licence: r.get(2)?,
        channels: parse_list(&channels),
        territories: parse_list(&territories),
        products: parse_list(&products),
        start_local: r.get(6)?,
        end_local: r.get(7)?,
        zone: r.get(8)?,
        starts_at: r.get(9)?,
        ends_at: r.get(10)?,
        evidence: r.get(11)?,
        cost: r.get(12)?,
        currency: r.get(13)?,
        notes: r.get(14)?,
    };
    Ok(LicenceRow {
        id: r.get(0)?,
        licence: right,
        version: r.get(15)?,
        created_at: r.get(16)?,
        created_by: Actor::from_json(&created_by),
        updated_at: r.get(18)?,
        updated_by: Actor::from_json(&updated_by),
    })
}

fn licence_values(n: &NewLicence) -> Vec<Value> {
    vec![
        n.holder.as_str().into(),
        n.licence.as_str().into(),
        list_json(&n.channels).into(),
        list_json(&n.territories).into(),
        list_json(&n.products).into(),
        n.start_local.clone().into(),
        n.end_local.clone().into(),
        n.zone.clone().into(),
        n.starts_at.into(),
        n.ends_at.into(),
        n.evidence.clone().into(),
        n.cost.clone().into(),
        n.currency.clone().into(),
        n.notes.clone().into(),
    ]
}

impl namespaces::Licences<Reader<'_>> {
    /// Lists licences and releases with smaller ids, newest first; of one file, if one is given.
    pub fn list(&self, file: Option<&str>, before: Option<i64>, limit: i64) -> Result<Vec<LicenceRow>> {
        let of_file = match file {
            Some(_) => "id IN (SELECT right_id FROM cairn_asset_right_links WHERE document_id = ?3)",
            None => "CAST(?3 AS text) IS NULL",
        };
        let sql =
            format!("SELECT {COLUMNS} FROM cairn_asset_rights WHERE id < ?1 AND {of_file} ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading licences", &sql, (before.unwrap_or(i64::MAX), limit, file), read_licence)
    }

    /// Gets the licence or release with that id.
    pub fn get(&self, id: i64) -> Result<Option<LicenceRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_asset_rights WHERE id = ?1");
        self.tx.conn.query_first("reading a licence", &sql, [id], read_licence)
    }

    /// Gets those of these records that exist.
    pub fn get_many(&self, ids: &[i64]) -> Result<Vec<LicenceRow>> {
        let inside = self.tx.conn.dialect().in_list("id", 1);
        let sql = format!("SELECT {COLUMNS} FROM cairn_asset_rights WHERE {inside} ORDER BY id");
        self.tx.conn.query_all("reading licences", &sql, [crate::connection::Param::Integers(ids)], read_licence)
    }
}

impl namespaces::Licences<&mut WriteTx<'_>> {
    /// Adds a licence or release; returns its id.
    pub fn create(&mut self, n: &NewLicence, by: &Actor, now: i64) -> Result<i64> {
        self.tx.touch_files();
        let mut values = licence_values(n);
        values.extend([now.into(), by.to_json().into()]);
        self.tx.conn.insert(
            "adding a licence",
            "INSERT INTO cairn_asset_rights (holder, licence, channels, territories, products, start_local, end_local, zone, starts_at,
               ends_at, evidence, cost, currency, notes, version, created_at, created_by, updated_at, updated_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 1, ?15, ?16, ?15, ?16)",
            &values[..],
            false,
        )
    }

    /// Changes a licence or release. Returns `false` if it does not exist.
    pub fn update(&mut self, id: i64, n: &NewLicence, by: &Actor, now: i64) -> Result<bool> {
        self.tx.touch_files();
        let mut values = licence_values(n);
        values.extend([now.into(), by.to_json().into(), id.into()]);
        let sql = "UPDATE cairn_asset_rights SET holder = ?1, licence = ?2, channels = ?3, territories = ?4, products = ?5, start_local = ?6,
                     end_local = ?7, zone = ?8, starts_at = ?9, ends_at = ?10, evidence = ?11, cost = ?12, currency = ?13, notes = ?14,
                     version = version + 1, updated_at = ?15, updated_by = ?16
                   WHERE id = ?17";
        Ok(self.tx.conn.execute("changing a licence", sql, &values[..])? > 0)
    }

    /// Deletes a licence or release with its links. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        self.tx.touch_files();
        let doing = "removing a licence";
        self.tx.conn.execute(doing, "DELETE FROM cairn_asset_right_links WHERE right_id = ?1", [id])?;
        Ok(self.tx.conn.execute(doing, "DELETE FROM cairn_asset_rights WHERE id = ?1", [id])? > 0)
    }
}
