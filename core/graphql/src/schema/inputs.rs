//! Inputs of entries and components, as far as the caller may set them.

use super::{Builder, PendingType, scalar_name};
use crate::names::{Holder, is_name, value_names};
use crate::shapes::InputShape;
use async_graphql::dynamic::{InputObject, InputValue, Scalar, TypeRef};
use cairn_model::content_type::{Attribute, FieldKind};
use cairn_model::{AttributeId, ComponentId};
use cairn_query::Action;
use std::collections::HashMap;
use std::sync::Arc;

/// Attributes of users that the content API lets nobody set.
const CODES_OF_USERS: [&str; 2] = ["resetPasswordToken", "confirmationToken"];

impl<'a> Builder<'a> {
    pub(super) fn build_input(&mut self, holder: Holder) {
        let name = format!("{}Input", self.base_name(holder));
        let mut input = InputObject::new(&name);
        let mut shapes = HashMap::new();
        if let Holder::Component(_) = holder {
            input = input.field(InputValue::new("id", TypeRef::named(TypeRef::ID)));
            shapes.insert("id".to_owned(), InputShape::Link);
        }
        let registry = self.registry;
        for (id, attribute) in holder.attributes(registry).iter() {
            if !is_name(&attribute.name) || shapes.contains_key(&attribute.name) || !self.is_settable(holder, id) {
                continue;
            }
            let Some((type_ref, shape)) = self.input_value(holder, id, attribute) else { continue };
            input = input.field(InputValue::new(&attribute.name, type_ref));
            shapes.insert(attribute.name.clone(), shape);
        }
        // An input without fields is none; this one is never anything but null.
        if shapes.is_empty() {
            input = input.field(InputValue::new("_empty", TypeRef::named(TypeRef::BOOLEAN)));
        }
        self.field_count += shapes.len();
        self.inputs.push(input);
        self.shapes.inputs.insert(name, shapes);
    }

    fn is_settable(&self, holder: Holder, id: AttributeId) -> bool {
        let Holder::Type(type_id) = holder else { return true };
        let content_type = self.registry.get(type_id);
        let is_code = CODES_OF_USERS.contains(&content_type.attributes[id].name.as_str());
        if is_code && type_id == self.registry.user_type().id {
            return false;
        }
        [Action::Create, Action::Update].iter().any(|&action| self.access.allows_attribute(content_type, id, action))
    }

    fn component_input(&mut self, component: ComponentId) -> String {
        let holder = Holder::Component(component);
        self.refer(format!("{}Input", self.base_name(holder)), PendingType::Input(holder))
    }

    fn input_value(&mut self, holder: Holder, id: AttributeId, attribute: &Attribute) -> Option<(TypeRef, InputShape)> {
        let ids = |many: bool| if many { TypeRef::named_list(TypeRef::ID) } else { TypeRef::named(TypeRef::ID) };
        Some(match &attribute.kind {
            FieldKind::Enumeration { values } => {
                let names = value_names(values);
                let type_name = self.enumeration(holder, id, values, &names);
                let by_name = names.into_iter().zip(values.iter().cloned()).collect();
                (TypeRef::named(type_name), InputShape::Enumeration(Arc::new(by_name)))
            }
            FieldKind::Media { multiple, .. } => (ids(*multiple), InputShape::Link),
            FieldKind::Relation(relation) => match relation.target {
                Some(target) if self.can_show(target) => (ids(relation.kind.to_many()), InputShape::Link),
                Some(_) | None => return None,
            },
            FieldKind::Unlinked { .. } => return None,
            FieldKind::Component { component, repeatable } => {
                let input = self.component_input(*component);
                let type_ref = if *repeatable { TypeRef::named_list(&input) } else { TypeRef::named(&input) };
                (type_ref, InputShape::Component(input))
            }
            FieldKind::DynamicZone { components } => {
                let mut members = HashMap::new();
                for &component in components {
                    let input = self.component_input(component);
                    let uid = self.registry.component(component).uid.clone();
                    members.insert(self.names.of_component(component).to_owned(), (uid, input));
                }
                let name = format!("{}Input", self.names.of_attribute(holder, id));
                if self.seen.insert(name.clone()) {
                    let scalar = Scalar::new(&name).description(
                        "An item of a dynamic zone: an object with the values of a component, and its __component.",
                    );
                    self.scalars.push(scalar);
                }
                (TypeRef::named_nn_list(name), InputShape::Zone(Arc::new(members)))
            }
            FieldKind::Password => (TypeRef::named(TypeRef::STRING), InputShape::Value),
            kind => (TypeRef::named(scalar_name(kind)), InputShape::Value),
        })
    }
}
