//! Recipients and fields of a signature request, and what is wrong with them. It knows no host.

use crate::draft_forms::{FieldForm, RecipientForm};
use crate::envelope_state::Role;
use crate::field_kind::FieldKind;
use serde::Deserialize;

/// A field of a request: like a mark, it names its signer by a number.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestedField {
    /// Counted from 1, in the order in which they sign.
    pub(crate) signer: usize,
    #[serde(rename = "type", default)]
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default = "yes")]
    pub(crate) required: bool,
    pub(crate) page: i64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

const fn yes() -> bool {
    true
}

impl RequestedField {
    /// The same for the recipient with that id.
    pub(crate) fn to_form(&self, recipient: &str) -> FieldForm {
        FieldForm {
            recipient: recipient.to_owned(),
            kind: self.kind,
            label: self.label.clone(),
            required: self.required,
            page: self.page,
            x: self.x,
            y: self.y,
            width: self.width,
            height: self.height,
        }
    }
}

/// The signers of a request in the order in which they sign: by their groups, then as they were named.
pub(crate) fn list_signers(recipients: &[RecipientForm]) -> Vec<&RecipientForm> {
    let mut signers: Vec<&RecipientForm> = recipients.iter().filter(|to| to.role == Role::Signer).collect();
    signers.sort_by_key(|to| to.group.unwrap_or(1));
    signers
}

/// The first field that is for a signer whom the request does not have, counted from 0.
pub(crate) fn find_field_without_signer(fields: &[RequestedField], signers: usize) -> Option<usize> {
    fields.iter().position(|field| field.signer == 0 || field.signer > signers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn recipients(value: Value) -> Vec<RecipientForm> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn signers_are_counted_as_they_sign() {
        let people = recipients(json!([
            { "name": "Bart", "email": "bart@example.com", "group": 2 },
            { "name": "Office", "email": "office@example.com", "role": "cc" },
            { "name": "Ann", "email": "ann@example.com" },
            { "name": "Bob", "email": "bob@example.com", "group": 1 },
        ]));
        let names: Vec<&str> = list_signers(&people).into_iter().map(|to| to.name.as_str()).collect();
        assert_eq!(names, ["Ann", "Bob", "Bart"]);
    }

    #[test]
    fn fields_are_for_signers_that_there_are() {
        let field = |signer: usize| -> RequestedField {
            serde_json::from_value(json!({ "signer": signer, "page": 1, "x": 1, "y": 2.5, "width": 170, "height": 48 }))
                .unwrap()
        };
        assert_eq!(find_field_without_signer(&[field(1), field(2)], 2), None);
        assert_eq!(find_field_without_signer(&[field(1), field(3)], 2), Some(1));
        assert_eq!(find_field_without_signer(&[field(0)], 2), Some(0));
        let form = field(1).to_form("r");
        assert_eq!((form.kind, form.required, form.y), (FieldKind::Signature, true, 2.5));
        let unknown = json!({ "signer": 1, "page": 1, "x": 1, "y": 2, "width": 170, "height": 48, "colour": "red" });
        assert!(serde_json::from_value::<RequestedField>(unknown).is_err());
    }
}
