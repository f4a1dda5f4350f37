//! Report of the data that is stored about a person.

use super::{activity_filter, contact_filter, deal_filter, lead_filter, quote_filter};
use crate::model::{Activity, Contact, Deal, Lead, Payment, Quote};
use crate::waiting_inquiries::{WaitingInquiry, list_of_person};
use cairn_plugin::prelude::*;
use cairn_plugin::{KindCursor, KindReport, PersonalRecord, ReportPage};
use serde_json::{Value, json};

/// Six kinds of documents, without keys of links, handles of the host and ids of colleagues; and the inquiries that wait.
const REPORT: KindReport<'static> = KindReport { kinds: 7, left_out: &["tokenHash", "mail", "version", "mentions"] };

/// A page of it.
///
/// # Errors
/// What the host says.
pub(super) fn report_page(email: &str, cursor: &KindCursor) -> Result<ReportPage> {
    match cursor.kind {
        0 => REPORT.list::<Contact>("contact", "name", contact_filter(email), cursor),
        1 => REPORT.list::<Lead>("lead", "name", lead_filter(email), cursor),
        2 => REPORT.list::<Deal>("deal", "title", deal_filter(email), cursor),
        3 => REPORT.list::<Quote>("quote", "number", quote_filter(email), cursor),
        4 => REPORT.list::<Payment>("payment", "receivedAt", json!({ "quote": quote_filter(email) }), cursor),
        5 => REPORT.list::<Activity>("activity", "subject", activity_filter(email), cursor),
        _ => report_inquiries(email, cursor),
    }
}

fn report_inquiries(email: &str, cursor: &KindCursor) -> Result<ReportPage> {
    let page = list_of_person(email, cursor.after.clone())?;
    let to_record = |(_, waiting): (String, WaitingInquiry)| {
        let mut fields = serde_json::to_value(&waiting)?;
        let mut inquiry = fields["inquiry"].take();
        inquiry["receivedAt"] = json!(time::format(waiting.received));
        inquiry["form"] = json!(waiting.form.key);
        let Value::Object(inquiry) = inquiry else {
            return Err(Error::Internal("an inquiry without fields".to_owned()));
        };
        PersonalRecord::new("t:person.inquiry", &waiting.inquiry.name, &REPORT.clean_fields(inquiry))
    };
    let records = page.found.into_iter().map(to_record).collect::<Result<_>>()?;
    ReportPage::new(records, cursor.next(page.next, REPORT.kinds).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn what_is_empty_or_a_key_is_left_out() {
        let fields = json!({ "name": "Sanne", "phone": null, "tokenHash": "x", "version": 3, "guests": 0, "mentions": [{ "id": "7", "word": "bart" }] });
        let cleaned = REPORT.clean_fields(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(cleaned), json!({ "name": "Sanne", "guests": 0 }));
    }
}
