//! The timers, and what comes every night.

use crate::Portal;
use crate::access::accounts::{ACCOUNTS_JOB, check_accounts};
use crate::choices::deadline::{CHOICE_LOCK_JOB, run_choice_lock};
use crate::payments::overdue::{PAYMENT_DUE_JOB, run_payment_due};
use crate::preferences::delivery::{MAILS_DUE_JOB, send_due_mails};
use crate::retention::{RETENTION_JOB, delete_expired};
use crate::service::{SERVICE_DUE_JOB, run_service_due};
use crate::surveys::closing::{SURVEY_CLOSE_JOB, close_response};
use crate::telemetry::{TELEMETRY_FILE_JOB, TELEMETRY_JOB, delete_file, process_run};
use crate::vehicles::resumption::{ORDER_RESUMED_JOB, resume_timers};
use cairn_plugin::prelude::*;
use serde_json::json;
use std::time::Duration;

impl Jobs for Portal {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            ACCOUNTS_JOB => return check_accounts(),
            PAYMENT_DUE_JOB => run_payment_due(&task.payload()?)?,
            CHOICE_LOCK_JOB => run_choice_lock(&task.payload()?)?,
            SERVICE_DUE_JOB => run_service_due(&task.payload()?)?,
            TELEMETRY_JOB => return process_run(task),
            TELEMETRY_FILE_JOB => return delete_file(task),
            ORDER_RESUMED_JOB => resume_timers(&task.payload()?)?,
            MAILS_DUE_JOB => return send_due_mails(&task.payload()?),
            SURVEY_CLOSE_JOB => close_response(&task.payload()?)?,
            RETENTION_JOB => {
                return if delete_expired()? { Outcome::again(&json!({}), Duration::ZERO) } else { Ok(Outcome::DONE) };
            }
            other => return Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
        Ok(Outcome::DONE)
    }
}
