//! A change on its way through hooks: what each is shown, and what becomes of its answer.

use super::amend::{self, CheckAmendment};
use super::show::{Readable, Show};
use super::{Listening, limits};
use crate::bindings::hooks::exports::cairn::plugin::hooks as guest;
use crate::bindings::types::{Actor as GuestActor, Conflict, Error, FieldError, Principal};
use crate::call::{Ended, new_id};
use crate::error::Failure;
use crate::faults::{self, answered, in_conflict, invalid_fields};
use crate::limits::{Export, Limits};
use crate::plugins::{Failed, Plugins};
use crate::state::Asked;
use cairn_content::{Change, ContentError, HookAction, Result, Verdict};
use cairn_plugin_package::manifest::OnFailure;
use cairn_store::events::{Actor, ActorKind};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// What all hooks of one change together may take.
const TOGETHER: Duration = Duration::from_millis(250);

/// A change on its way through the hooks: each sees what those before it amended.
pub(super) struct Course<'a> {
    pub(super) change: Change<'a>,
    patch: Map<String, Json>,
    spent: Duration,
}

impl<'a> Course<'a> {
    pub(super) fn of(change: Change<'a>) -> Self {
        Self { change, patch: Map::new(), spent: Duration::ZERO }
    }

    pub(super) fn verdict(self) -> Verdict {
        if self.patch.is_empty() { Verdict::Allow } else { Verdict::Amend(self.patch) }
    }

    /// What a call is made with.
    pub(super) fn call(
        &self,
        hook: &Listening,
        export: Export,
        tx: Option<&mut WriteTx<'_>>,
    ) -> Result<(Asked, Limits, guest::Change)> {
        let (change, manifest) = (&self.change, hook.manifest());
        let id = new_id(export);
        let asked = Asked {
            export,
            name: hook.name.clone(),
            key: id.clone(),
            id,
            actor: actor(change.actor),
            access: change.access.cloned().map(Into::into),
            locale: match change.locale {
                "" => hook.generation.access().locales().default.to_string(),
                locale => locale.to_owned(),
            },
            attempt: 1,
        };
        let left = TOGETHER.saturating_sub(self.spent);
        let limits = Limits { deadline: manifest.budget.min(left), ..limits(hook, export) };
        let mut show = Show::new(hook, change.content_type, change.locale, tx);
        let shown = guest::Change {
            action: action(change.action),
            content_type: change.content_type.uid.clone(),
            document_id: change.document_id.unwrap_or_default().to_owned(),
            locale: (!change.locale.is_empty()).then(|| change.locale.to_owned()),
            before: change.before.as_ref().map(|document| show.json(document)).transpose()?,
            after: change.after.as_ref().map(|document| show.json(document)).transpose()?,
            changed: {
                let readable = Readable::of(hook, change.content_type);
                change.changed.iter().filter(|name| readable.has(name)).cloned().collect()
            },
            origin: origin(change.actor),
        };
        Ok((asked, limits, shown))
    }

    /// What became of a call.
    pub(super) fn take(
        &mut self,
        plugins: &Plugins,
        hook: &Listening,
        asked: &Asked,
        ended: Ended<std::result::Result<Vec<guest::Decision>, Error>>,
        check: &CheckAmendment<'_>,
    ) -> Result<()> {
        self.spent += ended.took;
        plugins.keep_logs(ended.logs);
        let most = limits(hook, asked.export).output;
        let decided = ended.result.and_then(|answer| match answer {
            Ok(decisions) => self.decision(hook, decisions, most).map(Ok),
            Err(error) => answered(error, most).map(Err),
        });
        let decided = match decided {
            Ok(Ok(Decided::Amend(patch))) => amend::fits(&patch, check)?.map(|()| Ok(Decided::Amend(patch))),
            other => other,
        };
        if decided.is_ok() {
            plugins.went_well(hook.generation.id(), asked.export, &hook.name, ended.took);
        }
        match decided {
            Ok(Ok(Decided::Allow)) => Ok(()),
            Ok(Ok(Decided::Amend(patch))) => {
                self.amend(patch);
                Ok(())
            }
            Ok(Ok(Decided::Refuse(errors))) => Err(ContentError::Refused(invalid_fields(errors))),
            Ok(Ok(Decided::Conflict(conflict))) => Err(ContentError::Refused(in_conflict(conflict))),
            // Passed on by it: another transaction was faster, so the whole change begins anew.
            Ok(Err(Error::Conflict(conflict))) if conflict.kind == faults::LOCK => Err(StoreError::Conflict.into()),
            Ok(Err(Error::Unavailable(after))) => unanswered(hook, Unanswered::Later(after.map(Duration::from_millis))),
            Ok(Err(Error::Exhausted(_) | Error::Internal(_))) => unanswered(hook, Unanswered::Later(None)),
            Ok(Err(error)) => Err(ContentError::Refused(faults::refusal(error))),
            Err(failure) => {
                let input = self.input();
                plugins.failed(Failed {
                    generation: &hook.generation,
                    asked,
                    failure: &failure,
                    took: ended.took,
                    input,
                });
                unanswered(hook, Unanswered::Later(failure.busy))
            }
        }
    }

    /// `most`: bytes that it may have.
    pub(super) fn decision(
        &self,
        hook: &Listening,
        mut decisions: Vec<guest::Decision>,
        most: usize,
    ) -> Result<Decided, Failure> {
        let decision = match (decisions.pop(), decisions.is_empty()) {
            (Some(decision), true) => decision,
            (_, _) => return Err(Failure::output("it must return one decision per change")),
        };
        let bytes = match &decision {
            guest::Decision::Allow => 0,
            guest::Decision::Amend(patch) => patch.len(),
            guest::Decision::Refuse(errors) => {
                errors.iter().map(|e| e.path.len() + e.code.len() + e.message.len()).sum()
            }
            guest::Decision::Conflict(conflict) => conflict.kind.len() + conflict.message.len(),
        };
        if bytes > most {
            return Err(Failure::output(format!("its decision has {bytes} bytes; the limit is {most}")));
        }
        Ok(match decision {
            guest::Decision::Allow => Decided::Allow,
            guest::Decision::Refuse(errors) => Decided::Refuse(errors),
            guest::Decision::Conflict(conflict) => Decided::Conflict(conflict),
            guest::Decision::Amend(_) if !self.change.action.has_values() => {
                return Err(Failure::output(format!("{} has no values to amend", self.change.action.as_str())));
            }
            guest::Decision::Amend(patch) => match serde_json::from_str(&patch) {
                Ok(Json::Object(patch)) => {
                    amend::allowed(hook, &self.change, &patch)?;
                    Decided::Amend(patch)
                }
                Ok(_) => return Err(Failure::output("an amendment must be a JSON object")),
                Err(error) => return Err(Failure::output(format!("an amendment is not valid JSON: {error}"))),
            },
        })
    }

    /// Later hooks see it.
    fn amend(&mut self, patch: Map<String, Json>) {
        let after = self.change.after.get_or_insert_default();
        for (name, value) in patch {
            if !self.change.changed.contains(&name) {
                self.change.changed.push(name.clone());
            }
            after.insert(name.clone(), value.clone());
            self.patch.insert(name, value);
        }
    }

    /// For whoever looks into a call that failed.
    fn input(&self) -> Json {
        let change = &self.change;
        json!({
            "action": change.action.as_str(), "contentType": change.content_type.uid, "documentId": change.document_id,
            "locale": change.locale, "before": change.before, "after": change.after, "changed": change.changed,
            "actor": Actor { request: None, ..(**change.actor).clone() },
        })
    }
}

/// Why a hook has said nothing of a change.
pub(super) enum Unanswered {
    /// It failed too often, and is not asked for so long.
    Paused(Duration),
    /// It was asked, or would have been: when to come again, where that is known.
    Later(Option<Duration>),
}

/// What becomes of a change that a hook has said nothing of.
pub(super) fn unanswered(hook: &Listening, why: Unanswered) -> Result<()> {
    if hook.manifest().on_failure == OnFailure::Skip {
        return Ok(());
    }
    let plugin = hook.generation.id();
    let (message, again) = match why {
        Unanswered::Paused(pause) => {
            (format!("The plugin {plugin:?} failed too often and is paused: the change was not saved"), Some(pause))
        }
        Unanswered::Later(again) => (format!("The plugin {plugin:?} did not respond: the change was not saved"), again),
    };
    Err(ContentError::Refused(faults::later(message, again)))
}

pub(super) enum Decided {
    Allow,
    Amend(Map<String, Json>),
    Refuse(Vec<FieldError>),
    Conflict(Conflict),
}

/// Who a guest is called for.
pub(crate) fn actor(actor: &Actor) -> GuestActor {
    let principal =
        || Principal { id: actor.id.clone().unwrap_or_default(), name: actor.name.clone(), roles: actor.roles.clone() };
    match actor.kind {
        ActorKind::Public => GuestActor::Anonymous,
        ActorKind::User => GuestActor::User(principal()),
        ActorKind::Admin => GuestActor::Admin(principal()),
        ActorKind::Token => GuestActor::Token(principal()),
        ActorKind::System | ActorKind::Plugin => GuestActor::System,
    }
}

/// The way in that a change came by.
pub(crate) fn origin(actor: &Actor) -> String {
    match (actor.kind, &actor.id) {
        (ActorKind::Admin, _) => "admin".to_owned(),
        (ActorKind::Plugin, Some(id)) => format!("plugin:{id}"),
        (ActorKind::System, Some(what)) => what.clone(),
        _ => "rest".to_owned(),
    }
}

fn action(action: HookAction) -> guest::Action {
    match action {
        HookAction::Create => guest::Action::Create,
        HookAction::Update => guest::Action::Update,
        HookAction::Delete => guest::Action::Delete,
        HookAction::Publish => guest::Action::Publish,
        HookAction::Unpublish => guest::Action::Unpublish,
        HookAction::DiscardDraft => guest::Action::DiscardDraft,
    }
}
