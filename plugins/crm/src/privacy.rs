//! One person's data: what the plugin has about an e-mail address. Leads, contacts and what was noted about them go; deals stay as numbers
//! without a name; quotes that were sent stay with their payments, as long as the tax authority asks for them.

mod erase;
mod report;

use crate::Crm;
use cairn_plugin::prelude::*;
use cairn_plugin::{ErasureStep, Person, Privacy, ReportPage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where a report or an erasure goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Position among the kinds of documents.
    kind: usize,
    /// Cursor of the host within that kind.
    after: Option<String>,
}

/// What is left of a kind after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// What was found is gone: the same is asked again.
    SameAgain,
    /// What comes after a cursor of the host.
    After(String),
}

impl Rest {
    fn after_page(cursor: Option<String>) -> Self {
        cursor.map_or(Self::Nothing, Self::After)
    }
}

impl Cursor {
    /// The cursor after a page: within the kind, or at the next one; none after the last.
    fn next(&self, rest: Rest, kinds: usize) -> Option<Self> {
        match rest {
            Rest::After(after) => Some(Self { kind: self.kind, after: Some(after) }),
            Rest::SameAgain => Some(self.clone()),
            Rest::Nothing => Some(Self { kind: self.kind + 1, after: None }).filter(|next| next.kind < kinds),
        }
    }
}

impl Privacy for Crm {
    type Cursor = Cursor;

    fn report(_call: &Call, person: &Person, cursor: Option<Cursor>) -> Result<ReportPage> {
        report::report_page(&person.email, &cursor.unwrap_or_default())
    }

    fn erase(call: &Call, person: &Person, cursor: Option<Cursor>) -> Result<ErasureStep> {
        erase::erase_step(&person.email, &cursor.unwrap_or_default(), &call.locale)
    }
}

/// Which contacts are the person: by their address, or by one that they were recognised by.
fn contact_filter(email: &str) -> Value {
    json!({ "$or": [{ "email": { "$eqi": email } }, { "keys": { "kind": "email", "value": { "$eqi": email } } }] })
}

/// Which leads are the person's.
fn lead_filter(email: &str) -> Value {
    json!({ "$or": [{ "email": { "$eqi": email } }, { "contact": contact_filter(email) }] })
}

/// Which deals are the person's.
fn deal_filter(email: &str) -> Value {
    json!({ "$or": [{ "contact": contact_filter(email) }, { "lead": lead_filter(email) }] })
}

/// Which quotes the person has, or had.
fn quote_filter(email: &str) -> Value {
    let sent_to = json!({ "sentTo": { "$eqi": email } });
    json!({ "$or": [sent_to, { "contact": contact_filter(email) }, { "deal": deal_filter(email) }] })
}

/// Which activities are about the person.
fn activity_filter(email: &str) -> Value {
    let of_contact = json!({ "contact": contact_filter(email) });
    json!({ "$or": [of_contact, { "lead": lead_filter(email) }, { "deal": deal_filter(email) }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_followed_by_the_rest_of_its_kind_then_by_the_next_kind() {
        let start = Cursor::default();
        let within = start.next(Rest::After("x".to_owned()), 2).unwrap();
        assert_eq!(within.next(Rest::SameAgain, 2), Some(within.clone()));
        assert_eq!((within.kind, within.after.as_deref()), (0, Some("x")));
        let second = within.next(Rest::Nothing, 2).unwrap();
        assert_eq!(second, Cursor { kind: 1, after: None });
        assert_eq!(second.next(Rest::Nothing, 2), None);
    }
}
