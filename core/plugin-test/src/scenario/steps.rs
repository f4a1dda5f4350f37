//! What steps do.

use super::Step;
use super::names::Names;
use crate::expect::differs;
use crate::world::SITE;
use crate::{Asked, Broken, World};
use cairn_content::{ContentError, PublishAction};
use cairn_plugin_host::routes::NoResponse;
use cairn_plugin_package::duration;
use cairn_store::events::{Actor, ActorKind, JobRow};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Things that went wrong that are told beside a step that was not as expected.
const TROUBLES: usize = 5;

/// The verbs, and what each may have beside it.
const VERBS: [(&str, &[&str]); 19] = [
    ("create", &["data", "query", "as", "expect", "refused"]),
    ("update", &["id", "data", "query", "as", "expect", "refused"]),
    ("delete", &["id", "refused"]),
    ("publish", &["id", "refused"]),
    ("unpublish", &["id", "refused"]),
    ("discard-draft", &["id", "refused"]),
    ("request", &["headers", "body", "auth", "status", "as", "expect", "take"]),
    ("advance", &[]),
    ("rows", &["query", "as", "expect", "count", "take"]),
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
];

impl Step {
    /// The verbs that it has, with their words.
    fn verbs(&self) -> Vec<(&'static str, &str)> {
        let given = [
            &self.create,
            &self.update,
            &self.delete,
            &self.publish,
            &self.unpublish,
            &self.discard_draft,
            &self.request,
            &self.advance,
            &self.rows,
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
        ];
        let verbs = VERBS.iter().zip(given);
        verbs.filter_map(|((verb, _), given)| Some((*verb, given.as_deref()?))).collect()
    }

    fn verb(&self) -> (&'static str, &str) {
        self.verbs().into_iter().next().unwrap_or_default()
    }

    /// What it has beside its verb.
    fn extras(&self) -> Vec<&'static str> {
        let there = [
            ("id", self.id.is_some()),
            ("data", self.data.is_some()),
            ("query", self.query.is_some()),
            ("as", self.r#as.is_some()),
            ("expect", self.expect.is_some()),
            ("refused", self.refused.is_some()),
            ("headers", self.headers.is_some()),
            ("body", self.body.is_some()),
            ("auth", self.auth.is_some()),
            ("status", self.status.is_some()),
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
        there.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
    }

    /// For messages: `create note`.
    pub(super) fn shown(&self) -> String {
        let (verb, word) = self.verb();
        format!("{verb} {word}").trim().to_owned()
    }

    /// What is wrong with it, whatever the plugin is. `calm`: nothing goes wrong in the test.
    pub(super) fn check(&self, calm: bool) -> Result<(), String> {
        let verbs = self.verbs();
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
        if let Some(unknown) = self.extras().into_iter().find(|extra| !known.contains(extra)) {
            return Err(format!("{verb} does not support `{unknown}`; supported: {}", known.join(", ")));
        }
        let needed: &[&str] = match verb {
            "create" => &["data"],
            "update" => &["id", "data"],
            "delete" | "publish" | "unpublish" | "discard-draft" => &["id"],
            _ => &[],
        };
        if let Some(missing) = needed.iter().find(|needed| !self.extras().contains(needed)) {
            return Err(format!("{verb} requires `{missing}`"));
        }
        if verb == "advance" && duration(word).is_none() {
            return Err(format!("{word:?} is not a duration: write a whole number and a unit, such as \"2h\""));
        }
        if verb == "request" && word.split_once(' ').is_none() {
            return Err("a request requires a method and a path, such as \"GET /api/shop/latest\"".to_owned());
        }
        self.check_outside(verb, word, calm)?;
        self.check_view(verb, word)?;
        self.take.iter().try_for_each(|(name, take)| take.check(name))?;
        match self.auth.as_deref() {
            None | Some("none" | "user" | "token" | "admin") => Ok(()),
            Some(other) => Err(format!("auth must be none, user, token or admin, not {other:?}")),
        }
    }
}

/// A scenario under way.
pub(super) struct Course<'w> {
    pub(super) world: &'w World,
    pub(super) names: Names,
    /// Failed calls that were meant: `route:latest`.
    meant: BTreeSet<String>,
}

impl<'w> Course<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self { world, names: Names::default(), meant: BTreeSet::new() }
    }

    /// Does one step.
    pub(super) async fn step(&mut self, step: &Step) -> Result<(), Broken> {
        let (verb, word) = step.verb();
        match verb {
            "create" | "update" => self.write(step, word).await,
            "delete" => {
                let done = self.world.delete(word, &self.id(step)?).await?;
                outcome(step, done.map(|()| Json::Null)).map(drop)
            }
            "publish" => self.publish(step, PublishAction::Publish, word).await,
            "unpublish" => self.publish(step, PublishAction::Unpublish, word).await,
            "discard-draft" => self.publish(step, PublishAction::DiscardDraft, word).await,
            "request" => self.request(step, word).await,
            "advance" => self.world.advance(duration(word).unwrap_or_default()).await,
            "rows" => {
                self.world.settle().await?;
                let query = self.names.text(step.query.as_deref().unwrap_or_default())?;
                let rows = self.world.rows(word, &query).await?;
                counted(step, rows.len())?;
                self.take(step, Json::Array(rows))
            }
            "logs" => {
                self.world.settle().await?;
                let text = self.names.text(word)?;
                let lines = self.world.logs()?;
                let found = lines.iter().filter(|line| line.log.message.contains(&text)).count();
                let all: Vec<&str> = lines.iter().map(|line| line.log.message.as_str()).collect();
                match (step.count, found) {
                    (None, 0) => Err(Broken(format!("no log line contains this text; the log has {all:?}"))),
                    _ => counted(step, found),
                }
            }
            "jobs" => {
                self.world.settle().await?;
                let jobs = self.world.jobs(word)?;
                counted(step, jobs.len())?;
                let shown = |job: &JobRow| json!({ "state": job.state.as_str(), "key": job.key, "payload": job.payload, "attempt": job.attempt, "error": job.error });
                self.take(step, jobs.iter().map(shown).collect())?;
                // Who says that one has died means it.
                if step.expect.as_ref().is_some_and(says_dead) {
                    self.meant.insert(format!("job:{word}"));
                }
                Ok(())
            }
            "kept" => {
                self.world.settle().await?;
                let kept = self.world.kept(&self.names.text(word)?)?;
                let shown = kept.map(|bytes| match serde_json::from_slice(&bytes) {
                    Ok(json) => json,
                    Err(_) => json!(String::from_utf8_lossy(&bytes)),
                });
                self.take(step, shown.unwrap_or_default())
            }
            "failed" => {
                self.world.settle().await?;
                let calls = self.world.failed()?;
                let found = calls.iter().filter(|call| format!("{}:{}", call.export, call.name) == word).count();
                // What was given up by an answer, with no call that failed, is looked at by the same name.
                let found = found.max(self.world.given_up()?.iter().filter(|one| one.name == word).count());
                self.meant.insert(word.to_owned());
                match (step.count, found) {
                    (None, 0) => Err(Broken("no such call failed".to_owned())),
                    _ => counted(step, found),
                }
            }
            "http" => self.http(step, word),
            "requests" => self.requests(step, word).await,
            "mails" => self.mails(step, word).await,
            "notices" => self.notices(step, word).await,
            "view" => self.view(step, word).await,
            "act" => self.act(step, word).await,
            _ => Ok(()),
        }
    }

    /// What has to hold of every test in the end: nothing has failed, and nobody was to see it.
    pub(super) async fn end(&mut self) -> Result<(), Broken> {
        self.world.settle().await?;
        let calls = self.world.failed()?;
        if let Some(call) = calls.iter().find(|call| !self.meant.contains(&format!("{}:{}", call.export, call.name))) {
            let (export, name, kind) = (&call.export, &call.name, call.kind.as_str());
            return Err(Broken(format!(
                "a call failed: {export}:{name}, {kind}: {}\nif this is expected, add: failed = \"{export}:{name}\"",
                call.message
            )));
        }
        // A job that asked in vain may have died of it: that is told first.
        if let asked @ [_, ..] = self.world.unanswered().as_slice() {
            return Err(Broken(format!(
                "the plugin sent requests for which the test has no [[http]]: {}; add one, with an answer or `fail = \"close\"`",
                asked.join(", ")
            )));
        }
        match self.world.given_up()?.iter().find(|one| !self.meant.contains(&one.name)) {
            Some(one) => Err(Broken(format!("{one}\nif this is expected, add: failed = \"{}\"", one.name))),
            None => Ok(()),
        }
    }

    /// What went wrong on the way to a step that was not as expected, which may be why: each on a line of its own.
    pub(super) fn troubles(&self) -> String {
        let given_up = self.world.given_up().unwrap_or_default();
        let given_up = given_up.iter().filter(|one| !self.meant.contains(&one.name)).map(ToString::to_string);
        let calls = self.world.failed().unwrap_or_default();
        let calls = calls.iter().filter(|call| !self.meant.contains(&format!("{}:{}", call.export, call.name)));
        let calls = calls.map(|call| format!("a call failed: {}:{}: {}", call.export, call.name, call.message));
        let waiting = self.world.waiting_again().unwrap_or_default();
        given_up.chain(calls).chain(waiting).take(TROUBLES).map(|one| format!("\n{one}")).collect()
    }

    fn id(&self, step: &Step) -> Result<String, Broken> {
        self.names.text(step.id.as_deref().unwrap_or_default())
    }

    async fn write(&mut self, step: &Step, name: &str) -> Result<(), Broken> {
        let data = self.names.fill(step.data.as_ref().unwrap_or(&Json::Null))?;
        let query = self.names.text(step.query.as_deref().unwrap_or_default())?;
        let done = match step.update {
            Some(_) => self.world.update(name, &self.id(step)?, data, &query).await?,
            None => self.world.create(name, data, &query).await?,
        };
        match outcome(step, done)? {
            Some(answer) => self.take(step, answer),
            None => Ok(()),
        }
    }

    async fn publish(&mut self, step: &Step, action: PublishAction, name: &str) -> Result<(), Broken> {
        let done = self.world.publish(action, name, &self.id(step)?).await?;
        outcome(step, done.map(|()| Json::Null)).map(drop)
    }

    async fn request(&mut self, step: &Step, line: &str) -> Result<(), Broken> {
        let line = self.names.text(line)?;
        let (method, address) = line.split_once(' ').unwrap_or_default();
        // A link out of a mail leads to the site of the test.
        let address = address.trim();
        let address = address.strip_prefix(SITE).filter(|rest| rest.starts_with('/')).unwrap_or(address);
        let mut headers = Vec::new();
        for (name, value) in step.headers.iter().flatten() {
            let value = match self.names.fill(value)? {
                Json::String(text) => text,
                other => other.to_string(),
            };
            headers.push((name.clone(), value));
        }
        let body = match &step.body {
            None => Vec::new(),
            Some(Json::String(text)) => self.names.text(text)?.into_bytes(),
            Some(json) => {
                if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                self.names.fill(json)?.to_string().into_bytes()
            }
        };
        let kind = match step.auth.as_deref() {
            Some("user") => ActorKind::User,
            Some("token") => ActorKind::Token,
            Some("admin") => ActorKind::Admin,
            _ => ActorKind::Public,
        };
        let id = (kind != ActorKind::Public).then(|| "1".to_owned());
        let asked = Asked {
            method: method.to_owned(),
            address: address.to_owned(),
            headers,
            body,
            actor: Actor { kind, id, ..Actor::public() },
            full: kind == ActorKind::Admin,
        };
        let (status, answer) = match self.world.request(asked).await? {
            Ok(response) => {
                let answer = match serde_json::from_slice(&response.body) {
                    Ok(json) => json,
                    Err(_) => json!(String::from_utf8_lossy(&response.body)),
                };
                (response.status, answer)
            }
            Err(NoResponse::Refused(refusal)) => {
                let status = refusal.kind.status();
                let error = json!({ "status": status, "message": refusal.message, "details": refusal.details });
                (status, json!({ "error": error }))
            }
            Err(NoResponse::TooMany(_)) => (429, Json::Null),
            Err(NoResponse::Paused(_) | NoResponse::Busy(_)) => (503, Json::Null),
            Err(NoResponse::Failed | NoResponse::Gone) => (502, Json::Null),
        };
        let expected = step.status.unwrap_or(200);
        if status != expected {
            return Err(Broken(format!("the status is {status}, not {expected}: {answer}")));
        }
        self.take(step, answer)
    }

    /// Compares an answer with what was expected, and keeps it under its name.
    pub(super) fn take(&mut self, step: &Step, answer: Json) -> Result<(), Broken> {
        if let Some(expected) = &step.expect
            && let Some(difference) = differs(&self.names.fill(expected)?, &answer)
        {
            return Err(Broken(difference));
        }
        for (name, take) in &step.take {
            let taken = take.filled(&self.names)?.of(name, &answer)?;
            self.names.put(name, Json::String(taken));
        }
        if let Some(name) = &step.r#as {
            self.names.put(name, answer);
        }
        Ok(())
    }
}

/// Whether a job, or one of several, is expected to be dead.
fn says_dead(expected: &Json) -> bool {
    match expected {
        Json::Array(jobs) => jobs.iter().any(says_dead),
        job => job["state"] == "dead",
    }
}

pub(super) fn counted(step: &Step, found: usize) -> Result<(), Broken> {
    match step.count {
        Some(expected) if expected != found => Err(Broken(format!("found {found}, not {expected}"))),
        _ => Ok(()),
    }
}

/// The answer to a write, where it was to be one; `None` where it was refused as it should.
fn outcome(step: &Step, done: Result<Json, ContentError>) -> Result<Option<Json>, Broken> {
    match (&step.refused, done) {
        (None | Some(Json::Bool(false)), Ok(answer)) => Ok(Some(answer)),
        (None | Some(Json::Bool(false)), Err(error)) => Err(Broken(format!("it was refused: {}", said(&error)))),
        (Some(_), Ok(answer)) => Err(Broken(format!("it was not refused: {answer}"))),
        (Some(expected), Err(ContentError::Refused(refusal))) => {
            let errors = refusal.details["errors"].as_array().cloned().unwrap_or_default();
            let path = |error: &Json| {
                let parts = error["path"].as_array().into_iter().flatten();
                parts
                    .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(".")
            };
            let wanted = |name: &str| expected.get(name).and_then(Json::as_str);
            let there = |name: &str, found: &str| wanted(name).is_none_or(|wanted| wanted == found);
            let all: Vec<(String, String)> = match errors.as_slice() {
                [] => vec![(String::new(), refusal.message.clone())],
                errors => {
                    errors.iter().map(|e| (path(e), e["message"].as_str().unwrap_or_default().to_owned())).collect()
                }
            };
            let fits = |(path, message): &(String, String)| there("path", path) && there("message", message);
            let status = refusal.kind.status();
            let fits_status = expected.get("status").and_then(Json::as_u64).is_none_or(|n| n == u64::from(status));
            match fits_status && all.iter().any(fits) {
                true => Ok(None),
                false => Err(Broken(format!("it was refused with a different error, with {status}: {all:?}"))),
            }
        }
        (Some(_), Err(error)) => Err(Broken(error.to_string())),
    }
}

fn said(error: &ContentError) -> String {
    match error {
        ContentError::Refused(refusal) => format!("{} {}", refusal.message, refusal.details),
        other => other.to_string(),
    }
}
