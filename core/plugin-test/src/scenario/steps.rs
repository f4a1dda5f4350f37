//! Actions of steps, and their checks.

use super::ScenarioStep;
use super::names::StepNames;
use crate::expect::find_difference;
use crate::{TestError, TestHarness};
use cairn_content::{ContentError, PublishAction};
use cairn_plugin_package::parse_duration;
use cairn_store::events::JobRow;
use cairn_store::plugins::{LogLevel, LogRow};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Things that went wrong that are told beside a step that was not as expected.
const MAX_REPORTED_FAILURES: usize = 5;

/// The verbs, and what each may have beside it.
const VERBS: [(&str, &[&str]); 26] = [
    ("create", &["data", "query", "by", "as", "expect", "refused"]),
    ("update", &["id", "data", "query", "by", "as", "expect", "refused"]),
    ("delete", &["id", "refused"]),
    ("publish", &["id", "refused"]),
    ("unpublish", &["id", "refused"]),
    ("discard-draft", &["id", "refused"]),
    ("request", &["headers", "body", "auth", "user", "token", "groups", "preview", "status", "as", "expect", "take"]),
    ("event", &["id", "data"]),
    ("calendar", &["data"]),
    ("advance", &[]),
    ("rows", &["query", "as", "expect", "count", "take"]),
    ("read", &["id", "query", "by", "token", "preview", "status", "as", "expect", "count", "take"]),
    ("file", &["type", "bytes", "pages", "text", "as", "expect"]),
    ("logs", &["count"]),
    ("jobs", &["expect", "count"]),
    ("kept", &["expect"]),
    ("failed", &["count"]),
    ("http", &["answer", "delay", "fail"]),
    ("requests", &["as", "expect", "count", "times", "take"]),
    ("mails", &["as", "expect", "count", "take"]),
    ("notices", &["as", "expect", "count", "take"]),
    ("view", &["document", "parameters", "locale", "by", "blocks", "as", "expect", "refused"]),
    ("act", &["document", "locale", "by", "values", "blocks", "as", "expect", "refused"]),
    ("accept-invitation", &["as", "expect", "refused"]),
    ("report-person", &["count", "as", "expect"]),
    ("erase-person", &["as", "expect"]),
];

impl ScenarioStep {
    /// The verbs that it has, with their words.
    fn given_verbs(&self) -> Vec<(&'static str, &str)> {
        let words = [
            &self.create,
            &self.update,
            &self.delete,
            &self.publish,
            &self.unpublish,
            &self.discard_draft,
            &self.request,
            &self.event,
            &self.calendar,
            &self.advance,
            &self.rows,
            &self.read,
            &self.file,
            &self.logs,
            &self.jobs,
            &self.kept,
            &self.failed,
            &self.http,
            &self.requests,
            &self.mails,
            &self.notices,
            &self.view,
            &self.act,
            &self.accept_invitation,
            &self.report_person,
            &self.erase_person,
        ];
        let verbs = VERBS.iter().zip(words);
        verbs.filter_map(|((verb, _), word)| Some((*verb, word.as_deref()?))).collect()
    }

    fn first_verb(&self) -> (&'static str, &str) {
        self.given_verbs().into_iter().next().unwrap_or_default()
    }

    /// Keys that it has beside its verb.
    fn given_extras(&self) -> Vec<&'static str> {
        let extras = [
            ("id", self.id.is_some()),
            ("data", self.data.is_some()),
            ("query", self.query.is_some()),
            ("as", self.r#as.is_some()),
            ("expect", self.expect.is_some()),
            ("refused", self.refused.is_some()),
            ("headers", self.headers.is_some()),
            ("body", self.body.is_some()),
            ("auth", self.auth.is_some()),
            ("user", self.user.is_some()),
            ("token", self.token.is_some()),
            ("groups", self.groups.is_some()),
            ("preview", self.preview.is_some()),
            ("status", self.status.is_some()),
            ("type", self.r#type.is_some()),
            ("bytes", self.bytes.is_some()),
            ("pages", self.pages.is_some()),
            ("text", self.text.is_some()),
            ("count", self.count.is_some()),
            ("times", self.times.is_some()),
            ("answer", self.answer.is_some()),
            ("delay", self.delay.is_some()),
            ("fail", self.fail.is_some()),
            ("take", !self.take.is_empty()),
            ("document", self.document.is_some()),
            ("parameters", !self.parameters.is_empty()),
            ("locale", self.locale.is_some()),
            ("by", self.by.is_some()),
            ("values", self.values.is_some()),
            ("blocks", !self.blocks.is_empty()),
        ];
        extras.into_iter().filter(|(_, is_present)| *is_present).map(|(name, _)| name).collect()
    }

    /// For messages: `create note`.
    pub(super) fn describe_verb(&self) -> String {
        let (verb, word) = self.first_verb();
        format!("{verb} {word}").trim().to_owned()
    }

    /// Checks the step, whatever the plugin is; returns what is wrong with it. `calm`: nothing goes wrong in the test.
    pub(super) fn check_step(&self, calm: bool) -> Result<(), String> {
        let verbs = self.given_verbs();
        let (verb, word) = match verbs.as_slice() {
            [one] => *one,
            [] => {
                let all: Vec<&str> = VERBS.iter().map(|(verb, _)| *verb).collect();
                return Err(format!("the step has no action: use one of {}", all.join(", ")));
            }
            many => {
                let all: Vec<&str> = many.iter().map(|(verb, _)| *verb).collect();
                return Err(format!(
                    "the step has several actions, {}: split it into one step each",
                    all.join(" and ")
                ));
            }
        };
        let known = VERBS.iter().find(|(name, _)| *name == verb).map_or(&[][..], |(_, known)| known);
        if let Some(unknown) = self.given_extras().into_iter().find(|extra| !known.contains(extra)) {
            return Err(format!("{verb} does not support `{unknown}`; supported: {}", known.join(", ")));
        }
        let needed: &[&str] = match verb {
            "create" | "event" => &["data"],
            "update" => &["id", "data"],
            "delete" | "publish" | "unpublish" | "discard-draft" => &["id"],
            _ => &[],
        };
        if let Some(missing) = needed.iter().find(|needed| !self.given_extras().contains(needed)) {
            return Err(format!("{verb} requires `{missing}`"));
        }
        if verb == "advance" && parse_duration(word).is_none() {
            return Err(format!("{word:?} is not a duration: write a whole number and a unit, such as \"2h\""));
        }
        if verb == "event" && split_event(word).is_none() {
            return Err(format!(
                "{word:?} is not an event of another plugin: write its name, such as \"esign.envelope.completed\""
            ));
        }
        self.check_outside(verb, word, calm)?;
        self.check_view(verb, word)?;
        self.check_request(verb, word)?;
        self.check_read(verb, word)?;
        self.check_file()?;
        self.take.iter().try_for_each(|(name, take)| take.check_form(name))
    }
}

/// The name and version of an event that a plugin can publish.
fn split_event(word: &str) -> Option<(&str, u32)> {
    let (name, version) = match word.split_once('@') {
        Some((name, version)) => (name, version.parse().ok().filter(|version| *version > 0)?),
        None => (word, 1),
    };
    let is_of_plugin = name.split('.').count() > 2 && name.split('.').all(|part| !part.is_empty());
    (is_of_plugin && !name.starts_with("cairn.")).then_some((name, version))
}

/// A scenario under way.
pub(super) struct ScenarioRun<'w> {
    pub(super) world: &'w TestHarness,
    pub(super) names: StepNames,
    /// Failed calls that were meant: `route:latest`.
    expected_failures: BTreeSet<String>,
}

impl<'w> ScenarioRun<'w> {
    pub(super) fn new(world: &'w TestHarness) -> Self {
        Self { world, names: StepNames::default(), expected_failures: BTreeSet::new() }
    }

    /// Does one step.
    pub(super) async fn run_step(&mut self, step: &ScenarioStep) -> Result<(), TestError> {
        let (verb, word) = step.first_verb();
        match verb {
            "create" | "update" => self.write_document(step, word).await,
            "delete" => {
                let result = self.world.delete_document(word, &self.document_id(step)?).await?;
                check_outcome(step, result.map(|()| Json::Null)).map(drop)
            }
            "publish" => self.publish_document(step, PublishAction::Publish, word).await,
            "unpublish" => self.publish_document(step, PublishAction::Unpublish, word).await,
            "discard-draft" => self.publish_document(step, PublishAction::DiscardDraft, word).await,
            "request" => self.send_request(step, word).await,
            "event" => self.publish_event(step, word).await,
            "calendar" => self.set_calendar(step, word).await,
            "advance" => self.world.advance_clock(parse_duration(word).unwrap_or_default()).await,
            "rows" => {
                self.world.run_until_idle().await?;
                let query = self.names.fill_text(step.query.as_deref().unwrap_or_default())?;
                let rows = self.world.find_rows(word, &query).await?;
                check_count(step, rows.len())?;
                self.check_answer(step, Json::Array(rows))
            }
            "read" => self.read_content(step, word).await,
            "file" => self.read_file(step, word).await,
            "logs" => {
                self.world.run_until_idle().await?;
                let text = self.names.fill_text(word)?;
                let lines = self.world.plugin_logs()?;
                let found = lines.iter().filter(|line| line.log.message.contains(&text)).count();
                let all: Vec<&str> = lines.iter().map(|line| line.log.message.as_str()).collect();
                match (step.count, found) {
                    (None, 0) => Err(TestError(format!("no log line contains this text; the log has {all:?}"))),
                    _ => check_count(step, found),
                }
            }
            "jobs" => {
                self.world.run_until_idle().await?;
                let jobs = self.world.plugin_jobs(word)?;
                check_count(step, jobs.len())?;
                let job_json = |job: &JobRow| json!({ "state": job.state.as_str(), "key": job.key, "payload": job.payload, "attempt": job.attempt, "error": job.error });
                self.check_answer(step, jobs.iter().map(job_json).collect())?;
                // A step that expects a dead job makes it an expected failure.
                if step.expect.as_ref().is_some_and(expects_dead) {
                    self.expected_failures.insert(format!("job:{word}"));
                }
                Ok(())
            }
            "kept" => {
                self.world.run_until_idle().await?;
                let stored = self.world.stored_value(&self.names.fill_text(word)?)?;
                let value = stored.map(|bytes| match serde_json::from_slice(&bytes) {
                    Ok(json) => json,
                    Err(_) => json!(String::from_utf8_lossy(&bytes)),
                });
                self.check_answer(step, value.unwrap_or_default())
            }
            "failed" => {
                self.world.run_until_idle().await?;
                let calls = self.world.failed_calls()?;
                let found = calls.iter().filter(|call| self.world.call_name(call) == word).count();
                // Dead letters count too: a plugin may reject its work without a failed call.
                let found = found.max(self.world.dead_letters()?.iter().filter(|one| one.name == word).count());
                self.expected_failures.insert(word.to_owned());
                match (step.count, found) {
                    (None, 0) => Err(TestError("no such call failed".to_owned())),
                    _ => check_count(step, found),
                }
            }
            "http" => self.set_service(step, word),
            "requests" => self.check_requests(step, word).await,
            "mails" => self.check_mails(step, word).await,
            "notices" => self.check_notices(step, word).await,
            "view" => self.run_view_step(step, word).await,
            "act" => self.run_action_step(step, word).await,
            "accept-invitation" => self.accept_invitation(step, word).await,
            "report-person" => self.run_report_step(step, word).await,
            "erase-person" => self.run_erase_step(step, word).await,
            _ => Ok(()),
        }
    }

    /// Checks what has to hold at the end of every test: nothing has failed unexpectedly, whether or not a step looked at it.
    pub(super) async fn check_end(&mut self) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let calls = self.world.failed_calls()?;
        if let Some(call) = calls.iter().find(|call| !self.expected_failures.contains(&self.world.call_name(call))) {
            let (name, kind) = (self.world.call_name(call), call.kind.as_str());
            let report = self.log_report().await;
            return Err(TestError(format!(
                "a call failed: {name}, {kind}: {}{report}\nif this is expected, add: failed = \"{name}\"",
                call.message
            )));
        }
        // A job that asked in vain may have died of it: that is told first.
        if let requests @ [_, ..] = self.world.unanswered_requests().as_slice() {
            return Err(TestError(format!(
                "the plugin sent requests for which the test has no [[http]]: {}; add one, with an answer or `fail = \"close\"`",
                requests.join(", ")
            )));
        }
        match self.world.dead_letters()?.iter().find(|one| !self.expected_failures.contains(&one.name)) {
            Some(one) => Err(TestError(format!("{one}\nif this is expected, add: failed = \"{}\"", one.name))),
            None => Ok(()),
        }
    }

    /// Reports the failures on the way to a step that was not as expected, and the warnings and errors that the plugin logged, which may explain
    /// it: each on a line of its own, with the stack of an error below it.
    pub(super) async fn failure_report(&self) -> String {
        let given_up = self.world.dead_letters().unwrap_or_default();
        let given_up =
            given_up.iter().filter(|one| !self.expected_failures.contains(&one.name)).map(ToString::to_string);
        let calls = self.world.failed_calls().unwrap_or_default();
        let calls = calls.iter().map(|call| (self.world.call_name(call), call));
        let calls = calls.filter(|(name, _)| !self.expected_failures.contains(name));
        let calls = calls.map(|(name, call)| format!("a call failed: {name}: {}", call.message));
        let retrying = self.world.retrying_jobs().unwrap_or_default();
        let failures = given_up.chain(calls).chain(retrying).take(MAX_REPORTED_FAILURES);
        let failures: String = failures.map(|one| format!("\n{one}")).collect();
        failures + &self.log_report().await
    }

    /// The last warnings and errors that the plugin logged.
    async fn log_report(&self) -> String {
        // Failures are reported without the logs if they cannot be read.
        let _ = self.world.write_logs().await;
        let lines = self.world.plugin_logs().unwrap_or_default();
        let lines: Vec<String> = lines.iter().rev().filter_map(format_warning).take(MAX_REPORTED_FAILURES).collect();
        lines.iter().rev().map(|line| format!("\n{line}")).collect()
    }

    fn document_id(&self, step: &ScenarioStep) -> Result<String, TestError> {
        self.names.fill_text(step.id.as_deref().unwrap_or_default())
    }

    async fn write_document(&mut self, step: &ScenarioStep, name: &str) -> Result<(), TestError> {
        let data = self.names.fill_value(step.data.as_ref().unwrap_or(&Json::Null))?;
        let query = self.names.fill_text(step.query.as_deref().unwrap_or_default())?;
        let by = step.by.as_deref();
        let result = match step.update {
            Some(_) => self.world.update_document(name, &self.document_id(step)?, data, &query, by).await?,
            None => self.world.create_document(name, data, &query, by).await?,
        };
        match check_outcome(step, result)? {
            Some(answer) => self.check_answer(step, answer),
            None => Ok(()),
        }
    }

    async fn publish_event(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        let (name, version) = split_event(word).unwrap_or_default();
        let data = self.names.fill_value(step.data.as_ref().unwrap_or(&Json::Null))?;
        let key = match &step.id {
            Some(id) => self.names.fill_text(id)?,
            None => name.to_owned(),
        };
        self.world.publish_event(name, version, &key, data).await
    }

    async fn set_calendar(&mut self, step: &ScenarioStep, name: &str) -> Result<(), TestError> {
        let calendar = step.data.as_ref().map(|data| self.names.fill_value(data)).transpose()?;
        self.world.set_calendars(&Map::from_iter([(name.to_owned(), calendar.unwrap_or_default())])).await
    }

    async fn publish_document(
        &mut self,
        step: &ScenarioStep,
        action: PublishAction,
        name: &str,
    ) -> Result<(), TestError> {
        let result = self.world.publish_document(action, name, &self.document_id(step)?).await?;
        check_outcome(step, result.map(|()| Json::Null)).map(drop)
    }

    /// Compares an answer with what was expected, and keeps it under its name.
    pub(super) fn check_answer(&mut self, step: &ScenarioStep, answer: Json) -> Result<(), TestError> {
        if let Some(expected) = &step.expect
            && let Some(difference) = find_difference(&self.names.fill_value(expected)?, &answer)
        {
            return Err(TestError(difference));
        }
        for (name, take) in &step.take {
            let extracted = take.with_names(&self.names)?.extract_from(name, &answer)?;
            self.names.insert_answer(name, Json::String(extracted));
        }
        if let Some(name) = &step.r#as {
            self.names.insert_answer(name, answer);
        }
        Ok(())
    }
}

/// A warning or error of the log, with its stack if it has one; `None` for any other line.
fn format_warning(line: &LogRow) -> Option<String> {
    if !matches!(line.log.level, LogLevel::Warn | LogLevel::Error) {
        return None;
    }
    let stack = line.log.fields["stack"].as_str().map(|stack| format!("\n{}", stack.trim_end()));
    Some(format!("the plugin logged ({}): {}{}", line.log.level.as_str(), line.log.message, stack.unwrap_or_default()))
}

/// True if a job, or one of several, is expected to be dead.
fn expects_dead(expected: &Json) -> bool {
    match expected {
        Json::Array(jobs) => jobs.iter().any(expects_dead),
        job => job["state"] == "dead",
    }
}

pub(super) fn check_count(step: &ScenarioStep, found: usize) -> Result<(), TestError> {
    match step.count {
        Some(expected) if expected != found => Err(TestError(format!("found {found}, not {expected}"))),
        _ => Ok(()),
    }
}

/// The answer to a write, where it was to be one; `None` where it was refused as it should.
pub(super) fn check_outcome(
    step: &ScenarioStep,
    result: Result<Json, ContentError>,
) -> Result<Option<Json>, TestError> {
    match (&step.refused, result) {
        (None | Some(Json::Bool(false)), Ok(answer)) => Ok(Some(answer)),
        (None | Some(Json::Bool(false)), Err(error)) => {
            Err(TestError(format!("it was refused: {}", error_text(&error))))
        }
        (Some(_), Ok(answer)) => Err(TestError(format!("it was not refused: {answer}"))),
        (Some(expected), Err(ContentError::Refused(refusal))) => {
            let errors = refusal.details["errors"].as_array().cloned().unwrap_or_default();
            let path = |error: &Json| {
                let parts = error["path"].as_array().into_iter().flatten();
                parts
                    .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(".")
            };
            let is_expected = |name: &str, found: &str| {
                expected.get(name).is_none_or(|text| find_difference(text, &Json::from(found)).is_none())
            };
            let all: Vec<(String, String)> = match errors.as_slice() {
                [] => vec![(String::new(), refusal.message.clone())],
                errors => {
                    errors.iter().map(|e| (path(e), e["message"].as_str().unwrap_or_default().to_owned())).collect()
                }
            };
            let fits =
                |(path, message): &(String, String)| is_expected("path", path) && is_expected("message", message);
            let status = refusal.kind.status();
            let fits_status = expected.get("status").and_then(Json::as_u64).is_none_or(|n| n == u64::from(status));
            match fits_status && all.iter().any(fits) {
                true => Ok(None),
                false => Err(TestError(format!("it was refused with a different error, with {status}: {all:?}"))),
            }
        }
        (Some(_), Err(error)) => Err(TestError(error.to_string())),
    }
}

fn error_text(error: &ContentError) -> String {
    match error {
        ContentError::Refused(refusal) => format!("{} {}", refusal.message, refusal.details),
        other => other.to_string(),
    }
}
