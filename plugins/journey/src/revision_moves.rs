//! Journeys that are moved from one revision of their definition to another: the same computation says beforehand what would be made, moved
//! and dropped. What was sent is not sent again, and nothing is sent for the past unless somebody asks for it.

use crate::entries::{PHASE_END_JOB, set_phase_timer};
use crate::journeys::{LoadedJourney, event_data, list_phases};
use crate::messages::{notify_team, shorten};
use crate::model::{
    Advance, Definition, DefinitionStatus, Entry, Journey, JourneyStatus, Phase, PlanRow, Slot, SlotStatus, origin_of,
};
use crate::open_entry::{OpenEntry, find_open_entry, read_basis};
use crate::planning::{NewSlot, PlannedSlot, SLOT_JOB, plan_row, set_timers, store_slots};
use crate::refusals::{wrong_field, wrong_state};
use crate::row_settlement::{RowSettlement, SettlementTerms, StoredSlot, settle_row};
use crate::rule_jobs::{cancel_rule_timers, list_rules, set_rule_timers};
use crate::schedule::count_ahead;
use crate::timetable::Frequency;
use cairn_plugin::bindings::jobs::Duplicate;
use cairn_plugin::data::{Batch, new_id};
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction, warn};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job that moves all journeys of a revision; the key is the revision's id.
pub(crate) const REVISION_JOB: &str = "revision";
/// Slots of one entry that are looked at.
const MAX_SLOTS: u32 = 1_500;
/// Entries of a journey that are looked at.
const MAX_ENTRIES: u32 = 500;
/// Occurrences of one row that are looked at: the past of an entry and what is stored ahead.
const MAX_OCCURRENCES: usize = 1_500;
/// Writes of one call to the host.
const MAX_WRITES: usize = 500;
/// Journeys of one slice of the job.
const SLICE: u32 = 10;
/// Attempts at a journey before the others go on without it.
const ATTEMPTS: u32 = 3;
/// Journeys that stay of which the team hears by title.
const MAX_NAMED: usize = 5;
/// Journeys of which a dry run tells.
const MAX_PREVIEWED: u32 = 50;

/// A journey, or all of a revision, that somebody wants on another revision.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MigrateRequest {
    /// The revision, by its number; the newest one that is active without it.
    #[serde(default)]
    pub(crate) revision: Option<u32>,
    /// Only say what would happen.
    #[serde(default)]
    pub(crate) preview: bool,
    /// Send what the new revision has in the past.
    #[serde(default)]
    pub(crate) past: bool,
}

/// Changes that another revision makes to a journey.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MigrationResult {
    pub(crate) document_id: String,
    pub(crate) title: String,
    pub(crate) stored: bool,
    pub(crate) revision: Revisions,
    pub(crate) phase: String,
    pub(crate) phase_ends_at: ChangedTime,
    pub(crate) made: Vec<PlannedTime>,
    pub(crate) moved: Vec<MovedSlot>,
    pub(crate) dropped: Vec<PlannedTime>,
    /// Slots that the new revision has in the past, and that are not sent.
    pub(crate) past: Vec<PlannedTime>,
}

/// The revision before and after.
#[derive(Debug, Serialize)]
pub(crate) struct Revisions {
    pub(crate) before: u32,
    pub(crate) after: u32,
}

/// An instant before and after, as documents have it.
#[derive(Debug, Serialize)]
pub(crate) struct ChangedTime {
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A slot with its time.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedTime {
    pub(crate) title: String,
    pub(crate) occurrence: u32,
    pub(crate) at: String,
}

/// A slot whose time changes.
#[derive(Debug, Serialize)]
pub(crate) struct MovedSlot {
    pub(crate) title: String,
    pub(crate) occurrence: u32,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Moves a journey to another revision of its definition, or computes what that would change.
///
/// # Errors
/// `Invalid` for a revision that does not exist; `Conflict` for a journey that is over or on that revision, for a revision that is not
/// active, or that does not have the phase which the journey is in; `NotFound`.
pub(crate) fn migrate_journey(id: &str, request: &MigrateRequest, locale: &str) -> Result<MigrationResult> {
    if request.preview {
        let journey = LoadedJourney::load(id)?;
        let target = find_target(&journey.definition, request, locale)?;
        return Ok(compute(&journey, &target, request, locale)?.describe());
    }
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        let target = find_target(&journey.definition, request, locale)?;
        let computed = compute(&journey, &target, request, locale)?;
        computed.store(request)?;
        Ok(MigrationResult { stored: true, ..computed.describe() })
    })
}

/// The revision that journeys of a definition are to be moved to.
fn find_target(definition: &Row<Definition>, request: &MigrateRequest, locale: &str) -> Result<Row<Definition>> {
    let mut wanted = json!({ "key": { "$eq": definition.key } });
    match request.revision {
        Some(revision) => wanted["revision"] = json!({ "$eq": revision }),
        None => wanted["status"] = json!({ "$eq": DefinitionStatus::Active }),
    }
    let target = data::find::<Definition>().filter(wanted).sort("revision:desc").first()?;
    let target = target.ok_or_else(|| wrong_field("revision", "unknown-revision", locale, None))?;
    if target.document_id == definition.document_id {
        return Err(wrong_state("same-revision", locale));
    }
    // A draft can still change; a dry run says what it would do as it is.
    if target.status != DefinitionStatus::Active && !request.preview {
        return Err(wrong_state("revision-not-active", locale));
    }
    Ok(target)
}

/// A journey on both revisions, before anything is stored.
struct ComputedMigration {
    journey: LoadedJourney,
    /// The same journey on the new revision.
    moved: LoadedJourney,
    entry: Option<EntryMigration>,
    /// The end of the current phase's window in the new revision.
    ends: Option<Instant>,
    now: Instant,
}

/// The entry that a journey is in.
struct EntryMigration {
    row: Row<Entry>,
    slots: Vec<Row<Slot>>,
    rows: Vec<RowMigration>,
    /// Positions of slots whose row the new revision does not have.
    lost: Vec<usize>,
}

/// A row of the new revision.
struct RowMigration {
    row: Row<PlanRow>,
    /// Positions of its slots among all of the entry.
    positions: Vec<usize>,
    settled: RowSettlement,
}

fn compute(
    journey: &LoadedJourney,
    target: &Row<Definition>,
    request: &MigrateRequest,
    locale: &str,
) -> Result<ComputedMigration> {
    let now = match (journey.row.status, &journey.row.paused_at) {
        // Time stands still in a pause.
        (JourneyStatus::Paused, Some(at)) => time::parse(at)?,
        (JourneyStatus::Active | JourneyStatus::Paused, _) => time::now(),
        (JourneyStatus::Completed, _) => return Err(wrong_state("completed", locale)),
        (JourneyStatus::Cancelled, _) => return Err(wrong_state("cancelled", locale)),
    };
    let phases = list_phases(&target.document_id)?;
    let current = journey.current_phase().ok_or_else(|| wrong_state("no-phase", locale))?;
    let phase = phases.iter().find(|phase| phase.key == current.key);
    let phase = phase.ok_or_else(|| wrong_state("revision-phase", locale))?.clone();
    let mut row = journey.row.clone();
    (row.definition, row.current_phase) = (Some(target.clone()), Some(phase.clone()));
    let moved = LoadedJourney { row, definition: target.clone(), phases };
    let ends = moved.window_end(&phase)?;
    let entry = match find_open_entry(journey.id())? {
        Some(row) => Some(settle_entry(journey, &moved, current, &phase, row, now, request)?),
        None => None,
    };
    Ok(ComputedMigration { journey: journey.clone(), moved, entry, ends, now })
}

fn settle_entry(
    journey: &LoadedJourney,
    moved: &LoadedJourney,
    before: &Row<Phase>,
    phase: &Row<Phase>,
    row: Row<Entry>,
    now: Instant,
    request: &MigrateRequest,
) -> Result<EntryMigration> {
    let slots = data::find::<Slot>()
        .filter(json!({ "entry": { "documentId": { "$eq": row.document_id } } }))
        .populate(json!({ "planRow": true, "entry": { "fields": ["enteredAt"] } }))
        .sort("plannedAt:asc")
        .all(MAX_SLOTS)?;
    let times: Result<Vec<Instant>> = slots.iter().map(|slot| time::parse(&slot.planned_at)).collect();
    let times = times?;
    let open = OpenEntry { basis: read_basis(moved, &row)?, row: row.clone(), phase };
    let local_now = moved.zone().local(now)?;
    let mut rows = Vec::with_capacity(phase.plan_rows.len());
    for plan in &phase.plan_rows {
        let origin = origin_of(&plan.origin, &plan.document_id);
        let is_own = |slot: &Row<Slot>| {
            slot.plan_row.as_ref().is_some_and(|own| origin_of(&own.origin, &own.document_id) == origin)
        };
        let positions: Vec<usize> = (0..slots.len()).filter(|n| is_own(&slots[*n])).collect();
        let stored: Vec<StoredSlot> = positions
            .iter()
            .map(|n| StoredSlot {
                number: slots[*n].occurrence,
                at: times[*n],
                status: slots[*n].status,
                is_same_series: is_same_series(&slots[*n], plan),
            })
            .collect();
        // A planned slot has the current row; slots that are over may have an earlier one.
        let planned = positions.iter().find(|n| slots[**n].status == SlotStatus::Planned);
        let old = planned.or(positions.last()).and_then(|n| slots[*n].plan_row.as_ref());
        let is_unchanged = old.is_some_and(|old| old.series() == plan.series())
            && before.offsets() == phase.offsets()
            && journey.definition.zone == moved.definition.zone;
        let limit = count_ahead(phase.offsets(), phase.plan_rows.len());
        // A row that comes once came with the first entry.
        let is_over = row.no > 1 && plan.frequency == Frequency::Once && stored.is_empty();
        let last = stored.iter().filter(|slot| slot.is_same_series).map(|slot| slot.number).max().unwrap_or(0);
        let occurrences =
            if is_over { Vec::new() } else { list_occurrences(&open, plan, moved, local_now, (limit, last))? };
        let terms = SettlementTerms { now, is_unchanged, is_past_wanted: request.past, limit };
        let settled = settle_row(&stored, &occurrences, terms);
        rows.push(RowMigration { row: plan.clone(), positions, settled });
    }
    let is_lost =
        |n: &usize| slots[*n].status == SlotStatus::Planned && !rows.iter().any(|row| row.positions.contains(n));
    let lost = (0..slots.len()).filter(is_lost).collect();
    Ok(EntryMigration { row, slots, rows, lost })
}

/// True if a slot is of a row that comes as often as another one.
fn is_same_series(slot: &Slot, row: &PlanRow) -> bool {
    slot.plan_row.as_ref().is_some_and(|own| own.frequency == row.frequency)
}

/// The occurrences of a row from the entry on: all until now, and enough of those ahead. `last`: the highest number that is stored.
fn list_occurrences(
    open: &OpenEntry<'_>,
    row: &Row<PlanRow>,
    journey: &LoadedJourney,
    local_now: NaiveDateTime,
    (limit, last): (usize, u32),
) -> Result<Vec<(u32, Instant)>> {
    let planned = plan_row(open, row, 0, MAX_OCCURRENCES, journey.delay());
    let passed = planned.iter().take_while(|slot| slot.at <= local_now).count();
    // The list reaches the last stored occurrence, which may have been published ahead of its time.
    let wanted = planned.iter().take_while(|slot| slot.number <= last).count().max(passed + 2 * limit);
    let planned: Vec<PlannedSlot<'_>> = planned.into_iter().take(wanted).collect();
    let local: Vec<NaiveDateTime> = planned.iter().map(|slot| slot.at).collect();
    Ok(planned.iter().map(|slot| slot.number).zip(journey.zone().to_instants(&local)?).collect())
}

impl ComputedMigration {
    fn describe(&self) -> MigrationResult {
        let mut result = MigrationResult {
            document_id: self.journey.id().to_owned(),
            title: self.journey.row.title.clone(),
            stored: false,
            revision: Revisions { before: self.journey.definition.revision, after: self.moved.definition.revision },
            phase: self.moved.row.current_phase.as_ref().map(|phase| phase.key.clone()).unwrap_or_default(),
            phase_ends_at: ChangedTime {
                before: self.journey.row.phase_ends_at.clone(),
                after: self.ends.map(time::format),
            },
            made: Vec::new(),
            moved: Vec::new(),
            dropped: Vec::new(),
            past: Vec::new(),
        };
        let Some(entry) = &self.entry else { return result };
        let stored = |slot: &Row<Slot>| PlannedTime {
            title: slot.title.clone(),
            occurrence: slot.occurrence,
            at: slot.planned_at.clone(),
        };
        for row in &entry.rows {
            let planned = |(number, at): &(u32, Instant)| PlannedTime {
                title: row.row.title.clone(),
                occurrence: *number,
                at: time::format(*at),
            };
            result.made.extend(row.settled.made.iter().map(planned));
            result.past.extend(row.settled.past.iter().map(planned));
            for (position, at) in &row.settled.kept {
                let (slot, after) = (&entry.slots[row.positions[*position]], time::format(*at));
                if slot.planned_at != after {
                    let (title, before) = (slot.title.clone(), slot.planned_at.clone());
                    result.moved.push(MovedSlot { title, occurrence: slot.occurrence, before, after });
                }
            }
            let dropped = row.settled.dropped.iter().map(|position| &entry.slots[row.positions[*position]]);
            result.dropped.extend(dropped.map(stored));
        }
        result.dropped.extend(entry.lost.iter().map(|position| stored(&entry.slots[*position])));
        result
    }

    /// Stores it, in the open transaction.
    fn store(&self, request: &MigrateRequest) -> Result<()> {
        let id = self.journey.id();
        let is_active = self.journey.row.status == JourneyStatus::Active;
        let mut writes = Writes::default();
        self.relink_entries(&mut writes)?;
        if let Some(entry) = &self.entry {
            self.store_entry(entry, is_active, request, &mut writes)?;
        }
        writes.finish()?;
        let phase = self.moved.current_phase();
        let is_late = self.ends.is_some_and(|ends| ends <= self.now);
        // A window that has passed moves nobody on by itself, unless the past is wanted.
        let is_overdue = is_late && !(request.past && phase.is_some_and(|phase| phase.advance == Advance::Date));
        let overdue_at = match (&self.journey.row.overdue_at, is_overdue) {
            (Some(at), true) => Some(at.clone()),
            (None, true) => Some(time::format(self.now)),
            (_, false) => None,
        };
        data::update::<Journey>(
            id,
            &json!({
                "definition": self.moved.definition.document_id, "currentPhase": phase.map(|phase| &phase.document_id),
                "phaseEndsAt": self.ends.map(time::format), "overdueAt": overdue_at,
                // The entries have other phases now.
                "undo": null, "undoUntil": null,
            }),
        )?;
        match self.ends.filter(|_| is_active && !is_overdue) {
            Some(due) => set_phase_timer(id, self.journey.row.entry_no, due)?,
            None => drop(jobs::cancel(PHASE_END_JOB, id)?),
        }
        if let Some(entry) = self.entry.as_ref().filter(|_| is_active) {
            cancel_rule_timers(&entry.row.document_id, &list_rules(&self.journey)?)?;
            set_rule_timers(&self.moved, &list_rules(&self.moved)?, 0)?;
        }
        let customer = self.journey.customer().map(|customer| customer.document_id.as_str());
        let data = event_data(id, Some(&self.moved.definition.document_id), customer);
        events::publish("journey.journey.migrated", id, &data)?;
        self.moved.invalidate_policies()
    }

    /// The entries are into the phases of the new revision that have the same keys: it counts them, and what comes once has come.
    fn relink_entries(&self, writes: &mut Writes) -> Result<()> {
        let entries = data::find::<Entry>()
            .filter(json!({ "journey": { "documentId": { "$eq": self.journey.id() } } }))
            .populate(json!({ "phase": { "fields": ["key"] } }))
            .sort("enteredAt:desc")
            .all(MAX_ENTRIES)?;
        for entry in &entries {
            let key = entry.phase.as_ref().and_then(|phase| {
                self.journey.phases.iter().find(|own| own.document_id == phase.document_id).map(|own| &own.key)
            });
            if let Some(phase) = self.moved.phases.iter().find(|phase| Some(&phase.key) == key) {
                writes
                    .push(|batch| batch.update::<Entry>(&entry.document_id, &json!({ "phase": phase.document_id })))?;
            }
        }
        Ok(())
    }

    fn store_entry(
        &self,
        entry: &EntryMigration,
        is_active: bool,
        request: &MigrateRequest,
        writes: &mut Writes,
    ) -> Result<()> {
        let Some(phase) = self.moved.current_phase() else { return Ok(()) };
        let mut timers: Vec<(&str, Instant)> = Vec::new();
        let mut dropped: Vec<&str> =
            entry.lost.iter().map(|position| entry.slots[*position].document_id.as_str()).collect();
        for row in &entry.rows {
            let slot_at = |position: &usize| &entry.slots[row.positions[*position]];
            dropped.extend(row.settled.dropped.iter().map(|position| slot_at(position).document_id.as_str()));
            for (position, at) in &row.settled.kept {
                let slot = slot_at(position).document_id.as_str();
                let patch = json!({
                    "planRow": row.row.document_id, "phase": phase.document_id, "plannedAt": time::format(*at),
                });
                writes.push(|batch| batch.update::<Slot>(slot, &patch))?;
                timers.push((slot, *at));
            }
            // Numbers that have been keep their place in the series that goes on.
            for slot in row.positions.iter().map(|position| &entry.slots[*position]) {
                if slot.status != SlotStatus::Planned && is_same_series(slot, &row.row) {
                    let patch = json!({ "planRow": row.row.document_id, "phase": phase.document_id });
                    writes.push(|batch| batch.update::<Slot>(&slot.document_id, &patch))?;
                }
            }
        }
        jobs::cancel_all(SLOT_JOB, &dropped)?;
        for slot in &dropped {
            writes.push(|batch| Ok(batch.delete::<Slot>(slot)))?;
        }
        // Timers that are set again later, after a pause or an undone move, are not about the past either.
        let revised_at = (!request.past).then(|| time::format(self.now));
        let patch = json!({
            "plannedRows": phase.plan_rows.len(), "revisedAt": revised_at,
            "revisedHeldSeconds": revised_at.as_ref().map(|_| self.journey.row.held_seconds),
        });
        writes.push(|batch| batch.update::<Entry>(&entry.row.document_id, &patch))?;
        writes.finish()?;
        if is_active {
            set_timers(self.journey.id(), timers.into_iter())?;
        }
        for row in &entry.rows {
            let made = row.settled.made.iter();
            let made: Vec<NewSlot<'_>> =
                made.map(|(number, due)| NewSlot { row: &row.row, number: *number, due: *due }).collect();
            store_slots(&self.moved, &entry.row, phase, &made)?;
        }
        Ok(())
    }
}

/// Writes that may be more than one call to the host takes.
#[derive(Default)]
struct Writes {
    batch: Batch,
    count: usize,
}

impl Writes {
    fn push(&mut self, add: impl FnOnce(Batch) -> Result<Batch>) -> Result<()> {
        self.batch = add(std::mem::take(&mut self.batch))?;
        self.count += 1;
        if self.count >= MAX_WRITES { self.finish() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<()> {
        self.count = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() { Ok(()) } else { batch.write().map(drop) }
    }
}

/// Changes to all journeys of a revision.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevisionMigration {
    /// Running journeys of the revision.
    pub(crate) journeys: u64,
    /// Revision that they are moved to.
    pub(crate) revision: u32,
    pub(crate) stored: bool,
    /// Findings of a dry run on the first of them.
    pub(crate) results: Vec<MigrationResult>,
    /// Those of them that stay, by their titles, with the reason.
    pub(crate) left: Vec<LeftJourney>,
}

/// A journey that cannot be moved to the revision.
#[derive(Debug, Serialize)]
pub(crate) struct LeftJourney {
    pub(crate) title: String,
    pub(crate) reason: String,
}

/// Payload of the job that moves all journeys of a revision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RevisionTask {
    definition: String,
    revision: u32,
    past: bool,
    /// The id of the last journey; empty before the first one.
    after: String,
    /// Name of this run, under which the team hears once of those that stay.
    #[serde(default)]
    run: String,
    /// Journeys that stay, and the titles of the first of them.
    #[serde(default)]
    stayed: usize,
    #[serde(default)]
    titles: Vec<String>,
}

impl RevisionTask {
    /// Puts a journey on the list of those that stay.
    fn note_stayed(&mut self, title: &str) {
        self.stayed += 1;
        if self.titles.len() < MAX_NAMED {
            self.titles.push(shorten(title, 50));
        }
    }
}

/// Way on after a journey that could not be moved, for another reason than what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterFailure {
    /// The journeys that were moved until then stay moved, and the next slice begins with it.
    EndSlice,
    /// It is tried again, after a while.
    Retry,
    /// The others go on without it.
    Stay,
}

/// Decides how to go on after a failure. `position`: that of the journey in its slice.
fn judge_failure(position: usize, attempt: u32) -> AfterFailure {
    match (position, attempt) {
        (1.., _) => AfterFailure::EndSlice,
        (0, ..ATTEMPTS) => AfterFailure::Retry,
        (0, _) => AfterFailure::Stay,
    }
}

/// Moves all running journeys of a revision to another one, by a job, or says what that would change.
///
/// # Errors
/// As [`migrate_journey`].
pub(crate) fn migrate_revision(id: &str, request: &MigrateRequest, locale: &str) -> Result<RevisionMigration> {
    let definition = data::get::<Definition>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let target = find_target(&definition, request, locale)?;
    let mut result = RevisionMigration {
        journeys: data::find::<Journey>().filter(running_journeys(id, "")).count()?,
        revision: target.revision,
        stored: !request.preview,
        results: Vec::new(),
        left: Vec::new(),
    };
    if !request.preview {
        let task = RevisionTask {
            definition: id.to_owned(),
            revision: target.revision,
            past: request.past,
            after: String::new(),
            run: new_id(),
            stayed: 0,
            titles: Vec::new(),
        };
        // A repeated request replaces a job that waits for its next attempt: the work starts over at once.
        job(REVISION_JOB).key(id).on_duplicate(Duplicate::Replace).set(&task)?;
        return Ok(result);
    }
    for row in list_running(id, "", MAX_PREVIEWED)? {
        let journey = LoadedJourney::load(&row.document_id)?;
        match compute(&journey, &target, request, locale) {
            Ok(computed) => result.results.push(computed.describe()),
            Err(Error::Conflict(conflict)) => {
                result.left.push(LeftJourney { title: journey.row.title.clone(), reason: conflict.message });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(result)
}

fn running_journeys(definition: &str, after: &str) -> serde_json::Value {
    json!({
        "definition": { "documentId": { "$eq": definition } }, "documentId": { "$gt": after },
        "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
    })
}

fn list_running(definition: &str, after: &str, limit: u32) -> Result<Vec<Row<Journey>>> {
    let running = data::find::<Journey>().filter(running_journeys(definition, after));
    running.fields(&["title", "anchorAt"]).sort("documentId:asc").all(limit)
}

/// One slice of the job. Returns what is left to do. A journey that cannot be moved stays where it is, and the team hears of it at the end.
///
/// # Errors
/// What the host says, for the first attempts at a journey.
pub(crate) fn run_revision(task: &RevisionTask, attempt: u32) -> Result<Option<RevisionTask>> {
    let request = MigrateRequest { revision: Some(task.revision), preview: false, past: task.past };
    let mut left = task.clone();
    // A call that the host has ended said nothing of its journey: it is found one by one.
    let limit = if attempt > 1 { 1 } else { SLICE };
    let journeys = list_running(&task.definition, &task.after, limit)?;
    for (position, journey) in journeys.iter().enumerate() {
        // The host ended every attempt at this journey.
        let is_given_up = attempt > ATTEMPTS;
        let moved = if is_given_up { Ok(()) } else { migrate_journey(&journey.document_id, &request, "en").map(drop) };
        match moved {
            Ok(()) if is_given_up => left.note_stayed(&journey.title),
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => {
                // A refusal is one at every attempt.
                let is_refused = matches!(error, Error::Conflict(_) | Error::Invalid(_));
                match judge_failure(position, attempt) {
                    AfterFailure::EndSlice if !is_refused => return Ok(Some(left)),
                    AfterFailure::Retry if !is_refused => return Err(error),
                    _ => {}
                }
                warn!(journey = journey.document_id.as_str(); "a journey stays on its revision: {}", error.describe());
                left.note_stayed(&journey.title);
            }
        }
        left.after.clone_from(&journey.document_id);
    }
    if journeys.len() == limit as usize {
        return Ok(Some(left));
    }
    tell_stayed(&left)?;
    Ok(None)
}

/// Tells the team of the journeys that stay.
fn tell_stayed(task: &RevisionTask) -> Result<()> {
    let Some(definition) = data::get::<Definition>(&task.definition)?.filter(|_| task.stayed > 0) else {
        return Ok(());
    };
    let more = if task.stayed > task.titles.len() { ", …" } else { "" };
    let arguments = json!({
        "title": shorten(&definition.title, 100), "count": task.stayed, "before": definition.revision,
        "after": task.revision, "subject": task.titles.join(", ") + more,
    });
    let key = if task.run.is_empty() { &task.definition } else { &task.run };
    notify_team("stayed", key, &arguments, "definitions");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_that_fails_keeps_no_others_from_being_moved() {
        assert_eq!(judge_failure(3, 1), AfterFailure::EndSlice);
        assert_eq!([1, 2].map(|attempt| judge_failure(0, attempt)), [AfterFailure::Retry; 2]);
        assert_eq!([3, 9].map(|attempt| judge_failure(0, attempt)), [AfterFailure::Stay; 2]);
    }

    #[test]
    fn those_that_stay_are_counted_and_the_first_are_named() {
        // Payload of an earlier version.
        let stored = json!({ "definition": "d", "revision": 2, "past": false, "after": "" });
        let mut task: RevisionTask = serde_json::from_value(stored).unwrap();
        (0..7).for_each(|n| task.note_stayed(&format!("F{n}")));
        assert_eq!((task.stayed, task.titles.join(" ").as_str()), (7, "F0 F1 F2 F3 F4"));
    }
}
