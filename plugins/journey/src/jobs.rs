//! The timers and the mails.

use crate::Journeys;
use crate::entries::PHASE_END_JOB;
use crate::messages::{MAIL_JOB, run_mail};
use crate::moves::run_phase_end;
use crate::planning::{PLAN_JOB, SLOT_JOB, run_plan};
use crate::rule_runs::{RULE_TIMER_JOB, RULES_JOB, run_rules};
use crate::slots::run_slot;
use cairn_plugin::prelude::*;
use std::time::Duration;

impl Jobs for Journeys {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            PHASE_END_JOB => run_phase_end(&task.payload()?)?,
            SLOT_JOB => run_slot(&task.payload()?)?,
            PLAN_JOB => {
                let plan = task.checkpoint()?.map_or_else(|| task.payload(), Ok)?;
                return run_plan(&plan)?.map_or(Ok(Outcome::DONE), |left| Outcome::again(&left, Duration::ZERO));
            }
            RULES_JOB | RULE_TIMER_JOB => run_rules(&task.payload()?)?,
            MAIL_JOB => run_mail(&task.payload()?)?,
            other => return Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
        Ok(Outcome::DONE)
    }
}
