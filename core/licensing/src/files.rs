//! One file: its licensing state with the reasons, and its own settings.

mod view;

pub use view::{EmbargoView, FileLicensingView, FileSettingsView, ReportedFileView};

use crate::consents::ConsentView;
use crate::input::{check_document_id, given, is_id, resolve_local};
use crate::instants::SpanEdge;
use crate::policy::parse_unlinked;
use crate::records::LicenceView;
use crate::service::{LicensingService, emit_event, invalid_at, known_files, lock_licensing, not_found};
use crate::usage_changes::AffectedFileView;
use crate::usage_timeline::UsageStatusView;
use cairn_content::Result;
use cairn_store::Reader;
use cairn_store::events::Actor;
use cairn_store::licensing::FileSettings;
use serde::Deserialize;
use serde_json::json;
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

/// Settings of a file as they come in: what is not named stays, null takes it back.
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
    /// Number of the admin user who answers for it.
    #[serde(deserialize_with = "given")]
    pub owner: Option<Option<i64>>,
    /// Policy for it while nothing is linked to it: `ignore`, `warn` or `block`.
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
                && !reader.admin_users().list()?.iter().any(|u| u.id == owner)
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

fn load_file(reader: &Reader<'_>, document_id: &str, now: i64) -> Result<FileLicensingView> {
    let timeline = crate::load_timeline(reader, document_id)?;
    let (rights, consents): (Vec<i64>, Vec<i64>) = (timeline.licence_ids().collect(), timeline.consent_ids().collect());
    let rights = if rights.is_empty() { Vec::new() } else { reader.licences().get_many(&rights)? };
    let consents = if consents.is_empty() { Vec::new() } else { reader.consents().get_many(&consents)? };
    let settings = reader.licensing().get_file_settings(document_id)?.unwrap_or_default();
    let usages =
        reader.assets().find_usages(&[document_id], MAX_SHOWN_ENTRIES)?.remove(document_id).unwrap_or_default();
    let name = reader.assets().find_names(&[document_id])?.remove(document_id);
    Ok(FileLicensingView {
        status: UsageStatusView::from_timeline(&timeline, now),
        file: AffectedFileView::from_usages(document_id, name, &usages),
        rights: rights.iter().map(LicenceView::from).collect(),
        consents: consents.iter().map(ConsentView::from).collect(),
        settings: FileSettingsView::from(&settings),
    })
}

impl LicensingService {
    /// The licensing state of a file, with reasons, records, and the entries that use it. Fails with 404 if there is no such file.
    pub fn get_file(&self, document_id: &str) -> Result<FileLicensingView> {
        let now = self.now();
        self.store().read(|r| {
            if !is_id(document_id) || r.assets().find_existing(&[document_id])?.is_empty() {
                return Err(not_found("File not found"));
            }
            load_file(r, document_id, now)
        })
    }

    /// Changes the settings of one file.
    ///
    /// # Errors
    /// 400 with what is invalid, 404.
    pub async fn set_file(
        &self,
        actor: &Arc<Actor>,
        document_id: &str,
        input: FileSettingsInput,
    ) -> Result<FileLicensingView> {
        let (actor, now, document_id) = (actor.clone(), self.now(), document_id.to_owned());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                if !is_id(&document_id) || tx.reader().assets().find_existing(&[&document_id])?.is_empty() {
                    return Err(not_found("File not found"));
                }
                let before = tx.reader().licensing().get_file_settings(&document_id)?.unwrap_or_default();
                let after = input.apply_to(&tx.reader(), &document_id, before.clone())?;
                if after != before {
                    tx.licensing().set_file_settings(&document_id, &after, &actor, now)?;
                    let data = json!(FileSettingsView::from(&after));
                    emit_event(tx, &actor, "cairn.asset-settings.changed", document_id.clone(), data, now)?;
                    crate::usage_changes::update_usage(tx, std::slice::from_ref(&document_id), &actor, now)?;
                }
                load_file(&tx.reader(), &document_id, now)
            })
            .await
    }
}
