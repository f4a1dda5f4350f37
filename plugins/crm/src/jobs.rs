//! The inquiries that wait, the timers of clocks and quotes, and the way of a quote, its contract and of confirmations to the customer.

use crate::Crm;
use crate::clock::{BREACH_JOB, WARNING_JOB, run_timer};
use crate::confirmations::{ACCEPTANCE_JOB, INQUIRY_JOB, send_confirmation};
use crate::contracts::{CONTRACT_JOB, run_contract};
use crate::quote_answers::expire_quote;
use crate::quote_delivery::{EXPIRY_JOB, deliver_quote};
use crate::quotes::DELIVERY_JOB;
use crate::waiting_inquiries::{INQUIRIES_JOB, store_leads};
use cairn_plugin::prelude::*;

impl Jobs for Crm {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            INQUIRIES_JOB => store_leads(call),
            WARNING_JOB | BREACH_JOB => run_timer(task),
            DELIVERY_JOB => deliver_quote(call, task),
            EXPIRY_JOB => expire_quote(task),
            INQUIRY_JOB | ACCEPTANCE_JOB => send_confirmation(task),
            CONTRACT_JOB => run_contract(call, task),
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}
