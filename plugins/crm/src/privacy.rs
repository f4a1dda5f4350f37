//! One person's data: what the plugin has about an e-mail address. Leads, contacts and what was noted about them go; deals stay as numbers
//! without a name; quotes that were sent stay with their payments, as long as the tax authority asks for them.

mod erase;
mod report;

use crate::Crm;
use cairn_contact_details::email::list_variants;
use cairn_plugin::prelude::*;
use cairn_plugin::{ErasureStep, KindCursor, Person, Privacy, ReportPage};
use serde_json::{Value, json};

/// Remainder of a kind after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// The same query again: all that it found is gone.
    SameAgain,
    /// The part after a cursor of the host.
    After(String),
}

impl Rest {
    fn after_page(cursor: Option<String>) -> Self {
        cursor.map_or(Self::Nothing, Self::After)
    }

    /// The cursor after a step; none after the last kind.
    fn follow(self, cursor: &KindCursor, kinds: usize) -> Option<KindCursor> {
        match self {
            Self::SameAgain => Some(cursor.clone()),
            Self::After(after) => cursor.next(Some(after), kinds),
            Self::Nothing => cursor.next(None, kinds),
        }
    }
}

impl Privacy for Crm {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        report::report_page(&person.email, &cursor.unwrap_or_default())
    }

    fn erase(call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        erase::erase_step(&person.email, &cursor.unwrap_or_default(), &call.locale)
    }
}

/// Filters for a field with the address of a person, one for each way in which it may be spelled there.
fn list_address_filters(field: &str, email: &str) -> Vec<Value> {
    list_variants(email).iter().map(|variant| json!({ field: { "$eqi": variant } })).collect()
}

/// Filter for the contacts that are the person: by their address, or by one that they were recognised by. The ways of spelling are beside each
/// other: filters for the quotes of a person are nearly as deep as filters may be.
fn contact_filter(email: &str) -> Value {
    let by_key = list_address_filters("value", email).into_iter().map(|mut key| {
        key["kind"] = json!("email");
        json!({ "keys": key })
    });
    json!({ "$or": list_address_filters("email", email).into_iter().chain(by_key).collect::<Vec<Value>>() })
}

/// Filter for the keys of the person's address.
fn key_filter(email: &str) -> Value {
    json!({ "kind": "email", "$or": list_address_filters("value", email) })
}

/// Filter for the leads of the person.
fn lead_filter(email: &str) -> Value {
    let mut filters = list_address_filters("email", email);
    filters.push(json!({ "contact": contact_filter(email) }));
    json!({ "$or": filters })
}

/// Filter for the deals of the person.
fn deal_filter(email: &str) -> Value {
    json!({ "$or": [{ "contact": contact_filter(email) }, { "lead": lead_filter(email) }] })
}

/// Filter for the quotes that the person has, or had.
fn quote_filter(email: &str) -> Value {
    let mut filters = list_address_filters("sentTo", email);
    filters.extend([json!({ "contact": contact_filter(email) }), json!({ "deal": deal_filter(email) })]);
    json!({ "$or": filters })
}

/// Filter for the activities about the person.
fn activity_filter(email: &str) -> Value {
    let of_contact = json!({ "contact": contact_filter(email) });
    json!({ "$or": [of_contact, { "lead": lead_filter(email) }, { "deal": deal_filter(email) }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_asked_again_and_what_stays_is_passed() {
        let cursor = KindCursor { kind: 0, after: Some("x".to_owned()) };
        assert_eq!(Rest::SameAgain.follow(&cursor, 2), Some(cursor.clone()));
        assert_eq!(Rest::after_page(Some("y".to_owned())).follow(&cursor, 2).unwrap().after.as_deref(), Some("y"));
        assert_eq!(Rest::after_page(None).follow(&cursor, 2), Some(KindCursor { kind: 1, after: None }));
        assert_eq!(Rest::Nothing.follow(&cursor, 1), None);
    }
}
