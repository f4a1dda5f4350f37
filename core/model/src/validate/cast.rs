//! Casts request JSON to typed values, with the errors of one pass.

use super::condition;
use super::error::{FieldError, ValuePath};
use crate::content_type::{Attribute, Attributes, ComponentId, ContentType, FieldKind, TypeId};
use crate::fields::{self, CastError, RequiredMessage, ValidationPass};
use crate::links::{self, ResolveTarget};
use crate::registry::Registry;
use crate::value::{Instance, TargetRef, Value};
use serde_json::{Map, Value as Json};

/// Checks to run, and the kind of write that they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CastMode {
    /// Rules that the values have to meet.
    pub rules: CastRules,
    /// True if the entry is created: defaults fill missing values, and required ones must be present.
    pub create: bool,
}

/// Rules for values that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastRules {
    /// Those without which a value is none of its kind, and cannot be stored as one: types, enumerations. For drafts with problems that
    /// [`check_values`](super::check_values) finds before they are published.
    Kind,
    /// Those of drafts: also `max` and `maxLength`.
    Draft,
    /// Everything but uniqueness.
    All,
}

impl CastRules {
    /// The rules of a type's first pass: what is stored without a draft is published at once.
    pub fn of_type(ct: &ContentType) -> Self {
        if ct.draft_publish { Self::Draft } else { Self::All }
    }
}

impl CastMode {
    fn is_strict(self) -> bool {
        self.rules == CastRules::All
    }

    fn pass(self) -> ValidationPass {
        match self.rules {
            CastRules::Kind => ValidationPass::Kind,
            CastRules::Draft => ValidationPass::Draft,
            CastRules::All => ValidationPass::Full,
        }
    }
}

/// The outcome of [`cast_attributes`]. The values are valid only if there are neither `errors` nor a `format`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CastResult {
    /// One value per attribute; `Absent` if nothing was sent and no default applies.
    pub values: Vec<Value>,
    /// Errors in the order of the schema.
    pub errors: Vec<FieldError>,
    /// A date or time that the database layer refuses: reported with empty details, after `errors`.
    pub format: Option<String>,
}

/// Casts the attributes of `data`; keys that are not attributes are ignored ([`check_keys`](crate::body::check_keys) refused them).
/// `resolve` returns the document id for a reference of a relation or media attribute; documents that it does not know are left out.
pub fn cast_attributes(
    reg: &Registry,
    attributes: &Attributes,
    data: &Map<String, Json>,
    mode: CastMode,
    resolve: &dyn Fn(TypeId, &TargetRef) -> Option<String>,
) -> CastResult {
    let mut caster = Caster { reg, resolve, errors: Vec::new(), format: None };
    let values = caster.cast_all(attributes, data, mode, &ValuePath::Root);
    CastResult { values, errors: caster.errors, format: caster.format }
}

/// The error for a null where a value is required.
pub(super) fn null_error(at: &ValuePath<'_>, required: RequiredMessage, create: bool) -> FieldError {
    let rest = match required {
        RequiredMessage::Typed(expected, printed) => {
            format!("must be a `{expected}` type, but the final value was: `{printed}`.")
        }
        RequiredMessage::Any if create => "must be defined.".to_owned(),
        RequiredMessage::Any => "cannot be null.".to_owned(),
    };
    at.error_with_path(&rest, Some(Json::Null))
}

struct Caster<'a> {
    reg: &'a Registry,
    resolve: ResolveTarget<'a>,
    errors: Vec<FieldError>,
    format: Option<String>,
}

impl Caster<'_> {
    fn cast_all(
        &mut self,
        attributes: &Attributes,
        data: &Map<String, Json>,
        mode: CastMode,
        at: &ValuePath<'_>,
    ) -> Vec<Value> {
        // A default that is about to be stored counts as a value that was sent.
        let default = |name: &str| attributes.get(name).filter(|_| mode.create).and_then(|(_, a)| a.default.clone());
        let sibling = |name: &str| data.get(name).cloned().or_else(|| default(name)).unwrap_or_default();
        let cast = |(_, attribute): (usize, &Attribute)| {
            let visible = attribute.visible_if.as_ref().is_none_or(|rule| condition::rule_holds(rule, &sibling));
            let mode = if visible || !mode.is_strict() { mode } else { CastMode { rules: CastRules::Draft, ..mode } };
            self.cast_attribute(attribute, data.get(&attribute.name), mode, visible, &at.key(&attribute.name))
        };
        attributes.iter().map(cast).collect()
    }

    fn cast_attribute(
        &mut self,
        attribute: &Attribute,
        json: Option<&Json>,
        mode: CastMode,
        visible: bool,
        at: &ValuePath<'_>,
    ) -> Value {
        match &attribute.kind {
            FieldKind::Media { .. } | FieldKind::Relation(_) => self.cast_link(attribute, json, at),
            // Input for an unlinked attribute is accepted and ignored.
            FieldKind::Unlinked { .. } => Value::Absent,
            FieldKind::Component { component, repeatable: false } => {
                self.cast_component(attribute, *component, json, mode, at)
            }
            FieldKind::Component { component, repeatable: true } => {
                self.cast_list(attribute, Some(*component), json, mode, at)
            }
            FieldKind::DynamicZone { .. } => self.cast_list(attribute, None, json, mode, at),
            _ => self.cast_scalar(attribute, json, mode, visible, at),
        }
    }

    fn cast_scalar(
        &mut self,
        attribute: &Attribute,
        json: Option<&Json>,
        mode: CastMode,
        visible: bool,
        at: &ValuePath<'_>,
    ) -> Value {
        let Some(field) = fields::field_type(&attribute.kind) else { return Value::Absent };
        let Some(input) = json.or(attribute.default.as_ref().filter(|_| mode.create)) else {
            return self.cast_absent(attribute, mode, at);
        };
        let value = match input {
            Json::Null => Value::Null,
            given => match field.cast_value(attribute, at, given) {
                Ok(value) => value,
                Err(CastError::Errors(errors)) => {
                    self.errors.extend(errors);
                    return Value::Absent;
                }
                Err(CastError::Format(message)) => {
                    self.format.get_or_insert_with(|| message.to_owned());
                    return Value::Absent;
                }
            },
        };
        if value == Value::Null {
            if mode.is_strict() && attribute.required {
                self.errors.push(null_error(at, field.required_message(), mode.create));
            }
        } else if visible {
            field.check_rules(attribute, at, &value, mode.pass(), &mut self.errors);
        }
        value
    }

    fn cast_absent(&mut self, attribute: &Attribute, mode: CastMode, at: &ValuePath<'_>) -> Value {
        if mode.is_strict() && mode.create && attribute.required {
            self.errors.push(at.error_with_path("must be defined.", None));
        }
        Value::Absent
    }

    fn cast_link(&mut self, attribute: &Attribute, json: Option<&Json>, at: &ValuePath<'_>) -> Value {
        let (Some(input), Some(link)) = (json, self.reg.attribute_link(attribute)) else { return Value::Absent };
        match links::parse_change(self.reg, link, input) {
            Ok(change) => Value::Change(change.resolve_targets(link, self.resolve)),
            Err(error) => {
                self.errors.push(FieldError { path: at.to_segments(), message: error.message, value: None });
                Value::Absent
            }
        }
    }

    fn cast_component(
        &mut self,
        attribute: &Attribute,
        component: ComponentId,
        json: Option<&Json>,
        mode: CastMode,
        at: &ValuePath<'_>,
    ) -> Value {
        match json {
            None => self.cast_absent(attribute, mode, at),
            Some(Json::Null) => {
                if mode.is_strict() && attribute.required {
                    self.errors.push(null_error(at, RequiredMessage::Typed("object", "null"), mode.create));
                }
                Value::Null
            }
            Some(Json::Object(data)) => Value::Instance(Box::new(self.cast_instance(component, data, mode, at))),
            Some(other) => {
                self.errors.push(at.wrong_type("object", other));
                Value::Absent
            }
        }
    }

    /// Casts a list of one component, or (`component` is `None`) a zone.
    fn cast_list(
        &mut self,
        attribute: &Attribute,
        component: Option<ComponentId>,
        json: Option<&Json>,
        mode: CastMode,
        at: &ValuePath<'_>,
    ) -> Value {
        let list = match json {
            None if mode.create && !(mode.is_strict() && attribute.required) => return Value::Instances(Vec::new()),
            None => return self.cast_absent(attribute, mode, at),
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
            if let Some(component) = component.or_else(|| self.find_zone_component(data, &at)) {
                instances.push(self.cast_instance(component, data, mode, &at));
            }
        }
        if mode.is_strict() {
            super::check::check_list_length(self.reg, attribute, &instances, at, &mut self.errors);
        }
        Value::Instances(instances)
    }

    /// Finds the component of a zone's element. Any component of the project may be in any zone (the contract).
    fn find_zone_component(&mut self, data: &Map<String, Json>, at: &ValuePath<'_>) -> Option<ComponentId> {
        let at = at.key("__component");
        let Some(uid) = data.get("__component").filter(|uid| !uid.is_null() && uid.as_str() != Some("")) else {
            self.errors.push(at.error_with_path("is a required field", None));
            return None;
        };
        let found = uid.as_str().and_then(|uid| self.reg.component_by_uid(uid));
        if found.is_none() {
            let all: Vec<_> = self.reg.components().iter().map(|c| c.uid.as_str()).collect();
            let rest = format!("must be one of the following values: {}", all.join(", "));
            self.errors.push(at.error_with_path(&rest, Some(uid.clone())));
        }
        found.map(|component| component.id)
    }

    /// Casts an instance. Without an id it is a new one: its defaults apply and its required values must be present. So is every instance in
    /// what is new itself: ids of the entry or component that it was copied from do not count there, as in Strapi.
    fn cast_instance(
        &mut self,
        component: ComponentId,
        data: &Map<String, Json>,
        mode: CastMode,
        at: &ValuePath<'_>,
    ) -> Instance {
        let id = self.cast_instance_id(data.get("id"), at).filter(|_| !mode.create);
        let mode = CastMode { create: id.is_none(), ..mode };
        let reg = self.reg;
        let values = self.cast_all(&reg.component(component).attributes, data, mode, at);
        Instance { component, id, origin: None, values }
    }

    fn cast_instance_id(&mut self, json: Option<&Json>, at: &ValuePath<'_>) -> Option<i64> {
        match json {
            None | Some(Json::Null) => None,
            Some(input) => {
                let id = input.as_i64().or_else(|| input.as_str()?.parse().ok());
                if id.is_none() {
                    self.errors.push(at.key("id").failed_cast("number", "NaN", input));
                }
                id
            }
        }
    }
}
