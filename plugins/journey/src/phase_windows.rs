//! Windows of phases: those of an active definition follow each other, without overlap or gap.

use crate::journeys::MAX_PHASES;
use crate::model::{Definition, DefinitionStatus, Link, Phase};
use crate::period::Period;
use crate::timetable::Offsets;
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::cmp::Ordering;

/// Two phases whose windows do not follow each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WindowProblem {
    pub(crate) field: &'static str,
    pub(crate) code: &'static str,
    /// Titles of the phases.
    pub(crate) first: String,
    pub(crate) second: String,
}

/// A phase among those of its definition.
#[derive(Debug, Clone)]
struct PlacedWindow {
    id: String,
    title: String,
    order: i64,
    offsets: Offsets,
}

/// The first two phases whose windows overlap or leave a gap, where that matters: journeys can only be started with a definition that is
/// active. In a draft, phases are changed one after another.
///
/// # Errors
/// What the host says.
pub(crate) fn find_window_problem(change: &Change) -> Result<Option<WindowProblem>> {
    let is_set = |field: &str| change.action == Action::Create || change.touches(field);
    if change.content_type == Definition::TYPE {
        let status = change.after::<DefinitionState>()?.and_then(|definition| definition.status);
        if !is_set("status") || status != Some(DefinitionStatus::Active) {
            return Ok(None);
        }
        let windows = list_windows(&change.document_id)?;
        return Ok(find_misfit(&windows).map(|(code, first, second)| WindowProblem {
            field: "status",
            code,
            first: first.title.clone(),
            second: second.title.clone(),
        }));
    }
    let moves = ["order", "windowFrom", "windowTo", "definition"];
    if change.content_type != Phase::TYPE || !moves.into_iter().any(is_set) {
        return Ok(None);
    }
    let Some(after) = change.after::<PlacedFields>()? else { return Ok(None) };
    let Some(definition) = after.definition.as_ref() else { return Ok(None) };
    let state = data::get::<Definition>(&definition.document_id)?;
    if state.is_none_or(|definition| definition.status != DefinitionStatus::Active) {
        return Ok(None);
    }
    let mut windows = list_windows(&definition.document_id)?;
    windows.retain(|window| window.id != change.document_id);
    let offsets = after.offsets();
    windows.push(PlacedWindow {
        id: change.document_id.clone(),
        title: after.title,
        order: after.order.unwrap_or_default(),
        offsets,
    });
    windows.sort_by_key(|window| window.order);
    // Misfits of other phases, stored before windows were checked, are no reason to refuse this change.
    let Some(place) = windows.iter().position(|window| window.id == change.document_id) else { return Ok(None) };
    let neighbours = &windows[place.saturating_sub(1)..windows.len().min(place + 2)];
    Ok(find_misfit(neighbours).map(|(code, first, second)| WindowProblem {
        field: if first.id == change.document_id { "windowTo" } else { "windowFrom" },
        code,
        first: first.title.clone(),
        second: second.title.clone(),
    }))
}

fn list_windows(definition: &str) -> Result<Vec<PlacedWindow>> {
    let of_definition = json!({ "definition": { "documentId": { "$eq": definition } } });
    let phases = data::find::<Phase>().filter(of_definition).sort("order:asc").all(MAX_PHASES)?;
    let place = |phase: Row<Phase>| PlacedWindow {
        id: phase.document_id.clone(),
        title: phase.title.clone(),
        order: phase.order,
        offsets: phase.offsets(),
    };
    Ok(phases.into_iter().map(place).collect())
}

/// The first two windows that do not follow each other, by their order, and how. A window that is open on that side fits.
fn find_misfit(windows: &[PlacedWindow]) -> Option<(&'static str, &PlacedWindow, &PlacedWindow)> {
    // The day is arbitrary, as for a single window.
    let day = chrono::NaiveDate::default();
    windows.iter().zip(windows.iter().skip(1)).find_map(|(first, second)| {
        let (end, begin) = (first.offsets.to?.add_to(day)?, second.offsets.from?.add_to(day)?);
        let is_reversed = first.offsets.from.and_then(|from| from.add_to(day)).is_some_and(|from| begin < from);
        match begin.cmp(&end) {
            _ if is_reversed => Some(("windows-reversed", first, second)),
            Ordering::Less => Some(("windows-overlap", first, second)),
            Ordering::Greater => Some(("windows-gap", first, second)),
            Ordering::Equal => None,
        }
    })
}

#[derive(Debug, Deserialize)]
struct DefinitionState {
    status: Option<DefinitionStatus>,
}

/// The fields of a phase that its place among the others depends on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlacedFields {
    #[serde(default, deserialize_with = "or_default")]
    title: String,
    order: Option<i64>,
    window_from: Option<String>,
    window_to: Option<String>,
    definition: Option<Link>,
}

impl PlacedFields {
    fn offsets(&self) -> Offsets {
        let parse = |field: &Option<String>| field.as_deref().and_then(|text| Period::parse(text.trim()));
        Offsets { from: parse(&self.window_from), to: parse(&self.window_to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other() {
        let windows = |all: &[(&str, &str)]| -> Vec<PlacedWindow> {
            let place = |(n, (from, to)): (usize, &(&str, &str))| PlacedWindow {
                id: n.to_string(),
                title: format!("Phase {n}"),
                order: n as i64,
                offsets: Offsets { from: Period::parse(from), to: Period::parse(to) },
            };
            all.iter().enumerate().map(place).collect()
        };
        for (all, found) in [
            ([("P0D", "P7D"), ("P7D", "P4M"), ("P4M", "")], None),
            ([("P0D", "P1W"), ("P7D", ""), ("P4M", "")], None),
            ([("", ""), ("", ""), ("P4M", "")], None),
            ([("P0D", "P7D"), ("P8D", "P4M"), ("P4M", "")], Some(("windows-gap", "0", "1"))),
            ([("P0D", "P7D"), ("P7D", "P4M"), ("P3M", "")], Some(("windows-overlap", "1", "2"))),
            ([("P0D", "P7D"), ("P7D", "P4M"), ("P1D", "P7D")], Some(("windows-reversed", "1", "2"))),
        ] {
            let windows = windows(&all);
            let misfit =
                find_misfit(&windows).map(|(code, first, second)| (code, first.id.as_str(), second.id.as_str()));
            assert_eq!(misfit, found, "{all:?}");
        }
    }
}
