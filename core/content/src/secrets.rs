//! Values that no response contains, not even the one that refuses them: passwords and private attributes; and the hashing of
//! passwords before they are stored.

use crate::{Content, ContentError, Result};
use cairn_model::validate::{FieldError, unique_error};
use cairn_model::{Attribute, Attributes, ComponentId, ContentType, FieldKind, Registry, Value};
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// Largest number of passwords that one request may set: each takes tens of milliseconds to hash.
const MAX_PASSWORDS: usize = 20;

/// The text before a value in messages about its type.
const FINAL_VALUE: &str = ", but the final value was: ";

/// Removes sent values of hidden attributes from the errors about `data`.
pub(crate) fn hide_secrets(
    registry: &Registry,
    attributes: &Attributes,
    data: &Map<String, Json>,
    errors: &mut [FieldError],
) {
    for error in errors {
        let path: Vec<&str> = error.path.iter().map(String::as_str).collect();
        match secret_exposure(registry, attributes, data, &path) {
            SecretExposure::Nothing => {}
            SecretExposure::Hidden => strip_value(error),
            // Messages about the type are the only ones that repeat the whole value.
            SecretExposure::Around if error.message.contains(FINAL_VALUE) => strip_value(error),
            SecretExposure::Around => {}
        }
    }
}

/// The error for a value that another entry has already; hidden values are not repeated.
pub(crate) fn taken_error(attribute: &Attribute, value: &Value) -> FieldError {
    let error = unique_error(attribute, value);
    if attribute.is_hidden() { FieldError { value: None, ..error } } else { error }
}

/// The error for a key of several values that another entry has already; it names this attribute of it.
pub(crate) fn key_taken(attribute: &Attribute) -> FieldError {
    FieldError { value: None, ..unique_error(attribute, &Value::Null) }
}

/// Exposure of hidden attributes by the value that an error is about.
enum SecretExposure {
    /// A value that is not hidden.
    Nothing,
    /// A hidden attribute or something in it.
    Hidden,
    /// A component or a list of them, as a whole, with hidden attributes inside.
    Around,
}

fn secret_exposure(
    registry: &Registry,
    attributes: &Attributes,
    data: &Map<String, Json>,
    path: &[&str],
) -> SecretExposure {
    let [name, rest @ ..] = path else { return SecretExposure::Nothing };
    // `id` and `__component` are no attributes.
    let Some((_, attribute)) = attributes.get(name) else { return SecretExposure::Nothing };
    if attribute.is_hidden() {
        return SecretExposure::Hidden;
    }
    let value = data.get(*name);
    let (component, rest, value) = match (&attribute.kind, rest) {
        (FieldKind::Component { component, repeatable: false }, rest) => (Some(*component), rest, value),
        (FieldKind::Component { component, .. }, rest) => (Some(*component), path_tail(rest), list_item(value, rest)),
        (FieldKind::DynamicZone { .. }, rest) => {
            let value = list_item(value, rest);
            let uid = value.and_then(|g| g.get("__component")).and_then(Json::as_str);
            let component = uid.and_then(|uid| registry.component_by_uid(uid)).map(|c| c.id);
            (component, path_tail(rest), value)
        }
        _ => return SecretExposure::Nothing,
    };
    if rest.is_empty() {
        let around = match component {
            Some(component) => holds_hidden(registry, component, &mut HashSet::new()),
            // Of a zone as a whole: any component may be in it.
            None => registry.components().iter().any(|c| c.attributes.iter().any(|(_, a)| a.is_hidden())),
        };
        return if around { SecretExposure::Around } else { SecretExposure::Nothing };
    }
    match (component, value) {
        (Some(component), Some(Json::Object(data))) => {
            secret_exposure(registry, &registry.component(component).attributes, data, rest)
        }
        _ => SecretExposure::Nothing,
    }
}

/// A path without its index.
fn path_tail<'p, 'a>(path: &'p [&'a str]) -> &'p [&'a str] {
    path.get(1..).unwrap_or_default()
}

/// The element of a list that a path goes through.
fn list_item<'j>(value: Option<&'j Json>, path: &[&str]) -> Option<&'j Json> {
    value?.get(path.first()?.parse::<usize>().ok()?)
}

fn holds_hidden(registry: &Registry, component: ComponentId, ids: &mut HashSet<ComponentId>) -> bool {
    ids.insert(component)
        && registry.component(component).attributes.iter().any(|(_, a)| match &a.kind {
            _ if a.is_hidden() => true,
            FieldKind::Component { component, .. } => holds_hidden(registry, *component, ids),
            FieldKind::DynamicZone { components } => components.iter().any(|c| holds_hidden(registry, *c, ids)),
            _ => false,
        })
}

fn strip_value(error: &mut FieldError) {
    error.value.take_if(|value| !value.is_null());
    // `null` says only that there was nothing.
    if let Some(at) = error.message.find(FINAL_VALUE)
        && !matches!(&error.message[at + FINAL_VALUE.len()..], "`null`." | "`NaN`.")
    {
        error.message.truncate(at);
        error.message.push('.');
    }
}

impl Content {
    /// Replaces sent passwords by their hashes, also inside components. That of a user must be acceptable as one.
    pub(crate) async fn hash_passwords(&self, ct: &ContentType, values: &mut [Value]) -> Result<()> {
        if ct.id == self.registry().user_type().id {
            self.check_user_password(ct, values)?;
        }
        let mut found = Vec::new();
        collect_passwords(self.registry(), &ct.attributes, values, &mut found);
        if found.len() > MAX_PASSWORDS {
            return Err(ContentError::validation(format!("A request can contain at most {MAX_PASSWORDS} passwords")));
        }
        for password in found {
            *password = self.access.passwords().hash(password).await?;
        }
        Ok(())
    }

    fn check_user_password(&self, ct: &ContentType, values: &[Value]) -> Result<()> {
        let password = ct.attributes.get("password").and_then(|(id, _)| values.get(id));
        let Some(Value::Text(password)) = password else { return Ok(()) };
        match self.access.password_rule().find_problem(password) {
            Some(problem) => Err(ContentError::field_errors(vec![problem])),
            None => Ok(()),
        }
    }
}

/// Refuses passwords from hooks, and from plugins inside a transaction.
pub(crate) fn refuse_passwords(registry: &Registry, attributes: &Attributes, values: &mut [Value]) -> Result<()> {
    let mut found = Vec::new();
    collect_passwords(registry, attributes, values, &mut found);
    match found.is_empty() {
        true => Ok(()),
        false => Err(ContentError::validation("Passwords cannot be set here: send them in a separate request")),
    }
}

fn collect_passwords<'v>(
    registry: &Registry,
    attributes: &Attributes,
    values: &'v mut [Value],
    found: &mut Vec<&'v mut String>,
) {
    for ((_, attribute), value) in attributes.iter().zip(values) {
        let instances = match value {
            Value::Text(clear) if matches!(attribute.kind, FieldKind::Password) => {
                found.push(clear);
                continue;
            }
            Value::Instance(instance) => std::slice::from_mut(&mut **instance),
            Value::Instances(list) => list.as_mut_slice(),
            _ => continue,
        };
        for instance in instances {
            collect_passwords(
                registry,
                &registry.component(instance.component).attributes,
                &mut instance.values,
                found,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ContentFixture, expect_refusal, full_access};
    use serde_json::{Value as Json, json};

    const CANARY: &str = "canary-4711";

    async fn project(draft_publish: bool) -> ContentFixture {
        let hidden = json!({ "type": "integer", "private": true });
        let account = json!({ "name": { "type": "string" }, "key": { "type": "password" }, "pin": hidden });
        let page = json!({ "kind": "collectionType", "options": { "draftAndPublish": draft_publish }, "attributes": {
            "title": { "type": "string" },
            "secret": { "type": "password", "maxLength": 20 },
            "note": { "type": "string", "private": true, "maxLength": 20, "unique": true },
            "flag": { "type": "boolean", "private": true },
            "many": { "type": "component", "component": "a.account", "repeatable": true },
            "one": { "type": "component", "component": "a.account" },
            "outer": { "type": "component", "component": "a.outer" },
            "plain": { "type": "component", "component": "a.plain" },
            "zone": { "type": "dynamiczone", "components": ["a.account", "a.outer", "a.plain"] } } });
        let outer = json!({ "inner": { "type": "component", "component": "a.account" } });
        let plain = json!({ "text": { "type": "string" } });
        ContentFixture::new(&[("page", page)], &[("a.account", account), ("a.outer", outer), ("a.plain", plain)]).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn errors_never_contain_submitted_secrets() {
        let long = format!("{CANARY}{CANARY}{CANARY}");
        let in_component = |value: &Json| [json!({ "key": value }), json!({ "pin": value })];
        for draft_publish in [false, true] {
            let project = project(draft_publish).await;
            let mut bodies = vec![json!({ "note": long }), json!({ "secret": long })];
            for invalid_value in [json!([CANARY]), json!({ "$ne": CANARY }), json!({ "a": { "b": [CANARY] } })] {
                for name in ["secret", "note", "flag"] {
                    bodies.push(json!({ name: invalid_value }));
                }
                for account in in_component(&invalid_value) {
                    bodies.push(json!({ "one": account }));
                    bodies.push(json!({ "many": [{}, account] }));
                    bodies.push(json!({ "outer": { "inner": account } }));
                    let mut entry = account.clone();
                    entry["__component"] = json!("a.account");
                    bodies.push(json!({ "zone": [entry] }));
                    bodies.push(json!({ "zone": [{ "__component": "a.outer", "inner": account }] }));
                }
            }
            let account = json!({ "key": CANARY });
            bodies.push(json!({ "one": [account] }));
            bodies.push(json!({ "one": account.to_string() }));
            bodies.push(json!({ "many": account }));
            bodies.push(json!({ "many": [[account]] }));
            bodies.push(json!({ "outer": { "inner": [account] } }));
            bodies.push(json!({ "outer": [{ "inner": account }] }));
            bodies.push(json!({ "zone": account }));
            bodies.push(json!({ "zone": [CANARY] }));
            for body in bodies {
                let (_, message, details) =
                    expect_refusal(project.create_as(&full_access(), "pages", body.clone()).await);
                assert!(!format!("{message}{details}").contains(CANARY), "{body}: {message} {details}");
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn errors_contain_submitted_public_values() {
        let project = project(false).await;
        let create_refused = async |body: Json| expect_refusal(project.create_as(&full_access(), "pages", body).await);
        let (_, message, details) = create_refused(json!({ "secret": [1] })).await;
        assert_eq!(message, "secret must be a `string` type.");
        assert_eq!(details["errors"][0].get("value"), None);
        let (_, message, _) = create_refused(json!({ "title": 7 })).await;
        assert_eq!(message, "title must be a `string` type, but the final value was: `7`.");
        let (_, message, details) = create_refused(json!({ "plain": { "text": 7 } })).await;
        assert_eq!(message, "plain.text must be a `string` type, but the final value was: `7`.");
        assert_eq!(details["errors"][0]["value"], 7);
        let (_, message, _) = create_refused(json!({ "plain": "x" })).await;
        assert!(message.ends_with("`\"x\"`."), "{message}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn duplicate_private_values_are_not_repeated_in_errors() {
        for draft_publish in [false, true] {
            let project = project(draft_publish).await;
            project.create("pages", json!({ "note": CANARY })).await;
            let (_, message, details) =
                expect_refusal(project.create_as(&full_access(), "pages", json!({ "note": CANARY })).await);
            assert_eq!(message, "This attribute must be unique");
            assert!(!details.to_string().contains(CANARY), "{details}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn passwords_are_hashed_at_every_depth() {
        let project = project(true).await;
        let account = json!({ "name": "x", "key": CANARY });
        let zone = json!([{ "__component": "a.outer", "inner": account }]);
        let body = json!({ "secret": CANARY, "one": account, "many": [account, {}], "zone": zone });
        let id = project.create("pages", body).await;
        for row in project.rows("pages", &id).await {
            let stored = format!("{row:?}");
            assert!(!stored.contains(CANARY), "{stored}");
            assert_eq!(stored.matches("$argon2id$").count(), 4, "{stored}");
        }
        // An update that omits it leaves it unchanged.
        let one = &project.get("pages?status=draft&populate=one", &id)["one"];
        project.update("pages", &id, json!({ "one": { "id": one["id"], "name": "y" } })).await;
        for row in project.rows("pages", &id).await {
            assert_eq!(format!("{row:?}").matches("$argon2id$").count(), 4);
        }
        let many: Vec<Json> = vec![account; 21];
        let (_, message, _) = expect_refusal(project.create_as(&full_access(), "pages", json!({ "many": many })).await);
        assert_eq!(message, "A request can contain at most 20 passwords");
    }
}
