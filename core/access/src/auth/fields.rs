//! The fields of a body, checked one after the other; all problems are reported at once, in order.

use super::password_rule::PasswordRule;
use crate::AuthError;
use cairn_contact_details::email::clean_email;
use cairn_contact_details::invisible::overrides_direction;
use cairn_model::presentation::AttributePresentation;
use cairn_model::validate::{CastMode, CastRules, FieldError, cast_attributes, check_values};
use cairn_model::{Attribute, Attributes, FieldKind, Registry};
use serde_json::{Map, Value as Json};

/// A body being checked.
pub(crate) struct BodyFields<'a> {
    registry: &'a Registry,
    body: Option<&'a Map<String, Json>>,
    problems: Vec<FieldError>,
}

impl<'a> BodyFields<'a> {
    /// Begins to check a body; one that is not an object has no fields.
    pub(crate) fn for_body(registry: &'a Registry, body: &'a Json) -> Self {
        Self { registry, body: body.as_object(), problems: Vec::new() }
    }

    /// A required text that is not empty. Empty if it is missing: see [`Self::finish`].
    pub(crate) fn required_text(&mut self, name: &str) -> &'a str {
        self.required_field(name, FieldKind::String)
    }

    /// A required e-mail address, without spaces around it and without characters that nobody sees.
    pub(crate) fn required_email(&mut self, name: &str) -> String {
        let cleaned = self.body.and_then(|b| b.get(name)).and_then(Json::as_str).map(clean_email);
        let Some(email) = cleaned.filter(|email| !email.is_empty()) else {
            return self.required_field(name, FieldKind::Email).to_owned();
        };
        self.problems.extend(email_problems(self.registry, name, &email));
        email
    }

    /// A required password or code: its value is never part of a response.
    pub(crate) fn required_secret(&mut self, name: &str) -> &'a str {
        let before = self.problems.len();
        let text = match self.body.and_then(|b| b.get(name)) {
            // The rules of content would repeat in their message what is no text.
            Some(input) if !input.is_string() => {
                let message = format!("{name} must be a `string` type");
                self.problems.push(FieldError { path: vec![name.to_owned()], message, value: None });
                ""
            }
            _ => self.required_field(name, FieldKind::Password),
        };
        self.problems.iter_mut().skip(before).for_each(|p| p.value = None);
        text
    }

    /// A required new password, by the rule for these.
    pub(crate) fn required_new_password(&mut self, rule: PasswordRule) -> &'a str {
        let before = self.problems.len();
        let password = self.required_secret("password");
        if self.problems.len() == before {
            self.problems.extend(rule.find_problem(password));
        }
        password
    }

    /// A secret that repeats another one.
    pub(crate) fn require_repeated(&mut self, name: &str, secret: &str) {
        let before = self.problems.len();
        let repeated = self.required_secret(name);
        if self.problems.len() == before && repeated != secret {
            self.problems.push(FieldError {
                path: vec![name.to_owned()],
                message: "Passwords do not match".to_owned(),
                value: None,
            });
        }
    }

    /// The problems so far, if there are any.
    pub(crate) fn finish(self) -> Result<(), AuthError> {
        if self.problems.is_empty() { Ok(()) } else { Err(AuthError::Fields(self.problems)) }
    }

    fn required_field(&mut self, name: &str, kind: FieldKind) -> &'a str {
        let value = self.body.and_then(|b| b.get(name));
        let text = value.and_then(Json::as_str);
        if value.is_none() || text.is_some_and(str::is_empty) {
            let message = format!("{name} is a required field");
            self.problems.push(FieldError { path: vec![name.to_owned()], message, value: value.cloned() });
            return "";
        }
        let errors = field_problems(self.registry, plain_attribute(name, kind), value.unwrap_or(&Json::Null));
        self.problems.extend(errors);
        text.unwrap_or_default()
    }
}

/// Checks an address by the rules of content, and reports problems for the field `email`. Fails with 400 and the problem.
pub(crate) fn check_email(registry: &Registry, text: &str) -> Result<(), AuthError> {
    let problems = email_problems(registry, "email", text);
    if problems.is_empty() { Ok(()) } else { Err(AuthError::Fields(problems)) }
}

/// The problems of an address: those that the content rules find, and what shows it in another order than it has.
fn email_problems(registry: &Registry, name: &str, text: &str) -> Vec<FieldError> {
    if text.contains(overrides_direction) {
        let message = format!("{name} must be a valid email");
        return vec![FieldError { path: vec![name.to_owned()], message, value: Some(Json::from(text)) }];
    }
    field_problems(registry, plain_attribute(name, FieldKind::Email), &Json::from(text))
}

/// The problems that the content rules find in one value of one attribute.
pub(crate) fn field_problems(registry: &Registry, attribute: Attribute, value: &Json) -> Vec<FieldError> {
    let data = Map::from_iter([(attribute.name.clone(), value.clone())]);
    let attributes = Attributes::new(vec![attribute]);
    let outcome =
        cast_attributes(registry, &attributes, &data, CastMode { rules: CastRules::All, create: true }, &|_, _| None);
    if outcome.errors.is_empty() { check_values(registry, &attributes, &outcome.values) } else { outcome.errors }
}

fn plain_attribute(name: &str, kind: FieldKind) -> Attribute {
    Attribute {
        name: name.to_owned(),
        column: String::new(),
        kind,
        required: true,
        unique: false,
        private: false,
        on_request: false,
        localized: false,
        index: false,
        configurable: false,
        default: None,
        min: None,
        max: None,
        min_length: None,
        max_length: None,
        regex: None,
        visible_if: None,
        presentation: AttributePresentation::default(),
        renamed_from: None,
        moved_into: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    #[test]
    fn errors_never_contain_submitted_secrets() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project");
        let registry = cairn_model::load::load_project(&project).unwrap().registry;
        for input in
            [json!(4711), json!(["canary-4711"]), json!({ "$ne": "canary-4711" }), json!(true), json!(null), json!("")]
        {
            let body = json!({ "password": input, "passwordConfirmation": input, "code": input });
            let mut fields = BodyFields::for_body(&registry, &body);
            let password = fields.required_secret("password");
            fields.require_repeated("passwordConfirmation", password);
            fields.required_secret("code");
            let error = fields.finish().unwrap_err();
            let message = format!("{} {}", error.message(), error.details());
            assert!(!message.contains("4711") && !message.contains("value"), "{input}: {message}");
            assert_eq!(error.details()["errors"].as_array().unwrap().len(), 3, "{input}");
        }
        let body = json!({ "password": "canary-4711", "passwordConfirmation": "other" });
        let mut fields = BodyFields::for_body(&registry, &body);
        let password = fields.required_secret("password");
        fields.require_repeated("passwordConfirmation", password);
        let error = fields.finish().unwrap_err();
        assert!(!format!("{} {}", error.message(), error.details()).contains("4711"));
    }
}
