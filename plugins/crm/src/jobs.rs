//! The timers of response times.

use crate::Crm;
use crate::clock::{BREACH_JOB, WARNING_JOB, run_timer};
use cairn_plugin::prelude::*;

impl Jobs for Crm {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            WARNING_JOB | BREACH_JOB => run_timer(task),
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}
