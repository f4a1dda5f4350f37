//! Steps that have to do with the world outside: services elsewhere, mails, notices.

use super::ScenarioStep;
use super::steps::{ScenarioRun, check_count};
use crate::fake_services::{PreparedService, RequestLine, parse_host};
use crate::{Service, TestError};
use serde_json::Value as Json;

impl ScenarioStep {
    /// The service that it tells of.
    fn to_service(&self, on: &str) -> Service {
        Service { on: on.to_owned(), answer: self.answer.clone(), delay: self.delay.clone(), fail: self.fail }
    }

    /// Checks the step, where it is one of these; returns what is wrong with it.
    pub(super) fn check_outside(&self, verb: &str, word: &str, calm: bool) -> Result<(), String> {
        match verb {
            "http" => PreparedService::from_service(&self.to_service(word)).and_then(|_| parse_host(word)).map(drop),
            "requests" if self.times.is_some() && !calm => {
                Err("`times` counts every request, and tests with failures send the \
                 same request repeatedly: write `calm = true` above the steps, or use `count`, which counts it once"
                    .to_owned())
            }
            "requests" => RequestLine::parse(word).map(drop),
            _ => Ok(()),
        }
    }
}

impl ScenarioRun<'_> {
    /// A service answers otherwise from here on.
    pub(super) fn set_service(&mut self, step: &ScenarioStep, on: &str) -> Result<(), TestError> {
        let mut service = step.to_service(on);
        if let Some(answer) = &mut service.answer
            && let Some(body) = &answer.body
        {
            answer.body = Some(self.names.fill_value(body)?);
        }
        self.world.add_service(&service)
    }

    /// Requests that arrived: what came again just as it was counts once, since calls that were cut off sent it before.
    pub(super) async fn check_requests(&mut self, step: &ScenarioStep, on: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let all = self.world.sent_requests(on)?;
        if let Some(times) = step.times
            && all.len() != times
        {
            return Err(TestError(format!("{} requests arrived, not {times}", all.len())));
        }
        let mut once: Vec<Json> = Vec::new();
        for request in all {
            if !once.contains(&request) {
                once.push(request);
            }
        }
        check_count(step, once.len())?;
        self.check_answer(step, Json::Array(once))
    }

    /// Mails, as they would have been sent.
    pub(super) async fn check_mails(&mut self, step: &ScenarioStep, to: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let mails = self.world.sent_mails(&self.names.fill_text(to)?)?;
        if let Some(failed) = mails.iter().find(|mail| !mail["error"].is_null()) {
            return Err(TestError(format!("a mail to {} could not be sent: {}", failed["to"], failed["error"])));
        }
        check_count(step, mails.len())?;
        self.check_answer(step, Json::Array(mails))
    }

    /// Checks the notifications of admin users.
    pub(super) async fn check_notices(&mut self, step: &ScenarioStep, to: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let notices = self.world.sent_notices(&self.names.fill_text(to)?)?;
        check_count(step, notices.len())?;
        self.check_answer(step, Json::Array(notices))
    }
}
