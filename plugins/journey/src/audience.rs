//! Audience of content: customers see their own journeys, and of everything else what is for a phase that these have reached. The read
//! policy and the plugin's own routes use the same filters.

use crate::model::{
    Definition, Entry, Item, ItemAudience, Journey, JourneyStatus, KeyedLink, Link, Notice, Phase, PlanRow, Slot,
    SlotStatus,
};
use cairn_plugin::data::or_default;
use cairn_plugin::{Document, Result, Row, data};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most journeys of one customer; older ones are not seen.
pub(crate) const MAX_JOURNEYS: u32 = 50;
/// Most different sets of reached phases among them.
const MAX_GROUPS: usize = 30;
/// Most of them in the filter of items, which has more comparisons for each.
const MAX_ITEM_GROUPS: usize = 18;
/// Most phases of all definitions of one customer's journeys.
const MAX_PHASES: u32 = 2_000;

/// A journey as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenJourney {
    pub(crate) journey: String,
    pub(crate) definition: String,
    /// The current phase and those before it; and the phases of the same keys in other revisions, for which content may have been made.
    pub(crate) reached: Vec<String>,
}

/// The choice of the manifest with the project's content types that are content of journeys.
pub(crate) const CONTENT_CHOICE: &str = "content";

/// Name of everything that depends on a customer's journeys, for invalidations of the read policy.
pub(crate) fn customer_key(customer: &str) -> String {
    format!("customer:{customer}")
}

/// Name of everything that depends on the phases of definitions, for invalidations of the read policy.
pub(crate) const DEFINITIONS_KEY: &str = "definitions";

/// The journeys of a customer that are not cancelled, newest first, with definition and current phase.
///
/// # Errors
/// What the host says.
pub(crate) fn list_journeys(customer: &str) -> Result<Vec<Row<Journey>>> {
    let own = data::find::<Journey>().filter(own_journeys(customer)).populate(Journey::populate());
    own.sort("createdAt:desc").all(MAX_JOURNEYS)
}

/// The filter of a customer's journeys that are not cancelled.
pub(crate) fn own_journeys(customer: &str) -> Value {
    json!({ "customer": { "documentId": { "$eq": customer } }, "status": { "$ne": JourneyStatus::Cancelled } })
}

/// The phases of these journeys' definitions in all their revisions, by their order.
///
/// # Errors
/// What the host says.
pub(crate) fn list_phases(journeys: &[Row<Journey>]) -> Result<Vec<Row<Phase>>> {
    let definitions: BTreeSet<&str> =
        journeys.iter().filter_map(|journey| journey.definition.as_ref()).map(|one| one.key.as_str()).collect();
    if definitions.is_empty() {
        return Ok(Vec::new());
    }
    data::find::<Phase>()
        .filter(json!({ "definition": { "key": { "$in": definitions } } }))
        .populate(json!({ "definition": { "fields": ["key"] } }))
        .sort("order:asc")
        .all(MAX_PHASES)
}

/// Lists the journeys that a customer sees, with the phases reached, and reads no more for it than that: shorter rows than those of
/// [`list_journeys`] and [`list_phases`].
///
/// # Errors
/// What the host says.
pub(crate) fn list_seen(customer: &str) -> Result<Vec<SeenJourney>> {
    let journeys = data::find::<JourneyProgress>()
        .filter(own_journeys(customer))
        .fields(&["status"])
        .populate(json!({ "definition": { "fields": ["key"] }, "currentPhase": { "fields": ["order"] } }))
        .sort("createdAt:desc")
        .all(MAX_JOURNEYS)?;
    let definitions: BTreeSet<&str> =
        journeys.iter().filter_map(|journey| journey.definition.as_ref()).map(|one| one.key.as_str()).collect();
    if definitions.is_empty() {
        return Ok(Vec::new());
    }
    let phases = data::find::<PhaseOrder>()
        .filter(json!({ "definition": { "key": { "$in": definitions } } }))
        .fields(&["key", "order"])
        .populate(json!({ "definition": { "fields": ["key"] } }))
        .sort("order:asc")
        .all(MAX_PHASES)?;
    Ok(select_seen(&journeys, &phases))
}

/// A journey, as far as it decides what its customer sees.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JourneyProgress {
    #[serde(default, deserialize_with = "or_default")]
    status: JourneyStatus,
    #[serde(default)]
    definition: Option<KeyedLink>,
    #[serde(default)]
    current_phase: Option<Row<PhaseOrder>>,
}

impl Document for JourneyProgress {
    const TYPE: &'static str = Journey::TYPE;
}

/// A phase, as far as it decides what customers see.
#[derive(Deserialize)]
struct PhaseOrder {
    #[serde(default, deserialize_with = "or_default")]
    key: String,
    #[serde(default, deserialize_with = "or_default")]
    order: i64,
    #[serde(default)]
    definition: Option<KeyedLink>,
}

impl Document for PhaseOrder {
    const TYPE: &'static str = Phase::TYPE;
}

/// Progress of a journey.
pub(crate) struct Progress<'a> {
    journey: &'a str,
    is_cancelled: bool,
    definition: Option<DefinitionName<'a>>,
    /// Place of the current phase in the definition.
    order: Option<i64>,
}

impl<'a> From<&'a Row<Journey>> for Progress<'a> {
    fn from(row: &'a Row<Journey>) -> Self {
        let name = |one: &'a Row<Definition>| DefinitionName { id: &one.document_id, key: &one.key };
        let definition = row.definition.as_ref().map(name);
        let order = row.current_phase.as_ref().map(|phase| phase.order);
        Self { journey: &row.document_id, is_cancelled: row.status == JourneyStatus::Cancelled, definition, order }
    }
}

impl<'a> From<&'a Row<JourneyProgress>> for Progress<'a> {
    fn from(row: &'a Row<JourneyProgress>) -> Self {
        let order = row.current_phase.as_ref().map(|phase| phase.order);
        let definition = name_definition(&row.definition);
        Self { journey: &row.document_id, is_cancelled: row.status == JourneyStatus::Cancelled, definition, order }
    }
}

/// Place of a phase in its definition.
pub(crate) struct PhasePlace<'a> {
    phase: &'a str,
    key: &'a str,
    definition: Option<DefinitionName<'a>>,
    order: i64,
}

/// Name of a definition: the id of a revision, and the key that all of them have.
#[derive(Clone, Copy, PartialEq, Eq)]
struct DefinitionName<'a> {
    id: &'a str,
    key: &'a str,
}

impl<'a> From<&'a Row<Phase>> for PhasePlace<'a> {
    fn from(row: &'a Row<Phase>) -> Self {
        let definition = name_definition(&row.definition);
        Self { phase: &row.document_id, key: &row.key, definition, order: row.order }
    }
}

impl<'a> From<&'a Row<PhaseOrder>> for PhasePlace<'a> {
    fn from(row: &'a Row<PhaseOrder>) -> Self {
        let definition = name_definition(&row.definition);
        Self { phase: &row.document_id, key: &row.key, definition, order: row.order }
    }
}

fn name_definition(link: &Option<KeyedLink>) -> Option<DefinitionName<'_>> {
    link.as_ref().map(|link| DefinitionName { id: &link.document_id, key: &link.key })
}

/// Selects the journeys that a customer sees, with the phases reached. One without a definition or a phase is not
/// seen, nor is a cancelled one.
pub(crate) fn select_seen<'a, J, P>(journeys: &'a [J], phases: &'a [P]) -> Vec<SeenJourney>
where
    Progress<'a>: From<&'a J>,
    PhasePlace<'a>: From<&'a P>,
{
    let phases: Vec<PhasePlace<'a>> = phases.iter().map(PhasePlace::from).collect();
    let seen = |journey: Progress<'a>| {
        let (definition, order) = (journey.definition?, journey.order?);
        let of_revision = |phase: &PhasePlace<'a>| phase.definition.is_some_and(|own| own.id == definition.id);
        let passed = phases.iter().filter(|phase| of_revision(phase) && phase.order <= order);
        let keys: BTreeSet<&str> = passed.map(|phase| phase.key).collect();
        // A phase of this revision is judged by its own order, wherever the phases of other revisions stand.
        let is_reached = |phase: &&PhasePlace<'a>| {
            if of_revision(phase) {
                return phase.order <= order;
            }
            let is_other = phase.definition.is_some_and(|own| !own.key.is_empty() && own.key == definition.key);
            is_other && keys.contains(phase.key)
        };
        let reached = phases.iter().filter(is_reached).map(|phase| phase.phase.to_owned()).collect();
        Some(SeenJourney { journey: journey.journey.to_owned(), definition: definition.id.to_owned(), reached })
    };
    journeys.iter().map(Progress::from).filter(|journey| !journey.is_cancelled).filter_map(seen).collect()
}

/// True if a journey shows content of these phases and journeys: the condition of the filter, for one of several journeys of a customer.
pub(crate) fn is_seen_by(phases: &[Link], journeys: &[Link], seen: &SeenJourney) -> bool {
    phases.iter().any(|phase| seen.reached.contains(&phase.document_id))
        && (journeys.is_empty() || journeys.iter().any(|journey| journey.document_id == seen.journey))
}

/// A filter that no document fits.
pub(crate) fn nothing() -> Value {
    json!({ "documentId": { "$null": true } })
}

/// The filter of a content type for whoever has these journeys. A type that is not known here is not seen.
pub(crate) fn filter_for(uid: &str, seen: &[SeenJourney]) -> Value {
    let ids = || seen.iter().map(|one| one.journey.as_str()).collect::<BTreeSet<_>>();
    let definitions = || seen.iter().map(|one| one.definition.as_str()).collect::<BTreeSet<_>>();
    let reached = || seen.iter().flat_map(|one| one.reached.iter().map(String::as_str)).collect::<BTreeSet<_>>();
    if seen.is_empty() {
        return nothing();
    }
    match uid {
        Journey::TYPE => json!({ "documentId": { "$in": ids() } }),
        Definition::TYPE => json!({ "documentId": { "$in": definitions() } }),
        Phase::TYPE => json!({ "definition": { "documentId": { "$in": definitions() } } }),
        PlanRow::TYPE => json!({ "phase": { "documentId": { "$in": reached() } } }),
        Entry::TYPE | Notice::TYPE => any_of(group_by_reached(seen).iter().map(in_reached_phase)),
        // Missed and skipped slots are for the team alone.
        Slot::TYPE => json!({ "$and": [
            any_of(group_by_reached(seen).iter().map(in_reached_phase)),
            { "status": { "$in": [SlotStatus::Planned, SlotStatus::Published] } },
        ] }),
        Item::TYPE => item_filter(seen),
        _ => nothing(),
    }
}

/// The same, with the project's content types that the operator chose as content: they are seen as the plugin's own items.
pub(crate) fn filter_with_chosen(uid: &str, chosen: &[String], seen: &[SeenJourney]) -> Value {
    if chosen.iter().any(|one| one == uid) { content_filter(seen) } else { filter_for(uid, seen) }
}

fn any_of(filters: impl Iterator<Item = Value>) -> Value {
    json!({ "$or": filters.collect::<Vec<_>>() })
}

/// Journeys that have reached the same phases.
struct SeenGroup<'a> {
    journeys: BTreeSet<&'a str>,
    reached: &'a [String],
}

/// The journeys by what they have reached. A filter has a few comparisons for each group, and may not have more than a hundred: what is
/// beyond that is not seen.
fn group_by_reached(seen: &[SeenJourney]) -> Vec<SeenGroup<'_>> {
    let mut groups: Vec<SeenGroup<'_>> = Vec::new();
    for one in seen {
        if let Some(group) = groups.iter_mut().find(|group| group.reached == one.reached) {
            group.journeys.insert(&one.journey);
        } else if groups.len() < MAX_GROUPS {
            groups.push(SeenGroup { journeys: [one.journey.as_str()].into(), reached: &one.reached });
        }
    }
    groups
}

/// Filter for what belongs to one of the journeys and to a phase that it has reached.
fn in_reached_phase(group: &SeenGroup<'_>) -> Value {
    json!({ "$and": [
        { "journey": { "documentId": { "$in": group.journeys } } },
        { "phase": { "documentId": { "$in": group.reached } } },
    ] })
}

/// The content for the journeys: of a phase that they have reached, and for everybody or for one of them. Both of the same group: a customer
/// with two journeys sees nothing of a later phase of the one because the other has reached it. Content without a phase is for nobody.
fn content_filter(seen: &[SeenJourney]) -> Value {
    if seen.is_empty() {
        return nothing();
    }
    any_of(group_by_reached(seen).iter().map(content_of_group))
}

/// The items for the journeys: content for their phases, and what was published for a slot of theirs in a phase that they have reached.
fn item_filter(seen: &[SeenJourney]) -> Value {
    let mut groups = group_by_reached(seen);
    groups.truncate(MAX_ITEM_GROUPS);
    json!({ "$or": [
        { "$and": [
            // Items from before they could follow slots have nothing there.
            { "$or": [{ "audience": { "$null": true } }, { "audience": { "$eq": ItemAudience::Phase } }] },
            any_of(groups.iter().map(content_of_group)),
        ] },
        { "$and": [
            { "audience": { "$eq": ItemAudience::Slot } },
            { "slots": { "$and": [
                { "status": { "$eq": SlotStatus::Published } }, any_of(groups.iter().map(in_reached_phase)),
            ] } },
        ] },
    ] })
}

/// The slots of these journeys that show items, to be populated with these.
pub(crate) fn shown_slots(seen: &[SeenJourney]) -> Value {
    let journeys: BTreeSet<&str> = seen.iter().map(|one| one.journey.as_str()).collect();
    json!({
        "filters": { "status": SlotStatus::Published, "journey": { "documentId": { "$in": journeys } } },
        "fields": ["occurrence"],
        "populate": { "journey": { "fields": ["title"] }, "phase": { "fields": ["key"] } },
    })
}

/// True if a journey shows an item, whose slots are populated with those of [`shown_slots`].
pub(crate) fn is_item_seen_by(item: &Item, seen: &SeenJourney) -> bool {
    let is_own = |link: &Option<Link>| link.as_ref().is_some_and(|journey| journey.document_id == seen.journey);
    let is_reached = |link: &Option<Link>| link.as_ref().is_some_and(|phase| seen.reached.contains(&phase.document_id));
    match item.audience {
        ItemAudience::Phase => is_seen_by(&item.phases, &item.journeys, seen),
        ItemAudience::Slot => item.slots.iter().any(|slot| is_own(&slot.journey) && is_reached(&slot.phase)),
    }
}

fn content_of_group(group: &SeenGroup<'_>) -> Value {
    json!({ "$and": [
        { "phases": { "documentId": { "$in": group.reached } } },
        { "$or": [
            { "journeys": { "documentId": { "$null": true } } },
            { "journeys": { "documentId": { "$in": group.journeys } } },
        ] },
    ] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(id: &str, status: &str, definition: &str, order: i64) -> Row<Journey> {
        serde_json::from_value(json!({
            "documentId": id, "title": id, "anchorAt": "2026-01-15T09:00:00.000Z", "status": status,
            "definition": { "documentId": definition, "title": "D", "key": "d", "revision": 1 },
            "currentPhase": { "documentId": format!("{definition}{order}"), "title": "P", "key": "p", "order": order },
        }))
        .unwrap()
    }

    fn phases(definition: &str) -> Vec<Row<Phase>> {
        let phase = |order: i64| {
            let phase = json!({
                "documentId": format!("{definition}{order}"), "title": "P", "key": "p", "order": order,
                "definition": { "documentId": definition },
            });
            serde_json::from_value(phase).unwrap()
        };
        (0..3).map(phase).collect()
    }

    #[test]
    fn customers_see_phases_that_their_journeys_have_reached() {
        let journeys =
            [journey("a", "active", "d", 1), journey("b", "cancelled", "d", 2), journey("c", "paused", "e", 0)];
        let all: Vec<_> = phases("d").into_iter().chain(phases("e")).collect();
        let seen = select_seen(&journeys, &all);
        let reached: Vec<(&str, Vec<&str>)> =
            seen.iter().map(|one| (one.journey.as_str(), one.reached.iter().map(String::as_str).collect())).collect();
        assert_eq!(reached, [("a", vec!["d0", "d1"]), ("c", vec!["e0"])]);
    }

    #[test]
    fn phases_of_other_revisions_are_reached_with_those_of_the_same_key() {
        let phase = |definition: &str, revision: &str, key: &str, order: i64| -> Row<Phase> {
            let definition = json!({ "documentId": revision, "key": definition });
            let id = format!("{revision}-{key}");
            let phase = json!({ "documentId": id, "title": "P", "key": key, "order": order, "definition": definition });
            serde_json::from_value(phase).unwrap()
        };
        let phases = [
            phase("d", "d", "order", 0),
            phase("d", "d", "build", 1),
            phase("d", "d2", "order", 0),
            phase("d", "d2", "design", 1),
            phase("d", "d2", "build", 2),
            phase("e", "e", "order", 0),
        ];
        let seen = select_seen(&[journey("a", "active", "d", 0)], &phases);
        assert_eq!(seen[0].reached, ["d-order", "d2-order"]);
        let seen = select_seen(&[journey("a", "active", "d", 1)], &phases);
        assert_eq!(seen[0].reached, ["d-order", "d-build", "d2-order", "d2-build"]);
    }

    #[test]
    fn what_is_unclear_is_not_seen() {
        let mut lost = journey("a", "active", "d", 1);
        lost.current_phase = None;
        assert_eq!(select_seen(&[lost], &phases("d")), []);
        assert_eq!(select_seen(&[journey("a", "active", "d", 1)], &phases("other"))[0].reached, Vec::<String>::new());
        assert_eq!(filter_for(Item::TYPE, &[]), nothing());
        let seen = select_seen(&[journey("a", "active", "d", 1)], &phases("d"));
        assert_eq!(filter_for("plugin::journey.later", &seen), nothing());
    }

    #[test]
    fn items_are_for_a_phase_and_a_journey_together() {
        let seen = select_seen(&[journey("a", "active", "d", 2), journey("b", "active", "d", 0)], &phases("d"));
        let filter = filter_for(Item::TYPE, &seen);
        let of_b = &filter["$or"][0]["$and"][1]["$or"][1]["$and"];
        assert_eq!(of_b[0], json!({ "phases": { "documentId": { "$in": ["d0"] } } }));
        assert_eq!(of_b[1]["$or"][1], json!({ "journeys": { "documentId": { "$in": ["b"] } } }));
        // An item that follows a slot is for the journey of that slot, in a phase that the journey has reached.
        let by_slot = &filter["$or"][1]["$and"];
        assert_eq!(by_slot[0], json!({ "audience": { "$eq": "slot" } }));
        let of_b = &by_slot[1]["slots"]["$and"][1]["$or"][1]["$and"];
        assert_eq!(of_b[0], json!({ "journey": { "documentId": { "$in": ["b"] } } }));
        assert_eq!(of_b[1], json!({ "phase": { "documentId": { "$in": ["d0"] } } }));
    }

    #[test]
    fn items_that_follow_slots_are_seen_with_these() {
        let seen = select_seen(&[journey("a", "active", "d", 1), journey("b", "active", "d", 0)], &phases("d"));
        let item = |slots: &str| -> Item {
            serde_json::from_str(&format!(
                r#"{{"audience":"slot","phases":[{{"documentId":"d0"}}],"slots":[{slots}]}}"#
            ))
            .unwrap()
        };
        let shown = |slots| seen.iter().map(|one| is_item_seen_by(&item(slots), one)).collect::<Vec<_>>();
        assert_eq!(shown(r#"{"journey":{"documentId":"a"},"phase":{"documentId":"d1"}}"#), [true, false]);
        assert_eq!(shown(r#"{"journey":{"documentId":"b"},"phase":{"documentId":"d1"}}"#), [false, false]);
        assert_eq!(shown(r#"{"journey":null,"phase":{"documentId":"d0"}}"#), [false, false]);
        assert_eq!(shown(""), [false, false]);
    }

    #[test]
    fn chosen_types_are_seen_as_items() {
        let seen = select_seen(&[journey("a", "active", "d", 1)], &phases("d"));
        let chosen = ["api::chapter.chapter".to_owned()];
        let filter = |uid, seen| filter_with_chosen(uid, &chosen, seen);
        assert_eq!(filter("api::chapter.chapter", &seen), filter_for(Item::TYPE, &seen)["$or"][0]["$and"][1]);
        assert_eq!(filter("api::other.other", &seen), nothing());
        assert_eq!(filter(Journey::TYPE, &seen), filter_for(Journey::TYPE, &seen));
        assert_eq!(filter("api::chapter.chapter", &[]), nothing());
    }

    #[test]
    fn content_is_shown_with_the_journeys_that_it_is_for() {
        let seen = select_seen(&[journey("a", "active", "d", 1), journey("b", "active", "d", 0)], &phases("d"));
        let links = |ids: &[&str]| ids.iter().map(|id| Link { document_id: (*id).to_owned() }).collect::<Vec<_>>();
        let shown = |phases: &[&str], journeys: &[&str]| {
            seen.iter().map(|seen| is_seen_by(&links(phases), &links(journeys), seen)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&["d0"], &[]), [true, true]);
        assert_eq!(shown(&["d1"], &[]), [true, false]);
        assert_eq!(shown(&["d1"], &["b"]), [false, false]);
        assert_eq!(shown(&["d0", "d2"], &["b", "c"]), [false, true]);
        assert_eq!((shown(&["d2"], &[]), shown(&[], &[])), (vec![false, false], vec![false, false]));
    }

    #[test]
    fn many_journeys_make_no_long_filter() {
        let journeys: Vec<_> = (0..50).map(|n| journey(&format!("j{n}"), "active", "d", n % 3)).collect();
        let filter = filter_for(Item::TYPE, &select_seen(&journeys, &phases("d")));
        let count = |filter: &Value| filter.as_array().unwrap().len();
        assert_eq!(count(&filter["$or"][0]["$and"][1]["$or"]), 3);
        assert_eq!(count(&filter["$or"][1]["$and"][1]["slots"]["$and"][1]["$or"]), 3);
        let scattered: Vec<SeenJourney> = (0..50)
            .map(|n| SeenJourney { journey: format!("j{n}"), definition: "d".into(), reached: vec![format!("p{n}")] })
            .collect();
        assert_eq!(count(&filter_for(Slot::TYPE, &scattered)["$and"][0]["$or"]), MAX_GROUPS);
        // Filters may have at most a hundred comparisons.
        let comparisons = filter_for(Item::TYPE, &scattered).to_string().matches("\"$in\"").count();
        assert_eq!(comparisons, 4 * MAX_ITEM_GROUPS);
        const { assert!(5 * MAX_ITEM_GROUPS + 4 <= 100) };
    }
}
