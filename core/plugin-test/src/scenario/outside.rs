//! Steps that have to do with the world outside: services elsewhere, mails, notices.

use super::Step;
use super::steps::{Course, counted};
use crate::elsewhere::{Line, Ready, host};
use crate::{Broken, Service};
use serde_json::Value as Json;

impl Step {
    /// The service that it tells of.
    fn service(&self, on: &str) -> Service {
        Service { on: on.to_owned(), answer: self.answer.clone(), delay: self.delay.clone(), fail: self.fail }
    }

    /// What is wrong with it, where it is one of these.
    pub(super) fn check_outside(&self, verb: &str, word: &str, calm: bool) -> Result<(), String> {
        match verb {
            "http" => Ready::of(&self.service(word)).and_then(|_| host(word)).map(drop),
            "requests" if self.times.is_some() && !calm => {
                Err("`times` counts every request, and tests with failures send the \
                 same request repeatedly: write `calm = true` above the steps, or use `count`, which counts it once"
                    .to_owned())
            }
            "requests" => Line::parse(word).map(drop),
            _ => Ok(()),
        }
    }
}

impl Course<'_> {
    /// A service answers otherwise from here on.
    pub(super) fn http(&mut self, step: &Step, on: &str) -> Result<(), Broken> {
        let mut service = step.service(on);
        if let Some(answer) = &mut service.answer
            && let Some(body) = &answer.body
        {
            answer.body = Some(self.names.fill(body)?);
        }
        self.world.answer(&service)
    }

    /// Requests that arrived: what came again just as it was counts once, since calls that were cut off sent it before.
    pub(super) async fn requests(&mut self, step: &Step, on: &str) -> Result<(), Broken> {
        self.world.settle().await?;
        let all = self.world.requests(on)?;
        if let Some(times) = step.times
            && all.len() != times
        {
            return Err(Broken(format!("{} requests arrived, not {times}", all.len())));
        }
        let mut once: Vec<Json> = Vec::new();
        for request in all {
            if !once.contains(&request) {
                once.push(request);
            }
        }
        counted(step, once.len())?;
        self.take(step, Json::Array(once))
    }

    /// Mails, as they would have been sent.
    pub(super) async fn mails(&mut self, step: &Step, to: &str) -> Result<(), Broken> {
        self.world.settle().await?;
        let mails = self.world.mails(&self.names.text(to)?)?;
        if let Some(lost) = mails.iter().find(|mail| !mail["error"].is_null()) {
            return Err(Broken(format!("a mail to {} could not be sent: {}", lost["to"], lost["error"])));
        }
        counted(step, mails.len())?;
        self.take(step, Json::Array(mails))
    }

    /// What admin users were told.
    pub(super) async fn notices(&mut self, step: &Step, to: &str) -> Result<(), Broken> {
        self.world.settle().await?;
        let notices = self.world.notices(&self.names.text(to)?)?;
        counted(step, notices.len())?;
        self.take(step, Json::Array(notices))
    }
}
