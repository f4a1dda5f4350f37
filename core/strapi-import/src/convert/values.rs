//! Values of attributes and components.

use super::Converter;
use cairn_model::validate::{CastMode, CastRules, cast_attributes};
use cairn_model::{Attributes, ContentType, FieldKind, Instance, Registry, Value};
use serde_json::{Map, Value as Json};

/// The checks of a draft: what was stored under earlier rules stays.
const STORED: CastMode = CastMode { rules: CastRules::Draft, create: false };

impl Converter<'_> {
    /// Casts the values of a row, by attribute. A value that Cairn cannot store is a problem; one that breaks a rule of the schema is kept.
    pub(super) fn cast_values(&mut self, ct: &ContentType, place: &str, mut data: Map<String, Json>) -> Vec<Value> {
        remove_nulls(self.registry, &ct.attributes, &mut data);
        let result = cast_attributes(self.registry, &ct.attributes, &data, STORED, &|_, _| None);
        if let Some(message) = result.format {
            self.report.add_problem(place, message);
        }
        for error in result.errors {
            let attribute = error.path.first().and_then(|name| ct.attributes.get(name)).map(|(_, a)| &a.kind);
            match is_stored(self.registry, &ct.attributes, &result.values, &error.path) {
                // The rule is about the password, the value is its hash.
                true if matches!(attribute, Some(FieldKind::Password)) => {}
                true => self.report.add_difference(place, format!("{}; it is imported as it is", error.message)),
                // Reports never contain a password.
                false if matches!(attribute, Some(FieldKind::Password)) => {
                    self.report.add_problem(place, format!("{} is no text", error.path.join(".")));
                }
                false => self.report.add_problem(place, error.message),
            }
        }
        let mut values = result.values;
        for value in &mut values {
            self.attach_component_links(value, place);
        }
        values
    }

    /// Adds links to components, whose ids Strapi's links refer to. The components get new ids: Strapi numbers each component's table separately, in
    /// Cairn all components share one sequence.
    fn attach_component_links(&mut self, value: &mut Value, place: &str) {
        for instance in value.instances_mut() {
            self.attach_instance_links(instance, place);
        }
    }

    fn attach_instance_links(&mut self, instance: &mut Instance, place: &str) {
        let registry = self.registry;
        let component = registry.component(instance.component);
        let id = instance.id.take();
        let uid = self.survey.symbols.find(&component.uid);
        for (i, a) in component.attributes.iter() {
            let Some(slot) = instance.values.get_mut(i) else { continue };
            match registry.attribute_link(a) {
                Some(link) => {
                    let place = format!("{place}, {}", component.uid);
                    let found = uid.zip(id).map(|(uid, id)| self.find_targets(uid, id, &a.name, link.target, &place));
                    let kept = if link.many { usize::MAX } else { 1 };
                    let targets = found.into_iter().flatten().take(kept).map(|(target, _)| target);
                    *slot = Value::Links(targets.collect());
                }
                None => self.attach_component_links(slot, place),
            }
        }
    }
}

/// True if the value that an error is about was cast anyway.
fn is_stored(registry: &Registry, attributes: &Attributes, values: &[Value], path: &[String]) -> bool {
    let Some((name, rest)) = path.split_first() else { return false };
    let Some(value) = attributes.get(name).and_then(|(id, _)| values.get(id)) else { return false };
    let inside = |instance: &Instance, rest: &[String]| {
        is_stored(registry, &registry.component(instance.component).attributes, &instance.values, rest)
    };
    match (value, rest) {
        (Value::Absent, _) => false,
        (_, []) => true,
        (Value::Instance(instance), rest) => inside(instance, rest),
        (Value::Instances(list), [index, rest @ ..]) => {
            let instance = index.parse().ok().and_then(|index: usize| list.get(index));
            instance.is_some_and(|instance| rest.is_empty() || inside(instance, rest))
        }
        _ => true,
    }
}

/// Removes nulls, which mean the same as absent values: Strapi has them for empty lists of components, too.
fn remove_nulls(registry: &Registry, attributes: &Attributes, data: &mut Map<String, Json>) {
    data.retain(|_, value| !value.is_null());
    for (name, value) in data.iter_mut() {
        let Some((_, attribute)) = attributes.get(name) else { continue };
        let component = match attribute.kind {
            FieldKind::Component { component, .. } => Some(component),
            FieldKind::DynamicZone { .. } => None,
            _ => continue,
        };
        let instances = match value {
            Json::Array(list) => list.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for instance in instances.iter_mut().filter_map(Json::as_object_mut) {
            let uid = instance.get("__component").and_then(Json::as_str).unwrap_or_default();
            let found = component.or_else(|| registry.component_by_uid(uid).map(|c| c.id));
            if let Some(found) = found {
                remove_nulls(registry, &registry.component(found).attributes, instance);
            }
        }
    }
}
