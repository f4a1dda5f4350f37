//! Keys that are not attributes, or that the caller may not write.

use crate::content_type::{Attribute, AttributeId, Attributes, ContentType, FieldKind, TypeId};
use crate::registry::Registry;
use serde_json::{Map, Value as Json};

/// The first key that may not be in the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeyError {
    /// Message for the client.
    pub message: String,
    /// The key in `details.key`.
    pub key: String,
    /// The path in `details.path`: `None` if the details have no such key, `Some(None)` for null.
    pub path: Option<Option<String>>,
}

/// Keys of every entry that a client may not set.
const SYSTEM_KEYS: [&str; 5] = ["createdAt", "updatedAt", "createdBy", "updatedBy", "localizations"];
/// Keys of every entry that are accepted and ignored.
const IGNORED_KEYS: [&str; 2] = ["publishedAt", "locale"];
/// Keys of an object that represents a related document or a change of the links.
const RELATION_KEYS: [&str; 10] =
    ["id", "documentId", "set", "connect", "disconnect", "options", "position", "locale", "status", "__type"];

/// Checks the keys of `data` in the order of the body. `may_read` says whether the caller may `find` a type (relations to others do not
/// exist for them), `may_write` whether they may set an attribute of `ct`.
///
/// # Errors
/// Returns the first key that is refused, worded as in CONTRACT.md, sections 2, 9, 11 and 12.
pub fn check_keys(
    reg: &Registry,
    ct: &ContentType,
    data: &Map<String, Json>,
    may_read: &dyn Fn(TypeId) -> bool,
    may_write: &dyn Fn(AttributeId) -> bool,
) -> Result<(), KeyError> {
    for key in ["id", "documentId"] {
        if data.contains_key(key) {
            return Err(KeyError { message: format!("Invalid key {key}"), key: key.to_owned(), path: None });
        }
    }
    let keys = KeyChecker { reg, may_read };
    for (key, value) in data {
        match ct.attributes.get(key) {
            Some((id, _)) if !may_write(id) => return Err(forbidden_key(key, key)),
            Some((_, attribute)) => keys.check_attribute(attribute, value, key)?,
            None if SYSTEM_KEYS.contains(&key.as_str()) => return Err(forbidden_key(key, key)),
            None if IGNORED_KEYS.contains(&key.as_str()) => {}
            None => return Err(unknown_key(key, None)),
        }
    }
    Ok(())
}

/// An error for the key of an unknown attribute: its path is the parent's.
fn unknown_key(key: &str, parent: Option<&str>) -> KeyError {
    let at = parent.map(|parent| format!(" at {parent}")).unwrap_or_default();
    KeyError { message: format!("Invalid key {key}{at}"), key: key.to_owned(), path: Some(parent.map(str::to_owned)) }
}

/// An error for the key of an attribute that this caller may not write: its path is that of the attribute.
fn forbidden_key(key: &str, path: &str) -> KeyError {
    let at = if path == key { String::new() } else { format!(" at {path}") };
    KeyError { message: format!("Invalid key {key}{at}"), key: key.to_owned(), path: Some(Some(path.to_owned())) }
}

/// True if values of an attribute have keys that are checked.
fn has_keys_inside(attribute: &Attribute) -> bool {
    matches!(attribute.kind, FieldKind::Component { .. } | FieldKind::DynamicZone { .. } | FieldKind::Relation(_))
}

struct KeyChecker<'a> {
    reg: &'a Registry,
    may_read: &'a dyn Fn(TypeId) -> bool,
}

impl KeyChecker<'_> {
    /// Checks the value of an attribute. `path` is the attribute's, without the indexes of lists.
    fn check_attribute(&self, attribute: &Attribute, value: &Json, path: &str) -> Result<(), KeyError> {
        let items = match value {
            Json::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let objects = items.iter().filter_map(Json::as_object);
        match &attribute.kind {
            FieldKind::Component { component, .. } => {
                let attributes = &self.reg.component(*component).attributes;
                objects.into_iter().try_for_each(|object| self.check_component(attributes, object, path, &["id"]))
            }
            FieldKind::DynamicZone { .. } => objects.into_iter().try_for_each(|object| {
                let uid = object.get("__component").and_then(Json::as_str).unwrap_or_default();
                // An unknown component is an error of the value, not of a key.
                let Some(component) = self.reg.component_by_uid(uid) else { return Ok(()) };
                self.check_component(&component.attributes, object, path, &["id", "__component"])
            }),
            FieldKind::Relation(relation) => match relation.target {
                Some(target) if !(self.may_read)(target) => Err(forbidden_key(&attribute.name, path)),
                Some(target) => objects.into_iter().try_for_each(|object| self.check_related(target, object, path)),
                None => self.check_morph(attribute, value, path),
            },
            _ => Ok(()),
        }
    }

    fn check_component(
        &self,
        attributes: &Attributes,
        data: &Map<String, Json>,
        path: &str,
        allowed: &[&str],
    ) -> Result<(), KeyError> {
        data.iter().try_for_each(|(key, value)| match attributes.get(key) {
            Some((_, attribute)) if has_keys_inside(attribute) => {
                self.check_attribute(attribute, value, &format!("{path}.{key}"))
            }
            Some(_) => Ok(()),
            None if allowed.contains(&key.as_str()) => Ok(()),
            None => Err(unknown_key(key, Some(path))),
        })
    }

    /// Checks a related entry that was sent back as it was read: its keys are attributes of its type; they are ignored.
    fn check_related(&self, target: TypeId, object: &Map<String, Json>, path: &str) -> Result<(), KeyError> {
        let attributes = &self.reg.get(target).attributes;
        let known = |key: &str| {
            RELATION_KEYS.contains(&key)
                || SYSTEM_KEYS.contains(&key)
                || IGNORED_KEYS.contains(&key)
                || attributes.get(key).is_some()
        };
        object.keys().find(|key| !known(key)).map_or(Ok(()), |key| Err(unknown_key(key, Some(path))))
    }

    /// Checks that every `__type` in a morph value is readable.
    fn check_morph(&self, attribute: &Attribute, value: &Json, path: &str) -> Result<(), KeyError> {
        match value {
            Json::Array(list) => list.iter().try_for_each(|item| self.check_morph(attribute, item, path)),
            Json::Object(map) => {
                let content_type = map.get("__type").and_then(Json::as_str).and_then(|uid| self.reg.by_uid(uid));
                if content_type.is_some_and(|content_type| !(self.may_read)(content_type.id)) {
                    return Err(forbidden_key(&attribute.name, path));
                }
                ["set", "connect", "disconnect"]
                    .iter()
                    .filter_map(|key| map.get(*key))
                    .try_for_each(|value| self.check_morph(attribute, value, path))
            }
            _ => Ok(()),
        }
    }
}
