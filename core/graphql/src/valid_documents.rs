//! Documents that have been found valid: they are not parsed and validated again. Only the values of variables differ, and are checked against
//! the types of the arguments that they are used in, as the validation of `async-graphql` checks them.

use crate::bounded_map::BoundedMap;
use crate::document::{Document, Variables};
use crate::limits::GraphqlLimits;
use crate::names::PAGE_INPUT;
use async_graphql::Value;
use async_graphql::parser::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql_value::Value as WrittenValue;
use std::sync::Arc;

/// Bytes that the documents of callers with the same permissions take, roughly.
const ROOM: usize = 4 << 20;
/// Bytes that a parsed document takes for each byte of its text, at most roughly.
const BYTES_OF_BYTE: usize = 40;

/// The valid documents of a schema, by their text.
pub(crate) struct ValidDocuments {
    documents: BoundedMap<Arc<ValidDocument>>,
}

impl Default for ValidDocuments {
    fn default() -> Self {
        Self { documents: BoundedMap::with_room(ROOM) }
    }
}

impl ValidDocuments {
    pub(crate) fn find(&self, text: &str) -> Option<Arc<ValidDocument>> {
        self.documents.get(text)
    }

    /// Keeps a document that the validation has nothing against, and that is within those limits.
    pub(crate) fn keep(&self, text: &str, document: &Document, limits: GraphqlLimits, registry: &Registry) {
        let parsed = document.parsed.clone();
        let mut arguments = Vec::new();
        for (_, operation) in parsed.operations.iter() {
            let root = registry.types.get(&registry.query_type);
            collect_directives(&operation.node.directives, registry, &mut arguments);
            collect_arguments(&operation.node.selection_set.node, root, registry, &mut arguments);
        }
        for fragment in parsed.fragments.values() {
            let on = registry.types.get(fragment.node.type_condition.node.on.node.as_str());
            collect_directives(&fragment.node.directives, registry, &mut arguments);
            collect_arguments(&fragment.node.selection_set.node, on, registry, &mut arguments);
        }
        let has_one_operation = parsed.operations.iter().nth(1).is_none();
        let sizes_pages =
            |(of_type, _): &(String, WrittenValue)| MetaTypeName::concrete_typename(of_type) == PAGE_INPUT;
        let is_constant = has_one_operation && !arguments.iter().any(sizes_pages);
        let limits = is_constant.then_some(limits);
        let size = text.len().saturating_mul(BYTES_OF_BYTE);
        self.documents.insert(text, Arc::new(ValidDocument { parsed, limits, arguments }), size);
    }
}

/// A document without faults, whatever the values of its variables.
pub(crate) struct ValidDocument {
    pub(crate) parsed: Arc<ExecutableDocument>,
    /// The limits that it is within, where neither the size of a page in a variable nor the choice of an operation decides on that.
    limits: Option<GraphqlLimits>,
    /// The arguments that have variables in them, with the name of their type.
    arguments: Vec<(String, WrittenValue)>,
}

impl ValidDocument {
    /// True if it is known to be within those limits.
    pub(crate) fn is_within(&self, limits: &GraphqlLimits) -> bool {
        self.limits.as_ref() == Some(limits)
    }

    /// True if it is valid with these values. The validation says what is wrong with others.
    pub(crate) fn accepts(&self, variables: &Variables, registry: &Registry) -> bool {
        self.arguments.iter().all(|(type_name, written)| {
            // A missing one is found when the argument is used.
            let value = written.clone().into_const_with(|name| variables.get(name.as_str()).cloned().ok_or(()));
            value.map_or(true, |value| fits(type_name, &value, registry))
        })
    }
}

fn collect_arguments(
    set: &SelectionSet,
    parent: Option<&MetaType>,
    registry: &Registry,
    found: &mut Vec<(String, WrittenValue)>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                let meta = parent.and_then(|parent| parent.field_by_name(&field.name.node));
                for (name, value) in field.arguments.iter().filter(|(_, value)| has_variable(&value.node)) {
                    let argument = meta.and_then(|meta| meta.args.get(name.node.as_str()));
                    found.extend(argument.map(|argument| (argument.ty.clone(), value.node.clone())));
                }
                collect_directives(&field.directives, registry, found);
                let inner = meta.and_then(|meta| registry.types.get(MetaTypeName::concrete_typename(&meta.ty)));
                collect_arguments(&field.selection_set.node, inner, registry, found);
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &fragment.node;
                let on = match &fragment.type_condition {
                    Some(condition) => registry.types.get(condition.node.on.node.as_str()),
                    None => parent,
                };
                collect_directives(&fragment.directives, registry, found);
                collect_arguments(&fragment.selection_set.node, on, registry, found);
            }
            Selection::FragmentSpread(spread) => collect_directives(&spread.node.directives, registry, found),
        }
    }
}

fn collect_directives(
    directives: &[Positioned<Directive>],
    registry: &Registry,
    found: &mut Vec<(String, WrittenValue)>,
) {
    for directive in directives {
        let meta = registry.directives.get(directive.node.name.node.as_str());
        for (name, value) in directive.node.arguments.iter().filter(|(_, value)| has_variable(&value.node)) {
            let argument = meta.and_then(|meta| meta.args.get(name.node.as_str()));
            found.extend(argument.map(|argument| (argument.ty.clone(), value.node.clone())));
        }
    }
}

fn has_variable(value: &WrittenValue) -> bool {
    match value {
        WrittenValue::Variable(_) => true,
        WrittenValue::List(items) => items.iter().any(has_variable),
        WrittenValue::Object(members) => members.values().any(has_variable),
        _ => false,
    }
}

/// True if a value is one of that type.
fn fits(type_name: &str, value: &Value, registry: &Registry) -> bool {
    let type_name = match MetaTypeName::create(type_name) {
        MetaTypeName::NonNull(inner) => return *value != Value::Null && fits(inner, value, registry),
        MetaTypeName::List(inner) => {
            return match value {
                Value::List(items) => items.iter().all(|item| fits(inner, item, registry)),
                Value::Null => true,
                one => fits(inner, one, registry),
            };
        }
        MetaTypeName::Named(name) => name,
    };
    match (registry.types.get(type_name), value) {
        (Some(_), Value::Null) => true,
        (Some(MetaType::Scalar { is_valid, .. }), value) => is_valid.as_ref().is_none_or(|is_valid| is_valid(value)),
        (Some(MetaType::Enum { enum_values, .. }), Value::Enum(name)) => enum_values.contains_key(name.as_str()),
        (Some(MetaType::Enum { enum_values, .. }), Value::String(name)) => enum_values.contains_key(name),
        (Some(MetaType::InputObject { input_fields, oneof: false, .. }), Value::Object(members)) => {
            members.keys().all(|name| input_fields.contains_key(name.as_str()))
                && input_fields.values().all(|field| match members.get(field.name.as_str()) {
                    Some(value) => fits(&field.ty, value, registry),
                    None => !MetaTypeName::create(&field.ty).is_non_null() || field.default_value.is_some(),
                })
        }
        _ => false,
    }
}
