//! Casts request JSON to typed values, with the errors of one pass.

use super::condition;
use super::error::{At, FieldError};
use crate::content_type::{Attribute, Attributes, ComponentId, FieldKind, TypeId};
use crate::fields::{self, Pass, Refused, Required};
use crate::links::{self, Resolve};
use crate::registry::Registry;
use crate::value::{Instance, TargetRef, Value};
use serde_json::{Map, Value as Json};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CastMode {
    /// Whether everything but uniqueness is checked; false for drafts: types, enumerations, `max` and `maxLength`.
    pub strict: bool,
    /// Whether the entry is created: defaults fill missing values, and required ones must be present.
    pub create: bool,
}

/// The outcome of [`cast`]. The values are valid only if there are neither `errors` nor a `format`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cast {
    /// One value per attribute; `Absent` if nothing was sent and no default applies.
    pub values: Vec<Value>,
    /// Errors in the order of the schema.
    pub errors: Vec<FieldError>,
    /// A date or time that the database layer refuses: reported with empty details, after `errors`.
    pub format: Option<String>,
}

/// Casts the attributes of `data`; keys that are not attributes are ignored ([`check_keys`](crate::body::check_keys) refused them).
/// `resolve` returns the document id for a reference of a relation or media attribute; documents that it does not know are left out.
pub fn cast(
    reg: &Registry,
    attributes: &Attributes,
    data: &Map<String, Json>,
    mode: CastMode,
    resolve: &dyn Fn(TypeId, &TargetRef) -> Option<String>,
) -> Cast {
    let mut caster = Caster { reg, resolve, errors: Vec::new(), format: None };
    let values = caster.attributes(attributes, data, mode, &At::Root);
    Cast { values, errors: caster.errors, format: caster.format }
}

/// The error for a null where a value is required.
pub(super) fn null_error(at: &At<'_>, required: Required, create: bool) -> FieldError {
    let rest = match required {
        Required::Typed(expected, printed) => {
            format!("must be a `{expected}` type, but the final value was: `{printed}`.")
        }
        Required::Any if create => "must be defined.".to_owned(),
        Required::Any => "cannot be null.".to_owned(),
    };
    at.error(&rest, Some(Json::Null))
}

struct Caster<'a> {
    reg: &'a Registry,
    resolve: Resolve<'a>,
    errors: Vec<FieldError>,
    format: Option<String>,
}

impl Caster<'_> {
    fn attributes(
        &mut self,
        attributes: &Attributes,
        data: &Map<String, Json>,
        mode: CastMode,
        at: &At<'_>,
    ) -> Vec<Value> {
        let sibling = |name: &str| data.get(name).cloned().unwrap_or_default();
        let cast = |(_, attribute): (usize, &Attribute)| {
            let visible = attribute.visible_if.as_ref().is_none_or(|rule| condition::holds(rule, &sibling));
            let mode = CastMode { strict: mode.strict && visible, ..mode };
            self.attribute(attribute, data.get(&attribute.name), mode, visible, &at.key(&attribute.name))
        };
        attributes.iter().map(cast).collect()
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        given: Option<&Json>,
        mode: CastMode,
        visible: bool,
        at: &At<'_>,
    ) -> Value {
        match &attribute.kind {
            FieldKind::Media { .. } | FieldKind::Relation(_) => self.link(attribute, given, at),
            // What is said of it is accepted and ignored.
            FieldKind::Unlinked { .. } => Value::Absent,
            FieldKind::Component { component, repeatable: false } => {
                self.single(attribute, *component, given, mode, at)
            }
            FieldKind::Component { component, repeatable: true } => {
                self.list(attribute, Some(*component), given, mode, at)
            }
            FieldKind::DynamicZone { .. } => self.list(attribute, None, given, mode, at),
            _ => self.scalar(attribute, given, mode, visible, at),
        }
    }

    fn scalar(
        &mut self,
        attribute: &Attribute,
        given: Option<&Json>,
        mode: CastMode,
        visible: bool,
        at: &At<'_>,
    ) -> Value {
        let Some(field) = fields::field_type(&attribute.kind) else { return Value::Absent };
        let Some(given) = given.or(attribute.default.as_ref().filter(|_| mode.create)) else {
            return self.absent(attribute, mode, at);
        };
        let value = match given {
            Json::Null => Value::Null,
            given => match field.cast(attribute, at, given) {
                Ok(value) => value,
                Err(Refused::Errors(errors)) => {
                    self.errors.extend(errors);
                    return Value::Absent;
                }
                Err(Refused::Format(message)) => {
                    self.format.get_or_insert_with(|| message.to_owned());
                    return Value::Absent;
                }
            },
        };
        if value == Value::Null {
            if mode.strict && attribute.required {
                self.errors.push(null_error(at, field.required(), mode.create));
            }
        } else if visible {
            let pass = if mode.strict { Pass::Full } else { Pass::Draft };
            field.check(attribute, at, &value, pass, &mut self.errors);
        }
        value
    }

    fn absent(&mut self, attribute: &Attribute, mode: CastMode, at: &At<'_>) -> Value {
        if mode.strict && mode.create && attribute.required {
            self.errors.push(at.error("must be defined.", None));
        }
        Value::Absent
    }

    fn link(&mut self, attribute: &Attribute, given: Option<&Json>, at: &At<'_>) -> Value {
        let (Some(given), Some(link)) = (given, self.reg.link(attribute)) else { return Value::Absent };
        match links::parse(self.reg, link, given) {
            Ok(change) => Value::Change(change.resolve(link, self.resolve)),
            Err(error) => {
                self.errors.push(FieldError { path: at.list(), message: error.message, value: None });
                Value::Absent
            }
        }
    }

    fn single(
        &mut self,
        attribute: &Attribute,
        component: ComponentId,
        given: Option<&Json>,
        mode: CastMode,
        at: &At<'_>,
    ) -> Value {
        match given {
            None => self.absent(attribute, mode, at),
            Some(Json::Null) => {
                if mode.strict && attribute.required {
                    self.errors.push(null_error(at, Required::Typed("object", "null"), mode.create));
                }
                Value::Null
            }
            Some(Json::Object(data)) => Value::Instance(Box::new(self.instance(component, data, mode, at))),
            Some(other) => {
                self.errors.push(at.wrong_type("object", other));
                Value::Absent
            }
        }
    }

    /// Casts a list of one component, or (`component` is `None`) a zone.
    fn list(
        &mut self,
        attribute: &Attribute,
        component: Option<ComponentId>,
        given: Option<&Json>,
        mode: CastMode,
        at: &At<'_>,
    ) -> Value {
        let list = match given {
            None if mode.create && !(mode.strict && attribute.required) => return Value::Instances(Vec::new()),
            None => return self.absent(attribute, mode, at),
            Some(Json::Array(list)) => list,
            Some(other) => {
                self.errors.push(at.wrong_type("array", other));
                return Value::Absent;
            }
        };
        let mut instances = Vec::with_capacity(list.len());
        for (i, item) in list.iter().enumerate() {
            let at = at.index(i);
            let Json::Object(data) = item else {
                self.errors.push(at.failed_cast("object", "null", item));
                continue;
            };
            if let Some(component) = component.or_else(|| self.zone_component(data, &at)) {
                instances.push(self.instance(component, data, mode, &at));
            }
        }
        if mode.strict {
            super::check::list_length(self.reg, attribute, &instances, at, &mut self.errors);
        }
        Value::Instances(instances)
    }

    /// Finds the component of a zone's element. Any component of the project may be in any zone (the contract).
    fn zone_component(&mut self, data: &Map<String, Json>, at: &At<'_>) -> Option<ComponentId> {
        let at = at.key("__component");
        let Some(uid) = data.get("__component").filter(|uid| !uid.is_null() && uid.as_str() != Some("")) else {
            self.errors.push(at.error("is a required field", None));
            return None;
        };
        let found = uid.as_str().and_then(|uid| self.reg.component_by_uid(uid));
        if found.is_none() {
            let all: Vec<_> = self.reg.components().iter().map(|c| c.uid.as_str()).collect();
            let rest = format!("must be one of the following values: {}", all.join(", "));
            self.errors.push(at.error(&rest, Some(uid.clone())));
        }
        found.map(|component| component.id)
    }

    /// Casts an instance. Without an id it is a new one: its defaults apply and its required values must be present.
    fn instance(&mut self, component: ComponentId, data: &Map<String, Json>, mode: CastMode, at: &At<'_>) -> Instance {
        let id = self.instance_id(data.get("id"), at);
        let mode = CastMode { create: id.is_none(), ..mode };
        let reg = self.reg;
        let values = self.attributes(&reg.component(component).attributes, data, mode, at);
        Instance { component, id, values }
    }

    fn instance_id(&mut self, given: Option<&Json>, at: &At<'_>) -> Option<i64> {
        match given {
            None | Some(Json::Null) => None,
            Some(given) => {
                let id = given.as_i64().or_else(|| given.as_str()?.parse().ok());
                if id.is_none() {
                    self.errors.push(at.key("id").failed_cast("number", "NaN", given));
                }
                id
            }
        }
    }
}
