//! The rules of a schema on typed values, for publishing.

use super::cast::null_error;
use super::condition;
use super::error::{FieldError, ValuePath};
use crate::content_type::{Attribute, Attributes, FieldKind};
use crate::fields::{self, RequiredMessage, ValidationPass};
use crate::registry::Registry;
use crate::stored_values::scalar_to_json;
use crate::value::{Instance, Value};
use serde_json::{Map, Value as Json};

/// The message for a value that something else has already.
pub(super) const UNIQUE_MESSAGE: &str = "This attribute must be unique";

/// Checks everything but uniqueness, on the merged values of a draft (`Absent` counts as null). As in Strapi, `required` means nothing on
/// relations and media. Values of private attributes are left out of the errors: the user who publishes need not be the one who wrote them.
pub fn check_values(reg: &Registry, attributes: &Attributes, values: &[Value]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_all(reg, attributes, values, &ValuePath::Root, &mut errors);
    errors
}

/// The error for a value that another entry has already.
pub fn unique_error(attribute: &Attribute, value: &Value) -> FieldError {
    FieldError {
        path: vec![attribute.name.clone()],
        message: UNIQUE_MESSAGE.to_owned(),
        value: Some(scalar_to_json(value, attribute.kind.column_type())),
    }
}

fn check_all(
    reg: &Registry,
    attributes: &Attributes,
    values: &[Value],
    at: &ValuePath<'_>,
    errors: &mut Vec<FieldError>,
) {
    let sibling = |name: &str| {
        let found = attributes.get(name).and_then(|(i, a)| Some(scalar_to_json(values.get(i)?, a.kind.column_type())));
        found.unwrap_or_default()
    };
    for (i, attribute) in attributes.iter() {
        if attribute.visible_if.as_ref().is_some_and(|rule| !condition::rule_holds(rule, &sibling)) {
            continue;
        }
        let at = at.key(&attribute.name);
        let first = errors.len();
        check_one(reg, attribute, values.get(i).unwrap_or(&Value::Absent), &at, errors);
        if attribute.is_hidden() {
            errors.iter_mut().skip(first).for_each(|error| error.value = None);
        }
    }
}

fn check_one(reg: &Registry, attribute: &Attribute, value: &Value, at: &ValuePath<'_>, errors: &mut Vec<FieldError>) {
    match (&attribute.kind, value) {
        (FieldKind::Media { .. } | FieldKind::Relation(_) | FieldKind::Unlinked { .. }, _) => {}
        (FieldKind::Component { .. }, Value::Instance(instance)) => check_instance(reg, instance, at, errors),
        (FieldKind::Component { repeatable: false, .. }, _) => {
            if attribute.required {
                errors.push(null_error(at, RequiredMessage::Typed("object", "null"), true));
            }
        }
        (FieldKind::Component { .. } | FieldKind::DynamicZone { .. }, _) => {
            let instances: &[Instance] = if let Value::Instances(list) = value { list } else { &[] };
            for (i, instance) in instances.iter().enumerate() {
                check_instance(reg, instance, &at.index(i), errors);
            }
            check_list_length(reg, attribute, instances, at, errors);
        }
        (kind, value) => {
            let Some(field) = fields::field_type(kind) else { return };
            if !value.is_empty() {
                field.check_rules(attribute, at, value, ValidationPass::Stored, errors);
            } else if attribute.required {
                errors.push(null_error(at, field.required_message(), true));
            }
        }
    }
}

fn check_instance(reg: &Registry, instance: &Instance, at: &ValuePath<'_>, errors: &mut Vec<FieldError>) {
    check_all(reg, &reg.component(instance.component).attributes, &instance.values, at, errors);
}

/// Checks `min` and `max` of a list of components or a zone; an optional one may be empty whatever `min` is.
pub(super) fn check_list_length(
    reg: &Registry,
    attribute: &Attribute,
    instances: &[Instance],
    at: &ValuePath<'_>,
    errors: &mut Vec<FieldError>,
) {
    #[expect(clippy::cast_precision_loss, reason = "no list has 2^52 elements")]
    let length = instances.len() as f64;
    let zone = matches!(attribute.kind, FieldKind::DynamicZone { .. });
    let to_json = || Some(Json::Array(instances.iter().map(|i| instance_json(reg, i, zone)).collect()));
    let counts = attribute.required || !instances.is_empty();
    if let Some(min) = attribute.min.as_ref().filter(|min| counts && length < min.value) {
        errors.push(at.error_with_path(&format!("field must have at least {} items", min.text), to_json()));
    }
    if let Some(max) = attribute.max.as_ref().filter(|max| length > max.value) {
        errors
            .push(at.error_with_path(&format!("field must have less than or equal to {} items", max.text), to_json()));
    }
}

/// An instance in the form of errors: no links, and nothing private.
fn instance_json(reg: &Registry, instance: &Instance, zone: bool) -> Json {
    let component = reg.component(instance.component);
    let mut map = Map::new();
    if zone {
        map.insert("__component".to_owned(), component.uid.clone().into());
    }
    if let Some(id) = instance.id {
        map.insert("id".to_owned(), id.into());
    }
    for (i, attribute) in component.attributes.iter().filter(|(_, attribute)| !attribute.is_hidden()) {
        let nested_zone = matches!(attribute.kind, FieldKind::DynamicZone { .. });
        let json = match instance.values.get(i).unwrap_or(&Value::Absent) {
            Value::Instance(nested) => instance_json(reg, nested, false),
            Value::Instances(list) => Json::Array(list.iter().map(|i| instance_json(reg, i, nested_zone)).collect()),
            Value::Links(_) | Value::Change(_) => continue,
            _ if attribute.is_unlinked() || reg.attribute_link(attribute).is_some() => continue,
            scalar => scalar_to_json(scalar, attribute.kind.column_type()),
        };
        map.insert(attribute.name.clone(), json);
    }
    Json::Object(map)
}
