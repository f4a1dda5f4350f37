//! Steps that look at admin views, and press their buttons.

use super::ScenarioStep;
use super::steps::ScenarioRun;
use crate::TestError;
use crate::expect::find_difference;
use cairn_plugin_host::views::{ViewError, ViewProblem, ViewedDocument};
use serde_json::{Value as Json, json};

impl ScenarioStep {
    /// Checks the step, where it is one of these; returns what is wrong with it.
    pub(super) fn check_view(&self, verb: &str, word: &str) -> Result<(), String> {
        if verb == "act" && word.split_once('/').is_none_or(|(view, action)| view.is_empty() || action.is_empty()) {
            return Err("act must name the view and the action of its button, such as act = \"board/close\"".to_owned());
        }
        let looks = matches!(verb, "view" | "act");
        if looks && self.refused.is_some() && (self.expect.is_some() || !self.blocks.is_empty() || self.r#as.is_some())
        {
            return Err(format!(
                "{verb} is either refused or returns a response: remove `refused`, or the expectations about the response"
            ));
        }
        Ok(())
    }
}

impl ScenarioRun<'_> {
    /// Has a view described.
    pub(super) async fn run_view_step(&mut self, step: &ScenarioStep, name: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let request = self.view_request(step)?;
        let parameters = step.parameters.iter().map(|(name, value)| Ok((name.clone(), self.names.fill_text(value)?)));
        let parameters = parameters.collect::<Result<_, TestError>>()?;
        let result = self.world.render_view(name, &request, parameters).await?;
        let Some(view) = check_view_outcome(step, result)? else { return Ok(()) };
        self.check_drawn(step, &view)?;
        self.check_answer(step, view)
    }

    /// Presses a button.
    pub(super) async fn run_action_step(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let (view, action) = word.split_once('/').unwrap_or_default();
        let request = self.view_request(step)?;
        let values = self.names.fill_value(&Json::Object(step.values.clone().unwrap_or_default()))?;
        let acted = self.world.run_action(view, &request, action, &values).await?;
        let Some(acted) = check_view_outcome(step, acted)? else { return Ok(()) };
        if let Some(view) = &acted.view {
            self.check_drawn(step, view)?;
        } else if !step.blocks.is_empty() {
            return Err(TestError("the response has no view in which to look for `blocks`".to_owned()));
        }
        self.check_answer(step, json!({ "view": acted.view, "notice": acted.notice, "navigate": acted.navigate }))
    }

    /// Request for the view: the person who looks, and the document that it is beside.
    fn view_request(&self, step: &ScenarioStep) -> Result<crate::TestViewRequest, TestError> {
        let document = match &step.document {
            None => None,
            Some(beside) => Some(ViewedDocument {
                content_type: self.world.resolve_uid(&beside.r#type)?,
                document_id: self.names.fill_text(&beside.id)?,
                locale: beside.locale.clone(),
            }),
        };
        Ok(crate::TestViewRequest { by: step.by.clone(), locale: step.locale.clone(), document })
    }

    /// Checks that the admin would draw all of a view, and that what is expected is in it.
    fn check_drawn(&self, step: &ScenarioStep, view: &Json) -> Result<(), TestError> {
        let problems = self.world.view_problems(view);
        if !problems.is_empty() {
            return Err(TestError(format!("the admin cannot show the whole view: {}", list_problems(&problems))));
        }
        for expected in &step.blocks {
            let expected = self.names.fill_value(expected)?;
            let mut nearest = None;
            if !has_block(view, &expected, &mut nearest) {
                let near = nearest.map_or_else(String::new, |why| format!("; closest match: {why}"));
                return Err(TestError(format!("no block of the view matches {expected}{near}")));
            }
        }
        Ok(())
    }
}

/// True if a block that has all of this is in the view; `nearest` is why the last one of the same kind was not it.
fn has_block(view: &Json, expected: &Json, nearest: &mut Option<String>) -> bool {
    match view {
        Json::Array(list) => list.iter().any(|one| has_block(one, expected, nearest)),
        Json::Object(map) => {
            if let Some(kind) = map.get("kind") {
                match find_difference(expected, view) {
                    None => return true,
                    Some(why) if expected.get("kind") == Some(kind) => *nearest = Some(why),
                    Some(_) => {}
                }
            }
            map.values().any(|one| has_block(one, expected, nearest))
        }
        _ => false,
    }
}

fn list_problems(problems: &[ViewProblem]) -> String {
    let one = |p: &ViewProblem| if p.path.is_empty() { p.message.clone() } else { format!("{} {}", p.path, p.message) };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The answer, where it was to be one; `None` where it was refused as it should.
fn check_view_outcome<T>(step: &ScenarioStep, result: Result<T, ViewError>) -> Result<Option<T>, TestError> {
    let expected = step.refused.as_ref().filter(|refused| **refused != Json::Bool(false));
    let refusal = match (result, expected) {
        (Ok(answer), None) => return Ok(Some(answer)),
        (Ok(_), Some(_)) => return Err(TestError("it was not refused".to_owned())),
        (Err(refusal), _) => refusal,
    };
    let description = match &refusal {
        ViewError::NotFound => "the plugin has no such view".to_owned(),
        ViewError::Paused(_) => "the plugin failed too often: its calls are paused".to_owned(),
        ViewError::Busy(_) => "too many other calls were running".to_owned(),
        ViewError::Failed => "the plugin failed; see its failed calls".to_owned(),
        ViewError::Broken(problems) => format!("the admin rejects the view: {}", list_problems(problems)),
        ViewError::Refused { status, message, fields } => {
            let fields: Vec<String> = fields.iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
            format!("it was refused: {status} {message} {}", fields.join("; "))
        }
    };
    // Errors that only the plugin's author can fix are never expected.
    let (Some(expected), ViewError::Refused { status, message, fields }) = (expected, &refusal) else {
        return Err(TestError(description));
    };
    let text = |name: &str| expected.get(name).and_then(Json::as_str);
    let fits = expected.get("status").is_none_or(|value| *value == json!(status))
        && text("message").is_none_or(|value| value == message || fields.iter().any(|f| f.message == value))
        && text("path").is_none_or(|value| fields.iter().any(|f| f.path == value));
    if fits { Ok(None) } else { Err(TestError(format!("it was refused with a different error: {description}"))) }
}
