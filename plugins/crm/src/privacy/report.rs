//! Report of the data that is stored about a person.

use super::{activity_filter, contact_filter, deal_filter, lead_filter, quote_filter};
use crate::model::{Activity, Contact, Deal, Lead, Payment, Quote};
use cairn_plugin::prelude::*;
use cairn_plugin::{KindCursor, KindReport, ReportPage};
use serde_json::json;

/// Six kinds of documents, without keys of links, handles of the host and ids of colleagues.
const REPORT: KindReport<'static> = KindReport { kinds: 6, left_out: &["tokenHash", "mail", "version", "mentions"] };

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
        _ => REPORT.list::<Activity>("activity", "subject", activity_filter(email), cursor),
    }
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
