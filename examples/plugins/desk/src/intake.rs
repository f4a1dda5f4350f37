//! The form of a visitor: read, cleaned and checked. It knows no host.

use crate::references::is_request_key;
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Limits of the fields, in characters.
pub const MAX_NAME: usize = 120;
/// See [`MAX_NAME`].
pub const MAX_EMAIL: usize = 254;
/// See [`MAX_NAME`].
pub const MAX_SUBJECT: usize = 160;
/// See [`MAX_NAME`].
pub const MAX_MESSAGE: usize = 5_000;
/// Limit of the text that names a document, in bytes.
const MAX_ABOUT: usize = 300;

/// A form as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Form {
    /// Name of the visitor.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The question in a line.
    pub subject: String,
    /// The question.
    pub message: String,
    /// The document that it is about: its content type, a colon and its id; empty for none.
    pub about: String,
    /// Language of the form.
    pub locale: String,
    /// The key by which a repeated form is recognised.
    pub request_id: String,
    /// Stays empty: people do not see the field, programs fill it in.
    pub website: String,
}

/// A field that is wrong. The message is `problem.<field>.<code>` of the package's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field in the form.
    pub field: &'static str,
    /// `missing`, `long` or `malformed`.
    pub code: &'static str,
}

impl Form {
    /// Reads a form that a browser sent; of a field that comes twice the last one counts.
    #[must_use]
    pub fn from_urlencoded(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(field) = form.field_mut(&name) {
                *field = value.into_owned();
            }
        }
        form
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "email" => &mut self.email,
            "subject" => &mut self.subject,
            "message" => &mut self.message,
            "about" => &mut self.about,
            "locale" => &mut self.locale,
            "requestId" => &mut self.request_id,
            "website" => &mut self.website,
            _ => return None,
        })
    }

    /// The form without what no text has: control characters, and spaces around it. What cannot be used as a key or a document is left out.
    #[must_use]
    pub fn clean(self) -> Self {
        let is_key = is_request_key(&self.request_id);
        Self {
            name: clean_line(&self.name),
            email: clean_line(&self.email),
            subject: clean_line(&self.subject),
            message: clean_text(&self.message),
            about: if self.about.len() <= MAX_ABOUT { clean_line(&self.about) } else { String::new() },
            request_id: if is_key { self.request_id } else { String::new() },
            locale: self.locale,
            website: self.website,
        }
    }

    /// The key under which a clean form is stored; none where it has none. A form that was changed, on a page that the browser still had, is another
    /// one, so the key has what was entered as well.
    #[must_use]
    pub fn find_key(&self) -> Option<String> {
        if self.request_id.is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        [&self.name, &self.email, &self.subject, &self.message, &self.about].hash(&mut hasher);
        Some(format!("{}-{:016x}", self.request_id, hasher.finish()))
    }

    /// True if a program filled it in.
    #[must_use]
    pub fn is_from_robot(&self) -> bool {
        !self.website.is_empty()
    }

    /// Everything that is wrong with a clean form, in the order of its fields.
    #[must_use]
    pub fn find_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (field, value, max) in [
            ("name", &self.name, MAX_NAME),
            ("email", &self.email, MAX_EMAIL),
            ("subject", &self.subject, MAX_SUBJECT),
            ("message", &self.message, MAX_MESSAGE),
        ] {
            let code = match value.chars().count() {
                0 => "missing",
                length if length > max => "long",
                _ if field == "email" && !is_email(value) => "malformed",
                _ => continue,
            };
            problems.push(Problem { field, code });
        }
        problems
    }
}

/// The content type and id of a document that a form names.
#[must_use]
pub fn split_about(about: &str) -> Option<(&str, &str)> {
    let (content_type, id) = about.rsplit_once(':')?;
    (content_type.starts_with("api::") && !id.is_empty()).then_some((content_type, id))
}

/// A text of one line.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let spaced = text.replace(|c: char| c.is_whitespace() || c.is_control(), " ");
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text of many lines.
#[must_use]
pub fn clean_text(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

/// True if a text has the form of an address. Whether somebody reads mail there, nobody knows.
fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else { return false };
    let is_host = host.contains('.') && host.split('.').all(|part| !part.is_empty());
    !user.is_empty() && is_host && !text.contains([' ', ',', ';', '<', '>', '"', '(', ')']) && !host.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form {
            name: "Ann".into(),
            email: "ann@example.com".into(),
            subject: "It broke".into(),
            message: "Yesterday.".into(),
            ..Form::default()
        }
    }

    fn problem_of(form: &Form) -> Option<(&'static str, &'static str)> {
        form.find_problems().first().map(|problem| (problem.field, problem.code))
    }

    #[test]
    fn a_form_of_a_browser_and_one_of_a_script_are_the_same() {
        let sent = b"name=Ann&email=ann%40example.com&subject=It+broke&message=Yesterday.&more=1&name=Ann";
        assert_eq!(Form::from_urlencoded(sent), form());
        let json = r#"{"name":"Ann","email":"ann@example.com","subject":"It broke","message":"Yesterday.","more":1}"#;
        assert_eq!(serde_json::from_str::<Form>(json).unwrap(), form());
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let found: Vec<_> = Form::default().find_problems().iter().map(|problem| problem.field).collect();
        assert_eq!(found, ["name", "email", "subject", "message"]);
        assert_eq!(form().find_problems(), []);
    }

    #[test]
    fn limits_count_characters() {
        assert_eq!(form().find_problems(), []);
        let fits = Form { name: "é".repeat(MAX_NAME), message: "語".repeat(MAX_MESSAGE), ..form() };
        assert_eq!(problem_of(&fits), None);
        assert_eq!(problem_of(&Form { name: "é".repeat(MAX_NAME + 1), ..form() }), Some(("name", "long")));
        assert_eq!(problem_of(&Form { message: "a".repeat(MAX_MESSAGE + 1), ..form() }), Some(("message", "long")));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for email in [
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "a@b@c.nl",
            "a@.nl",
            "<a@b.nl>",
            "a@b.nl,c@d.nl",
        ] {
            assert_eq!(problem_of(&Form { email: email.into(), ..form() }), Some(("email", "malformed")), "{email}");
        }
        for email in ["ann@example.com", "ann+desk@mail.example.nl", "é@例え.jp"] {
            assert_eq!(problem_of(&Form { email: email.into(), ..form() }), None, "{email}");
        }
    }

    #[test]
    fn nothing_but_text_is_left() {
        let sent = Form {
            name: " Ann\r\n\u{0} de  Wit ".into(),
            subject: "a\u{1b}[31mb\nBcc: all@example.com".into(),
            message: "one\r\ntwo\rthree\u{0}\tfour \n".into(),
            about: "x".repeat(MAX_ABOUT + 1),
            request_id: "<script>alert(1)</script>".into(),
            ..form()
        };
        let clean = sent.clean();
        assert_eq!(clean.name, "Ann de Wit");
        assert_eq!(clean.subject, "a [31mb Bcc: all@example.com");
        assert_eq!(clean.message, "one\ntwo\nthree\tfour");
        assert_eq!((clean.about.as_str(), clean.request_id.as_str()), ("", ""));
    }

    #[test]
    fn a_form_that_is_sent_again_has_the_same_key_and_another_one_has_not() {
        let sent = Form { request_id: "0b54b7a2".into(), ..form() };
        assert_eq!(sent.find_key(), sent.clone().find_key());
        assert_ne!(sent.find_key(), Form { message: "Today.".into(), ..sent.clone() }.find_key());
        assert_ne!(sent.find_key(), Form { request_id: "0b54b7a3".into(), ..sent.clone() }.find_key());
        let moved = Form { name: "AnnIt".into(), subject: " broke".into(), ..sent.clone() };
        assert_ne!(sent.find_key(), moved.find_key());
        assert_eq!(form().find_key(), None);
    }

    #[test]
    fn a_document_is_named_by_its_type_and_id() {
        assert_eq!(split_about("api::product.product:abc"), Some(("api::product.product", "abc")));
        for text in ["", "abc", "api::product.product:", "plugin::desk.ticket:abc", ":abc", "admin::user:1"] {
            assert_eq!(split_about(text), None, "{text}");
        }
    }
}
