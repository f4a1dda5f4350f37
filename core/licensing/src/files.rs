//! One file: its licensing state with the reasons, and its own settings.

use crate::input::{check_document_id, given, is_id, resolve_local};
use crate::instants::SpanEdge;
use crate::policy::parse_unlinked;
use crate::service::{LicensingService, emit_event, invalid_at, known_files, lock_licensing, not_found};
use crate::usage_timeline::{UsageTimeline, format_ms};
use cairn_content::Result;
use cairn_store::Reader;
use cairn_store::events::Actor;
use cairn_store::licensing::FileSettings;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of entries that are shown.
const MAX_SHOWN_ENTRIES: usize = 100;

/// A day or a local time in a zone.
#[derive(Debug, Clone, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EmbargoInput)]
pub struct LocalEndInput {
    /// `2026-12-31`, with whose beginning it comes, or `2026-12-31T18:00`.
    pub local: String,
    /// `Europe/Amsterdam`.
    pub zone: String,
}

/// What is said of a file as it comes in: what is not named stays, null takes it back.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AssetSettingsInput)]
pub struct FileSettingsInput {
    /// Not to be shown before.
    #[serde(deserialize_with = "given")]
    pub embargo_until: Option<Option<LocalEndInput>>,
    /// The file that is shown instead.
    #[serde(deserialize_with = "given")]
    pub fallback: Option<Option<String>>,
    /// Who answers for it: number of an admin user.
    #[serde(deserialize_with = "given")]
    pub owner: Option<Option<i64>>,
    /// What it means that nothing is linked to it: `ignore`, `warn` or `block`.
    #[serde(deserialize_with = "given")]
    pub policy: Option<Option<String>>,
}

impl FileSettingsInput {
    fn apply_to(&self, reader: &Reader<'_>, document_id: &str, mut s: FileSettings) -> Result<FileSettings> {
        match &self.embargo_until {
            None => {}
            Some(None) => (s.embargo_local, s.embargo_zone, s.embargo_until) = (None, None, None),
            Some(Some(until)) => {
                let (at, zone) = resolve_local("embargoUntil", &until.local, Some(&until.zone), SpanEdge::Start)?;
                (s.embargo_local, s.embargo_zone, s.embargo_until) = (Some(until.local.clone()), Some(zone), Some(at));
            }
        }
        if let Some(fallback) = &self.fallback {
            if let Some(fallback) = fallback {
                if check_document_id("fallback", fallback)? == document_id {
                    return Err(invalid_at("fallback", "A file cannot be its own replacement"));
                }
                known_files(reader, "fallback", &[fallback])?;
            }
            s.fallback = fallback.clone();
        }
        if let Some(owner) = self.owner {
            if let Some(owner) = owner
                && !reader.admin_users()?.iter().any(|u| u.id == owner)
            {
                return Err(invalid_at("owner", format!("Admin user {owner} not found")));
            }
            s.owner = owner;
        }
        if let Some(policy) = &self.policy {
            s.policy =
                policy.as_deref().map(|p| parse_unlinked("policy", p).map(|u| u.as_str().to_owned())).transpose()?;
        }
        Ok(s)
    }
}

pub(crate) fn settings_json(s: &FileSettings) -> Json {
    json!({
        "embargoUntil": s.embargo_until.map(|at| json!({ "at": format_ms(at), "local": s.embargo_local, "zone": s.embargo_zone })),
        "fallback": s.fallback, "owner": s.owner, "policy": s.policy,
    })
}

/// The licensing state of a file, in short.
pub(crate) fn status_json(timeline: &UsageTimeline, now: i64) -> Json {
    json!({
        "status": timeline.status_at(now), "delivered": timeline.is_deliverable_at(now),
        "nextChange": timeline.next_change(now).map(format_ms), "endsAt": timeline.ends_at(now).map(format_ms),
        "fallback": timeline.fallback_document(), "unknown": timeline.unlinked_policy(),
        "reasons": timeline.reasons_at(now).iter().map(crate::UsageReason::to_json).collect::<Vec<_>>(),
    })
}

fn file_json(reader: &Reader<'_>, document_id: &str, now: i64) -> Result<Json> {
    let timeline = crate::load_timeline(reader, document_id)?;
    let (rights, consents): (Vec<i64>, Vec<i64>) = (timeline.licence_ids().collect(), timeline.consent_ids().collect());
    let rights = if rights.is_empty() { Vec::new() } else { reader.asset_licences_of(&rights)? };
    let consents = if consents.is_empty() { Vec::new() } else { reader.asset_consents_of(&consents)? };
    let settings = reader.asset_settings(document_id)?.unwrap_or_default();
    let usages = reader.file_usages(&[document_id], MAX_SHOWN_ENTRIES)?.remove(document_id).unwrap_or_default();
    let mut view = status_json(&timeline, now);
    view["documentId"] = document_id.into();
    view["name"] = json!(reader.file_names(&[document_id])?.remove(document_id));
    view["rights"] = rights.iter().map(crate::records::licence_json).collect();
    view["consents"] = consents.iter().map(crate::consents::consent_json).collect();
    view["settings"] = settings_json(&settings);
    view["entries"] = usages.entries.iter().map(crate::usage_changes::entry_json).collect();
    view["entriesTotal"] = usages.total.into();
    Ok(view)
}

impl LicensingService {
    /// The licensing state of a file, with reasons, records, and the entries that use it. Fails with 404 if there is no such file.
    pub fn get_file(&self, document_id: &str) -> Result<Json> {
        let now = self.now();
        self.store().read(|r| {
            if !is_id(document_id) || r.files_there(&[document_id])?.is_empty() {
                return Err(not_found("File not found"));
            }
            file_json(r, document_id, now)
        })
    }

    /// Changes the settings of one file.
    ///
    /// # Errors
    /// 400 with what is invalid, 404.
    pub async fn set_file(&self, actor: &Arc<Actor>, document_id: &str, input: FileSettingsInput) -> Result<Json> {
        let (actor, now, document_id) = (actor.clone(), self.now(), document_id.to_owned());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                if !is_id(&document_id) || tx.reader().files_there(&[&document_id])?.is_empty() {
                    return Err(not_found("File not found"));
                }
                let before = tx.reader().asset_settings(&document_id)?.unwrap_or_default();
                let after = input.apply_to(&tx.reader(), &document_id, before.clone())?;
                if after != before {
                    tx.set_asset_settings(&document_id, &after, &actor, now)?;
                    let data = settings_json(&after);
                    emit_event(tx, &actor, "cairn.asset-settings.changed", document_id.clone(), data, now)?;
                    crate::usage_changes::update_usage(tx, std::slice::from_ref(&document_id), &actor, now)?;
                }
                file_json(&tx.reader(), &document_id, now)
            })
            .await
    }
}
