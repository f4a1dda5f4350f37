//! Surveys as the team writes them.

use super::model::{Survey, SurveyResponse};
use super::questions::{MAX_KEY_CHARS, MAX_LABEL_CHARS, MAX_OPTIONS, MAX_QUESTIONS, have_same_frame, read_questions};
use crate::refusals::{refuse_field, refuse_state};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// A survey as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSurvey {
    #[serde(default)]
    questions: Value,
    is_active: Option<bool>,
}

/// A survey that is active has questions. Once somebody was asked, the trigger and what answers rest on stay; texts can change.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        let is_used = count_responses(&change.document_id)? > 0;
        return Ok(if is_used { refuse_state("survey-in-use", call) } else { Decision::Allow });
    }
    let Some(after) = change.after::<WrittenSurvey>()? else { return Ok(Decision::Allow) };
    let is_new = change.action == Action::Create;
    if !is_new && change.touches("activeSince") {
        return Ok(refuse_field("activeSince", "kept", call, None));
    }
    let questions = match read_questions(&after.questions) {
        Ok(questions) => questions,
        Err(problem) => {
            let most = json!({
                "questions": MAX_QUESTIONS, "options": MAX_OPTIONS, "key": MAX_KEY_CHARS, "label": MAX_LABEL_CHARS,
            });
            return Ok(refuse_field(&problem.path, problem.code, call, Some(&most)));
        }
    };
    let is_active = after.is_active.unwrap_or_default();
    if is_active && questions.is_empty() {
        return Ok(refuse_field("questions", "no-questions", call, None));
    }
    let touches_frame = change.touches("trigger") || change.touches("questions");
    if !is_new && touches_frame && count_responses(&change.document_id)? > 0 {
        if change.touches("trigger") {
            return Ok(refuse_field("trigger", "survey-asked", call, None));
        }
        let before = data::get::<Survey>(&change.document_id)?.map(|survey| survey.fields.questions);
        if before.is_some_and(|before| !have_same_frame(&before, &questions)) {
            return Ok(refuse_field("questions", "survey-asked", call, None));
        }
    }
    if is_new || change.touches("isActive") {
        let since = is_active.then(|| time::format(time::now()));
        return Decision::amend(&json!({ "activeSince": since }));
    }
    Ok(Decision::Allow)
}

fn count_responses(survey: &str) -> Result<u64> {
    data::find::<SurveyResponse>().filter(json!({ "survey": { "documentId": { "$eq": survey } } })).count()
}
