//! The meaning of the names of a schema in the model: read by the planner, which makes queries of selections.

use crate::fixed_mutations::FixedMutation;
use crate::scalars::ScalarFormat;
use cairn_model::{ContentTypeKind, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

/// The meaning of all names of a schema.
#[derive(Default)]
pub(crate) struct Shapes {
    /// Fields of object types, by the name of the type.
    pub(crate) types: HashMap<String, HashMap<String, FieldShape>>,
    /// Fields of inputs of filters, by the name of the input.
    pub(crate) filters: HashMap<String, HashMap<String, FilterShape>>,
    /// Fields of inputs of entries and components, by the name of the input.
    pub(crate) inputs: HashMap<String, HashMap<String, InputShape>>,
    pub(crate) queries: HashMap<String, Arc<Root>>,
    pub(crate) mutations: HashMap<String, Arc<Root>>,
}

/// A field of an object type.
#[derive(Clone)]
pub(crate) enum FieldShape {
    /// A plain value of that attribute.
    Value {
        attribute: String,
        format: ScalarFormat,
        /// True if it is never null.
        is_required: bool,
    },
    /// Related entries, media, or components.
    Node(NodeShape),
    /// The items of a dynamic zone: uid of each possible component, and the name of its type.
    Zone { attribute: String, members: Arc<Vec<(String, String)>> },
    /// The entries of a connection, with the name of their type.
    Nodes { target: String },
    /// The numbers of a connection.
    PageInfo,
}

/// A field that leads to entries or components.
#[derive(Clone)]
pub(crate) struct NodeShape {
    pub(crate) attribute: String,
    /// Name of the type of each.
    pub(crate) target: String,
    pub(crate) is_list: bool,
    /// True if the list is inside of an object with its numbers, whose type this names.
    pub(crate) connection: Option<String>,
    /// Name of the input of filters, where the field has arguments.
    pub(crate) filters: Option<String>,
}

/// A field of an input of filters.
#[derive(Clone)]
pub(crate) enum FilterShape {
    /// A plain value, which operators compare.
    Value,
    /// Related entries or components, with the name of their input.
    Nested(String),
}

/// A field of an input of entries or components.
#[derive(Clone)]
pub(crate) enum InputShape {
    /// A value as the content API takes it.
    Value,
    /// A value of an enumeration, by its name.
    Enumeration(Arc<HashMap<String, String>>),
    /// An id, or a list of ids, of related entries or files.
    Link,
    /// A component or a list of them, with the name of their input.
    Component(String),
    /// Items of a dynamic zone: the name of each type, with the uid of its component and the name of its input.
    Zone(Arc<HashMap<String, (String, String)>>),
}

/// A root field.
pub(crate) struct Root {
    pub(crate) content_type: TypeId,
    pub(crate) kind: ContentTypeKind,
    pub(crate) action: RootAction,
    /// Name of the type of an entry.
    pub(crate) target: String,
    /// Name of the input of filters, or of the input of entries.
    pub(crate) input: String,
    /// Name of the connection's type.
    pub(crate) connection: Option<String>,
    /// True if private files are left out: in lists and by id they are for callers with full access.
    pub(crate) only_public_files: bool,
    /// True for a list of locales or one of them: these are no content type, and `content_type` says nothing.
    pub(crate) of_locales: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootAction {
    List,
    One,
    Create,
    Update,
    Delete,
    Me,
    SignIn,
    Fixed(FixedMutation),
}

impl Root {
    /// True if the field may have as many entries as its page is long.
    pub(crate) fn is_list(&self) -> bool {
        self.action == RootAction::List
    }
}
