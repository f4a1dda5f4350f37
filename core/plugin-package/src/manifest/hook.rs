//! `[[hook]]`: decisions before a change is stored.

use super::items::{is_choice_reference, read_field_name, read_section_name};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::{list_alternatives, nearest_word, words};
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
    /// True if hooks of this phase ever run for an action. Only what has values is seen before the transaction.
    pub const fn runs_for(self, action: HookAction) -> bool {
        match self {
            Self::Prepare => matches!(action, HookAction::Create | HookAction::Update),
            Self::Before => true,
        }
    }

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
    /// Action on a document.
    HookAction {
        /// It is created.
        Create = "create",
        /// It is updated.
        Update = "update",
        /// It is deleted.
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
    /// Treatment of the request when a hook traps, runs out of time or of another budget.
    OnFailure {
        /// The request fails.
        Refuse = "refuse",
        /// It goes on without the hook, which is recorded.
        Skip = "skip",
    }
}

/// `plugin::crm.deal:create`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HookTarget {
    /// The content type's uid, or a reference to a choice.
    pub uid: String,
    /// `None` for every action (`*`).
    pub action: Option<HookAction>,
    /// Where it stands.
    pub at: SourceLocation,
}

impl HookTarget {
    /// True if a change of this content type is meant.
    pub fn matches_change(&self, uid: &str, action: HookAction) -> bool {
        self.uid == uid && self.action.is_none_or(|a| a == action)
    }
}

/// When the plugin is woken at all. The host checks it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookCondition {
    /// Only when one of these top-level fields differs. Empty: always.
    pub changed: Vec<String>,
    /// Only when the document about to be stored fits this REST filter object.
    pub filter: Option<Map<String, Json>>,
}

/// One `[[hook]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestHook {
    /// Its name, handed to the plugin.
    pub name: String,
    /// For which changes.
    pub on: Vec<HookTarget>,
    /// The phase of the write that it runs in.
    pub phase: Phase,
    /// When it is worth running.
    pub when: HookCondition,
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
    pub at: SourceLocation,
}

pub(super) fn read_hook(s: &TomlSection<'_>) -> Option<ManifestHook> {
    let name = s.required("name", "name = \"check-stage\"", read_section_name);
    let on = s.filled_list("on", "on = [\"plugin::crm.deal:update\"]", |i| {
        let (uid, action) = read_document_target(i)?;
        Some(HookTarget { uid, action, at: i.at })
    });
    let phase = s.optional_or("phase", Phase::Prepare, TomlItem::word);
    on.iter().flatten().for_each(|target| check_target(s, target, phase));
    let when = s.section("when").map_or_else(HookCondition::default, |s| {
        let changed = s.list("changed", read_field_name);
        let filter = s.optional("filter", read_filter);
        s.finish();
        HookCondition { changed, filter }
    });
    let select = s.list("select", |i| {
        i.text_of("the path of a field, such as \"stage\" or \"owner.documentId\"", names::is_field_path)
    });
    let order = s.optional_or("order", 500, |i| i.integer(0..=1_000));
    let budget = s.optional_or("budget", phase.default_budget(), |i| i.duration(MS..=MAX_BUDGET));
    let on_failure = s.optional_or("on-failure", OnFailure::Refuse, TomlItem::word);
    let reentrant = s.optional_or("reentrant", false, TomlItem::boolean);
    s.finish();
    Some(ManifestHook { name: name?, on: on?, phase, when, select, order, budget, on_failure, reentrant, at: s.at })
}

/// Users of the API: the only content type of the core whose writes call hooks.
const USER_UID: &str = "plugin::users-permissions.user";

/// Reports a hook that would never be called.
fn check_target(s: &TomlSection<'_>, target: &HookTarget, phase: Phase) {
    let HookTarget { uid, action, at } = target;
    let error = |message: String, hint: &str| s.report.push_error(*at, message, hint);
    if names::uid_owner(uid).is_some_and(names::is_core) && uid != USER_UID {
        return error(
            format!("[[hook]] refers to {uid}, whose changes call no hooks"),
            "write a [[subscription]] to its events",
        );
    }
    if uid == USER_UID && phase == Phase::Prepare {
        return error(
            format!("[[hook]] has phase \"prepare\", which does not run for {uid}"),
            "write phase = \"before\"",
        );
    }
    match action {
        Some(action) if !phase.runs_for(*action) => error(
            format!("[[hook]] has phase \"{phase}\", which does not run for \"{action}\" ({uid})"),
            "write phase = \"before\"",
        ),
        None if !HookAction::ALL.iter().all(|action| phase.runs_for(*action)) => error(
            format!(
                "[[hook]] has phase \"{phase}\", which runs for create and update only, but \"{uid}:*\" is every action"
            ),
            &format!("write phase = \"before\", or \"{uid}:create\" and \"{uid}:update\""),
        ),
        _ => {}
    }
}

/// A REST filter object.
pub(super) fn read_filter(item: &TomlItem<'_>) -> Option<Map<String, Json>> {
    match item.section().and_then(|_| item.json())? {
        Json::Object(filter) => Some(filter),
        _ => None,
    }
}

/// `plugin::crm.deal:update` or `plugin::crm.deal:*`.
pub(super) fn read_document_target(item: &TomlItem<'_>) -> Option<(String, Option<HookAction>)> {
    item.parse_text(|text| {
        // The uid itself holds `::`.
        let is_subject = |uid: &str| names::uid_owner(uid).is_some() || is_choice_reference(uid);
        let Some((uid, action)) = text.rsplit_once(':').filter(|(uid, _)| is_subject(uid)) else {
            let only_uid = is_subject(text);
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
                let near = nearest_word(action, words())
                    .map_or_else(String::new, |near| format!(" did you mean \"{uid}:{near}\"?"));
                Err(format!("has an unknown action;{near} Actions are {} and \"*\"", list_alternatives(words())))
            }
        }
    })
}
