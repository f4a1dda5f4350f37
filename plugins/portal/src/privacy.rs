//! One person's data: what belongs to the vehicles that they own or see. What is only about them goes; contracts, invoices and payments stay
//! without a name, as long as the tax authority asks for them; a vehicle stays with its numbers, which its maker answers for.

mod erase;
mod report;

use crate::Portal;
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::prelude::*;
use cairn_plugin::{ErasureStep, KindCursor, Person, Privacy, ReportPage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

impl Privacy for Portal {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        report::report_page(person, &cursor.unwrap_or_default())
    }

    fn erase(call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        erase::erase_step(person, &cursor.unwrap_or_default(), &call.locale)
    }
}

/// Filter for the accesses of a person: by their account, or by their address.
fn access_filter(person: &Person) -> Value {
    let mut filters: Vec<Value> =
        list_variants(&person.email).iter().map(|email| json!({ "email": { "$eqi": email } })).collect();
    filters.extend(account_of(person).map(|account| json!({ "account": account })));
    json!({ "$or": filters })
}

fn account_of(person: &Person) -> Option<Value> {
    person.user.as_deref().map(|user| json!({ "documentId": { "$eq": user } }))
}

/// By this what stays of somebody who was erased is found when they are erased again.
fn build_person_key(email: &str) -> String {
    let digest = Sha256::digest(format!("portal/{}", normalise_email(email)).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_depend_on_capitals_and_tells_no_address() {
        let key = build_person_key("Anna@Example.com");
        assert_eq!(key, build_person_key("anna@example.com"));
        assert_ne!(key, build_person_key("bram@example.com"));
        assert!(key.len() == 64 && !key.contains("anna"));
    }
}
