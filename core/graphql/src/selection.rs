//! The shape of a response's data: what a query selects, with fragments in place and a field that is selected twice as one, and where each
//! value is in the JSON of the content API.
//!
//! Selections that `async-graphql` executes in a way of its own have no such shape, and neither has what is no query of content: it executes
//! those itself.

use crate::document::{Chosen, Document, arguments, resolve_value};
use crate::pages::PageBounds;
use crate::scalars::ScalarFormat;
use crate::shapes::{FieldShape, NodeShape, Root, RootAction, Shapes};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, OperationType, SelectionSet};

/// Numbers of a page.
const PAGE_NUMBERS: [&str; 4] = ["total", "page", "pageSize", "pageCount"];
static PLAIN: ScalarFormat = ScalarFormat::Plain;

/// The members of an object, in their order.
pub(crate) struct ObjectSelection<'s> {
    pub(crate) members: Vec<SelectedMember<'s>>,
    /// True if an attribute is selected more than once, under several names.
    pub(crate) has_aliases: bool,
}

/// A member of an object, and its name in the response.
pub(crate) struct SelectedMember<'s> {
    pub(crate) key: &'s str,
    pub(crate) source: MemberSource<'s>,
}

/// The source of a member.
pub(crate) enum MemberSource<'s> {
    TypeName(&'s str),
    Attribute { name: &'s str, value: AttributeSelection<'s> },
}

/// Selection of an attribute.
pub(crate) enum AttributeSelection<'s> {
    Plain {
        format: &'s ScalarFormat,
        is_required: bool,
    },
    One(ObjectSelection<'s>),
    List {
        bounds: PageBounds,
        item: ObjectSelection<'s>,
    },
    Connection {
        bounds: PageBounds,
        members: Vec<ConnectionMember<'s>>,
    },
    /// By the uid of the component.
    Zone(Vec<(&'s str, ObjectSelection<'s>)>),
}

/// A member of a connection, and its name in the response.
pub(crate) struct ConnectionMember<'s> {
    pub(crate) key: &'s str,
    pub(crate) source: ConnectionSource<'s>,
}

/// The source of a connection's member.
pub(crate) enum ConnectionSource<'s> {
    TypeName(&'s str),
    Nodes(ObjectSelection<'s>),
    PageInfo(ObjectSelection<'s>),
}

/// A root field, and its name in the response.
pub(crate) struct SelectedRoot<'s> {
    pub(crate) key: &'s str,
    pub(crate) source: RootSource<'s>,
}

/// The source of a root field.
pub(crate) enum RootSource<'s> {
    TypeName,
    Read { root: &'s Root, field: &'s Field, value: RootValue<'s> },
}

/// Selection of the answer to a root field.
pub(crate) enum RootValue<'s> {
    List(ObjectSelection<'s>),
    Connection(Vec<ConnectionMember<'s>>),
    One(ObjectSelection<'s>),
}

/// Fields with the same name in the response.
struct MergedField<'s> {
    field: &'s Field,
    sets: Vec<&'s SelectionSet>,
}

type MergedFields<'s> = IndexMap<&'s str, MergedField<'s>>;

/// Makes the shape of a query's response. `None`: `async-graphql` has to execute it. The document need not be valid.
pub(crate) fn select_roots<'s>(
    document: &'s Document,
    shapes: &'s Shapes,
    default_page_size: u64,
) -> Option<Vec<SelectedRoot<'s>>> {
    let operation = document.operation().filter(|operation| operation.ty == OperationType::Query)?;
    // A field whose argument has no value is an error.
    let has_value = |name: &str| document.variables.contains_key(name);
    if operation
        .variable_definitions
        .iter()
        .any(|definition| !definition.node.var_type.node.nullable && !has_value(definition.node.name.node.as_str()))
    {
        return None;
    }
    let selector = Selector { document, shapes, default_page_size };
    let fields = selector.merge("Query", &[&operation.selection_set.node])?;
    fields.into_iter().map(|(key, merged)| Some(SelectedRoot { key, source: selector.select_root(&merged)? })).collect()
}

struct Selector<'s> {
    document: &'s Document,
    shapes: &'s Shapes,
    default_page_size: u64,
}

impl<'s> Selector<'s> {
    /// The fields of an object of that type. `None` if two of the same name in the response are not the same field.
    fn merge(&self, type_name: &str, sets: &[&'s SelectionSet]) -> Option<MergedFields<'s>> {
        let mut fields = MergedFields::new();
        for set in sets {
            self.collect(type_name, set, &mut fields)?;
        }
        Some(fields)
    }

    fn collect(&self, type_name: &str, set: &'s SelectionSet, fields: &mut MergedFields<'s>) -> Option<()> {
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Fragment { condition, set } => {
                    if condition.is_none_or(|condition| condition == type_name) {
                        self.collect(type_name, set, fields)?;
                    }
                }
                Chosen::Field(field) => {
                    let set = &field.selection_set.node;
                    let Some(known) = fields.get_mut(field.response_key().node.as_str()) else {
                        fields.insert(field.response_key().node.as_str(), MergedField { field, sets: vec![set] });
                        continue;
                    };
                    if known.field.name.node != field.name.node || self.bounds(known.field) != self.bounds(field) {
                        return None;
                    }
                    known.sets.push(set);
                }
            }
        }
        Some(())
    }

    fn bounds(&self, field: &Field) -> PageBounds {
        let pagination = arguments(field)
            .find(|(name, _)| *name == "pagination")
            .and_then(|(_, value)| resolve_value(value, &self.document.variables));
        PageBounds::read(pagination.as_ref(), self.default_page_size)
    }

    fn select_root(&self, merged: &MergedField<'s>) -> Option<RootSource<'s>> {
        // Two would be two reads.
        let [set] = merged.sets[..] else { return None };
        let field = merged.field;
        if field.name.node == "__typename" {
            return Some(RootSource::TypeName);
        }
        let root = &**self.shapes.queries.get(field.name.node.as_str())?;
        let value = match (root.action, root.connection.as_deref()) {
            (RootAction::List, Some(connection)) => RootValue::Connection(self.select_connection(connection, &[set])?),
            (RootAction::List, None) => RootValue::List(self.select_object(&root.target, &[set])?),
            (RootAction::One, _) => RootValue::One(self.select_object(&root.target, &[set])?),
            _ => return None,
        };
        Some(RootSource::Read { root, field, value })
    }

    fn select_object(&self, type_name: &'s str, sets: &[&'s SelectionSet]) -> Option<ObjectSelection<'s>> {
        let fields = self.shapes.types.get(type_name)?;
        let mut members = Vec::new();
        let mut has_aliases = false;
        for (key, merged) in self.merge(type_name, sets)? {
            let name = merged.field.name.node.as_str();
            let source = if name == "__typename" {
                MemberSource::TypeName(type_name)
            } else {
                self.select_attribute(fields.get(name)?, &merged)?
            };
            let attribute = source.attribute();
            has_aliases |= attribute.is_some()
                && members.iter().any(|member: &SelectedMember<'_>| member.source.attribute() == attribute);
            members.push(SelectedMember { key, source });
        }
        Some(ObjectSelection { members, has_aliases })
    }

    fn select_attribute(&self, shape: &'s FieldShape, merged: &MergedField<'s>) -> Option<MemberSource<'s>> {
        let (name, value) = match shape {
            FieldShape::Value { attribute, format, is_required } => {
                (attribute, AttributeSelection::Plain { format, is_required: *is_required })
            }
            FieldShape::Node(node) => (&node.attribute, self.select_node(node, merged)?),
            FieldShape::Zone { attribute, members } => {
                // The items of each would be merged as far as they have anything.
                let [set] = merged.sets[..] else { return None };
                let select =
                    |(uid, member): &'s (String, String)| Some((uid.as_str(), self.select_object(member, &[set])?));
                (attribute, AttributeSelection::Zone(members.iter().map(select).collect::<Option<_>>()?))
            }
            FieldShape::Nodes { .. } | FieldShape::PageInfo => return None,
        };
        Some(MemberSource::Attribute { name, value })
    }

    fn select_node(&self, node: &'s NodeShape, merged: &MergedField<'s>) -> Option<AttributeSelection<'s>> {
        self.refuse_empty_parts(node.connection.as_deref().unwrap_or(&node.target), merged)?;
        let bounds = self.bounds(merged.field);
        Some(match &node.connection {
            Some(connection) => {
                let members = self.select_connection(connection, &merged.sets)?;
                AttributeSelection::Connection { bounds, members }
            }
            None => {
                let item = self.select_object(&node.target, &merged.sets)?;
                if node.is_list { AttributeSelection::List { bounds, item } } else { AttributeSelection::One(item) }
            }
        })
    }

    fn select_connection(&self, connection: &'s str, sets: &[&'s SelectionSet]) -> Option<Vec<ConnectionMember<'s>>> {
        let fields = self.shapes.types.get(connection)?;
        let mut members = Vec::new();
        for (key, merged) in self.merge(connection, sets)? {
            let name = merged.field.name.node.as_str();
            let source = match fields.get(name) {
                Some(FieldShape::Nodes { target }) => {
                    self.refuse_empty_parts(target, &merged)?;
                    ConnectionSource::Nodes(self.select_object(target, &merged.sets)?)
                }
                Some(FieldShape::PageInfo) => {
                    self.refuse_empty_parts("Pagination", &merged)?;
                    ConnectionSource::PageInfo(self.select_page_info(&merged.sets)?)
                }
                None if name == "__typename" => ConnectionSource::TypeName(connection),
                _ => return None,
            };
            members.push(ConnectionMember { key, source });
        }
        Some(members)
    }

    fn select_page_info(&self, sets: &[&'s SelectionSet]) -> Option<ObjectSelection<'s>> {
        let mut members = Vec::new();
        for (key, merged) in self.merge("Pagination", sets)? {
            let name = merged.field.name.node.as_str();
            let source = match PAGE_NUMBERS.iter().find(|number| **number == name) {
                Some(&name) => {
                    let value = AttributeSelection::Plain { format: &PLAIN, is_required: true };
                    MemberSource::Attribute { name, value }
                }
                None if name == "__typename" => MemberSource::TypeName("Pagination"),
                None => return None,
            };
            members.push(SelectedMember { key, source });
        }
        Some(ObjectSelection { members, has_aliases: true })
    }

    /// `None` if one of several selections of a field selects nothing: for `async-graphql` the whole is null then.
    fn refuse_empty_parts(&self, type_name: &str, merged: &MergedField<'s>) -> Option<()> {
        let is_empty = |set: &&'s SelectionSet| self.merge(type_name, &[*set]).is_none_or(|fields| fields.is_empty());
        (merged.sets.len() == 1 || !merged.sets.iter().any(is_empty)).then_some(())
    }
}

impl<'s> MemberSource<'s> {
    /// The attribute that it is read from.
    pub(crate) fn attribute(&self) -> Option<&'s str> {
        match self {
            Self::TypeName(_) => None,
            Self::Attribute { name, .. } => Some(name),
        }
    }
}
