//! How long accounts have to be kept: the Dutch tax authority asks for those of seven years after the year that they are of. Until then contracts,
//! invoices and payments of a customer who was erased stay, without a name; afterwards they go.

use crate::model::{Access, Payment, VehicleDocument, of_vehicle};
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use chrono::{Datelike, NaiveDate, NaiveTime};
use serde_json::{Value, json};

/// The nightly job that deletes them.
pub(crate) const RETENTION_JOB: &str = "retention";
/// Years for which accounts are kept, after the year that they are of.
const FISCAL_YEARS: i32 = 7;
/// Documents of one type that are deleted in one slice of the job.
const SLICE: u32 = 200;

/// When something of that day need no longer be kept; none for a text that is no day.
pub(crate) fn find_fiscal_end(day: &str) -> Option<Instant> {
    let year = day.get(..10)?.parse::<NaiveDate>().ok()?.year();
    let end = NaiveDate::from_ymd_opt(year.checked_add(FISCAL_YEARS + 1)?, 1, 1)?;
    Some(end.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
}

/// The first day whose accounts still have to be kept at a time.
fn find_first_kept(now: Instant) -> Option<String> {
    let year = chrono::DateTime::from_timestamp_millis(now)?.year();
    NaiveDate::from_ymd_opt(year.checked_sub(FISCAL_YEARS)?, 1, 1).map(|day| day.to_string())
}

/// Deletes some of what no law holds any more of customers who were erased. Returns whether there may be more.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_expired() -> Result<bool> {
    let Some(first) = find_first_kept(time::now()) else { return Ok(false) };
    let erased = |day: &str| json!({ "erasedAt": { "$notNull": true }, day: { "$lt": first } });
    let documents = delete_slice::<VehicleDocument>(erased("issuedOn"))?;
    let payments = delete_slice::<Payment>(erased("dueOn"))?;
    if documents || payments {
        return Ok(true);
    }
    delete_keys()
}

fn delete_slice<T: Document>(expired: Value) -> Result<bool> {
    let found = data::find::<AllFields<T>>().filter(expired).fields(&["createdAt"]).all(SLICE)?;
    let batch = found.iter().fold(Batch::new(), |batch, row| batch.delete::<T>(&row.document_id));
    batch.write()?;
    Ok(found.len() == SLICE as usize)
}

/// Deletes the traces by which accounts of somebody who was erased are found again, where none of these is left.
fn delete_keys() -> Result<bool> {
    let populate = json!({ "vehicle": { "fields": ["title"] } });
    let mut after = None;
    loop {
        let erased = data::find::<Access>().filter(json!({ "personKey": { "$notNull": true } }));
        let page = erased.populate(populate.clone()).after(after, SLICE)?;
        let mut batch = Batch::new();
        for access in &page.rows {
            let vehicle = access.vehicle.as_ref().map_or("", |vehicle| vehicle.document_id.as_str());
            let held = json!({ "erasedAt": { "$notNull": true } });
            let documents = data::find::<VehicleDocument>().filter(of_vehicle(vehicle)).filter(held.clone()).count()?;
            if documents + data::find::<Payment>().filter(of_vehicle(vehicle)).filter(held).count()? == 0 {
                batch = batch.delete::<Access>(&access.document_id);
            }
        }
        batch.write()?;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_kept_until_seven_years_are_over() {
        for day in ["2027-01-01", "2027-12-31", "2027-02-05T15:30:00.000Z"] {
            assert_eq!(find_fiscal_end(day), time::parse("2035-01-01T00:00:00.000Z").ok(), "{day}");
        }
        for wrong in ["", "soon", "2027", "2027-13-01", "€€€€"] {
            assert_eq!(find_fiscal_end(wrong), None, "{wrong}");
        }
        let at = |text| find_first_kept(time::parse(text).unwrap()).unwrap();
        assert_eq!(at("2034-12-31T23:59:59.000Z"), "2027-01-01");
        assert_eq!(at("2035-01-01T00:00:00.000Z"), "2028-01-01");
    }
}
