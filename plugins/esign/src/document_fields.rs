//! Fields that a document brings along: those that its template has placed or, where somebody asks for that, marks in its text.
//!
//! Fields of a template are no text: whatever people write into a document, none comes of it. A mark is text, and text of a document that was made
//! of data may be anybody's. So marks are only read where a person or a request asks for them, and never beside fields of a template.

use crate::draft_document::{inspect_document, refuse_document};
use crate::draft_forms::FieldForm;
use crate::drafts::{Editor, save_fields};
use crate::envelope_state::Role;
use crate::envelopes::require_envelope;
use crate::model::{Envelope, FieldKind, Recipient};
use cairn_plugin::pdf::{self, FieldBox};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Smallest place for a signature from a mark, in points.
const SIGNATURE_SIZE: (f64, f64) = (170.0, 48.0);
/// Sign that the names of a template's fields begin with. No mark has it.
const TEMPLATE_SIGN: char = '#';
/// Longest label, in characters.
const MAX_LABEL: usize = 80;

/// Content of a name: the kind of field, which signer, and a label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldName {
    kind: FieldKind,
    /// Counted from 1, in the order in which they sign.
    signer: usize,
    label: String,
}

/// Reads the name of a field: `sign:1`, `date:2`, `text:1:Chassis number`.
fn read_name(name: &str) -> Option<FieldName> {
    let mut parts = name.splitn(3, ':').map(str::trim);
    let kind = match parts.next()?.to_ascii_lowercase().as_str() {
        "sign" => FieldKind::Signature,
        "check" => FieldKind::Checkbox,
        word => FieldKind::ALL.into_iter().find(|kind| kind.name() == word)?,
    };
    let signer: usize = parts.next()?.parse().ok().filter(|number| *number > 0)?;
    Some(FieldName { kind, signer, label: parts.next().unwrap_or_default().to_owned() })
}

/// A field of a document, before it is known whose it is.
#[derive(Debug, Clone, PartialEq)]
struct DocumentField {
    name: FieldName,
    page: i64,
    area: (f64, f64, f64, f64),
}

/// The fields among the places of a document: those of its template. Where it has none, its marks, if they are asked for.
fn choose_fields(places: &[FieldBox], with_marks: bool) -> Vec<DocumentField> {
    let field = |place: &FieldBox, name: FieldName, area| DocumentField { name, page: i64::from(place.page), area };
    let of_template = |place: &FieldBox| {
        let name = read_name(place.name.strip_prefix(TEMPLATE_SIGN)?)?;
        Some(field(place, name, place.box_))
    };
    let placed: Vec<DocumentField> = places.iter().filter_map(of_template).collect();
    if !placed.is_empty() || !with_marks {
        return placed;
    }
    let of_mark = |place: &FieldBox| {
        let name = read_name(&place.name)?;
        let area = grow(place.box_, name.kind);
        Some(field(place, name, area))
    };
    places.iter().filter_map(of_mark).collect()
}

/// A mark is as high as its text: a signature gets more room, above it and to its right.
fn grow((x, y, width, height): (f64, f64, f64, f64), kind: FieldKind) -> (f64, f64, f64, f64) {
    if kind != FieldKind::Signature {
        return (x, y, width, height.max(12.0));
    }
    let (least_width, least_height) = SIGNATURE_SIZE;
    let (wide, high) = (width.max(least_width), height.max(least_height));
    (x, (y + height - high).max(0.0), wide, high)
}

/// Divides fields into forms of those for signers that there are, and the numbers of the signers that there are not.
fn assign_fields(fields: Vec<DocumentField>, signers: &[String]) -> (Vec<FieldForm>, Vec<usize>) {
    let (mut forms, mut unknown) = (Vec::new(), Vec::new());
    for DocumentField { name: FieldName { kind, signer, label }, page, area: (x, y, width, height) } in fields {
        match signers.get(signer - 1) {
            Some(recipient) => forms.push(FieldForm {
                recipient: recipient.clone(),
                kind,
                label: label.chars().take(MAX_LABEL).collect(),
                required: true,
                page,
                x,
                y,
                width,
                height,
            }),
            None if unknown.contains(&signer) => {}
            None => unknown.push(signer),
        }
    }
    (forms, unknown)
}

fn find_fields(envelope: &Row<Envelope>, with_marks: bool, locale: &str) -> Result<Vec<DocumentField>> {
    inspect_document(envelope, locale)?;
    let document = envelope.document.as_ref().ok_or_else(|| refuse_document("missing", locale))?;
    match pdf::locate(&document.document_id) {
        Ok(places) => Ok(choose_fields(&places, with_marks)),
        Err(Error::Invalid(_) | Error::Exhausted(_)) => Err(refuse_document("too-complex", locale)),
        Err(error) => Err(error),
    }
}

fn refuse_fields(code: &str, arguments: &Value, locale: &str) -> Error {
    Error::field("document", code, translate(&format!("refused.marks.{code}"), locale, Some(arguments)))
}

/// Takes the fields of a draft from its document, marks among them: a person asks for them, and sees them before anything is sent.
///
/// # Errors
/// `Invalid` where there are none, or one is for a signer that there is not.
pub(crate) fn take_marks(id: &str, by: Editor<'_>) -> Result<usize> {
    let envelope = require_envelope(id)?;
    let is_signer = |to: &&Row<Recipient>| to.role == Role::Signer;
    let signers: Vec<String> = envelope.recipients.iter().filter(is_signer).map(|to| to.document_id.clone()).collect();
    let (forms, unknown) = assign_fields(find_fields(&envelope, true, by.locale)?, &signers);
    if let Some(number) = unknown.first() {
        return Err(refuse_fields("signer", &json!({ "number": number }), by.locale));
    }
    if forms.is_empty() {
        return Err(refuse_fields("none", &json!({}), by.locale));
    }
    save_fields(&envelope.document_id, &forms, by)?;
    Ok(forms.len())
}

/// Places the fields of a request's document, whose signers come in the order in which fields count them. Fields for signers that there are not
/// are left out: returns their numbers.
///
/// # Errors
/// `Invalid` where there are no fields.
pub(crate) fn place_document_fields(
    envelope: &Row<Envelope>,
    signers: &[String],
    with_marks: bool,
    by: Editor<'_>,
) -> Result<Vec<usize>> {
    let (forms, unknown) = assign_fields(find_fields(envelope, with_marks, by.locale)?, signers);
    if forms.is_empty() {
        let code = if with_marks { "none" } else { "noFields" };
        return Err(refuse_fields(code, &json!({}), by.locale));
    }
    save_fields(&envelope.document_id, &forms, by)?;
    Ok(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> FieldBox {
        FieldBox { name: name.to_owned(), page: 2, box_: (70.0, 700.0, 40.0, 12.0) }
    }

    fn describe(fields: &[DocumentField]) -> Vec<String> {
        fields
            .iter()
            .map(|field| format!("{}:{}:{}", field.name.kind.name(), field.name.signer, field.name.label))
            .collect()
    }

    #[test]
    fn names_have_a_kind_and_a_signer() {
        let name = |kind, signer, label: &str| Some(FieldName { kind, signer, label: label.into() });
        assert_eq!(read_name("sign:1"), name(FieldKind::Signature, 1, ""));
        assert_eq!(read_name("Check : 2: I agree: yes"), name(FieldKind::Checkbox, 2, "I agree: yes"));
        assert_eq!(read_name("date:12"), name(FieldKind::Date, 12, ""));
        for other in ["", "sign", "sign:", "sign:0", "sign:-1", "sign:buyer", "photo:1", "signature"] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }

    #[test]
    fn marks_are_read_where_they_are_asked_for_and_never_beside_fields_of_a_template() {
        let written = [place("text:1:I owe nothing"), place("sign:2"), place("sign:9")];
        assert!(choose_fields(&written, false).is_empty());
        assert_eq!(choose_fields(&written, true).len(), 3);
        let both = [written.to_vec(), vec![place("#sign:1"), place("#date:1"), place("#nothing")]].concat();
        for with_marks in [false, true] {
            let fields = choose_fields(&both, with_marks);
            assert_eq!(describe(&fields), ["signature:1:", "date:1:"]);
            // The area of a field is the one in the template.
            assert_eq!((fields[0].page, fields[0].area), (2, (70.0, 700.0, 40.0, 12.0)));
        }
    }

    #[test]
    fn fields_of_other_signers_are_left_out() {
        let fields = choose_fields(&["sign:1", "sign:9", "text:9:x", "sign:2"].map(place), true);
        let (forms, unknown) = assign_fields(fields, &["a".to_owned(), "b".to_owned()]);
        let recipients: Vec<&str> = forms.iter().map(|form| form.recipient.as_str()).collect();
        assert_eq!((recipients, unknown), (vec!["a", "b"], vec![9]));
    }

    #[test]
    fn signatures_get_room_above_their_mark() {
        assert_eq!(grow((70.0, 700.0, 40.0, 12.0), FieldKind::Signature), (70.0, 664.0, 170.0, 48.0));
        assert_eq!(grow((70.0, 5.0, 40.0, 12.0), FieldKind::Signature).1, 0.0);
        assert_eq!(grow((70.0, 700.0, 40.0, 9.0), FieldKind::Text), (70.0, 700.0, 40.0, 12.0));
    }
}
