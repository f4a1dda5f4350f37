//! The kind `email`.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::text;
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// Longest address, in characters: no mail server accepts a longer one (RFC 5321, 4.5.3.1.3).
const MAX_EMAIL_CHARS: usize = 254;

/// `email`. Its `minLength` is not enforced: in Strapi the rule "not empty" takes that rule's place.
pub(super) struct EmailField;

impl FieldType for EmailField {
    fn cast_value(&self, attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        text::cast_string(attribute, at, input)
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let Value::Text(text) = value else { return };
        if !pass.has_limits() {
            return;
        }
        if text.chars().count() > MAX_EMAIL_CHARS {
            // The error does not repeat the value, which may be long.
            errors.push(at.error_with_path(&format!("must be at most {MAX_EMAIL_CHARS} characters"), None));
            return;
        }
        text::check_max_length(attribute, at, text, errors);
        if !pass.is_strict() {
            return;
        }
        text::check_regex(attribute, at, text, errors);
        if text.is_empty() {
            errors.push(at.error_with_path("cannot be empty", text::given_value(text)));
        } else if !has_email_form(text) {
            errors.push(at.error_with_path("must be a valid email", text::given_value(text)));
        }
    }

    fn required_message(&self) -> RequiredMessage {
        text::TEXT_REQUIRED
    }
}

/// True if a text is an e-mail address, by the rules of this kind.
pub fn is_email(text: &str) -> bool {
    text.chars().count() <= MAX_EMAIL_CHARS && has_email_form(text)
}

/// Checks an address in one pass: dot-separated atoms, `@`, a domain of two labels or more whose last begins and ends with a letter.
fn has_email_form(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char)) && is_domain(domain)
}

fn is_domain(domain: &str) -> bool {
    let Some((rest, top)) = domain.rsplit_once('.') else { return false };
    let label = |label: &str, edge: fn(char) -> bool| {
        label.starts_with(edge)
            && label.ends_with(edge)
            && label.chars().all(|c| is_alphanumeric(c) || "-_~".contains(c))
    };
    label(top, is_letter) && rest.split('.').all(|l| label(l, is_alphanumeric))
}

fn is_atom_char(c: char) -> bool {
    is_alphanumeric(c) || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_alphanumeric(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit()
}

/// True if a character is an ASCII letter, or beyond ASCII and accepted by yup (none outside the basic plane).
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{A0}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFEF}')
}

#[cfg(test)]
mod tests {
    use super::{MAX_EMAIL_CHARS, is_email};

    #[test]
    fn email_check_matches_yup() {
        for good in ["a@example.com", "A@Example.COM", "o'neil+tag@a-b.co.uk", "é@exämple.de", "1@2.nl"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "nope",
            "@",
            "a@b",
            "a@b.1",
            "a..b@c.de",
            ".a@b.de",
            "a@-b.de",
            "a@b-.de",
            "a b@c.de",
            "a@b..de",
            "a@b@c.de",
            "a@b.de\n",
            "a@b.de ",
            "",
            "😀@b.de",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        let longest = format!("{}@example.com", "a".repeat(MAX_EMAIL_CHARS - 12));
        assert!(is_email(&longest) && !is_email(&format!("a{longest}")));
    }
}
