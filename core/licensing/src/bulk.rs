//! Linking many records to many files at once.

mod view;

pub use view::{LinkModeView, LinkedRecordsView};

use crate::input::check_document_id;
use crate::service::{LicensingService, emit_event, invalid_at, known_files, lock_licensing};
use cairn_content::Result;
use cairn_store::Reader;
use cairn_store::events::Actor;
use cairn_store::licensing::{LinkMode, RecordKind};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Files of one request.
const MAX_FILES: usize = 20_000;
/// Licences and consents of one request, each.
const MAX_RECORDS: usize = 100;

/// Links as they come in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = LinkRights)]
pub struct LinkInput {
    /// Numbers of licences and releases.
    pub rights: Vec<i64>,
    /// Numbers of consents.
    pub consents: Vec<i64>,
    /// Document ids of files.
    pub assets: Vec<String>,
    /// `add`, `set` or `remove`; without one `add`.
    pub mode: Option<String>,
}

/// Document ids of files, each once.
pub(crate) fn check_file_ids(path: &str, documents: &[String]) -> Result<Vec<String>> {
    if documents.len() > MAX_FILES {
        return Err(invalid_at(path, format!("{path} must list at most {MAX_FILES} files")));
    }
    let mut seen_ids = HashSet::new();
    let mut all = Vec::with_capacity(documents.len());
    for document in documents {
        if seen_ids.insert(document.as_str()) {
            all.push(check_document_id(path, document)?);
        }
    }
    Ok(all)
}

fn check_numbers(path: &str, numbers: &[i64]) -> Result<Vec<i64>> {
    if numbers.len() > MAX_RECORDS {
        return Err(invalid_at(path, format!("{path} must list at most {MAX_RECORDS}")));
    }
    let mut all = numbers.to_vec();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Refuses where one of the records is not there.
fn known_records(reader: &Reader<'_>, rights: &[i64], consents: &[i64]) -> Result<()> {
    if !rights.is_empty() {
        let existing: HashSet<i64> = reader.licences().get_many(rights)?.iter().map(|r| r.id).collect();
        if let Some(missing) = rights.iter().find(|id| !existing.contains(id)) {
            return Err(invalid_at("rights", format!("Licence {missing} not found")));
        }
    }
    if !consents.is_empty() {
        let existing: HashSet<i64> = reader.consents().get_many(consents)?.iter().map(|r| r.id).collect();
        if let Some(missing) = consents.iter().find(|id| !existing.contains(id)) {
            return Err(invalid_at("consents", format!("Consent {missing} not found")));
        }
    }
    Ok(())
}

impl LicensingService {
    /// Links licences and consents to files, or unlinks them: all of them or none. `set` makes them the only ones of these files. Fails
    /// with 400, stating what does not fit.
    pub async fn link_records(&self, actor: &Arc<Actor>, input: LinkInput) -> Result<LinkedRecordsView> {
        let mode = match input.mode.as_deref() {
            None | Some("add") => LinkMode::Add,
            Some("set") => LinkMode::Set,
            Some("remove") => LinkMode::Remove,
            Some(_) => return Err(invalid_at("mode", "mode must be add, set or remove")),
        };
        let assets = check_file_ids("assets", &input.assets)?;
        let (rights, consents) = (check_numbers("rights", &input.rights)?, check_numbers("consents", &input.consents)?);
        if assets.is_empty() {
            return Err(invalid_at("assets", "assets must list at least one file"));
        }
        if mode != LinkMode::Set && rights.is_empty() && consents.is_empty() {
            return Err(invalid_at("rights", "Specify what to link: rights, consents or both"));
        }
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let documents: Vec<&str> = assets.iter().map(String::as_str).collect();
                known_files(&tx.reader(), "assets", &documents)?;
                known_records(&tx.reader(), &rights, &consents)?;
                for (record, ids) in [(RecordKind::Licence, &rights), (RecordKind::Consent, &consents)] {
                    if mode == LinkMode::Set || !ids.is_empty() {
                        tx.licensing().link_files(record, ids, &documents, mode)?;
                    }
                }
                let linked = LinkedRecordsView { rights, consents, assets: assets.len() as u32, mode: mode.into() };
                let mut data = json!(linked);
                data["first"] = json!(assets.iter().take(100).collect::<Vec<_>>());
                emit_event(tx, &actor, "cairn.asset-rights.linked", "asset-rights".into(), data, now)?;
                crate::usage_changes::update_usage(tx, &assets, &actor, now)?;
                Ok(linked)
            })
            .await
    }
}
