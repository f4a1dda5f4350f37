//! Reminders, the end of the time to sign, requests, what follows from signatures, and seals.

use crate::Esign;
use crate::answers::{ANSWER_JOB, DRAWING_JOB, delete_unused_drawing, follow_answer};
use crate::deadlines::{EXPIRY_JOB, REMINDER_JOB, expire_envelope, remind_signers};
use crate::draft_document::{INSPECTION_JOB, run_inspection};
use crate::request_job::REQUEST_JOB;
use crate::requests::run_request;
use crate::seal_check::{SEAL_CHECK_JOB, check_sealing};
use crate::sealing::{CLEANUP_JOB, SEAL_JOB, delete_leftovers, seal_envelope};
use crate::settings::Settings;
use cairn_plugin::prelude::*;

impl Jobs for Esign {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            EXPIRY_JOB => expire_envelope(task),
            REMINDER_JOB => remind_signers(task),
            INSPECTION_JOB => run_inspection(task),
            REQUEST_JOB => run_request(call, task),
            ANSWER_JOB => follow_answer(task),
            DRAWING_JOB => delete_unused_drawing(task),
            SEAL_CHECK_JOB => check_sealing(&Settings::load()?),
            SEAL_JOB => seal_envelope(task),
            CLEANUP_JOB => delete_leftovers(task),
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}
