//! Consents of people who can be seen or heard.

use crate::bulk;
use crate::desk::{Rights, changed_meanwhile, emit, hold, invalid_at, not_found, refuse};
use crate::input::{id as document, line, notes, word};
use crate::instants::moment;
use crate::records::{check_files, with_files};
use crate::settle::{self, CONSENT_WITHDRAWN, settle_record};
use crate::standing::iso;
use cairn_content::{ContentError, RefusalKind, Result};
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use cairn_store::rights::{ConsentRow, LinkMode, NewConsent, Record};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A consent as it comes in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentInput {
    /// Who agrees.
    pub person: Option<String>,
    /// To what: `portrait`, `voice`, …; without one `portrait`.
    pub kind: Option<String>,
    /// When they did; nothing until they do.
    pub given_at: Option<String>,
    /// The file that proves it.
    pub evidence: Option<String>,
    /// Free text.
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
    fn read(&self) -> Result<NewConsent> {
        let given = self.given_at.as_deref().filter(|g| !g.is_empty());
        let evidence = self.evidence.as_deref().filter(|e| !e.is_empty());
        Ok(NewConsent {
            person: line("person", self.person.as_deref())?,
            kind: word("kind", self.kind.as_deref().or(Some("portrait")))?,
            given_at: given.map(moment).transpose().map_err(|e| invalid_at("givenAt", e))?,
            evidence: evidence.map(|e| document("evidence", e)).transpose()?,
            notes: notes("notes", self.notes.as_deref())?,
        })
    }
}

pub(crate) fn shown(r: &ConsentRow) -> Json {
    let n = &r.consent;
    json!({
        "id": r.id, "person": n.person, "kind": n.kind, "givenAt": n.given_at.map(iso), "withdrawnAt": r.withdrawn_at.map(iso),
        "evidence": n.evidence, "notes": n.notes, "version": r.version,
        "createdAt": iso(r.created_at), "createdBy": r.created_by.name, "updatedAt": iso(r.updated_at), "updatedBy": r.updated_by.name,
    })
}

fn no_consent() -> ContentError {
    not_found("Consent not found")
}

/// Emits an event about a consent; consumers other than the desk learn nothing of the person.
fn event(tx: &mut WriteTx<'_>, actor: &Actor, what: &str, row: &ConsentRow, now: i64) -> Result<()> {
    let name = format!("cairn.asset-consent.{what}");
    let data = json!({
        "id": row.id, "kind": row.consent.kind, "givenAt": row.consent.given_at.map(iso), "withdrawnAt": row.withdrawn_at.map(iso),
        "version": row.version,
    });
    Ok(emit(tx, actor, &name, format!("asset-consent {}", row.id), data, now)?)
}

impl Rights {
    /// Consents, newest first, and the id to continue before; of one file, where one is named.
    ///
    /// # Errors
    /// Returned when the store fails.
    pub fn consents(&self, asset: Option<&str>, before: Option<i64>, limit: i64) -> Result<(Vec<Json>, Option<i64>)> {
        let asset = asset.map(|asset| document("asset", asset)).transpose()?;
        let rows = self.store().read(|r| r.asset_consents(asset.as_deref(), before, limit))?;
        let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r.id)).flatten();
        Ok((rows.iter().map(shown).collect(), next))
    }

    /// A consent, with some of its files.
    ///
    /// # Errors
    /// 404 where there is no such consent.
    pub fn consent(&self, id: i64) -> Result<Json> {
        self.store().read(|r| {
            let row = r.asset_consent(id)?.ok_or_else(no_consent)?;
            with_files(r, Record::Consent, id, shown(&row))
        })
    }

    /// Creates a consent.
    ///
    /// # Errors
    /// 400 with what is invalid.
    pub async fn make_consent(&self, actor: &Arc<Actor>, input: ConsentInput) -> Result<Json> {
        let consent = input.read()?;
        let assets = bulk::files("assets", &input.assets)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                hold(tx)?;
                check_files(&tx.reader(), consent.evidence.as_deref(), &assets)?;
                let id = tx.add_asset_consent(&consent, &actor, now)?;
                let row = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                event(tx, &actor, "created", &row, now)?;
                let files: Vec<&str> = assets.iter().map(String::as_str).collect();
                if !files.is_empty() {
                    tx.link_assets(Record::Consent, &[id], &files, LinkMode::Add)?;
                }
                settle_record(tx, Record::Consent, id, &actor, now)?;
                with_files(&tx.reader(), Record::Consent, id, shown(&row))
            })
            .await
    }

    /// Replaces the data of a consent; its files stay, and its withdrawal.
    ///
    /// # Errors
    /// 400 with what is invalid, 404, 409 where it has changed since the version that the caller saw.
    pub async fn change_consent(&self, actor: &Arc<Actor>, id: i64, input: ConsentInput) -> Result<Json> {
        let consent = input.read()?;
        if !input.assets.is_empty() {
            return Err(invalid_at("assets", "Use assets/bulk/link-rights to link and unlink files"));
        }
        let (actor, now, seen) = (actor.clone(), self.now(), input.version);
        self.store()
            .write(move |tx| {
                hold(tx)?;
                let before = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                if let Some(seen) = seen.filter(|seen| *seen != before.version) {
                    return Err(changed_meanwhile(seen, before.version));
                }
                check_files(&tx.reader(), consent.evidence.as_deref(), &[])?;
                tx.set_asset_consent(id, &consent, &actor, now)?;
                let row = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                event(tx, &actor, "changed", &row, now)?;
                settle_record(tx, Record::Consent, id, &actor, now)?;
                with_files(&tx.reader(), Record::Consent, id, shown(&row))
            })
            .await
    }

    /// Withdraws a consent: files that show the person are no longer delivered, nor are their derivatives.
    ///
    /// # Errors
    /// 400 for an invalid time, 404, 409 where it was withdrawn before.
    pub async fn withdraw_consent(&self, actor: &Arc<Actor>, id: i64, input: WithdrawInput) -> Result<Json> {
        let (actor, now) = (actor.clone(), self.now());
        let at = input.at.as_deref().map(moment).transpose().map_err(|e| invalid_at("at", e))?.unwrap_or(now);
        self.store()
            .write(move |tx| {
                hold(tx)?;
                let before = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                if let Some(at) = before.withdrawn_at {
                    let details = json!({ "withdrawnAt": iso(at) });
                    return Err(refuse(RefusalKind::Conflict, "This consent has already been withdrawn", details));
                }
                tx.withdraw_asset_consent(id, at, &actor, now)?;
                let row = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                let files = settle::files_of(tx, Record::Consent, id)?;
                let affected = settle::settle(tx, &files, &actor, now)?;
                let mut data = settle::hit(&tx.reader(), &affected)?;
                data["consent"] = id.into();
                data["kind"] = row.consent.kind.as_str().into();
                data["withdrawnAt"] = iso(at);
                emit(tx, &actor, CONSENT_WITHDRAWN, format!("asset-consent {id}"), data.clone(), now)?;
                let mut answer = with_files(&tx.reader(), Record::Consent, id, shown(&row))?;
                answer["affected"] = data;
                Ok(answer)
            })
            .await
    }

    /// Deletes a consent: its files are treated as if it had never existed.
    ///
    /// # Errors
    /// 404 where there is no such consent.
    pub async fn delete_consent(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                hold(tx)?;
                let row = tx.reader().asset_consent(id)?.ok_or_else(no_consent)?;
                let files = settle::files_of(tx, Record::Consent, id)?;
                tx.delete_asset_consent(id)?;
                event(tx, &actor, "deleted", &row, now)?;
                Ok(settle::settle(tx, &files, &actor, now).map(drop)?)
            })
            .await
    }
}
