//! What is stored about a person.

use super::{Cursor, Rest, activity_filter, contact_filter, deal_filter, lead_filter, quote_filter};
use crate::model::{Activity, Contact, Deal, Lead, Payment, Quote};
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use cairn_plugin::{PersonalRecord, ReportPage};
use serde_json::{Map, Value, json};

/// Documents of a page.
const PAGE_SIZE: u32 = 100;
/// Fields that say nothing about a person: keys of links, and handles of the host.
const LEFT_OUT: [&str; 3] = ["tokenHash", "mail", "version"];

/// How many kinds of documents there are.
const KINDS: usize = 6;

/// A page of it.
///
/// # Errors
/// What the host says.
pub(super) fn report_page(email: &str, cursor: &Cursor) -> Result<ReportPage> {
    match cursor.kind {
        0 => list::<Contact>("contact", "name", contact_filter(email), cursor),
        1 => list::<Lead>("lead", "name", lead_filter(email), cursor),
        2 => list::<Deal>("deal", "title", deal_filter(email), cursor),
        3 => list::<Quote>("quote", "number", quote_filter(email), cursor),
        4 => list::<Payment>("payment", "receivedAt", json!({ "quote": quote_filter(email) }), cursor),
        _ => list::<Activity>("activity", "subject", activity_filter(email), cursor),
    }
}

fn list<T: Document>(kind: &str, title: &str, filter: Value, cursor: &Cursor) -> Result<ReportPage> {
    let page = data::find::<AllFields<T>>().filter(filter).after(cursor.after.clone(), PAGE_SIZE)?;
    let to_record = |row: Row<AllFields<T>>| {
        let id = row.document_id.clone();
        let fields = clean_fields(row.fields.fields);
        let title = fields.get(title).and_then(Value::as_str).unwrap_or(&id).to_owned();
        PersonalRecord::new(format!("t:person.{kind}"), title, &fields)
    };
    let records = page.rows.into_iter().map(to_record).collect::<Result<_>>()?;
    ReportPage::new(records, cursor.next(Rest::after_page(page.next), KINDS).as_ref())
}

/// The fields that are about the person.
fn clean_fields(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().filter(|(name, value)| !LEFT_OUT.contains(&name.as_str()) && !value.is_null()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_or_a_key_is_left_out() {
        let fields = json!({ "name": "Sanne", "phone": null, "tokenHash": "x", "version": 3, "guests": 0 });
        let cleaned = clean_fields(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(cleaned), json!({ "name": "Sanne", "guests": 0 }));
    }
}
