//! Shifts: the plan of a journey comes later or sooner. What was published stays; the preview and the shift are the same computation.

use crate::entries::set_phase_timer;
use crate::journeys::LoadedJourney;
use crate::messages::{Message, language_of, notify_staff, send_to_customer};
use crate::model::{Journey, JourneyStatus, Slot};
use crate::open_entry::OpenEntry;
use crate::period::Period;
use crate::planning::{compute_due, list_planned, retime_slots};
use crate::refusals::{wrong_field, wrong_state};
use crate::rule_jobs::{announce, list_rules};
use crate::rules::{Occasion, OccasionKind};
use crate::settings::Settings;
use crate::timetable::Plan;
use cairn_plugin::data::new_id;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A shift that somebody asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ShiftRequest {
    /// An ISO 8601 duration of the calendar: `P30D`, `P1M`, `-P1W`.
    pub(crate) by: String,
    /// Only compute it.
    #[serde(default)]
    pub(crate) preview: bool,
    /// Tell neither the customer nor the team.
    #[serde(default)]
    pub(crate) silent: bool,
}

/// Changes that a shift makes.
#[derive(Debug, Serialize)]
pub(crate) struct ShiftResult {
    /// All shifts of the journey together.
    pub(crate) shift: String,
    pub(crate) stored: bool,
    pub(crate) windows: Vec<ChangedWindow>,
    pub(crate) slots: Vec<ChangedSlot>,
}

/// The window of a phase before and after a shift. A phase that has begun keeps its beginning.
#[derive(Debug, Serialize)]
pub(crate) struct ChangedWindow {
    pub(crate) phase: String,
    pub(crate) title: String,
    pub(crate) before: Times,
    pub(crate) after: Times,
}

/// Instants, as documents have them.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Times {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// The time of a slot before and after a shift.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedSlot {
    pub(crate) document_id: String,
    pub(crate) title: String,
    pub(crate) occurrence: u32,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Shifts the plan of a journey, or computes what that would change.
///
/// # Errors
/// `Invalid` for what is no duration of the calendar, or one that moves something before now; `Conflict` for a journey that has ended or
/// is paused; `NotFound`.
pub(crate) fn shift_journey(id: &str, request: &ShiftRequest, locale: &str) -> Result<ShiftResult> {
    let by = Period::parse(request.by.trim()).filter(|by| !by.is_zero());
    let by = by.ok_or_else(|| wrong_field("by", "shift", locale, None))?;
    if request.preview {
        return Ok(compute(&LoadedJourney::load(id)?, by, locale)?.result);
    }
    run_transaction(|| {
        let mut journey = LoadedJourney::load_locked(id)?;
        let computed = compute(&journey, by, locale)?;
        let ends = computed.ends;
        // A window that has passed even so is no news: the journey stays overdue.
        let overdue_at = journey.row.overdue_at.clone().filter(|_| ends.is_some_and(|ends| ends <= time::now()));
        data::update::<Journey>(
            id,
            &json!({
                "shift": computed.result.shift, "phaseEndsAt": ends.map(time::format), "overdueAt": overdue_at,
                // An undo would restore the end of the phase from before the shift.
                "undo": null, "undoUntil": null,
            }),
        )?;
        if let Some(due) = ends.filter(|_| overdue_at.is_none()) {
            set_phase_timer(id, journey.row.entry_no, due)?;
        }
        journey.row.shift.clone_from(&computed.result.shift);
        retime_slots(&journey)?;
        let data = json!({ "journey": id, "by": by.to_string(), "total": computed.result.shift });
        events::publish("journey.journey.shifted", id, &data)?;
        let shift = new_id();
        if !request.silent {
            tell_shift(&journey, &shift, by)?;
        }
        announce_shift(&journey, &shift, by)?;
        Ok(ShiftResult { stored: true, ..computed.result })
    })
}

/// Tells customer and team of a shift.
fn tell_shift(journey: &LoadedJourney, shift: &str, by: Period) -> Result<()> {
    let phase = journey.current_phase();
    let settings = Settings::load()?;
    let language = language_of(journey, &settings);
    let message = Message {
        kind: "shifted",
        key: shift,
        phase: phase.map(|phase| phase.document_id.as_str()),
        subject: phase.map_or("", |phase| phase.title_in(&language)),
        text: None,
        note: None,
        entry: None,
        in_inbox: true,
        by_mail: true,
    };
    send_to_customer(journey, &message, time::now())?;
    notify_staff(journey, phase, "shifted", shift, &describe_period(by, &settings.language));
    Ok(())
}

/// Says by how much a plan was shifted: `30 days later`, `1 month and 2 weeks earlier`.
pub(crate) fn describe_period(by: Period, language: &str) -> String {
    let say = |(unit, count): (&str, u32)| {
        (count > 0).then(|| translate(&format!("period.{unit}"), language, Some(&json!({ "count": count }))))
    };
    let [months, rest] = by.parts().map(say);
    let period = match (months, rest) {
        (Some(first), Some(second)) => {
            translate("period.and", language, Some(&json!({ "first": first, "second": second })))
        }
        (first, second) => first.or(second).unwrap_or_default(),
    };
    let direction = if by.is_back() { "period.earlier" } else { "period.later" };
    translate(direction, language, Some(&json!({ "period": period })))
}

/// Has the rules heard that listen to shifts.
fn announce_shift(journey: &LoadedJourney, shift: &str, by: Period) -> Result<()> {
    let Some(open) = OpenEntry::find(journey)? else { return Ok(()) };
    let occasion = Occasion {
        kind: OccasionKind::Shifted,
        phase: open.phase.key.clone(),
        entry: open.row.document_id.clone(),
        event: shift.to_owned(),
        name: String::new(),
        data: json!({ "by": by.to_string(), "days": by.approximate_days() }),
        chain: 0,
    };
    announce(journey.id(), &list_rules(journey)?, occasion)
}

/// A shift before it is stored.
struct ComputedShift {
    result: ShiftResult,
    /// The new end of the current phase's window.
    ends: Option<Instant>,
}

fn compute(journey: &LoadedJourney, by: Period, locale: &str) -> Result<ComputedShift> {
    match journey.row.status {
        JourneyStatus::Active => {}
        JourneyStatus::Paused => return Err(wrong_state("paused", locale)),
        JourneyStatus::Completed => return Err(wrong_state("completed", locale)),
        JourneyStatus::Cancelled => return Err(wrong_state("cancelled", locale)),
    }
    let too_far = || wrong_field("by", "shift", locale, None);
    let before = journey.plan()?;
    let shift = before.shift.plus(by).ok_or_else(too_far)?;
    let after = Plan { shift, ..before };
    let windows = change_windows(journey, before, after, locale)?;
    let slots = list_planned(journey.id())?;
    let now = time::now();
    let shifted = LoadedJourney { row: shift_row(&journey.row, shift), ..journey.clone() };
    let open = OpenEntry::find(&shifted)?;
    let slots: Vec<Row<Slot>> =
        slots.into_iter().filter(|slot| open.as_ref().is_some_and(|open| open.owns(slot))).collect();
    let due = match &open {
        Some(open) => compute_due(&shifted, open, &slots, None)?,
        None => Vec::new(),
    };
    let ends = match journey.current_phase() {
        Some(phase) => match after.window(phase.offsets()).to {
            Some(end) => journey.zone().to_instants(&[end])?.pop().map(|end| end.saturating_add(journey.held_millis())),
            None => None,
        },
        None => None,
    };
    // An end that has passed may stay in the past: a journey that is six weeks late can be shifted by two.
    let ended = journey.row.phase_ends_at.as_deref().map(time::parse).transpose()?;
    let ends_too_soon = ends.is_some_and(|at| at <= now) && ended.is_none_or(|ended| ended > now);
    if ends_too_soon || due.iter().any(|at| *at <= now) {
        return Err(wrong_field("by", "shift-past", locale, None));
    }
    let changed = slots.iter().zip(&due).map(|(slot, due)| ChangedSlot {
        document_id: slot.document_id.clone(),
        title: slot.title.clone(),
        occurrence: slot.occurrence,
        before: slot.planned_at.clone(),
        after: time::format(*due),
    });
    let result = ShiftResult { shift: shift.to_string(), stored: false, windows, slots: changed.collect() };
    Ok(ComputedShift { result, ends })
}

fn shift_row(row: &Row<Journey>, shift: Period) -> Row<Journey> {
    let mut row = row.clone();
    row.shift = shift.to_string();
    row
}

/// The windows of the current phase and those after it.
fn change_windows(journey: &LoadedJourney, before: Plan, after: Plan, locale: &str) -> Result<Vec<ChangedWindow>> {
    let Some(current) = journey.current() else { return Ok(Vec::new()) };
    let ahead = journey.phases.get(current..).unwrap_or_default();
    let mut local = Vec::new();
    let mut place = |time: Option<NaiveDateTime>| {
        time.map(|time| {
            local.push(time);
            local.len() - 1
        })
    };
    let places: Vec<[Option<usize>; 4]> = ahead
        .iter()
        .enumerate()
        .map(|(n, phase)| {
            let (old, new) = (before.window(phase.offsets()), after.window(phase.offsets()));
            [place(old.from), place(old.to), place(if n == 0 { old.from } else { new.from }), place(new.to)]
        })
        .collect();
    let instants = journey.zone().to_instants(&local)?;
    let at = |place: Option<usize>| {
        place.and_then(|place| instants.get(place)).map(|at| time::format(at.saturating_add(journey.held_millis())))
    };
    let changed = |(phase, places): (&Row<crate::model::Phase>, &[Option<usize>; 4])| ChangedWindow {
        phase: phase.key.clone(),
        title: phase.title_in(locale).to_owned(),
        before: Times { from: at(places[0]), to: at(places[1]) },
        after: Times { from: at(places[2]), to: at(places[3]) },
    };
    Ok(ahead.iter().zip(&places).map(changed).collect())
}
