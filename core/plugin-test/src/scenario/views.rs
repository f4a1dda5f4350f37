//! Steps that look at admin views, and press their buttons.

use super::Step;
use super::steps::Course;
use crate::Broken;
use crate::expect::differs;
use cairn_plugin_host::views::{Document, NoView, ViewProblem};
use serde_json::{Value as Json, json};

impl Step {
    /// What is wrong with it, where it is one of these.
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

impl Course<'_> {
    /// Has a view described.
    pub(super) async fn view(&mut self, step: &Step, name: &str) -> Result<(), Broken> {
        self.world.settle().await?;
        let who = self.looks(step)?;
        let parameters = step.parameters.iter().map(|(name, value)| Ok((name.clone(), self.names.text(value)?)));
        let parameters = parameters.collect::<Result<_, Broken>>()?;
        let shown = self.world.view(name, &who, parameters).await?;
        let Some(view) = answered(step, shown)? else { return Ok(()) };
        self.drawn(step, &view)?;
        self.take(step, view)
    }

    /// Presses a button.
    pub(super) async fn act(&mut self, step: &Step, word: &str) -> Result<(), Broken> {
        self.world.settle().await?;
        let (view, action) = word.split_once('/').unwrap_or_default();
        let who = self.looks(step)?;
        let values = self.names.fill(&Json::Object(step.values.clone().unwrap_or_default()))?;
        let acted = self.world.act(view, &who, action, &values).await?;
        let Some(acted) = answered(step, acted)? else { return Ok(()) };
        if let Some(view) = &acted.view {
            self.drawn(step, view)?;
        } else if !step.blocks.is_empty() {
            return Err(Broken("the response has no view in which to look for `blocks`".to_owned()));
        }
        self.take(step, json!({ "view": acted.view, "notice": acted.notice, "navigate": acted.navigate }))
    }

    /// Who looks, and at what.
    fn looks(&self, step: &Step) -> Result<crate::Look, Broken> {
        let document = match &step.document {
            None => None,
            Some(beside) => Some(Document {
                content_type: self.world.uid(&beside.r#type)?,
                document_id: self.names.text(&beside.id)?,
                locale: beside.locale.clone(),
            }),
        };
        Ok(crate::Look { by: step.by.clone(), locale: step.locale.clone(), document })
    }

    /// Whether the admin would draw all of a view, and whether what is expected is in it.
    fn drawn(&self, step: &Step, view: &Json) -> Result<(), Broken> {
        let problems = self.world.misfits(view);
        if !problems.is_empty() {
            return Err(Broken(format!("the admin cannot show the whole view: {}", listed(&problems))));
        }
        for expected in &step.blocks {
            let expected = self.names.fill(expected)?;
            let mut nearest = None;
            if !has_block(view, &expected, &mut nearest) {
                let near = nearest.map_or_else(String::new, |why| format!("; closest match: {why}"));
                return Err(Broken(format!("no block of the view matches {expected}{near}")));
            }
        }
        Ok(())
    }
}

/// Whether a block that has all of this is in the view; `nearest` is why the last one of the same kind was not it.
fn has_block(view: &Json, expected: &Json, nearest: &mut Option<String>) -> bool {
    match view {
        Json::Array(list) => list.iter().any(|one| has_block(one, expected, nearest)),
        Json::Object(map) => {
            if let Some(kind) = map.get("kind") {
                match differs(expected, view) {
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

fn listed(problems: &[ViewProblem]) -> String {
    let one = |p: &ViewProblem| if p.path.is_empty() { p.message.clone() } else { format!("{} {}", p.path, p.message) };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The answer, where it was to be one; `None` where it was refused as it should.
fn answered<T>(step: &Step, shown: Result<T, NoView>) -> Result<Option<T>, Broken> {
    let expected = step.refused.as_ref().filter(|refused| **refused != Json::Bool(false));
    let refusal = match (shown, expected) {
        (Ok(answer), None) => return Ok(Some(answer)),
        (Ok(_), Some(_)) => return Err(Broken("it was not refused".to_owned())),
        (Err(refusal), _) => refusal,
    };
    let told = match &refusal {
        NoView::NotFound => "the plugin has no such view".to_owned(),
        NoView::Paused(_) => "the plugin failed too often: its calls are paused".to_owned(),
        NoView::Busy(_) => "too many other calls were running".to_owned(),
        NoView::Failed => "the plugin failed; see its failed calls".to_owned(),
        NoView::Broken(problems) => format!("the admin rejects the view: {}", listed(problems)),
        NoView::Refused { status, message, fields } => {
            let fields: Vec<String> = fields.iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
            format!("it was refused: {status} {message} {}", fields.join("; "))
        }
    };
    // What only its author can mend is never meant.
    let (Some(expected), NoView::Refused { status, message, fields }) = (expected, &refusal) else {
        return Err(Broken(told));
    };
    let text = |name: &str| expected.get(name).and_then(Json::as_str);
    let fits = expected.get("status").is_none_or(|wanted| *wanted == json!(status))
        && text("message").is_none_or(|wanted| wanted == message || fields.iter().any(|f| f.message == wanted))
        && text("path").is_none_or(|wanted| fields.iter().any(|f| f.path == wanted));
    if fits { Ok(None) } else { Err(Broken(format!("it was refused with a different error: {told}"))) }
}
