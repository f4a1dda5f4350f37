//! The pages in the admin. They name what is shown; the host reads it with the permissions of who looks, and draws it.

mod definition_document;
mod definitions;
mod filters;
mod inspector;
mod journey_document;
mod map;
mod move_form;
mod phase_column;
mod plan;
mod rules;

use crate::Journeys;
use crate::bodies::read_form;
use crate::holds::{cancel_journey, pause_journey, resume_journey};
use crate::journeys::require_visible;
use crate::model::Slot;
use crate::moves::{MoveRequest, complete_journey, move_journey};
use crate::person::name_of;
use crate::refusals::wrong_field;
use crate::revision_moves::{MigrateRequest, migrate_revision};
use crate::revisions::create_revision;
use crate::shifts::{ShiftRequest, shift_journey};
use crate::slots::publish_now;
use crate::starts::{StartRequest, start_journey};
use crate::undo::undo_move;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use serde::Deserialize;
use serde_json::{Value, json};

impl Views for Journeys {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        let parameter = |wanted: &str| {
            request.parameters.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
        };
        let document = request.document.as_ref().map_or("", |document| document.document_id.as_str());
        match request.view.as_str() {
            JOURNEY_DOCUMENT => journey_document::describe(call, document, None),
            DEFINITION_DOCUMENT => definition_document::describe(call, document, None),
            "map" => map::describe(call, parameter("definition")),
            "journey" => inspector::describe(call, parameter("journey"), None),
            "plan" => plan::describe(call),
            "rules" => rules::describe(parameter("definition")),
            "definitions" => definitions::describe(call, parameter("definition"), None),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    /// The buttons of the map and of a journey's pages, which need the permission to manage journeys.
    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let locale = call.locale.as_str();
        let document = request.document.as_ref().map(|document| document.document_id.as_str());
        if matches!(request.view.as_str(), "definitions" | DEFINITION_DOCUMENT) {
            return act_on_definition(call, request);
        }
        if !matches!(request.view.as_str(), "map" | "journey" | JOURNEY_DOCUMENT) {
            return Err(Error::NotFound(request.action.clone()));
        }
        match request.action.as_str() {
            "start" => {
                let id = start_journey(&read_form::<StartForm>(request)?.into_request(), &name_of(call), locale)?;
                let path = format!("/plugins/journey/pages/journey?journey={id}");
                return Ok(ActionResult { navigate: Some(path), ..ActionResult::notice("t:notice.started") });
            }
            "publish-now" => {
                let slot = document.ok_or_else(|| Error::NotFound(request.action.clone()))?;
                publish_now(slot, locale)?;
                return Ok(ActionResult::notice("t:notice.published"));
            }
            _ => {}
        }
        // On the map a journey is the card's document, on its own pages a value of the button.
        let named: JourneyForm = read_form(request)?;
        let id = match (&named.journey, document) {
            (Some(id), _) => id.as_str(),
            (None, Some(id)) => id,
            (None, None) => return Err(Error::NotFound(request.action.clone())),
        };
        require_visible(id)?;
        let notice = match request.action.as_str() {
            "move" => {
                let form: MoveForm = read_form(request)?;
                // Dragged on the map, or chosen in a form.
                let phase = form.to.or(form.phase).filter(|phase| !phase.is_empty());
                let phase = phase.ok_or_else(|| wrong_field("phase", "choose-phase", locale, None))?;
                let wanted =
                    MoveRequest { phase: Some(phase), from: form.from, reason: form.reason, silent: form.silent };
                move_journey(id, &wanted, &name_of(call), locale)?;
                "t:notice.moved"
            }
            "complete" => {
                let MoveForm { reason, .. } = read_form(request)?;
                complete_journey(id, &reason, locale)?;
                "t:notice.completed"
            }
            "pause" => {
                pause_journey(id, locale)?;
                "t:notice.paused"
            }
            "resume" => {
                resume_journey(id, locale)?;
                "t:notice.resumed"
            }
            "cancel" => {
                cancel_journey(id, locale)?;
                "t:notice.cancelled"
            }
            "undo" => {
                undo_move(id, &name_of(call), locale)?;
                "t:notice.undone"
            }
            "preview-shift" => {
                let ShiftForm { by, silent } = read_form(request)?;
                let wanted = ShiftRequest { by, preview: true, silent };
                let preview = shift_journey(id, &wanted, locale)?;
                let shown = Some((&wanted, &preview));
                let view = match request.view.as_str() {
                    JOURNEY_DOCUMENT => journey_document::describe(call, id, shown)?,
                    _ => inspector::describe(call, id, shown)?,
                };
                return ActionResult::notice("t:notice.preview").with_view(&view);
            }
            "shift" => {
                let ShiftForm { by, silent } = read_form(request)?;
                shift_journey(id, &ShiftRequest { by, preview: false, silent }, locale)?;
                "t:notice.shifted"
            }
            "publish-slot" => {
                let SlotForm { slot } = read_form(request)?;
                publish_now_of(&slot, id, locale)?;
                "t:notice.published"
            }
            other => return Err(Error::NotFound(other.to_owned())),
        };
        let done = ActionResult::notice(notice);
        match request.view.as_str() {
            "journey" => done.with_view(&inspector::describe(call, id, None)?),
            JOURNEY_DOCUMENT => done.with_view(&journey_document::describe(call, id, None)?),
            _ => Ok(done),
        }
    }
}

/// The pages for one document.
const JOURNEY_DOCUMENT: &str = "journey-document";
const DEFINITION_DOCUMENT: &str = "definition-document";

/// Publishes the content of a slot of that journey now.
fn publish_now_of(slot: &str, journey: &str, locale: &str) -> Result<()> {
    let populate = json!({ "journey": { "fields": ["title"] } });
    let found = data::find::<Slot>().populate(populate).by_ids(&[slot])?.pop().flatten();
    let is_own = found.is_some_and(|slot| slot.journey.as_ref().is_some_and(|own| own.document_id == journey));
    if is_own { publish_now(slot, locale) } else { Err(Error::NotFound(slot.to_owned())) }
}

#[derive(Deserialize)]
struct SlotForm {
    slot: String,
}

#[derive(Deserialize)]
struct JourneyForm {
    #[serde(default)]
    journey: Option<String>,
}

#[derive(Deserialize)]
struct MoveForm {
    #[serde(default)]
    phase: Option<String>,
    /// The columns of the map that a card is dragged to and from: ids of phases.
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    silent: bool,
}

#[derive(Deserialize)]
struct ShiftForm {
    #[serde(default)]
    by: String,
    #[serde(default)]
    silent: bool,
}

#[derive(Deserialize)]
struct MigrationForm {
    definition: String,
    /// The number of the revision, as the form has it.
    #[serde(default)]
    revision: String,
    #[serde(default)]
    past: bool,
}

/// The buttons of the pages of definitions, which need the permission to change definitions.
fn act_on_definition(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
    let locale = call.locale.as_str();
    let form: MigrationForm = read_form(request)?;
    let revision = || match form.revision.trim().parse() {
        Ok(revision) => Ok(Some(revision)),
        Err(_) => Err(wrong_field("revision", "unknown-revision", locale, None)),
    };
    let is_document = request.view == DEFINITION_DOCUMENT;
    // The host has checked whether the person may see the document, not what the form names.
    let shown = request.document.as_ref().map(|document| document.document_id.as_str());
    if is_document && shown != Some(form.definition.as_str()) {
        return Err(Error::NotFound(form.definition));
    }
    let describe = |preview| {
        if is_document {
            definition_document::describe(call, &form.definition, preview)
        } else {
            definitions::describe(call, &form.definition, preview)
        }
    };
    match request.action.as_str() {
        "revise" => {
            let created = create_revision(&form.definition, locale)?;
            let done = ActionResult::notice("t:notice.revised");
            if is_document {
                let path = format!("/plugins/journey/pages/definitions?definition={}", created.document_id);
                return Ok(ActionResult { navigate: Some(path), ..done });
            }
            done.with_view(&definitions::describe(call, &created.document_id, None)?)
        }
        "preview-migration" => {
            let wanted = MigrateRequest { revision: revision()?, preview: true, past: form.past };
            let preview = migrate_revision(&form.definition, &wanted, locale)?;
            ActionResult::notice("t:notice.preview").with_view(&describe(Some((&preview, form.past)))?)
        }
        "migrate" => {
            let wanted = MigrateRequest { revision: revision()?, preview: false, past: form.past };
            migrate_revision(&form.definition, &wanted, locale)?;
            ActionResult::notice("t:notice.migrating").with_view(&describe(None)?)
        }
        other => Err(Error::NotFound(other.to_owned())),
    }
}

/// The form to start a journey. What is left empty counts as not given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartForm {
    #[serde(default)]
    definition: String,
    #[serde(default)]
    customer: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    anchor_at: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    mail_opt_out: bool,
}

impl StartForm {
    fn into_request(self) -> StartRequest {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        StartRequest {
            definition: self.definition,
            customer: self.customer,
            name: given(self.name),
            title: self.title,
            anchor_at: given(self.anchor_at),
            phase: None,
            language: given(self.language),
            mail_opt_out: self.mail_opt_out,
        }
    }
}
