//! The vehicles of the customers in the portal: orders as another system sends them, and what the team adds.

use super::super::files::make_pdf;
use super::super::site_content::{SiteAccess, read_json};
use crate::api::{Api, FileUpload};
use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use ureq::http::Method;

/// Steps of production in their order, as the portal names them.
const STEPS: [&str; 5] = ["ontwerp", "engineering", "productie", "afmontage", "levering"];

/// Parts of a vehicle that a delegate may see, as fields of an access end.
const SCOPES: [&str; 5] = ["Timeline", "Documents", "Payments", "Choices", "Service"];

/// Sends the orders of `vehicles.json`, reports how far each car is, and adds its payments, choices, documents, news and people.
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
        report_steps(api, vehicle, today)?;
        let parts = VehicleParts { api, id, folder, today };
        parts.add_payments(vehicle)?;
        parts.add_choices(vehicle)?;
        parts.add_documents(vehicle)?;
        parts.add_timeline(vehicle)?;
        parts.add_people(vehicle)?;
    }
    Ok(())
}

/// Reports the steps that are done, each on its day, and the one that has begun.
fn report_steps(api: &Api, vehicle: &Value, today: NaiveDate) -> Result<()> {
    let done = vehicle["stepsDone"].as_u64().and_then(|done| usize::try_from(done).ok()).unwrap_or_default();
    let begun = usize::from(vehicle["isInStep"] == true);
    for (number, step) in STEPS.iter().enumerate().take(done + begun) {
        let state = if number < done { "done" } else { "started" };
        let mut report =
            json!({ "id": format!("{step}-{state}"), "orderNo": vehicle["orderNo"], "step": step, "state": state });
        if let Some(days) = vehicle["doneDaysAgo"][number].as_u64() {
            let day = today.checked_sub_days(Days::new(days)).context("`doneDaysAgo` is too large")?;
            report["at"] = json!(format!("{day}T10:00:00Z"));
        }
        api.send(Method::POST, "/api/portal/steps", &report)?.into_data("a report")?;
    }
    Ok(())
}

/// A vehicle to which parts are added.
struct VehicleParts<'a> {
    api: &'a Api,
    /// Its document id.
    id: &'a str,
    /// `examples/donkervoort`.
    folder: &'a Path,
    today: NaiveDate,
}

impl VehicleParts<'_> {
    fn create(&self, plural: &str, mut data: Value) -> Result<()> {
        data["vehicle"] = json!(self.id);
        let path = format!("/api/portal/{plural}");
        self.api.send(Method::POST, &path, &json!({ "data": data }))?.into_data(plural)?;
        Ok(())
    }

    fn add_payments(&self, vehicle: &Value) -> Result<()> {
        for payment in list(vehicle, "payments") {
            let months = payment["inMonths"].as_i64().context("a payment without `inMonths`")?;
            let due = shift_months(self.today, months)?;
            let paid = (payment["isPaid"] == true).then_some(due.min(self.today).to_string());
            let data = json!({
                "title": payment["title"], "amount": payment["amount"], "dueOn": due.to_string(), "paidOn": paid,
            });
            self.create("payments", data)?;
        }
        Ok(())
    }

    fn add_choices(&self, vehicle: &Value) -> Result<()> {
        for choice in list(vehicle, "choices") {
            let days = choice["inDays"].as_u64().context("a choice without `inDays`")?;
            let deadline = self.today.checked_add_days(Days::new(days)).context("`inDays` is too large")?;
            let picture = choice["picture"].as_str().map(|name| self.upload_picture(name)).transpose()?;
            let data = json!({
                "group": choice["group"], "title": choice["title"], "description": choice["description"], "options": choice["options"],
                "option": choice["option"], "picture": picture, "deadline": format!("{deadline}T16:00:00Z"),
            });
            self.create("choices", data)?;
        }
        Ok(())
    }

    fn add_documents(&self, vehicle: &Value) -> Result<()> {
        for document in list(vehicle, "documents") {
            let title = document["title"].as_str().context("a document without `title`")?;
            let days = document["daysAgo"].as_u64().context("a document without `daysAgo`")?;
            let issued = self.today.checked_sub_days(Days::new(days)).context("`daysAgo` is too large")?;
            let file = self.upload_file(&format!("{title}.pdf"), "application/pdf", &make_pdf(title))?;
            let data = json!({
                "kind": document["kind"], "title": title, "number": document["number"], "amount": document["amount"],
                "issuedOn": issued.to_string(), "file": file,
            });
            self.create("documents", data)?;
        }
        Ok(())
    }

    fn add_timeline(&self, vehicle: &Value) -> Result<()> {
        for entry in list(vehicle, "timeline") {
            let photos = list(entry, "photos").iter().filter_map(Value::as_str);
            let photos = photos.map(|name| self.upload_picture(name)).collect::<Result<Vec<_>>>()?;
            let films = list(entry, "films").iter().filter_map(Value::as_str);
            let films = films.map(|name| self.upload_film(name)).collect::<Result<Vec<_>>>()?;
            let data = json!({
                "title": entry["title"], "step": entry["step"], "body": entry["body"], "photos": photos, "films": films,
            });
            self.create("timeline-entries", data)?;
        }
        Ok(())
    }

    fn add_people(&self, vehicle: &Value) -> Result<()> {
        for person in list(vehicle, "people") {
            let mut data = json!({ "name": person["name"], "email": person["email"], "role": "delegate" });
            for scope in SCOPES {
                data[format!("sees{scope}")] = json!(list(person, "sees").iter().any(|seen| seen == scope));
            }
            self.create("accesses", data)?;
        }
        Ok(())
    }

    /// Uploads a picture of the samples: one of its own for each vehicle, since the files of vehicles are private.
    fn upload_picture(&self, name: &str) -> Result<Value> {
        let name = format!("{name}.jpg");
        self.upload_file(&name, "image/jpeg", &self.read_picture(&name)?)
    }

    fn upload_film(&self, name: &str) -> Result<Value> {
        let name = format!("{name}.webm");
        self.upload_file(&name, "video/webm", &self.read_picture(&name)?)
    }

    /// A file of the folder `pictures`.
    fn read_picture(&self, name: &str) -> Result<Vec<u8>> {
        let file = self.folder.join("pictures").join(name);
        fs::read(&file).with_context(|| file.display().to_string())
    }

    /// The numeric id of a new file.
    fn upload_file(&self, name: &str, mime: &str, bytes: &[u8]) -> Result<Value> {
        Ok(self.api.upload_file(&FileUpload { name, mime, bytes })?["id"].clone())
    }
}

/// A list of an entry; empty if it has none of that name.
fn list<'a>(entry: &'a Value, name: &str) -> &'a [Value] {
    entry[name].as_array().map_or(&[], Vec::as_slice)
}

fn shift_months(day: NaiveDate, by: i64) -> Result<NaiveDate> {
    let months = Months::new(u32::try_from(by.unsigned_abs())?);
    let shifted = if by < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) };
    shifted.context("a month beyond the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn pictures_of_the_vehicles_are_there() {
        let folder = paths::repository_root().join("examples/donkervoort");
        let vehicles = read_json(&folder.join("vehicles.json")).unwrap();
        let mut count = 0;
        for vehicle in vehicles.as_array().unwrap() {
            let photos = list(vehicle, "timeline").iter().flat_map(|entry| list(entry, "photos"));
            let films = list(vehicle, "timeline").iter().flat_map(|entry| list(entry, "films"));
            let pictures = photos.chain(list(vehicle, "choices").iter().map(|choice| &choice["picture"]));
            let pictures = pictures.filter_map(Value::as_str).map(|name| format!("{name}.jpg"));
            for name in pictures.chain(films.filter_map(Value::as_str).map(|name| format!("{name}.webm"))) {
                assert!(folder.join("pictures").join(&name).is_file(), "{name}");
                count += 1;
            }
        }
        assert!(count > 0);
    }
}
