//! Keys of contacts that an earlier version stored in another form than this one compares: with characters that nobody sees, another spelling of a
//! domain, or the zero that is dialled within a country only.

use crate::model::ContactKey;
use crate::settings::Settings;
use cairn_contact_details::email::normalise_email;
use cairn_contact_details::phone::normalise_phone;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::json;
use std::collections::HashSet;

/// Keys of one slice.
const SLICE: u32 = 100;

/// Gives a slice of the keys their form of today. One whose form another contact has already stays as it is: two people are made one by people
/// only, and a look-up finds both. Returns the last key of the slice, or none after the last slice.
///
/// # Errors
/// What the host says.
pub(crate) fn update_contact_keys(after: &str) -> Result<Option<String>> {
    let keys = data::find::<ContactKey>().filter(json!({ "documentId": { "$gt": after } }));
    let keys = keys.sort("documentId:asc").all(SLICE)?;
    let Some(last) = keys.last() else { return Ok(None) };
    let country_code = Settings::load()?.country_code;
    let outdated: Vec<(&Row<ContactKey>, String)> =
        keys.iter().filter_map(|key| Some((key, find_new_form(key, &country_code)?))).collect();
    if !outdated.is_empty() {
        let forms: Vec<&str> = outdated.iter().map(|(_, form)| form.as_str()).collect();
        let taken = data::find::<ContactKey>().filter(json!({ "value": { "$in": forms } })).all(2 * SLICE)?;
        let mut taken: HashSet<(String, String)> =
            taken.into_iter().map(|key| (key.kind.clone(), key.value.clone())).collect();
        let free = outdated.into_iter().filter(|(key, form)| taken.insert((key.kind.clone(), form.clone())));
        let batch = free.into_iter().try_fold(Batch::new(), |batch, (key, form)| {
            batch.update::<ContactKey>(&key.document_id, &json!({ "value": form }))
        });
        batch?.write()?;
    }
    Ok(Some(last.document_id.clone()))
}

/// The form of a key today; none where it has it already, or is no key of today at all.
fn find_new_form(key: &ContactKey, country_code: &str) -> Option<String> {
    let form = match key.kind.as_str() {
        "email" => Some(normalise_email(&key.value)).filter(|email| !email.is_empty()),
        "phone" => normalise_phone(&key.value, country_code),
        _ => None,
    };
    form.filter(|form| *form != key.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn find(kind: &str, value: &str) -> Option<String> {
        let key: Value = json!({ "kind": kind, "value": value });
        find_new_form(&serde_json::from_value(key).unwrap(), "31")
    }

    #[test]
    fn keys_of_earlier_versions_get_their_form_of_today() {
        assert_eq!(find("email", "info@xn--bcher-kva.example").as_deref(), Some("info@bücher.example"));
        assert_eq!(find("email", "\u{202a}sanne@example.nl").as_deref(), Some("sanne@example.nl"));
        assert_eq!(find("phone", "+490711229390").as_deref(), Some("+49711229390"));
        for (kind, value) in [
            ("email", "sanne@example.nl"),
            ("email", "info@bücher.example"),
            ("email", "\u{200b}"),
            ("phone", "+31612345678"),
            ("phone", "call me"),
            ("other", "x"),
        ] {
            assert_eq!(find(kind, value), None, "{value:?}");
        }
    }
}
