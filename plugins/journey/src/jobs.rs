//! The timers, the mails and what comes every night.

use crate::Journeys;
use crate::content_gaps::{CONTENT_JOB, find_gaps};
use crate::entries::PHASE_END_JOB;
use crate::groups::{GROUPS_JOB, run_groups};
use crate::messages::{MAIL_JOB, run_mail};
use crate::moves::run_phase_end;
use crate::planning::{PLAN_JOB, SLOT_JOB, run_plan};
use crate::retention::{RETENTION_JOB, delete_expired};
use crate::revision_moves::{REVISION_JOB, run_revision};
use crate::rule_jobs::{RULE_TIMER_JOB, RULES_JOB};
use crate::rule_runs::run_rules;
use crate::slots::run_slot;
use crate::start_requests::{ACCOUNTS_JOB, START_JOB, check_accounts, run_start};
use cairn_plugin::prelude::*;
use serde_json::json;
use std::time::Duration;

impl Jobs for Journeys {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            PHASE_END_JOB => return go_on(run_phase_end(&task.payload()?)?),
            SLOT_JOB => run_slot(&task.payload()?)?,
            PLAN_JOB => {
                let plan = task.checkpoint()?.map_or_else(|| task.payload(), Ok)?;
                return run_plan(&plan)?.map_or(Ok(Outcome::DONE), |left| Outcome::again(&left, Duration::ZERO));
            }
            REVISION_JOB => {
                let left = task.checkpoint()?.map_or_else(|| task.payload(), Ok)?;
                return run_revision(&left, call.attempt)?
                    .map_or(Ok(Outcome::DONE), |left| Outcome::again(&left, Duration::ZERO));
            }
            RULES_JOB | RULE_TIMER_JOB => return go_on(run_rules(&task.payload()?)?),
            RETENTION_JOB => return go_on(delete_expired()?),
            START_JOB => run_start(&task.payload()?)?,
            ACCOUNTS_JOB => return check_accounts(),
            GROUPS_JOB => return run_groups(task),
            CONTENT_JOB => return find_gaps(task),
            MAIL_JOB => return run_mail(&task.payload()?),
            other => return Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
        Ok(Outcome::DONE)
    }
}

/// Another slice at once where something is left.
fn go_on(is_more: bool) -> Result<Outcome> {
    if is_more { Outcome::again(&json!({}), Duration::ZERO) } else { Ok(Outcome::DONE) }
}
