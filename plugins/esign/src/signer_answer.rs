//! Answer of a signer: their signature, the fields that they filled in, or a reason. It knows no host.

use crate::form_fields::FormFields;
use crate::model::{Field, FieldKind, SignatureKind};
use crate::signature_png::{DrawingProblem, read_drawing};
use cairn_contact_details::invisible::{is_break, turns_direction};
use cairn_contact_details::person_name::clean_name;
use cairn_plugin::Row;
use std::collections::BTreeMap;

/// Longest name, in characters.
pub(crate) const MAX_NAME: usize = 120;
/// Longest text of a field, in characters, by its kind.
const MAX_INITIALS: usize = 10;
const MAX_TEXT: usize = 500;

/// A signature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Signature {
    pub(crate) kind: SignatureKind,
    /// The name that was typed; of who drew, the recipient's.
    pub(crate) name: String,
    /// The drawing, as a PNG.
    pub(crate) drawing: Option<Vec<u8>>,
}

/// A signature with all that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SignerAnswer {
    pub(crate) signature: Signature,
    /// Values by the id of their field.
    pub(crate) values: BTreeMap<String, String>,
}

/// A field of the form that is wrong, and a key of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongField {
    /// `signature`, `typed`, `consent`, `reason`, or `field-` and the id of a field.
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

fn wrong(path: impl Into<String>, code: &'static str) -> WrongField {
    WrongField { path: path.into(), code }
}

/// The name of a field's input.
pub(crate) fn input_name(id: &str) -> String {
    format!("field-{id}")
}

/// Reads a signature. `name`: the recipient's; `today`: the day as people write it, for fields that take it.
///
/// # Errors
/// All fields that are wrong, in the order of the form.
pub(crate) fn read_answer(
    form: &FormFields,
    fields: &[&Row<Field>],
    name: &str,
    today: &str,
) -> Result<SignerAnswer, Vec<WrongField>> {
    let mut problems = Vec::new();
    let mut values = BTreeMap::new();
    for field in fields {
        match read_value(form, field, name, today) {
            Ok(Some(value)) => drop(values.insert(field.document_id.clone(), value)),
            Ok(None) => {}
            Err(code) => problems.push(wrong(input_name(&field.document_id), code)),
        }
    }
    let signature = read_signature(form, name).map_err(|problem| problems.push(problem)).ok();
    if form.text("consent") != "yes" {
        problems.push(wrong("consent", "consent"));
    }
    match signature {
        Some(signature) if problems.is_empty() => Ok(SignerAnswer { signature, values }),
        _ => Err(problems),
    }
}

/// The signature: a drawing where there is one, else a name that was typed.
fn read_signature(form: &FormFields, name: &str) -> Result<Signature, WrongField> {
    let drawing = form.text("signature");
    if !drawing.is_empty() {
        let drawing = read_drawing(drawing).map_err(|problem| {
            let code = match problem {
                DrawingProblem::NotPng => "notPng",
                DrawingProblem::TooLarge => "drawingTooLarge",
                DrawingProblem::Blank => "blank",
            };
            wrong("signature", code)
        })?;
        return Ok(Signature { kind: SignatureKind::Drawn, name: name.to_owned(), drawing: Some(drawing) });
    }
    let typed = clean_name(form.text("typed"));
    if typed.is_empty() {
        return Err(wrong("signature", "noSignature"));
    }
    check_line(&typed, MAX_NAME).map_err(|code| wrong("typed", code))?;
    // A name of characters that show nothing is none.
    if !typed.chars().any(char::is_alphanumeric) {
        return Err(wrong("signature", "noSignature"));
    }
    Ok(Signature { kind: SignatureKind::Typed, name: typed, drawing: None })
}

fn read_value(form: &FormFields, field: &Row<Field>, name: &str, today: &str) -> Result<Option<String>, &'static str> {
    let sent = form.text(&input_name(&field.document_id));
    let limit = match field.kind {
        FieldKind::Signature => return Ok(None),
        FieldKind::Date => return Ok(Some(today.to_owned())),
        FieldKind::Checkbox if sent == "yes" => return Ok(Some("yes".to_owned())),
        FieldKind::Checkbox if field.is_required() => return Err("unticked"),
        FieldKind::Checkbox => return Ok(None),
        // An empty name field gets the known name, so that signers need not type it again.
        FieldKind::Name if sent.is_empty() => return Ok(Some(name.to_owned())),
        FieldKind::Initials => MAX_INITIALS,
        FieldKind::Name => MAX_NAME,
        FieldKind::Text | FieldKind::Number => MAX_TEXT,
    };
    if sent.is_empty() {
        return if field.is_required() { Err("empty") } else { Ok(None) };
    }
    check_line(sent, limit)?;
    if field.kind == FieldKind::Number && !is_number(sent) {
        return Err("number");
    }
    Ok(Some(sent.to_owned()))
}

/// A reason to decline.
///
/// # Errors
/// The field, where the reason is missing or too long.
pub(crate) fn read_reason(form: &FormFields, most: usize) -> Result<String, WrongField> {
    let reason = form.text("reason");
    if reason.is_empty() {
        return Err(wrong("reason", "noReason"));
    }
    if reason.chars().count() > most {
        return Err(wrong("reason", "long"));
    }
    if reason.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(wrong("reason", "line"));
    }
    Ok(reason.to_owned())
}

fn check_line(text: &str, most: usize) -> Result<(), &'static str> {
    if text.chars().count() > most {
        Err("long")
    } else if text.chars().any(|c| is_break(c) || turns_direction(c)) {
        Err("line")
    } else {
        Ok(())
    }
}

/// True if people would call a text a number: digits with a sign before them, and separators among them.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    is_edge(digits.chars().next())
        && is_edge(digits.chars().next_back())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn field(id: &str, kind: &str, required: bool) -> Row<Field> {
        serde_json::from_value(json!({ "documentId": id, "type": kind, "required": required })).unwrap()
    }

    fn read(form: Value, fields: &[Row<Field>]) -> Result<SignerAnswer, Vec<String>> {
        let form = FormFields::parse("application/json", form.to_string().as_bytes()).unwrap();
        let fields: Vec<&Row<Field>> = fields.iter().collect();
        read_answer(&form, &fields, "Ann Jansen", "05-01-2026")
            .map_err(|problems| problems.into_iter().map(|p| format!("{} {}", p.path, p.code)).collect())
    }

    #[test]
    fn a_typed_name_is_a_signature_with_consent() {
        let signed = read(json!({ "typed": "A. Jansen", "consent": "yes" }), &[field("s", "signature", true)]).unwrap();
        assert_eq!((signed.signature.kind, signed.signature.name.as_str()), (SignatureKind::Typed, "A. Jansen"));
        assert!(signed.values.is_empty());
        assert_eq!(read(json!({ "typed": "A" }), &[]), Err(vec!["consent consent".into()]));
        assert_eq!(read(json!({ "consent": "yes" }), &[]), Err(vec!["signature noSignature".into()]));
        let bad = json!({ "consent": "yes", "typed": "A", "signature": "data:image/svg+xml;base64,PHN2Zy8+" });
        assert_eq!(read(bad, &[]), Err(vec!["signature notPng".into()]));
        assert_eq!(read(json!({ "consent": "yes", "typed": "x".repeat(121) }), &[]), Err(vec!["typed long".into()]));
        assert_eq!(read(json!({ "consent": "yes", "typed": "a\nb" }), &[]), Err(vec!["typed line".into()]));
    }

    #[test]
    fn fields_are_filled_in_by_their_kind() {
        let fields = [
            field("n", "name", true),
            field("d", "date", true),
            field("t", "text", false),
            field("u", "number", true),
            field("c", "checkbox", true),
            field("i", "initials", true),
        ];
        let all = json!({ "typed": "A", "consent": "yes", "field-u": "1.250,00", "field-c": "yes", "field-i": "AJ", "field-d": "01-01-1999" });
        let signed = read(all.clone(), &fields).unwrap();
        let value = |id: &str| signed.values.get(id).map(String::as_str);
        assert_eq!((value("n"), value("d"), value("t")), (Some("Ann Jansen"), Some("05-01-2026"), None));
        assert_eq!((value("u"), value("c"), value("i")), (Some("1.250,00"), Some("yes"), Some("AJ")));
        let missing = read(json!({ "typed": "A", "consent": "yes" }), &fields);
        assert_eq!(missing, Err(vec!["field-u empty".into(), "field-c unticked".into(), "field-i empty".into()]));
        for odd in ["a", "1e5", "--1", "1-2", ".", "1."] {
            let mut with = all.clone();
            with["field-u"] = json!(odd);
            assert_eq!(read(with, &fields), Err(vec!["field-u number".into()]), "{odd}");
        }
        let mut long = all;
        long["field-i"] = json!("ABCDEFGHIJK");
        assert_eq!(read(long, &fields), Err(vec!["field-i long".into()]));
    }

    #[test]
    fn who_declines_says_why() {
        let reason = |text: &str| {
            let form = json!({ "reason": text }).to_string();
            read_reason(&FormFields::parse("application/json", form.as_bytes()).unwrap(), 20)
                .map_err(|wrong| wrong.code)
        };
        assert_eq!(reason(" Not\nthis "), Ok("Not\nthis".into()));
        assert_eq!(
            (reason(" "), reason(&"x".repeat(21)), reason("a\u{0}")),
            (Err("noReason"), Err("long"), Err("line"))
        );
    }
}
