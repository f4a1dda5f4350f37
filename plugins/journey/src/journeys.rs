//! Journeys as they are read to be changed, with the phases of their definition.

use crate::audience::customer_key;
use crate::groups::update_groups;
use crate::model::{Definition, Journey, JourneyStatus, Phase, PlanRow, User};
use crate::refusals::wrong_state;
use crate::schedule::Delay;
use crate::timetable::Plan;
use crate::zone::Zone;
use cairn_plugin::bindings::policies;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most phases of a definition.
pub(crate) const MAX_PHASES: u32 = 100;
/// Most plan rows of a definition.
pub(crate) const MAX_PLAN_ROWS: u32 = 500;
/// Most revisions of a definition that are looked at.
pub(crate) const MAX_REVISIONS: u32 = 500;

/// A journey with all phases of its definition, by their order, and their plan rows.
#[derive(Debug, Clone)]
pub(crate) struct LoadedJourney {
    pub(crate) row: Row<Journey>,
    pub(crate) definition: Row<Definition>,
    pub(crate) phases: Vec<Row<Phase>>,
}

impl LoadedJourney {
    /// The journey, as it is stored.
    ///
    /// # Errors
    /// `NotFound` for one that does not exist or has lost its definition; what the host says.
    pub(crate) fn load(id: &str) -> Result<Self> {
        Self::complete(data::find::<Journey>().populate(Journey::populate()).by_ids(&[id])?.pop().flatten(), id)
    }

    /// The journey, locked until the transaction ends.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(crate) fn load_locked(id: &str) -> Result<Self> {
        Self::complete(data::find::<Journey>().populate(Journey::populate()).lock().by_ids(&[id])?.pop().flatten(), id)
    }

    fn complete(found: Option<Row<Journey>>, id: &str) -> Result<Self> {
        let row = found.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let definition = row.definition.clone().ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let phases = list_phases(&definition.document_id)?;
        Ok(Self { row, definition, phases })
    }

    /// The id.
    pub(crate) fn id(&self) -> &str {
        &self.row.document_id
    }

    /// The zone of the definition.
    pub(crate) fn zone(&self) -> Zone<'_> {
        Zone(&self.definition.zone)
    }

    /// The plan, in local times.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn plan(&self) -> Result<Plan> {
        Ok(Plan { anchor: self.zone().local(time::parse(&self.row.anchor_at)?)?, shift: self.row.period() })
    }

    /// By how much the plan is delayed.
    pub(crate) fn delay(&self) -> Delay {
        self.row.delay()
    }

    /// How long the journey was paused, in milliseconds.
    pub(crate) fn held_millis(&self) -> i64 {
        self.row.held_seconds.saturating_mul(1_000)
    }

    /// The position of the current phase among the phases.
    pub(crate) fn current(&self) -> Option<usize> {
        let current = self.row.current_phase.as_ref()?;
        self.phases.iter().position(|phase| phase.document_id == current.document_id)
    }

    /// The current phase, with its plan rows.
    pub(crate) fn current_phase(&self) -> Option<&Row<Phase>> {
        self.phases.get(self.current()?)
    }

    /// The phase after the current one.
    pub(crate) fn next_phase(&self) -> Option<&Row<Phase>> {
        self.phases.get(self.current()? + 1)
    }

    /// When the window of a phase ends, pauses included.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn window_end(&self, phase: &Phase) -> Result<Option<Instant>> {
        let Some(end) = self.plan()?.window(phase.offsets()).to else { return Ok(None) };
        let end = self.zone().to_instants(&[end])?.pop();
        Ok(end.map(|end| end.saturating_add(self.held_millis())))
    }

    /// The customer, if they still have an account.
    pub(crate) fn customer(&self) -> Option<&Row<User>> {
        self.row.customer.as_ref()
    }

    /// The customer sees the change with its commit: here by the read policy, and elsewhere by their groups.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn invalidate_policies(&self) -> Result<()> {
        let Some(customer) = self.customer() else { return Ok(()) };
        update_groups(&customer.document_id)?;
        policies::invalidate(&[customer_key(&customer.document_id)])
    }
}

/// The phases of a definition with their plan rows, by their order.
///
/// # Errors
/// What the host says.
pub(crate) fn list_phases(definition: &str) -> Result<Vec<Row<Phase>>> {
    let of_definition = json!({ "definition": { "documentId": { "$eq": definition } } });
    let mut phases = data::find::<Phase>().filter(of_definition.clone()).sort("order:asc").all(MAX_PHASES)?;
    let rows = data::find::<PlanRow>()
        .filter(json!({ "phase": of_definition }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("createdAt:asc")
        .all(MAX_PLAN_ROWS)?;
    for row in rows {
        let phase = row.phase.as_ref().map(|phase| phase.document_id.clone());
        if let Some(phase) = phases.iter_mut().find(|own| Some(&own.document_id) == phase.as_ref()) {
            phase.plan_rows.push(row);
        }
    }
    Ok(phases)
}

/// The ids of a phase in all revisions of its definition: of the phases with the same key. Content is for all of them, whichever it names.
///
/// # Errors
/// What the host says.
pub(crate) fn find_same_phases(phase: &str) -> Result<Vec<String>> {
    let definition = json!({ "definition": { "fields": ["key"] } });
    let found = data::find::<Phase>().fields(&["title", "key"]).populate(definition).by_ids(&[phase])?.pop().flatten();
    let Some(found) = found else { return Ok(Vec::new()) };
    let Some(definition) = &found.definition else { return Ok(vec![found.document_id.clone()]) };
    let same = json!({ "key": { "$eq": found.key }, "definition": { "key": { "$eq": definition.key } } });
    let phases = data::find::<Phase>().filter(same).fields(&["title", "key"]).all(MAX_REVISIONS)?;
    Ok(phases.into_iter().map(|phase| phase.document_id.clone()).collect())
}

/// A journey as far as it matters whether it can be seen.
#[derive(Deserialize)]
struct VisibleJourney {}

impl Document for VisibleJourney {
    const TYPE: &'static str = Journey::TYPE;
}

/// Checks that the person of this call may read a journey: whoever may manage journeys manages those that they see.
///
/// # Errors
/// `Denied` where they may read no journeys, `NotFound` for one that does not exist or that they may not see.
pub(crate) fn require_visible(id: &str) -> Result<()> {
    let found = data::find::<VisibleJourney>().as_caller().fields(&["title"]).by_ids(&[id])?.pop().flatten();
    found.map(|_| ()).ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// Checks that a journey is active.
///
/// # Errors
/// `Conflict` with its state.
pub(crate) fn require_active(journey: &LoadedJourney, locale: &str) -> Result<()> {
    match journey.row.status {
        JourneyStatus::Active => Ok(()),
        JourneyStatus::Paused => Err(wrong_state("paused", locale)),
        JourneyStatus::Completed => Err(wrong_state("completed", locale)),
        JourneyStatus::Cancelled => Err(wrong_state("cancelled", locale)),
    }
}

/// The data of the plugin's events on a journey.
pub(crate) fn event_data(journey: &str, definition: Option<&str>, customer: Option<&str>) -> Value {
    let mut data = json!({ "journey": journey });
    if let Some(definition) = definition {
        data["definition"] = json!(definition);
    }
    if let Some(customer) = customer {
        data["customer"] = json!(customer);
    }
    data
}
