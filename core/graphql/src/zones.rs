//! Items of dynamic zones of which nothing is selected: objects without fields, as the language has it. `async-graphql` 7.2 makes null of them.

use crate::document::{Chosen, Document};
use crate::shapes::{FieldShape, NodeShape, Root, Shapes};
use async_graphql::Value;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{OperationType, SelectionSet};
use std::collections::HashMap;
use std::sync::Arc;

/// Puts such objects into the data of a response.
pub(crate) fn fill_empty_items(document: &Document, shapes: &Shapes, data: &mut Value) {
    let filler = ZoneFiller { document, shapes };
    let roots = match document.operation_type {
        OperationType::Mutation => &shapes.mutations,
        OperationType::Query | OperationType::Subscription => &shapes.queries,
    };
    for (name, operation) in document.parsed.operations.iter() {
        if document.is_executed(name) {
            filler.fill_roots(roots, &operation.node.selection_set.node, data);
        }
    }
}

struct ZoneFiller<'a> {
    document: &'a Document,
    shapes: &'a Shapes,
}

impl ZoneFiller<'_> {
    fn fill_roots(&self, roots: &HashMap<String, Arc<Root>>, set: &SelectionSet, data: &mut Value) {
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Fragment { set, .. } => self.fill_roots(roots, set, data),
                Chosen::Field(field) => {
                    let Some(root) = roots.get(field.name.node.as_str()) else { continue };
                    let inner = &field.selection_set.node;
                    let type_name = root.connection.as_deref().unwrap_or(&root.target);
                    if let (true, Value::Object(members)) = (self.selects_zone(type_name, inner), &mut *data)
                        && let Some(value) = members.get_mut(&field.response_key().node)
                    {
                        self.fill(type_name, inner, value);
                    }
                }
            }
        }
    }

    /// The types that a field of a type leads to.
    fn targets<'s>(&'s self, type_name: &str, field: &str) -> Vec<&'s str> {
        match self.shapes.types.get(type_name).and_then(|fields| fields.get(field)) {
            Some(FieldShape::Node(NodeShape { connection, target, .. })) => {
                vec![connection.as_deref().unwrap_or(target)]
            }
            Some(FieldShape::Nodes { target }) => vec![target.as_str()],
            Some(FieldShape::Zone { members, .. }) => members.iter().map(|(_, member)| member.as_str()).collect(),
            Some(FieldShape::Value { .. } | FieldShape::PageInfo) | None => Vec::new(),
        }
    }

    fn is_zone(&self, type_name: &str, field: &str) -> bool {
        let shape = self.shapes.types.get(type_name).and_then(|fields| fields.get(field));
        matches!(shape, Some(FieldShape::Zone { .. }))
    }

    /// True if a zone is among what is selected: most documents have none, and their data are left alone.
    fn selects_zone(&self, type_name: &str, set: &SelectionSet) -> bool {
        self.document.selections(set).into_iter().any(|chosen| match chosen {
            Chosen::Fragment { set, .. } => self.selects_zone(type_name, set),
            Chosen::Field(field) => {
                let name = field.name.node.as_str();
                let inner = &field.selection_set.node;
                self.is_zone(type_name, name)
                    || self.targets(type_name, name).into_iter().any(|target| self.selects_zone(target, inner))
            }
        })
    }

    fn fill(&self, type_name: &str, set: &SelectionSet, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.fill(type_name, set, item)),
            Value::Object(_) => self.fill_object(type_name, set, value),
            _ => {}
        }
    }

    fn fill_object(&self, type_name: &str, set: &SelectionSet, value: &mut Value) {
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Fragment { set, condition } => {
                    if condition
                        .is_none_or(|condition| condition == type_name || !self.shapes.types.contains_key(condition))
                    {
                        self.fill_object(type_name, set, value);
                    }
                }
                Chosen::Field(field) => {
                    let Value::Object(members) = &mut *value else { return };
                    let Some(member) = members.get_mut(&field.response_key().node) else { continue };
                    let name = field.name.node.as_str();
                    if let (true, Value::List(items)) = (self.is_zone(type_name, name), &mut *member) {
                        for item in items.iter_mut().filter(|item| **item == Value::Null) {
                            *item = Value::Object(IndexMap::new());
                        }
                    }
                    for target in self.targets(type_name, name) {
                        self.fill(target, &field.selection_set.node, member);
                    }
                }
            }
        }
    }
}
