//! `[[hook]]`: decisions before a change is stored.

use super::grant::field;
use crate::names;
use crate::problem::Place;
use crate::read::{Item, Section};
use crate::words::{alternatives, nearest, words};
use serde_json::{Map, Value as Json};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
/// The longest a hook may ask for; the operator's ceiling may be lower.
const MAX_BUDGET: Duration = Duration::from_millis(100);

words! {
    /// When a hook runs.
    Phase {
        /// Before the transaction: no data access, nothing is locked meanwhile.
        Prepare = "prepare",
        /// In the transaction: reads and writes join it.
        Before = "before",
    }
}

impl Phase {
    /// The budget of a hook that asks for none.
    pub const fn default_budget(self) -> Duration {
        match self {
            // Time of the wall: a busy machine takes some of it, and nothing waits for it but the one request.
            Self::Prepare => Duration::from_millis(50),
            Self::Before => Duration::from_millis(20),
        }
    }
}

words! {
    /// What happens to a document.
    HookAction {
        /// A new one.
        Create = "create",
        /// A change.
        Update = "update",
        /// It goes.
        Delete = "delete",
        /// It is published.
        Publish = "publish",
        /// It is taken back.
        Unpublish = "unpublish",
        /// Its draft goes back to what is published.
        DiscardDraft = "discard-draft",
    }
}

words! {
    /// What happens to the request when a hook traps, runs out of time or of another budget.
    OnFailure {
        /// It fails.
        Refuse = "refuse",
        /// It goes on without the hook, which is recorded.
        Skip = "skip",
    }
}

/// `plugin::crm.deal:create`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HookTarget {
    /// The content type's uid.
    pub uid: String,
    /// `None` for every action (`*`).
    pub action: Option<HookAction>,
    /// Where it stands.
    pub at: Place,
}

impl HookTarget {
    /// Whether a change of this content type is meant.
    pub fn fits(&self, uid: &str, action: HookAction) -> bool {
        self.uid == uid && self.action.is_none_or(|a| a == action)
    }
}

/// When the plugin is woken at all. The host checks it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// Only when one of these top-level fields differs. Empty: always.
    pub changed: Vec<String>,
    /// Only when the document about to be stored fits this REST filter object.
    pub filter: Option<Map<String, Json>>,
}

/// One `[[hook]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// Its name, handed to the plugin.
    pub name: String,
    /// For which changes.
    pub on: Vec<HookTarget>,
    /// When it runs.
    pub phase: Phase,
    /// When it is worth running.
    pub when: When,
    /// Paths of fields the plugin is shown. Empty: every one it may read.
    pub select: Vec<String>,
    /// Hooks run by this, then by plugin id; 0 to 1,000.
    pub order: u16,
    /// How long it may take.
    pub budget: Duration,
    /// When it fails.
    pub on_failure: OnFailure,
    /// It also runs for what the plugin itself writes.
    pub reentrant: bool,
    /// Where the section begins.
    pub at: Place,
}

pub(super) fn read(s: &Section<'_>) -> Option<Hook> {
    let name = s.required("name", "name = \"check-stage\"", section_name);
    let on = s.filled_list("on", "on = [\"plugin::crm.deal:update\"]", |i| {
        let (uid, action) = document_target(i)?;
        Some(HookTarget { uid, action, at: i.at })
    });
    let phase = s.or("phase", Phase::Prepare, Item::word);
    let when = s.section("when").map_or_else(When::default, |s| {
        let changed = s.list("changed", field);
        let filter = s.optional("filter", |i| i.section().and_then(|_| i.json())).and_then(|json| match json {
            Json::Object(filter) => Some(filter),
            _ => None,
        });
        s.finish();
        When { changed, filter }
    });
    let select = s.list("select", |i| {
        i.text_of("the path of a field, such as \"stage\" or \"owner.documentId\"", names::is_field_path)
    });
    let order = s.or("order", 500, |i| i.integer(0..=1_000));
    let budget = s.or("budget", phase.default_budget(), |i| i.duration(MS..=MAX_BUDGET));
    let on_failure = s.or("on-failure", OnFailure::Refuse, Item::word);
    let reentrant = s.or("reentrant", false, Item::boolean);
    s.finish();
    Some(Hook { name: name?, on: on?, phase, when, select, order, budget, on_failure, reentrant, at: s.at })
}

/// The name of a section.
pub(super) fn section_name(item: &Item<'_>) -> Option<String> {
    item.text_of("a name of lowercase letters, digits and single `-`", names::is_kebab)
}

/// `plugin::crm.deal:update` or `plugin::crm.deal:*`.
pub(super) fn document_target(item: &Item<'_>) -> Option<(String, Option<HookAction>)> {
    item.parsed(|text| {
        // The uid itself holds `::`.
        let target = text.rsplit_once(':').filter(|(uid, _)| names::uid_owner(uid).is_some());
        let Some((uid, action)) = target else {
            let only_uid = names::uid_owner(text).is_some();
            let example = if only_uid { text } else { "plugin::crm.deal" };
            return Err(format!(
                "is not a content type with an action; write it as \"{example}:update\" or \"{example}:*\""
            ));
        };
        if action == "*" {
            return Ok((uid.to_owned(), None));
        }
        let words = || HookAction::ALL.iter().map(|a| a.as_str());
        match HookAction::ALL.iter().find(|a| a.as_str() == action) {
            Some(action) => Ok((uid.to_owned(), Some(*action))),
            None => {
                let near = nearest(action, words())
                    .map_or_else(String::new, |near| format!(" did you mean \"{uid}:{near}\"?"));
                Err(format!("has an unknown action;{near} Actions are {} and \"*\"", alternatives(words())))
            }
        }
    })
}
