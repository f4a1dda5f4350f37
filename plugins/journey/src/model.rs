//! The plugin's content types, as far as the code reads them.

use crate::conditions::parse_conditions;
use crate::local_texts::pick_title;
use crate::period::Period;
use crate::schedule::Delay;
use crate::timetable::{Frequency, Offsets, Series, parse_hour};
use cairn_plugin::data::or_default;
use cairn_plugin::{Document, Instant, Result, Row, time};
use chrono::{NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) use crate::items::{Item, ItemAudience};
pub(crate) use cairn_plugin::data::Link;

macro_rules! content_type {
    ($type:ty, $uid:literal) => {
        impl Document for $type {
            const TYPE: &'static str = $uid;
        }
    };
}

/// A link to something that has a key, where both are populated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyedLink {
    pub(crate) document_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) key: String,
}

/// A user of the content API.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct User {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) username: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) email: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) blocked: bool,
}
content_type!(User, "plugin::users-permissions.user");

/// A user of the content API, as far as it says whether the address is theirs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Account {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) email: String,
}
content_type!(Account, "plugin::users-permissions.user");

/// A journey that was asked for, and starts once its customer has an account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartRequest {
    /// Origin of the request, such as `crm.deal/` and the id of a deal.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) source: String,
    pub(crate) title: String,
    /// Key of the definition.
    pub(crate) definition: String,
    pub(crate) customer_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) anchor_at: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: StartStatus,
    pub(crate) problem: Option<String>,
}
content_type!(StartRequest, "plugin::journey.start-request");

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StartStatus {
    /// Its journey has not begun.
    #[default]
    Waiting,
    Started,
}

impl StartRequest {
    /// Prefix of the source of a journey that a deal of the plugin `crm` has started.
    pub(crate) const DEAL_SOURCE: &str = "crm.deal/";

    /// The id of the deal that has started it; none of any other.
    pub(crate) fn deal(&self) -> Option<&str> {
        self.source.strip_prefix(Self::DEAL_SOURCE).filter(|deal| !deal.is_empty())
    }
}

/// Phases and what is planned in them. A journey stays on the version that it was started with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Definition {
    pub(crate) title: String,
    pub(crate) key: String,
    pub(crate) revision: u32,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: DefinitionStatus,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) zone: String,
}
content_type!(Definition, "plugin::journey.definition");

/// Status of a definition: journeys are started with an active one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DefinitionStatus {
    #[default]
    Draft,
    Active,
    Retired,
}

/// Advance at the end of a phase's window: by date, by a person or by an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Advance {
    /// The journey moves on.
    Date,
    /// Somebody moves it; the end of the window only reminds them.
    #[default]
    Manual,
    /// An event of another system moves it; the end of the window only reminds.
    Event,
}

/// A part of a journey.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Phase {
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) short_title: String,
    /// Titles by language.
    #[serde(default)]
    pub(crate) titles: Value,
    #[serde(default)]
    pub(crate) short_titles: Value,
    pub(crate) key: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) order: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) window_from: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) window_to: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) advance: Advance,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner: String,
    #[serde(default)]
    pub(crate) definition: Option<KeyedLink>,
    /// Loaded with the phases of a definition: a relation from this side would let people change a plan from here, where no hook sees it.
    #[serde(skip)]
    pub(crate) plan_rows: Vec<Row<PlanRow>>,
}
content_type!(Phase, "plugin::journey.phase");

impl Phase {
    /// The window as offsets from the anchor. What cannot be parsed was refused when it was stored, and counts as open.
    pub(crate) fn offsets(&self) -> Offsets {
        Offsets { from: Period::parse(self.window_from.trim()), to: Period::parse(self.window_to.trim()) }
    }

    /// The title for readers of a language.
    pub(crate) fn title_in(&self, language: &str) -> &str {
        pick_title(&self.titles, language).unwrap_or(&self.title)
    }

    /// The title for places with little room.
    pub(crate) fn label_in(&self, language: &str) -> &str {
        if let Some(short) = pick_title(&self.short_titles, language) {
            return short;
        }
        // A short title in another language says less than the title in this one.
        match pick_title(&self.titles, language) {
            Some(title) => title,
            None if self.short_title.is_empty() => &self.title,
            None => &self.short_title,
        }
    }
}

/// Content that is planned for a phase.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanRow {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) phase: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) frequency: Frequency,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) local_time: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) dashboard: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) mail: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) only_last_month: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) offset: String,
    #[serde(default)]
    pub(crate) item: Option<Link>,
    /// Content of one time after another.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) items: Vec<Link>,
    /// Each journey gets content of its own.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) own_content: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) late: LatePolicy,
    /// The id of the row of the first revision that this one was copied from.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) origin: String,
}
content_type!(PlanRow, "plugin::journey.plan-row");

/// Fate of slots that are due while the server is off, once it is on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LatePolicy {
    /// All of them are published, and the customer hears of the last one.
    #[default]
    Collapse,
    /// The customer hears of each, and for when it was planned.
    Mark,
    /// They are passed over.
    Drop,
}

/// The id by which a row or a rule is known in all revisions of its definition.
pub(crate) fn origin_of<'a>(origin: &'a str, id: &'a str) -> &'a str {
    if origin.is_empty() { id } else { origin }
}

impl PlanRow {
    /// The item of the list that comes after so many others, of those that have not had their turn. The list has to be populated.
    pub(crate) fn item_after(&self, taken: &BTreeSet<&str>, others: usize) -> Option<&Link> {
        self.items.iter().filter(|item| !taken.contains(item.document_id.as_str())).nth(others)
    }

    /// The content that the plan has there: that item, and behind the end of the list the one that is for all.
    pub(crate) fn content_after(&self, taken: &BTreeSet<&str>, others: usize) -> Option<&Link> {
        self.item_after(taken, others).or(self.item.as_ref())
    }

    /// Hour of the clock at which it is due; midnight where it cannot be parsed.
    pub(crate) fn hour(&self) -> NaiveTime {
        parse_hour(&self.local_time).unwrap_or(NaiveTime::MIN)
    }

    /// When it is due.
    pub(crate) fn series(&self) -> Series {
        Series {
            frequency: self.frequency,
            time: self.hour(),
            offset: Period::parse(self.offset.trim()),
            only_last_month: self.only_last_month,
        }
    }

    /// Where it is shown.
    pub(crate) fn channels(&self) -> Vec<&'static str> {
        [(self.dashboard, "dashboard"), (self.mail, "mail")]
            .into_iter()
            .filter(|(on, _)| *on)
            .map(|(_, name)| name)
            .collect()
    }
}

/// How far a journey is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JourneyStatus {
    #[default]
    Active,
    Paused,
    Completed,
    Cancelled,
}

impl JourneyStatus {
    /// Its name in documents and texts.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A customer's way through the phases of a definition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Journey {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) definition: Option<Row<Definition>>,
    #[serde(default)]
    pub(crate) customer: Option<Row<User>>,
    /// Name of the customer when the journey began; it stays when the account is deleted.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) customer_name: String,
    /// Name by which mails greet the customer.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) person_name: String,
    /// When the team was told that the account is blocked.
    #[serde(default)]
    pub(crate) blocked_at: Option<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) mail_opt_out: bool,
    pub(crate) anchor_at: String,
    #[serde(default)]
    pub(crate) current_phase: Option<Row<Phase>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: JourneyStatus,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) shift: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) held_seconds: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) entry_no: i64,
    #[serde(default)]
    pub(crate) phase_ends_at: Option<String>,
    #[serde(default)]
    pub(crate) overdue_at: Option<String>,
    #[serde(default)]
    pub(crate) paused_at: Option<String>,
    /// Until when the last move can be undone.
    #[serde(default)]
    pub(crate) undo_until: Option<String>,
    /// Changes of the last move.
    #[serde(default)]
    pub(crate) undo: Option<LastMove>,
    /// Variables that rules have set.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) variables: Map<String, Value>,
}
content_type!(Journey, "plugin::journey.journey");

impl Journey {
    /// Relations populated for code that changes a journey or tells of it.
    pub(crate) fn populate() -> Value {
        json!({ "definition": true, "customer": { "fields": ["username", "email", "blocked"] }, "currentPhase": true })
    }

    /// By how much the plan was shifted.
    pub(crate) fn period(&self) -> Period {
        self.delay().shift
    }

    /// By how much the plan is delayed.
    pub(crate) fn delay(&self) -> Delay {
        read_delay(&self.shift, self.held_seconds)
    }
}

/// A move by a person, as far as it takes to undo it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMove {
    /// The entry that it made.
    pub(crate) entry: String,
    /// The entry that it left.
    pub(crate) left: String,
    /// The phase that it left, and how it stood.
    pub(crate) phase: String,
    #[serde(default)]
    pub(crate) phase_ends_at: Option<String>,
    #[serde(default)]
    pub(crate) overdue_at: Option<String>,
    #[serde(default)]
    pub(crate) is_silent: bool,
}

/// The time that a journey was in a phase.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) no: u32,
    pub(crate) entered_at: String,
    #[serde(default)]
    pub(crate) left_at: Option<String>,
    #[serde(default)]
    pub(crate) by: Option<String>,
    #[serde(default)]
    pub(crate) reason: Option<String>,
    #[serde(default)]
    pub(crate) journey: Option<Link>,
    #[serde(default)]
    pub(crate) phase: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) shift: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) held_seconds: i64,
    /// Rows of the plan whose slots are stored; `None` for entries of earlier versions, which stored all at once.
    #[serde(default)]
    pub(crate) planned_rows: Option<u32>,
    /// When the journey was moved to another revision in it, without what that has in the past.
    #[serde(default)]
    pub(crate) revised_at: Option<String>,
    /// How long the journey had been paused by then.
    #[serde(default)]
    pub(crate) revised_held_seconds: Option<i64>,
}

impl Entry {
    /// When the journey was moved to another revision in it, without what that has in the past, and how long it had been paused by then.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn revised(&self) -> Result<Option<(Instant, TimeDelta)>> {
        let held = TimeDelta::try_seconds(self.revised_held_seconds.unwrap_or_default()).unwrap_or_default();
        let at = self.revised_at.as_deref().map(time::parse).transpose()?;
        Ok(at.map(|at| (at, held)))
    }

    /// By how much the plan was delayed when the phase was entered.
    pub(crate) fn delay(&self) -> Delay {
        read_delay(&self.shift, self.held_seconds)
    }
}

fn read_delay(shift: &str, held_seconds: i64) -> Delay {
    let held = TimeDelta::try_seconds(held_seconds).unwrap_or_default();
    Delay { shift: Period::read(shift).unwrap_or_default(), held }
}

content_type!(Entry, "plugin::journey.entry");

/// How a slot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SlotStatus {
    #[default]
    Planned,
    Published,
    /// The journey left the phase before.
    Skipped,
    /// It was due and had no content.
    Missed,
}

/// Fate of a slot that was late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lateness {
    /// It was published, and a later one of its row was announced.
    Collapsed,
    /// It was announced as late.
    Marked,
    /// It was passed over.
    Dropped,
}

/// One time at which something of the plan is due.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Slot {
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) occurrence: u32,
    pub(crate) planned_at: String,
    #[serde(default)]
    pub(crate) fired_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: SlotStatus,
    #[serde(default)]
    pub(crate) lateness: Option<Lateness>,
    #[serde(default)]
    pub(crate) journey: Option<Link>,
    #[serde(default)]
    pub(crate) entry: Option<Row<Entry>>,
    #[serde(default)]
    pub(crate) phase: Option<Link>,
    #[serde(default)]
    pub(crate) plan_row: Option<Row<PlanRow>>,
    #[serde(default)]
    pub(crate) content: Option<Link>,
    /// Id of the item of its row's list whose turn it was; empty as long as it is planned.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) turn_item: String,
}
content_type!(Slot, "plugin::journey.slot");

/// A rule of a definition, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) definition: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) on: String,
    #[serde(default)]
    pub(crate) phase: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) event: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) offset: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) local_time: String,
    #[serde(default)]
    pub(crate) conditions: Value,
    #[serde(default)]
    pub(crate) actions: Value,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) frequency: RuleFrequency,
    #[serde(default)]
    pub(crate) enabled: Option<bool>,
    /// The id of the rule of the first revision that this one was copied from.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) origin: String,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
}
content_type!(Rule, "plugin::journey.rule");

/// How often the effect of a rule happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RuleFrequency {
    OncePerJourney,
    #[default]
    OncePerEntry,
    Every,
}

impl Rule {
    /// True if it is about a phase, asks for it in its conditions, or moves journeys to it.
    pub(crate) fn names_phase(&self, id: &str, key: &str) -> bool {
        let moves_there = |action: &Value| action["do"] == "move" && action["phase"] == key;
        let is_key =
            |value: &Value| value == key || value.as_array().is_some_and(|all| all.iter().any(|one| one == key));
        self.phase.as_ref().is_some_and(|phase| phase.document_id == id)
            || self.actions.as_array().is_some_and(|actions| actions.iter().any(moves_there))
            || parse_conditions(&self.conditions).is_ok_and(|conditions| {
                conditions.comparisons().iter().any(|one| one.field == "phase" && is_key(&one.value))
            })
    }
}

/// Effect of a rule in a journey, or why it did nothing the last time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Effect {
    #[serde(default)]
    pub(crate) rule: Option<KeyedLink>,
    pub(crate) occurrence: String,
    pub(crate) state: EffectState,
    pub(crate) at: String,
    #[serde(default)]
    pub(crate) trace: Value,
    #[serde(default)]
    pub(crate) results: Value,
}
content_type!(Effect, "plugin::journey.effect");

/// How a rule turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EffectState {
    Done,
    /// Its conditions were not met.
    Unmet,
    /// Too many rules in a row led to it.
    Stopped,
}

/// Something that another system reported about a journey.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExternalEvent {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) journey: Option<Link>,
    #[serde(default)]
    pub(crate) data: Value,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
    #[serde(default)]
    pub(crate) handled_at: Option<String>,
}
content_type!(ExternalEvent, "plugin::journey.external-event");

/// A message in a customer's inbox.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notice {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) subject: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) body: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) at: String,
    #[serde(default)]
    pub(crate) read_at: Option<String>,
    #[serde(default)]
    pub(crate) journey: Option<Link>,
}
content_type!(Notice, "plugin::journey.notice");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_of_a_row_shows_the_next_item_of_its_list() {
        let row = |fields: &str| serde_json::from_str::<PlanRow>(&format!(r#"{{"title":"R",{fields}}}"#)).unwrap();
        let shown =
            |row: &PlanRow, others| row.content_after(&BTreeSet::new(), others).map(|link| link.document_id.clone());
        let list = row(r#""items":[{"documentId":"a"},{"documentId":"b"}]"#);
        assert_eq!([0, 1, 2].map(|others| shown(&list, others)), [Some("a".into()), Some("b".into()), None]);
        assert_eq!(list.item_after(&["a"].into(), 0).map(|link| link.document_id.as_str()), Some("b"));
        let with_end = row(r#""items":[{"documentId":"a"}],"item":{"documentId":"z"}"#);
        assert_eq!([0, 1, 16].map(|others| shown(&with_end, others)), ["a", "z", "z"].map(|id| Some(id.to_owned())));
        // Rows that were stored with a single item work as before.
        let old = row(r#""item":{"documentId":"z"}"#);
        assert_eq!([0, 16].map(|others| shown(&old, others)), ["z", "z"].map(|id| Some(id.to_owned())));
        assert_eq!(shown(&row(r#""items":null"#), 0), None);
    }

    #[test]
    fn rules_name_the_phases_that_they_need() {
        let rule = |fields: &str| serde_json::from_str::<Rule>(fields).unwrap();
        assert!(rule(r#"{"phase":{"documentId":"p"}}"#).names_phase("p", "order"));
        assert!(rule(r#"{"actions":[{"do":"move","phase":"order"}]}"#).names_phase("p", "order"));
        assert!(rule(r#"{"conditions":{"$not":{"phase":{"$in":["x","order"]}}}}"#).names_phase("p", "order"));
        let other = rule(r#"{"phase":{"documentId":"q"},"actions":[{"do":"notify-team","phase":"order"}]}"#);
        assert!(!other.names_phase("p", "order"));
    }

    #[test]
    fn documents_are_read_with_what_is_null_or_missing() {
        let journey: Row<Journey> = serde_json::from_str(
            r#"{"documentId":"j","title":"F22","anchorAt":"2026-01-15T09:00:00.000Z","status":null,"shift":null,"heldSeconds":null}"#,
        )
        .unwrap();
        assert_eq!(
            (journey.status, journey.period(), journey.held_seconds),
            (JourneyStatus::Active, Period::default(), 0)
        );
        let phase: Phase =
            serde_json::from_str(r#"{"title":"Assemblage","key":"a","windowFrom":"P8M","windowTo":null}"#).unwrap();
        assert_eq!(phase.offsets(), Offsets { from: Some(Period::months(8)), to: None });
        assert_eq!((phase.label_in("nl"), phase.title_in("en")), ("Assemblage", "Assemblage"));
        let phase: Phase = serde_json::from_str(
            r#"{"title":"Assemblage","shortTitle":"Bouw","key":"a","titles":{"en":"Assembly"},"shortTitles":{"nl":"Bouwen"}}"#,
        )
        .unwrap();
        assert_eq!(
            (phase.title_in("en-GB"), phase.title_in("nl"), phase.title_in("de")),
            ("Assembly", "Assemblage", "Assemblage")
        );
        assert_eq!((phase.label_in("en"), phase.label_in("nl"), phase.label_in("de")), ("Assembly", "Bouwen", "Bouw"));
        let row: PlanRow =
            serde_json::from_str(r#"{"title":"R","localTime":"09:00","mail":true,"frequency":"biweekly"}"#).unwrap();
        assert_eq!((row.channels(), row.series().frequency), (vec!["mail"], Frequency::Biweekly));
    }
}
