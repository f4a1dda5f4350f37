//! Licences and releases.

mod view;

pub use view::{LicenceDetailsView, LicenceView, NamedFileView, RecordFilesView};

use crate::input::{check_document_id, check_line, check_lines, check_notes, check_word, resolve_local};
use crate::instants::SpanEdge;
use crate::service::{
    LicensingService, changed_meanwhile, emit_event, invalid_at, known_files, lock_licensing, not_found,
};
use crate::usage_changes::settle_record;
use cairn_content::{ContentError, Result};
use cairn_store::events::Actor;
use cairn_store::licensing::{LicenceRow, LinkMode, NewLicence, RecordKind};
use cairn_store::{Reader, WriteTx};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Largest number of files that are shown with a record.
const MAX_SHOWN_FILES: i64 = 100;
/// The licence of files that the tenant owns. Other licences are free words.
const OWNED_LICENCE: &str = "owned";

/// A licence or release as it comes in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RightInput {
    /// Name of the holder.
    pub holder: Option<String>,
    /// `owned`, `licensed`, `cc-by`, `cc0`, `model-release`, …; without one `licensed`.
    pub licence: Option<String>,
    /// Channels it is for; none: all. So with the next two.
    pub channels: Vec<String>,
    /// Territories it is for; none: all.
    pub territories: Vec<String>,
    /// Products it is for; none: all.
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
    /// Notes, free text.
    pub notes: Option<String>,
    /// When it is changed: the version that was looked at.
    pub version: Option<i64>,
    /// When it is made: the files that it is for.
    pub assets: Vec<String>,
}

fn is_decimal(text: &str) -> bool {
    let digits =
        |part: &str, limit: usize| !part.is_empty() && part.len() <= limit && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((integer, rest)) => digits(integer, 15) && digits(rest, 4),
        None => digits(text, 15),
    }
}

impl RightInput {
    fn to_new_right(&self) -> Result<NewLicence> {
        let zone = self.zone.as_deref().filter(|z| !z.is_empty());
        let edge = |path: &str, text: &Option<String>, edge| -> Result<Option<(String, (i64, String))>> {
            let Some(text) = text.as_deref().filter(|t| !t.is_empty()) else { return Ok(None) };
            Ok(Some((text.to_owned(), resolve_local(path, text, zone, edge)?)))
        };
        let (start, end) = (edge("start", &self.start, SpanEdge::Start)?, edge("end", &self.end, SpanEdge::End)?);
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
                .map(|z| cairn_events::zone::parse_zone(z).map(|z| z.name().to_owned()))
                .transpose()
                .map_err(|e| invalid_at("zone", e.to_string()))?,
        };
        let cost = self.cost.as_deref().map(str::trim).filter(|c| !c.is_empty());
        if cost.is_some_and(|c| !is_decimal(c)) {
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
        Ok(NewLicence {
            holder: check_line("holder", self.holder.as_deref())?,
            licence: check_word("licence", self.licence.as_deref().or(Some("licensed")))?,
            channels: check_lines("channels", &self.channels)?,
            territories: check_lines("territories", &self.territories)?,
            products: check_lines("products", &self.products)?,
            start_local: start.map(|(local, _)| local),
            end_local: end.map(|(local, _)| local),
            zone,
            starts_at,
            ends_at,
            evidence: evidence.map(|e| check_document_id("evidence", e)).transpose()?,
            cost: cost.map(str::to_owned),
            currency: currency.map(str::to_owned),
            notes: check_notes("notes", self.notes.as_deref())?,
        })
    }
}

/// Some of the files of a record.
pub(crate) fn load_record_files(reader: &Reader<'_>, record: RecordKind, id: i64) -> Result<RecordFilesView> {
    let files = reader.licensing().list_files_of_record(record, id, "", MAX_SHOWN_FILES)?;
    let names = reader.assets().find_names(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    let file = |id: String| NamedFileView { name: names.get(&id).cloned(), document_id: id };
    Ok(RecordFilesView {
        assets: files.into_iter().map(file).collect(),
        assets_total: reader.licensing().count_files_of_record(record, id)?,
    })
}

/// A licence with some of its files.
fn load_details(reader: &Reader<'_>, row: &LicenceRow) -> Result<LicenceDetailsView> {
    let files = load_record_files(reader, RecordKind::Licence, row.id)?;
    Ok(LicenceDetailsView { licence: row.into(), files })
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

fn emit_licence_event(tx: &mut WriteTx<'_>, actor: &Actor, suffix: &str, row: &LicenceRow, now: i64) -> Result<()> {
    let name = format!("cairn.asset-right.{suffix}");
    Ok(emit_event(tx, actor, &name, format!("asset-right {}", row.id), json!(LicenceView::from(row)), now)?)
}

impl LicensingService {
    /// Licences and releases, newest first, and the id to continue before; of one file, where one is named. Returns an
    /// error if the store fails.
    pub fn list_licences(
        &self,
        asset: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<LicenceView>, Option<i64>)> {
        let asset = asset.map(|asset| check_document_id("asset", asset)).transpose()?;
        let rows = self.store().read(|r| r.licences().list(asset.as_deref(), before, limit))?;
        let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r.id)).flatten();
        Ok((rows.iter().map(LicenceView::from).collect(), next))
    }

    /// A licence or release, with some of its files. Fails with 404 if there is no such record.
    pub fn get_licence(&self, id: i64) -> Result<LicenceDetailsView> {
        self.store().read(|r| {
            let row = r.licences().get(id)?.ok_or_else(no_right)?;
            load_details(r, &row)
        })
    }

    /// Creates a licence or release. Fails with 400, stating what is invalid.
    pub async fn create_licence(&self, actor: &Arc<Actor>, input: RightInput) -> Result<LicenceDetailsView> {
        let right = input.to_new_right()?;
        let assets = crate::bulk::check_file_ids("assets", &input.assets)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                check_files(&tx.reader(), right.evidence.as_deref(), &assets)?;
                let id = tx.licences().create(&right, &actor, now)?;
                let row = tx.reader().licences().get(id)?.ok_or_else(no_right)?;
                emit_licence_event(tx, &actor, "created", &row, now)?;
                let files: Vec<&str> = assets.iter().map(String::as_str).collect();
                if !files.is_empty() {
                    tx.licensing().link_files(RecordKind::Licence, &[id], &files, LinkMode::Add)?;
                }
                settle_record(tx, RecordKind::Licence, id, &actor, now)?;
                load_details(&tx.reader(), &row)
            })
            .await
    }

    /// Replaces the data of a licence or release; its files stay.
    ///
    /// # Errors
    /// 400 with what is invalid, 404, 409 where it has changed since the version that the caller saw.
    pub async fn change_right(&self, actor: &Arc<Actor>, id: i64, input: RightInput) -> Result<LicenceDetailsView> {
        let right = input.to_new_right()?;
        if !input.assets.is_empty() {
            return Err(invalid_at("assets", "Use assets/bulk/link-rights to link and unlink files"));
        }
        let (actor, now, loaded_version) = (actor.clone(), self.now(), input.version);
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let before = tx.reader().licences().get(id)?.ok_or_else(no_right)?;
                if let Some(loaded_version) = loaded_version.filter(|loaded_version| *loaded_version != before.version)
                {
                    return Err(changed_meanwhile(loaded_version, before.version));
                }
                check_files(&tx.reader(), right.evidence.as_deref(), &[])?;
                tx.licences().update(id, &right, &actor, now)?;
                let row = tx.reader().licences().get(id)?.ok_or_else(no_right)?;
                emit_licence_event(tx, &actor, "changed", &row, now)?;
                settle_record(tx, RecordKind::Licence, id, &actor, now)?;
                load_details(&tx.reader(), &row)
            })
            .await
    }

    /// Deletes a licence or release: its files are treated as if it had never existed. Fails with 404 if there is no such record.
    pub async fn delete_right(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let row = tx.reader().licences().get(id)?.ok_or_else(no_right)?;
                let files = crate::usage_changes::files_of_record(tx, RecordKind::Licence, id)?;
                tx.licences().delete(id)?;
                emit_licence_event(tx, &actor, "deleted", &row, now)?;
                Ok(crate::usage_changes::update_usage(tx, &files, &actor, now).map(drop)?)
            })
            .await
    }
}
