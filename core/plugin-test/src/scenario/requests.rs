//! Steps that send requests to routes of the plugin.

use super::ScenarioStep;
use super::steps::ScenarioRun;
use crate::harness::SITE_URL;
use crate::{RequestCaller, TestCaller, TestError, TestRequest};
use cairn_store::events::{Actor, ActorKind};
use serde_json::Value as Json;

/// Id of callers without an account.
const FICTIONAL_ID: &str = "1";

impl ScenarioStep {
    /// Checks the step, where it is a request; returns what is wrong with it.
    pub(super) fn check_request(&self, verb: &str, word: &str) -> Result<(), String> {
        if verb != "request" {
            return Ok(());
        }
        if word.split_once(' ').is_none() {
            return Err("a request requires a method and a path, such as \"GET /api/shop/latest\"".to_owned());
        }
        let auth = self.auth.as_deref();
        match auth {
            None | Some("none" | "user" | "token" | "admin") => {}
            Some(other) => return Err(format!("auth must be none, user, token or admin, not {other:?}")),
        }
        if self.user.is_some() && (self.token.is_some() || auth.is_some_and(|auth| auth != "user")) {
            return Err("`user` names an account: leave out `token` and any other `auth` than user".to_owned());
        }
        if self.token.is_some() && auth.is_some_and(|auth| auth != "token") {
            return Err("`token` names an API token: leave out any other `auth` than token".to_owned());
        }
        if self.preview.is_some() {
            if self.token.is_some() || !matches!(auth, None | Some("none" | "user")) {
                return Err("a preview shows what a user or the public gets: leave out other callers".to_owned());
            }
            if !word.starts_with("GET ") && !word.starts_with("HEAD ") {
                return Err("a preview only reads: send GET or HEAD".to_owned());
            }
        }
        if self.groups.is_some() {
            if self.user.is_some() {
                return Err("`user` has the groups that plugins gave to this account: leave out `groups`".to_owned());
            }
            if auth != Some("user") {
                return Err("groups are those of a user: add auth = \"user\"".to_owned());
            }
        }
        Ok(())
    }

    /// The caller without an account that `auth` stands for.
    fn fictional_caller(&self) -> RequestCaller {
        let kind = match self.auth.as_deref() {
            Some("user") => ActorKind::User,
            Some("token") => ActorKind::Token,
            Some("admin") => ActorKind::Admin,
            _ => return RequestCaller::Content(TestCaller::Public),
        };
        let groups = self.groups.clone().unwrap_or_default();
        let actor = Actor { kind, id: Some(FICTIONAL_ID.to_owned()), groups, ..Actor::public() };
        RequestCaller::Fictional { actor, full: kind == ActorKind::Admin }
    }
}

impl ScenarioRun<'_> {
    /// Sends a request.
    pub(super) async fn send_request(&mut self, step: &ScenarioStep, line: &str) -> Result<(), TestError> {
        let line = self.names.fill_text(line)?;
        let (method, address) = line.split_once(' ').unwrap_or_default();
        // A link out of a mail leads to the site of the test.
        let address = address.trim();
        let address = address.strip_prefix(SITE_URL).filter(|rest| rest.starts_with('/')).unwrap_or(address);
        let mut headers = Vec::new();
        for (name, value) in step.headers.iter().flatten() {
            let value = match self.names.fill_value(value)? {
                Json::String(text) => text,
                other => other.to_string(),
            };
            headers.push((name.clone(), value));
        }
        let body = match &step.body {
            None => Vec::new(),
            Some(Json::String(text)) => self.names.fill_text(text)?.into_bytes(),
            Some(json) => {
                if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                self.names.fill_value(json)?.to_string().into_bytes()
            }
        };
        let caller = match (&step.user, &step.token) {
            (Some(email), _) => RequestCaller::Content(TestCaller::Account(self.names.fill_text(email)?)),
            (None, Some(name)) => RequestCaller::Content(TestCaller::Token(name.clone())),
            (None, None) => step.fictional_caller(),
        };
        let request = TestRequest {
            method: method.to_owned(),
            address: address.to_owned(),
            headers,
            body,
            caller,
            preview: step.preview.as_ref().map(|preview| preview.at),
        };
        let response = self.world.send_request(request).await?;
        let expected = step.status.unwrap_or(200);
        if response.status != expected {
            return Err(TestError(format!("the status is {}, not {expected}: {}", response.status, response.body)));
        }
        self.check_answer(step, response.body)
    }
}
