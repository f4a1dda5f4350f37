//! The vehicles of the customers in the portal: orders as another system sends them, and what the team adds.

use super::super::site::{SiteAccess, read_json};
use crate::api::Api;
use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use ureq::http::Method;

/// Steps of production in their order, as the portal names them.
const STEPS: [&str; 5] = ["ontwerp", "engineering", "productie", "afmontage", "levering"];

/// Sends the orders of `vehicles.json`, reports how far each car is, and adds its payments, choices and news.
#[expect(clippy::disallowed_methods, reason = "a chore has no clock but the machine's")]
pub(super) fn load_vehicles(access: &SiteAccess<'_>) -> Result<()> {
    let SiteAccess { api, folder, .. } = access;
    let today = Utc::now().date_naive();
    for vehicle in read_json(&folder.join("vehicles.json"))?.as_array().context("vehicles.json: not a list")? {
        let months = vehicle["monthsAgo"].as_i64().context("a vehicle without `monthsAgo`")?;
        let owner = json!({ "name": vehicle["name"], "email": vehicle["owner"], "language": vehicle["language"] });
        let mut order = json!({
            "owner": owner, "orderedAt": format!("{}T09:00:00Z", shift_months(today, -months)?), "currency": "EUR",
        });
        for field in ["orderNo", "title", "model", "vin", "amount"] {
            if !vehicle[field].is_null() {
                order[field] = vehicle[field].clone();
            }
        }
        let sent = api.send(Method::POST, "/api/portal/orders", &order)?.into_data("an order")?;
        let id = sent["vehicle"].as_str().context("an order without a vehicle")?;
        report_steps(api, vehicle)?;
        add_parts(api, vehicle, id, today)?;
    }
    Ok(())
}

/// Reports the steps that are done, and the one that has begun.
fn report_steps(api: &Api, vehicle: &Value) -> Result<()> {
    let done = vehicle["stepsDone"].as_u64().and_then(|done| usize::try_from(done).ok()).unwrap_or_default();
    let begun = usize::from(vehicle["isInStep"] == true);
    for (number, step) in STEPS.iter().enumerate().take(done + begun) {
        let state = if number < done { "done" } else { "started" };
        let report =
            json!({ "id": format!("{step}-{state}"), "orderNo": vehicle["orderNo"], "step": step, "state": state });
        api.send(Method::POST, "/api/portal/steps", &report)?.into_data("a report")?;
    }
    Ok(())
}

fn add_parts(api: &Api, vehicle: &Value, id: &str, today: NaiveDate) -> Result<()> {
    let create = |plural: &str, data: Value| -> Result<()> {
        api.send(Method::POST, &format!("/api/portal/{plural}"), &json!({ "data": data }))?.into_data(plural)?;
        Ok(())
    };
    for payment in list(vehicle, "payments")? {
        let due = shift_months(today, payment["inMonths"].as_i64().context("a payment without `inMonths`")?)?;
        let paid = (payment["isPaid"] == true).then_some(due.min(today).to_string());
        create(
            "payments",
            json!({
                "vehicle": id, "title": payment["title"], "amount": payment["amount"], "dueOn": due.to_string(), "paidOn": paid,
            }),
        )?;
    }
    for choice in list(vehicle, "choices")? {
        let days = choice["inDays"].as_u64().context("a choice without `inDays`")?;
        let deadline = today.checked_add_days(Days::new(days)).context("`inDays` is too large")?;
        create(
            "choices",
            json!({
                "vehicle": id, "group": choice["group"], "title": choice["title"], "options": choice["options"],
                "option": choice["option"], "deadline": format!("{deadline}T16:00:00Z"),
            }),
        )?;
    }
    for entry in list(vehicle, "timeline")? {
        create(
            "timeline-entries",
            json!({ "vehicle": id, "title": entry["title"], "step": entry["step"], "body": entry["body"] }),
        )?;
    }
    Ok(())
}

fn list<'a>(vehicle: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    vehicle[name].as_array().with_context(|| format!("vehicles.json: `{name}` is no list"))
}

fn shift_months(day: NaiveDate, by: i64) -> Result<NaiveDate> {
    let months = Months::new(u32::try_from(by.unsigned_abs())?);
    let shifted = if by < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) };
    shifted.context("a month beyond the calendar")
}
