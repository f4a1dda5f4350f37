//! Erasures: begun once per person, taken a step at a time, and continued by whoever comes next.

use super::person::hash_subject;
use super::progress::{SourceProgress, SourceState, find_next, overall_state, resume};
use super::source::Source;
use super::{ErasureJob, PersonalData, PersonalDataError};
use cairn_content::ContentError;
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, PrivacyError, RetainedRecord};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::system::{ErasureRow, ErasureState, NewErasure, NewRetainedRecord, RetainedRecordRow};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Largest number of steps of a source: one that always takes another is ended.
const MAX_STEPS: u32 = 100_000;
/// How long to wait for a plugin that has no capacity, and how many times in a row.
const BUSY_PAUSE: Duration = Duration::from_millis(200);
const MAX_BUSY_PAUSES: u32 = 50;
/// Name under which long writes of erasures wait for their turn.
const WRITE_OWNER: &str = "personal data";

/// An erasure that was begun, or is continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartedErasure {
    /// Numeric id of the erasure.
    pub id: i64,
    /// True if it was begun before.
    pub resumed: bool,
}

/// An erasure, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasureView {
    /// Numeric id of the erasure.
    pub id: i64,
    /// The address; `None` once it is done.
    pub address: Option<String>,
    /// State of the erasure.
    pub state: ErasureState,
    /// How far each source is.
    pub sources: Vec<SourceProgress>,
    /// Number of records that stayed.
    pub retained: i64,
    /// Actor who began it.
    pub started_by: Actor,
    /// Time of its beginning, in milliseconds.
    pub started_at: i64,
    /// Time of its end, in milliseconds.
    pub finished_at: Option<i64>,
}

/// Some of what stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedPage {
    /// The records, in order.
    pub records: Vec<RetainedRecordRow>,
    /// Number after which the next page begins; `None` at the end.
    pub next: Option<i64>,
}

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepOutcome {
    /// There is more to do.
    More,
    /// All sources were asked.
    Finished,
    /// A plugin had no capacity: the same step is to be taken later.
    Busy,
}

/// Why a source erased nothing in a step.
enum StepError {
    Missing(SourceState, String),
    Busy,
    Store(StoreError),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PrivacyError> for StepError {
    fn from(error: PrivacyError) -> Self {
        let text = error.to_string();
        match error {
            PrivacyError::NotRunning => Self::Missing(SourceState::Off, text),
            PrivacyError::NoPart => Self::Missing(SourceState::NoPart, text),
            PrivacyError::Failed(_) => Self::Missing(SourceState::Failed, text),
            PrivacyError::Busy => Self::Busy,
            PrivacyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ContentError> for StepError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Store(error) => Self::Store(error),
            other => Self::Missing(SourceState::Failed, other.to_string()),
        }
    }
}

impl PersonalData {
    /// Begins to erase the data of a person, or continues an erasure that could not be completed; a job does the work. `locale`: language of
    /// what is said about the records that stay.
    ///
    /// # Errors
    /// [`PersonalDataError::AlreadyRunning`] if it is under way; an error if the database fails.
    pub async fn start_erasure(
        &self,
        person: &DataSubject,
        locale: &str,
        by: &Actor,
    ) -> Result<StartedErasure, PersonalDataError> {
        let sources: Vec<String> = self.list_sources()?.iter().map(Source::to_id).collect();
        let (person, locale, by, now) = (person.clone(), locale.to_owned(), by.clone(), self.now_ms());
        let start = move |tx: &mut WriteTx<'_>| start_in(tx, &person, &locale, &by, sources.clone(), now);
        match self.access.store().write(start).await {
            Ok(Ok(started)) => Ok(started),
            Ok(Err(running)) => Err(PersonalDataError::AlreadyRunning(running)),
            // A concurrent request has just started the erasure of this person.
            Err(StoreError::Unique) => Err(StoreError::Conflict.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the steps of an erasure until all sources were asked. Several may do so at a time: each step is taken once. Returns its state.
    ///
    /// # Errors
    /// Returned when the database fails, or a plugin has had no capacity for long; a later call continues.
    pub async fn run_erasure(&self, id: i64) -> Result<ErasureState, PersonalDataError> {
        let mut pauses = 0;
        loop {
            match self.run_step(id).await? {
                StepOutcome::More => pauses = 0,
                StepOutcome::Busy if pauses < MAX_BUSY_PAUSES => {
                    pauses += 1;
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                StepOutcome::Busy => return Err(StoreError::Conflict.into()),
                StepOutcome::Finished => {
                    let row = self.access.store().read(|r| r.erasures().get(id))?;
                    return Ok(row.map_or(ErasureState::Done, |row| row.state));
                }
            }
        }
    }

    /// Takes the next step of an erasure, in one transaction with what it erases.
    pub(super) async fn run_step(&self, id: i64) -> Result<StepOutcome, StoreError> {
        let Some(row) = self.access.store().read(|r| r.erasures().get(id))? else { return Ok(StepOutcome::Finished) };
        if row.state != ErasureState::Running {
            return Ok(StepOutcome::Finished);
        }
        let (this, now) = (self.clone(), self.now_ms());
        let taken = self
            .access
            .store()
            .write_long(WRITE_OWNER, true, move |tx: &mut WriteTx<'_>| this.take_step(tx, &row, now))
            .await;
        match taken {
            Ok(StepOutcome::Finished) => {
                self.empty_log().await;
                Ok(StepOutcome::Finished)
            }
            Ok(outcome) => Ok(outcome),
            Err(StepError::Busy) => Ok(StepOutcome::Busy),
            Err(StepError::Store(error)) => Err(error),
            Err(StepError::Missing(_, problem)) => {
                Err(StoreError::Corrupt { place: "cairn_erasures".to_owned(), message: problem })
            }
        }
    }

    /// Removes from the database's log what was erased. Without it, the log loses that once it is written over.
    async fn empty_log(&self) {
        match self.access.store().empty_log().await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "the database's log still has erased data until it is written over: somebody reads for long"
            ),
            Err(error) => tracing::warn!(%error, "the database's log still has erased data until it is written over"),
        }
    }

    fn take_step(&self, tx: &mut WriteTx<'_>, row: &ErasureRow, now: i64) -> Result<StepOutcome, StepError> {
        // Held from here to the end of the transaction.
        if !tx.erasures().claim(row.id, row.revision, now)? {
            return Ok(StepOutcome::More);
        }
        let mut sources = parse_sources(&row.sources)?;
        if let Some(n) = find_next(&sources) {
            let source = &mut sources[n];
            let person = parse_person(row)?;
            let asked = tx.run_nested(|tx| self.ask_source(tx, source, &person, &row.locale));
            match asked {
                Ok(step) => {
                    let retained = to_new_records(&source.source, step.retained);
                    tx.erasures().add_retained(row.id, &retained)?;
                    source.erased += step.erased;
                    source.steps += 1;
                    match step.next {
                        None => (source.state, source.cursor) = (SourceState::Done, None),
                        Some(_) if source.steps >= MAX_STEPS => {
                            let problem = format!("it still has another step after {MAX_STEPS}");
                            source.fail(SourceState::Failed, problem);
                        }
                        next => source.cursor = next,
                    }
                }
                Err(StepError::Missing(state, problem)) => source.fail(state, problem),
                Err(other) => return Err(other),
            }
        }
        let state = overall_state(&sources);
        tx.erasures().update(row.id, state, &json!(sources), now)?;
        if state == ErasureState::Running {
            return Ok(StepOutcome::More);
        }
        emit_event(tx, "erasure-finished", row.id, &row.subject, state, &Actor::system(WRITE_OWNER), now)?;
        Ok(StepOutcome::Finished)
    }

    fn ask_source(
        &self,
        tx: &mut WriteTx<'_>,
        progress: &SourceProgress,
        person: &DataSubject,
        locale: &str,
    ) -> Result<ErasureStep, StepError> {
        let cursor = progress.cursor.as_ref();
        match Source::parse(&progress.source) {
            Some(Source::Plugin(id)) => {
                Ok(self.running_plugins()?.erase_personal_data(tx, &id, person, cursor, locale)?)
            }
            Some(Source::Core(core)) => Ok(self.erase_core(tx, core, person, cursor, locale)?),
            None => Err(StepError::Missing(SourceState::Failed, "this version of Cairn does not know it".to_owned())),
        }
    }

    /// An erasure by its id.
    pub fn find_erasure(&self, id: i64) -> Result<Option<ErasureView>, StoreError> {
        self.access.store().read(|r| r.erasures().get(id)?.map(|row| to_view(r, row)).transpose())
    }

    /// The last erasure of a person.
    pub fn find_last_erasure(&self, person: &DataSubject) -> Result<Option<ErasureView>, StoreError> {
        let subject = hash_subject(&person.email);
        self.access.store().read(|r| r.erasures().get_last(&subject)?.map(|row| to_view(r, row)).transpose())
    }

    /// Erasures, the newest first. `before`: only those with a smaller id.
    pub fn list_erasures(&self, before: Option<i64>, limit: i64) -> Result<Vec<ErasureView>, StoreError> {
        self.access.store().read(|r| r.erasures().list(before, limit)?.into_iter().map(|row| to_view(r, row)).collect())
    }

    /// Lists the records that stayed, behind a number.
    pub fn list_retained(&self, erasure: i64, after: i64, limit: i64) -> Result<RetainedPage, StoreError> {
        let records = self.access.store().read(|r| r.erasures().list_retained(erasure, after, limit))?;
        let next = records.last().filter(|_| records.len() as i64 == limit).map(|row| row.n);
        Ok(RetainedPage { records, next })
    }
}

/// Begins or continues an erasure; the inner error is the id of one that is under way.
fn start_in(
    tx: &mut WriteTx<'_>,
    person: &DataSubject,
    locale: &str,
    by: &Actor,
    sources: Vec<String>,
    now: i64,
) -> Result<Result<StartedErasure, i64>, StoreError> {
    let subject = hash_subject(&person.email);
    let open = tx.reader().erasures().get_last(&subject)?.filter(|row| row.state != ErasureState::Done);
    let (id, resumed) = match open {
        Some(row) if row.state == ErasureState::Running => {
            // A job that was given up begins anew.
            tx.jobs().enqueue(&ErasureJob::new_job(row.id, now), now)?;
            return Ok(Err(row.id));
        }
        Some(row) => {
            let stored = serde_json::from_value(row.sources.clone()).unwrap_or_default();
            if !tx.erasures().claim(row.id, row.revision, now)? {
                return Err(StoreError::Conflict);
            }
            tx.erasures().update(row.id, ErasureState::Running, &json!(resume(stored, sources)), now)?;
            (row.id, true)
        }
        None => {
            let sources: Vec<_> = sources.into_iter().map(SourceProgress::waiting).collect();
            let new = NewErasure {
                subject: subject.clone(),
                person: json!(person),
                locale: locale.to_owned(),
                sources: json!(sources),
                started_by: by.clone(),
            };
            (tx.erasures().create(&new, now)?, false)
        }
    };
    tx.jobs().enqueue(&ErasureJob::new_job(id, now), now)?;
    emit_event(tx, "erasure-started", id, &subject, ErasureState::Running, by, now)?;
    Ok(Ok(StartedErasure { id, resumed }))
}

/// Emits an event about an erasure, for the audit log among others: never with the address.
fn emit_event(
    tx: &mut WriteTx<'_>,
    action: &str,
    id: i64,
    subject: &str,
    state: ErasureState,
    by: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let event = NewEvent {
        name: format!("cairn.personal-data.{action}"),
        key: format!("erasure:{id}"),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({ "erasure": id, "subject": subject, "state": state }),
    };
    tx.events().emit(by, &event, now)
}

fn to_new_records(source: &str, retained: Vec<RetainedRecord>) -> Vec<NewRetainedRecord> {
    let to_new = |record: RetainedRecord| {
        let RetainedRecord { kind, title, reason, until } = record;
        NewRetainedRecord { source: source.to_owned(), kind, title, reason, until }
    };
    retained.into_iter().map(to_new).collect()
}

fn parse_sources(sources: &Json) -> Result<Vec<SourceProgress>, StoreError> {
    serde_json::from_value(sources.clone()).map_err(corrupt_error)
}

fn parse_person(row: &ErasureRow) -> Result<DataSubject, StoreError> {
    serde_json::from_value(row.person.clone().unwrap_or_default()).map_err(corrupt_error)
}

fn corrupt_error(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt { place: "cairn_erasures".to_owned(), message: error.to_string() }
}

fn to_view(r: &Reader<'_>, row: ErasureRow) -> Result<ErasureView, StoreError> {
    Ok(ErasureView {
        address: row.person.as_ref().and_then(|person| person["email"].as_str()).map(str::to_owned),
        sources: parse_sources(&row.sources)?,
        retained: r.erasures().count_retained(row.id)?,
        started_by: row.started_by,
        id: row.id,
        state: row.state,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
