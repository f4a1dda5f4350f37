//! Licences and releases.

use crate::desk::{Rights, changed_meanwhile, emit, hold, invalid_at, known_files, not_found};
use crate::input::{id, line, lines, local, notes, word};
use crate::instants::Edge;
use crate::settle::settle_record;
use crate::standing::iso;
use cairn_content::{ContentError, Result};
use cairn_store::events::Actor;
use cairn_store::rights::{LinkMode, NewRight, Record, RightRow};
use cairn_store::{Reader, WriteTx};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of files that are shown with a record.
const SHOWN: i64 = 100;
/// The licence of files that the tenant owns. Other licences are free words.
const OWNED: &str = "owned";

/// A licence or release as it comes in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RightInput {
    /// Who holds it.
    pub holder: Option<String>,
    /// `owned`, `licensed`, `cc-by`, `cc0`, `model-release`, …; without one `licensed`.
    pub licence: Option<String>,
    /// Channels it is for; none: all. So with the next two.
    pub channels: Vec<String>,
    /// Territories.
    pub territories: Vec<String>,
    /// Products.
    pub products: Vec<String>,
    /// A day or a local time.
    pub start: Option<String>,
    /// A day, with whose end it ends, or a local time.
    pub end: Option<String>,
    /// The zone of both.
    pub zone: Option<String>,
    /// The file that proves it.
    pub evidence: Option<String>,
    /// Digits, with a point.
    pub cost: Option<String>,
    /// Three letters.
    pub currency: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// When it is changed: the version that was looked at.
    pub version: Option<i64>,
    /// When it is made: the files that it is for.
    pub assets: Vec<String>,
}

fn decimal(text: &str) -> bool {
    let digits =
        |part: &str, most: usize| !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, rest)) => digits(whole, 15) && digits(rest, 4),
        None => digits(text, 15),
    }
}

impl RightInput {
    fn read(&self) -> Result<NewRight> {
        let zone = self.zone.as_deref().filter(|z| !z.is_empty());
        let edge = |path: &str, text: &Option<String>, edge| -> Result<Option<(String, (i64, String))>> {
            let Some(text) = text.as_deref().filter(|t| !t.is_empty()) else { return Ok(None) };
            Ok(Some((text.to_owned(), local(path, text, zone, edge)?)))
        };
        let (start, end) = (edge("start", &self.start, Edge::Start)?, edge("end", &self.end, Edge::End)?);
        let starts_at = start.as_ref().map(|(_, (at, _))| *at);
        let ends_at = end.as_ref().map(|(_, (at, _))| *at);
        if let (Some(starts), Some(ends)) = (starts_at, ends_at)
            && ends <= starts
        {
            return Err(invalid_at("end", "end must be after start"));
        }
        let zone = match end.as_ref().or(start.as_ref()) {
            Some((_, (_, zone))) => Some(zone.clone()),
            None => zone
                .map(|z| cairn_events::zone::parse(z).map(|z| z.name().to_owned()))
                .transpose()
                .map_err(|e| invalid_at("zone", e.to_string()))?,
        };
        let cost = self.cost.as_deref().map(str::trim).filter(|c| !c.is_empty());
        if cost.is_some_and(|c| !decimal(c)) {
            return Err(invalid_at("cost", "cost must be a string of digits, with at most 4 decimals"));
        }
        let currency = self.currency.as_deref().map(str::trim).filter(|c| !c.is_empty());
        if currency.is_some_and(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(invalid_at("currency", "currency must be a three-letter code, such as EUR"));
        }
        if cost.is_some() != currency.is_some() {
            return Err(invalid_at("currency", "cost and currency must be given together"));
        }
        let evidence = self.evidence.as_deref().filter(|e| !e.is_empty());
        Ok(NewRight {
            holder: line("holder", self.holder.as_deref())?,
            licence: word("licence", self.licence.as_deref().or(Some("licensed")))?,
            channels: lines("channels", &self.channels)?,
            territories: lines("territories", &self.territories)?,
            products: lines("products", &self.products)?,
            start_local: start.map(|(local, _)| local),
            end_local: end.map(|(local, _)| local),
            zone,
            starts_at,
            ends_at,
            evidence: evidence.map(|e| id("evidence", e)).transpose()?,
            cost: cost.map(str::to_owned),
            currency: currency.map(str::to_owned),
            notes: notes("notes", self.notes.as_deref())?,
        })
    }
}

pub(crate) fn shown(r: &RightRow) -> Json {
    let n = &r.right;
    json!({
        "id": r.id, "holder": n.holder, "licence": n.licence, "owned": n.licence == OWNED,
        "channels": n.channels, "territories": n.territories, "products": n.products,
        "start": n.start_local, "end": n.end_local, "zone": n.zone,
        "startsAt": n.starts_at.map(iso), "endsAt": n.ends_at.map(iso),
        "evidence": n.evidence, "cost": n.cost, "currency": n.currency, "notes": n.notes, "version": r.version,
        "createdAt": iso(r.created_at), "createdBy": r.created_by.name, "updatedAt": iso(r.updated_at), "updatedBy": r.updated_by.name,
    })
}

/// A record with some of its files.
pub(crate) fn with_files(reader: &Reader<'_>, record: Record, id: i64, mut shown: Json) -> Result<Json> {
    let files = reader.files_of_record(record, id, "", SHOWN)?;
    let names = reader.file_names(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    let file = |id: &String| json!({ "documentId": id, "name": names.get(id) });
    shown["assets"] = files.iter().map(file).collect();
    shown["assetsTotal"] = reader.count_files_of_record(record, id)?.into();
    Ok(shown)
}

fn no_right() -> ContentError {
    not_found("Licence not found")
}

/// Checks that the evidence and the files of a record exist.
pub(crate) fn check_files(reader: &Reader<'_>, evidence: Option<&str>, assets: &[String]) -> Result<()> {
    if let Some(evidence) = evidence {
        known_files(reader, "evidence", &[evidence])?;
    }
    let assets: Vec<&str> = assets.iter().map(String::as_str).collect();
    if assets.is_empty() { Ok(()) } else { known_files(reader, "assets", &assets) }
}

fn event(tx: &mut WriteTx<'_>, actor: &Actor, what: &str, row: &RightRow, now: i64) -> Result<()> {
    let name = format!("cairn.asset-right.{what}");
    Ok(emit(tx, actor, &name, format!("asset-right {}", row.id), shown(row), now)?)
}

impl Rights {
    /// Licences and releases, newest first, and the id to continue before; of one file, where one is named.
    ///
    /// # Errors
    /// Returned when the store fails.
    pub fn rights(&self, asset: Option<&str>, before: Option<i64>, limit: i64) -> Result<(Vec<Json>, Option<i64>)> {
        let asset = asset.map(|asset| id("asset", asset)).transpose()?;
        let rows = self.store().read(|r| r.asset_rights(asset.as_deref(), before, limit))?;
        let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r.id)).flatten();
        Ok((rows.iter().map(shown).collect(), next))
    }

    /// A licence or release, with some of its files.
    ///
    /// # Errors
    /// 404 where there is no such record.
    pub fn right(&self, id: i64) -> Result<Json> {
        self.store().read(|r| {
            let row = r.asset_right(id)?.ok_or_else(no_right)?;
            with_files(r, Record::Right, id, shown(&row))
        })
    }

    /// Creates a licence or release.
    ///
    /// # Errors
    /// 400 with what is invalid.
    pub async fn make_right(&self, actor: &Arc<Actor>, input: RightInput) -> Result<Json> {
        let right = input.read()?;
        let assets = crate::bulk::files("assets", &input.assets)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                hold(tx)?;
                check_files(&tx.reader(), right.evidence.as_deref(), &assets)?;
                let id = tx.add_asset_right(&right, &actor, now)?;
                let row = tx.reader().asset_right(id)?.ok_or_else(no_right)?;
                event(tx, &actor, "created", &row, now)?;
                let files: Vec<&str> = assets.iter().map(String::as_str).collect();
                if !files.is_empty() {
                    tx.link_assets(Record::Right, &[id], &files, LinkMode::Add)?;
                }
                settle_record(tx, Record::Right, id, &actor, now)?;
                with_files(&tx.reader(), Record::Right, id, shown(&row))
            })
            .await
    }

    /// Replaces the data of a licence or release; its files stay.
    ///
    /// # Errors
    /// 400 with what is invalid, 404, 409 where it has changed since the version that the caller saw.
    pub async fn change_right(&self, actor: &Arc<Actor>, id: i64, input: RightInput) -> Result<Json> {
        let right = input.read()?;
        if !input.assets.is_empty() {
            return Err(invalid_at("assets", "Use assets/bulk/link-rights to link and unlink files"));
        }
        let (actor, now, seen) = (actor.clone(), self.now(), input.version);
        self.store()
            .write(move |tx| {
                hold(tx)?;
                let before = tx.reader().asset_right(id)?.ok_or_else(no_right)?;
                if let Some(seen) = seen.filter(|seen| *seen != before.version) {
                    return Err(changed_meanwhile(seen, before.version));
                }
                check_files(&tx.reader(), right.evidence.as_deref(), &[])?;
                tx.set_asset_right(id, &right, &actor, now)?;
                let row = tx.reader().asset_right(id)?.ok_or_else(no_right)?;
                event(tx, &actor, "changed", &row, now)?;
                settle_record(tx, Record::Right, id, &actor, now)?;
                with_files(&tx.reader(), Record::Right, id, shown(&row))
            })
            .await
    }

    /// Deletes a licence or release: its files are treated as if it had never existed.
    ///
    /// # Errors
    /// 404 where there is no such record.
    pub async fn delete_right(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                hold(tx)?;
                let row = tx.reader().asset_right(id)?.ok_or_else(no_right)?;
                let files = crate::settle::files_of(tx, Record::Right, id)?;
                tx.delete_asset_right(id)?;
                event(tx, &actor, "deleted", &row, now)?;
                Ok(crate::settle::settle(tx, &files, &actor, now).map(drop)?)
            })
            .await
    }
}
