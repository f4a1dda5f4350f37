//! Calls of `privacy`: what a plugin has about one person, reported a page at a time and erased a step at a time. A plugin without that
//! export says nothing about people.

use crate::call::error::CallError;
use crate::call::state::{CallContext, CallState};
use crate::contract::bindings::privacy::Exporting;
use crate::contract::bindings::privacy::exports::cairn::plugin::privacy as guest;
use crate::contract::bindings::types::{Actor as GuestActor, DocumentRef, Error};
use crate::contract::guest_errors::LOCK_CONFLICT;
use crate::contract::plugin_export::PluginExport;
use crate::definition::permissions::is_own;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{
    CallOutcome, call_in_transaction, call_limits, call_outside_transaction, new_call_id,
};
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_content::{ContentError, RefusalKind};
use cairn_store::events::ActorKind;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use wasmtime::Store;

/// Largest number of records of a page, and of retained records of a step.
const MAX_RECORDS: usize = 1_000;
/// Longest text for people, in characters; what is beyond is cut off.
const MAX_TEXT_CHARS: usize = 500;

/// The person whose data are reported or erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DataSubject {
    /// E-mail address, in lower case.
    pub email: String,
    /// Document id of the content API user with that address.
    pub user: Option<String>,
    /// Numeric id of the admin user with that address.
    pub admin: Option<String>,
}

/// One thing that is stored about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonalRecord {
    /// Kind of the record, for people.
    pub kind: String,
    /// Tells it from others of its kind.
    pub title: String,
    /// All of it that is about the person.
    pub data: Json,
}

/// A page of a report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReportPage {
    /// Records of the page.
    pub records: Vec<PersonalRecord>,
    /// Cursor of the next page; `None` at the end.
    pub next: Option<Json>,
}

/// One thing that must not be erased yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedRecord {
    /// Kind of the record, for people.
    pub kind: String,
    /// Tells it from others of its kind.
    pub title: String,
    /// Why it stays, for people.
    pub reason: String,
    /// Until when, in milliseconds; `None` where that is not known.
    pub until: Option<i64>,
}

/// The result of a step of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErasureStep {
    /// Number of documents that are gone or no longer about the person.
    pub erased: u64,
    /// Records that must not be erased yet.
    pub retained: Vec<RetainedRecord>,
    /// Cursor of the next step; `None` at the end.
    pub next: Option<Json>,
}

/// Why a plugin reported or erased nothing.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// It does not run.
    #[error("it is not running")]
    NotRunning,
    /// It does not export `privacy`.
    #[error("it takes no part in reporting and erasing personal data")]
    NoPart,
    /// It refused, or failed. Its failed calls have the details of a failure.
    #[error("{0}")]
    Failed(String),
    /// There was no room for the call beside others.
    #[error("there was no capacity for the call")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Plugins {
    /// True if a running plugin reports and erases personal data; `None` where it does not run.
    pub fn handles_personal_data(&self, id: &str) -> Option<bool> {
        self.find_generation(id).map(|generation| generation.exports.privacy.is_some())
    }

    /// One page of what a plugin has about a person, with texts in that locale. Stores nothing. Returns [`PrivacyError`] on failure.
    pub async fn report_personal_data(
        &self,
        id: &str,
        person: &DataSubject,
        cursor: Option<&Json>,
        locale: &str,
    ) -> Result<ReportPage, PrivacyError> {
        let generation = self.require_privacy(id)?;
        let context = privacy_call_context(PluginExport::Report, locale);
        let limits = call_limits(&generation, PluginExport::Report);
        let (who, from) = (to_guest_person(person), cursor.map(Json::to_string));
        let outcome = call_outside_transaction(&generation, context.clone(), limits, async |store, call| {
            let guest = instantiate_privacy(&generation, store).await?;
            guest.cairn_plugin_privacy().call_report(store, &call, &who, from.as_ref()).await
        })
        .await;
        let read = |page: guest::ReportPage| read_page(&generation, page, locale, limits.output);
        self.privacy_result(&generation, &context, outcome, read)
    }

    /// Has a plugin erase some of what it has about a person, in a transaction, which must be rolled back if this fails. Deletes the history of
    /// the documents that it names, and the team's notifications about them. Returns [`PrivacyError`] on failure; a [`StoreError::Conflict`] if the
    /// transaction has to be begun anew.
    pub fn erase_personal_data(
        &self,
        tx: &mut WriteTx<'_>,
        id: &str,
        person: &DataSubject,
        cursor: Option<&Json>,
        locale: &str,
    ) -> Result<ErasureStep, PrivacyError> {
        let generation = self.require_privacy(id)?;
        let context = privacy_call_context(PluginExport::Erase, locale);
        let limits = call_limits(&generation, PluginExport::Erase);
        let (who, from) = (to_guest_person(person), cursor.map(Json::to_string));
        let outcome = call_in_transaction(&generation, context.clone(), limits, tx, async |store, call| {
            let guest = instantiate_privacy(&generation, store).await?;
            guest.cairn_plugin_privacy().call_erase(store, &call, &who, from.as_ref()).await
        });
        let read = |step: guest::ErasureStep| read_step(&generation, step, locale, limits.output);
        let read = self.privacy_result(&generation, &context, outcome, read)?;
        for DocumentRef { content_type, document_id, .. } in &read.documents {
            tx.history().delete_for_document(content_type, document_id)?;
        }
        let documents: Vec<&str> = read.documents.iter().map(|document| document.document_id.as_str()).collect();
        tx.notifications().delete_for_documents(&documents)?;
        let mut step = read.step;
        step.retained.extend(erase_files(&generation, tx, &read.files)?);
        Ok(step)
    }

    fn require_privacy(&self, id: &str) -> Result<Arc<Generation>, PrivacyError> {
        let generation = self.find_generation(id).ok_or(PrivacyError::NotRunning)?;
        if generation.exports.privacy.is_some() { Ok(generation) } else { Err(PrivacyError::NoPart) }
    }

    /// Records the result of a call; a result that breaks a limit counts as a failure. The person is not recorded.
    fn privacy_result<T, R>(
        &self,
        generation: &Arc<Generation>,
        call_context: &CallContext,
        outcome: CallOutcome<Result<T, Error>>,
        read: impl FnOnce(T) -> Result<R, CallError>,
    ) -> Result<R, PrivacyError> {
        let CallOutcome { result, logs, took } = outcome;
        self.queue_logs(logs);
        let answer = result.and_then(|answer| match answer {
            Ok(answer) => read(answer).map(Ok),
            Err(error) => Ok(Err(error)),
        });
        match answer {
            Ok(answer) => {
                self.record_success(generation.id(), call_context.export, &call_context.name, took);
                answer.map_err(to_privacy_error)
            }
            Err(failure) => {
                let (message, busy) = (failure.message.clone(), failure.busy.is_some());
                self.record_failure(CallFailureRecord {
                    generation,
                    context: call_context,
                    error: &failure,
                    took,
                    input: json!({}),
                });
                Err(if busy { PrivacyError::Busy } else { PrivacyError::Failed(message) })
            }
        }
    }
}

fn to_guest_person(person: &DataSubject) -> guest::Person {
    let DataSubject { email, user, admin } = person.clone();
    guest::Person { email, user, admin }
}

fn privacy_call_context(export: PluginExport, locale: &str) -> CallContext {
    let id = new_call_id(export);
    CallContext {
        export,
        name: export.as_str().into(),
        key: id.clone(),
        id,
        actor: GuestActor::System,
        access: None,
        locale: locale.to_owned(),
        attempt: 1,
    }
}

async fn instantiate_privacy(generation: &Generation, store: &mut Store<CallState>) -> wasmtime::Result<Exporting> {
    let exports = generation.exports.privacy.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export privacy"))?;
    exports.instantiate_async(&mut *store).await
}

fn read_page(
    generation: &Generation,
    page: guest::ReportPage,
    locale: &str,
    limit: usize,
) -> Result<ReportPage, CallError> {
    check_record_count(page.records.len())?;
    let bytes: usize = page.records.iter().map(|record| record.data.len()).sum();
    if bytes > limit {
        return Err(CallError::invalid_output(format!("a page has {bytes} bytes of data; the limit is {limit}")));
    }
    let text = |text: String| resolve_person_text(generation, &text, locale);
    let read = |record: guest::PersonalRecord| {
        let mut data: Json = serde_json::from_str(&record.data)
            .map_err(|e| CallError::invalid_output(format!("the data of a record are not valid JSON: {e}")))?;
        generation.translations.resolve_all(&mut data, locale);
        Ok(PersonalRecord { kind: text(record.kind), title: text(record.title), data })
    };
    let records = page.records.into_iter().map(read).collect::<Result<_, CallError>>()?;
    Ok(ReportPage { records, next: read_cursor(page.next)? })
}

fn read_step(
    generation: &Generation,
    step: guest::ErasureStep,
    locale: &str,
    limit: usize,
) -> Result<GuestStep, CallError> {
    check_record_count(step.retained.len())?;
    if let Some(other) = step.erased.iter().find(|document| !is_own(generation.id(), &document.content_type)) {
        let message = format!("it says that it erased a document of {}, which is not its own", other.content_type);
        return Err(CallError::invalid_output(message));
    }
    if step.next.as_ref().is_some_and(|next| next.len() > limit) {
        return Err(CallError::invalid_output(format!("its cursor has more than {limit} bytes")));
    }
    let text = |text: String| resolve_person_text(generation, &text, locale);
    let retained = step.retained.into_iter().map(|record| RetainedRecord {
        kind: text(record.kind),
        title: text(record.title),
        reason: text(record.reason),
        until: record.until,
    });
    let erased = step.erased.len() as u64;
    let read = ErasureStep { erased, retained: retained.collect(), next: read_cursor(step.next)? };
    Ok(GuestStep { step: read, documents: step.erased, files: step.files })
}

/// A step, and what the host erases for it.
struct GuestStep {
    step: ErasureStep,
    documents: Vec<DocumentRef>,
    files: Vec<String>,
}

/// Deletes files of a plugin for good. Others that it names stay. Returns those that an entry of somebody else needs as they are, which stay
/// too.
fn erase_files(
    generation: &Generation,
    tx: &mut WriteTx<'_>,
    files: &[String],
) -> Result<Vec<RetainedRecord>, PrivacyError> {
    let content = generation.content();
    let mut retained = Vec::new();
    for id in files {
        let asset = tx.reader().assets().get(id)?;
        let is_own = asset.is_some_and(|asset| {
            asset.added_by.kind == ActorKind::Plugin && asset.added_by.id.as_deref() == Some(generation.id())
        });
        if is_own {
            match content.erase_file(tx, id, &generation.actor) {
                Ok(_) => {}
                Err(ContentError::Refused(refusal)) if refusal.kind == RefusalKind::Conflict => {
                    retained.push(RetainedRecord {
                        kind: tx.registry().file_type().display_name.clone(),
                        title: id.clone(),
                        reason: refusal.message.to_string(),
                        until: None,
                    });
                }
                Err(ContentError::Store(error)) => return Err(PrivacyError::Store(error)),
                Err(other) => return Err(PrivacyError::Failed(other.to_string())),
            }
        }
    }
    Ok(retained)
}

fn check_record_count(count: usize) -> Result<(), CallError> {
    if count <= MAX_RECORDS {
        return Ok(());
    }
    Err(CallError::invalid_output(format!("it returned {count} records at a time; the limit is {MAX_RECORDS}")))
}

fn read_cursor(cursor: Option<String>) -> Result<Option<Json>, CallError> {
    let read = cursor.map(|text| serde_json::from_str(&text)).transpose();
    read.map_err(|e| CallError::invalid_output(format!("its cursor is not valid JSON: {e}")))
}

fn resolve_person_text(generation: &Generation, text: &str, locale: &str) -> String {
    generation.translations.resolve_text(text, locale).chars().take(MAX_TEXT_CHARS).collect()
}

fn to_privacy_error(error: Error) -> PrivacyError {
    let failed = |message: String| PrivacyError::Failed(message);
    match error {
        Error::Invalid(fields) => {
            let all: Vec<String> =
                fields.iter().map(|f| format!("{} {}", f.path, f.message).trim().to_owned()).collect();
            failed(all.join("; "))
        }
        Error::Denied(why) => failed(format!("permission denied: {why}")),
        Error::NotFound(subject) => failed(format!("not found: {subject}")),
        Error::Conflict(conflict) if conflict.kind == LOCK_CONFLICT => StoreError::Conflict.into(),
        Error::Conflict(conflict) => failed(conflict.message),
        Error::Exhausted(budget) => failed(format!("it exceeded its budget of {budget}")),
        Error::Unavailable(_) => PrivacyError::Busy,
        Error::Internal(reference) => failed(format!("Cairn failed; see {reference} in its log")),
    }
}
