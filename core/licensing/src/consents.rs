//! Consents of people who can be seen or heard.

mod view;

pub use view::{ConsentDetailsView, ConsentView, WithdrawnConsentView};

use crate::bulk;
use crate::input::{check_document_id as document, check_line, check_notes, check_word};
use crate::instants::parse_moment;
use crate::records::{check_files, load_record_files};
use crate::service::{
    LicensingService, changed_meanwhile, emit_event, invalid_at, lock_licensing, not_found, refusal_error,
};
use crate::usage_changes::{self, CONSENT_WITHDRAWN_EVENT, WithdrawalView, settle_record};
use cairn_content::view::Time;
use cairn_content::{ContentError, RefusalKind, Result};
use cairn_store::events::Actor;
use cairn_store::licensing::{ConsentRow, LinkMode, NewConsent, RecordKind};
use cairn_store::{Reader, WriteTx};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// A consent as it comes in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentInput {
    /// Name of the person who consents.
    pub person: Option<String>,
    /// To what: `portrait`, `voice`, …; without one `portrait`.
    pub kind: Option<String>,
    /// When they did; nothing until they do.
    pub given_at: Option<String>,
    /// The file that proves it.
    pub evidence: Option<String>,
    /// Notes, free text.
    pub notes: Option<String>,
    /// When it is changed: the version that was looked at.
    pub version: Option<i64>,
    /// When it is made: the files that it is for.
    pub assets: Vec<String>,
}

/// A withdrawal as it comes in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WithdrawConsent)]
pub struct WithdrawInput {
    /// From when on; now, where nothing is said.
    pub at: Option<String>,
}

impl ConsentInput {
    fn to_new_consent(&self) -> Result<NewConsent> {
        let given_at = self.given_at.as_deref().filter(|g| !g.is_empty());
        let evidence = self.evidence.as_deref().filter(|e| !e.is_empty());
        Ok(NewConsent {
            person: check_line("person", self.person.as_deref())?,
            kind: check_word("kind", self.kind.as_deref().or(Some("portrait")))?,
            given_at: given_at.map(parse_moment).transpose().map_err(|e| invalid_at("givenAt", e))?,
            evidence: evidence.map(|e| document("evidence", e)).transpose()?,
            notes: check_notes("notes", self.notes.as_deref())?,
        })
    }
}

/// A consent with some of its files.
fn load_details(reader: &Reader<'_>, row: &ConsentRow) -> Result<ConsentDetailsView> {
    let files = load_record_files(reader, RecordKind::Consent, row.id)?;
    Ok(ConsentDetailsView { consent: row.into(), files })
}

fn no_consent() -> ContentError {
    not_found("Consent not found")
}

/// Emits an event about a consent; consumers other than the desk learn nothing of the person.
fn emit_consent_event(tx: &mut WriteTx<'_>, actor: &Actor, suffix: &str, row: &ConsentRow, now: i64) -> Result<()> {
    let name = format!("cairn.asset-consent.{suffix}");
    let data = json!({
        "id": row.id, "kind": row.consent.kind, "givenAt": row.consent.given_at.map(Time), "withdrawnAt": row.withdrawn_at.map(Time),
        "version": row.version,
    });
    Ok(emit_event(tx, actor, &name, format!("asset-consent {}", row.id), data, now)?)
}

impl LicensingService {
    /// Consents, newest first, and the id to continue before; of one file, where one is named. Returns an error if the store fails.
    pub fn list_consents(
        &self,
        asset: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<ConsentView>, Option<i64>)> {
        let asset = asset.map(|asset| document("asset", asset)).transpose()?;
        let rows = self.store().read(|r| r.consents().list(asset.as_deref(), before, limit))?;
        let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r.id)).flatten();
        Ok((rows.iter().map(ConsentView::from).collect(), next))
    }

    /// A consent, with some of its files. Fails with 404 if there is no such consent.
    pub fn get_consent(&self, id: i64) -> Result<ConsentDetailsView> {
        self.store().read(|r| {
            let row = r.consents().get(id)?.ok_or_else(no_consent)?;
            load_details(r, &row)
        })
    }

    /// Creates a consent. Fails with 400, stating what is invalid.
    pub async fn create_consent(&self, actor: &Arc<Actor>, input: ConsentInput) -> Result<ConsentDetailsView> {
        let consent = input.to_new_consent()?;
        let assets = bulk::check_file_ids("assets", &input.assets)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                check_files(&tx.reader(), consent.evidence.as_deref(), &assets)?;
                let id = tx.consents().create(&consent, &actor, now)?;
                let row = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                emit_consent_event(tx, &actor, "created", &row, now)?;
                let files: Vec<&str> = assets.iter().map(String::as_str).collect();
                if !files.is_empty() {
                    tx.licensing().link_files(RecordKind::Consent, &[id], &files, LinkMode::Add)?;
                }
                settle_record(tx, RecordKind::Consent, id, &actor, now)?;
                load_details(&tx.reader(), &row)
            })
            .await
    }

    /// Replaces the data of a consent; its files stay, and its withdrawal.
    ///
    /// # Errors
    /// 400 with what is invalid, 404, 409 where it has changed since the version that the caller saw.
    pub async fn change_consent(&self, actor: &Arc<Actor>, id: i64, input: ConsentInput) -> Result<ConsentDetailsView> {
        let consent = input.to_new_consent()?;
        if !input.assets.is_empty() {
            return Err(invalid_at("assets", "Use assets/bulk/link-rights to link and unlink files"));
        }
        let (actor, now, loaded_version) = (actor.clone(), self.now(), input.version);
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let before = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                if let Some(loaded_version) = loaded_version.filter(|loaded_version| *loaded_version != before.version)
                {
                    return Err(changed_meanwhile(loaded_version, before.version));
                }
                check_files(&tx.reader(), consent.evidence.as_deref(), &[])?;
                tx.consents().update(id, &consent, &actor, now)?;
                let row = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                emit_consent_event(tx, &actor, "changed", &row, now)?;
                settle_record(tx, RecordKind::Consent, id, &actor, now)?;
                load_details(&tx.reader(), &row)
            })
            .await
    }

    /// Withdraws a consent: files that show the person are no longer delivered, nor are their derivatives.
    ///
    /// # Errors
    /// 400 for an invalid time, 404, 409 where it was withdrawn before.
    pub async fn withdraw_consent(
        &self,
        actor: &Arc<Actor>,
        id: i64,
        input: WithdrawInput,
    ) -> Result<WithdrawnConsentView> {
        let (actor, now) = (actor.clone(), self.now());
        let at = input.at.as_deref().map(parse_moment).transpose().map_err(|e| invalid_at("at", e))?.unwrap_or(now);
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let before = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                if let Some(at) = before.withdrawn_at {
                    let details = json!({ "withdrawnAt": Time(at) });
                    return Err(refusal_error(
                        RefusalKind::Conflict,
                        "This consent has already been withdrawn",
                        details,
                    ));
                }
                tx.consents().withdraw(id, at, &actor, now)?;
                let row = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                let files = usage_changes::files_of_record(tx, RecordKind::Consent, id)?;
                let all = usage_changes::update_usage(tx, &files, &actor, now)?;
                let affected = WithdrawalView {
                    consent: id,
                    kind: row.consent.kind.clone(),
                    withdrawn_at: Time(at),
                    assets: usage_changes::load_affected_files(&tx.reader(), &all)?,
                    assets_total: all.len() as i64,
                };
                let key = format!("asset-consent {id}");
                emit_event(tx, &actor, CONSENT_WITHDRAWN_EVENT, key, json!(affected), now)?;
                Ok(WithdrawnConsentView { consent: load_details(&tx.reader(), &row)?, affected })
            })
            .await
    }

    /// Deletes a consent: its files are treated as if it had never existed. Fails with 404 if there is no such consent.
    pub async fn delete_consent(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let row = tx.reader().consents().get(id)?.ok_or_else(no_consent)?;
                let files = usage_changes::files_of_record(tx, RecordKind::Consent, id)?;
                tx.consents().delete(id)?;
                emit_consent_event(tx, &actor, "deleted", &row, now)?;
                Ok(usage_changes::update_usage(tx, &files, &actor, now).map(drop)?)
            })
            .await
    }
}
