//! The timers and the mails.

use crate::Journeys;
use crate::entries::PHASE_END_JOB;
use crate::messages::{MAIL_JOB, run_mail};
use crate::moves::run_phase_end;
use crate::slots::{SLOT_JOB, run_slot};
use cairn_plugin::prelude::*;

impl Jobs for Journeys {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            PHASE_END_JOB => run_phase_end(&task.payload()?)?,
            SLOT_JOB => run_slot(&task.payload()?)?,
            MAIL_JOB => run_mail(&task.payload()?)?,
            other => return Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
        Ok(Outcome::DONE)
    }
}
