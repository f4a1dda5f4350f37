//! When payments are overdue: on the day after they were due, in the time zone of the site.

use crate::messages::notify_staff;
use crate::model::{Payment, PaymentState, Vehicle};
use crate::preferences::delivery::mail_news;
use crate::preferences::model::Topic;
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use cairn_plugin::{look, run_transaction, zones};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of the day after; its key is the payment's id.
pub(crate) const PAYMENT_DUE_JOB: &str = "payment-due";

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PaymentTask {
    payment: String,
}

/// How a payment stands today.
///
/// # Errors
/// What the host says.
pub(crate) fn state_of(due_on: &str, paid_on: Option<&str>) -> Result<PaymentState> {
    Ok(compare_days(due_on, paid_on, &today()?))
}

/// How a payment stands on a day.
fn compare_days(due_on: &str, paid_on: Option<&str>, today: &str) -> PaymentState {
    match paid_on {
        Some(_) => PaymentState::Paid,
        // Days have the order of their texts.
        None if due_on < today => PaymentState::Overdue,
        None => PaymentState::Open,
    }
}

/// Today, where the site is at home.
///
/// # Errors
/// What the host says.
pub(crate) fn today() -> Result<String> {
    let local = zones::to_local(&look().zone, &[time::now()])?.pop().unwrap_or_default();
    Ok(local.get(..10).unwrap_or_default().to_owned())
}

/// The moment at which a day and some more begin where the site is at home; none for a text that is no day.
///
/// # Errors
/// What the host says.
pub(crate) fn start_of_day(day: &str, later: i64, hour: u32) -> Result<Option<Instant>> {
    let Some(day) = day.parse::<NaiveDate>().ok().and_then(|day| shift_day(day, later)) else { return Ok(None) };
    Ok(zones::to_instants(&look().zone, &[format!("{day}T{hour:02}:00")])?.pop())
}

fn shift_day(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

/// A payment is new or changed: its timer follows.
///
/// # Errors
/// What the host says.
pub(crate) fn note_payment(id: &str) -> Result<()> {
    let Some(payment) = data::get::<Payment>(id)? else { return Ok(()) };
    match start_of_day(&payment.due_on, 1, 0)? {
        Some(at) if payment.state == PaymentState::Open => {
            jobs::timer(PAYMENT_DUE_JOB).key(id).due(at).set(&PaymentTask { payment: id.to_owned() }).map(|_| ())
        }
        _ => jobs::cancel(PAYMENT_DUE_JOB, id).map(|_| ()),
    }
}

/// The day after a payment was due: it is overdue if it was not paid, and the team hears of it once. Nothing of a cancelled order becomes overdue.
///
/// # Errors
/// What the host says.
pub(crate) fn run_payment_due(task: &PaymentTask) -> Result<()> {
    run_transaction(|| {
        let populate = json!({ "vehicle": { "fields": ["title"] } });
        let payment = data::find::<Payment>().populate(populate).lock().by_ids(&[&task.payment])?.pop().flatten();
        let Some(payment) = payment.filter(|payment| payment.state == PaymentState::Open) else { return Ok(()) };
        if let Some(vehicle) = &payment.vehicle
            && is_cancelled(&vehicle.document_id)?
        {
            return Ok(());
        }
        if state_of(&payment.due_on, payment.paid_on.as_deref())? != PaymentState::Overdue {
            // The due day of the payment, or the site's time zone, changed after the timer was set.
            return note_payment(&task.payment);
        }
        let overdue = json!({ "state": PaymentState::Overdue, "overdueAt": time::format(time::now()) });
        data::update::<Payment>(&task.payment, &overdue)?;
        if let Some(vehicle) = &payment.vehicle {
            let key = format!("{}/{}", task.payment, payment.due_on);
            notify_staff("overdue", &key, &vehicle.document_id, &json!({ "subject": payment.title }))?;
            if let Some(vehicle) = data::get::<Vehicle>(&vehicle.document_id)? {
                let model = json!({ "vehicle": vehicle.title, "title": payment.title, "day": payment.due_on });
                mail_news(&vehicle, &format!("overdue/{key}"), &task.payment, Topic::Payments, &model)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_overdue_on_the_day_after() {
        let at = |today| compare_days("2026-03-31", None, today);
        assert_eq!(
            (at("2026-03-30"), at("2026-03-31"), at("2026-04-01")),
            (PaymentState::Open, PaymentState::Open, PaymentState::Overdue)
        );
        assert_eq!(compare_days("2026-03-31", Some("2026-05-01"), "2026-06-01"), PaymentState::Paid);
    }

    #[test]
    fn days_move_over_the_ends_of_months() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(shift_day(day("2026-12-31"), 1), Some(day("2027-01-01")));
        assert_eq!(shift_day(day("2028-03-01"), -1), Some(day("2028-02-29")));
        assert_eq!(shift_day(NaiveDate::MAX, 1), None);
    }
}
