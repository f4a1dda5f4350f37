//! From a root field to one query of the content API: its arguments and everything that is selected below it become `fields`, `populate`,
//! `filters` and so on, which the REST routes take as well. Nothing else is read for the field.

mod filters;
mod fixed_fields;
mod input;

pub(crate) use filters::OPERATORS;

use crate::document::{Chosen, Document, arguments, resolve_value};
use crate::limits::GraphqlLimits;
use crate::request::{ApiError, ContentRequest};
use crate::shapes::{FieldShape, NodeShape, Root, RootAction, Shapes};
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::{Name, Value};
use cairn_model::ContentTypeKind;
use cairn_query::{Query, QueryBuilder, QueryTree};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values of `PublicationFilter`, and what REST calls them.
pub(crate) const PUBLICATION_FILTERS: [(&str, &str); 8] = [
    ("NEVER_PUBLISHED", "never-published"),
    ("HAS_PUBLISHED_VERSION", "has-published-version"),
    ("MODIFIED", "modified"),
    ("UNMODIFIED", "unmodified"),
    ("NEVER_PUBLISHED_DOCUMENT", "never-published-document"),
    ("HAS_PUBLISHED_VERSION_DOCUMENT", "has-published-version-document"),
    ("PUBLISHED_WITHOUT_DRAFT", "published-without-draft"),
    ("PUBLISHED_WITH_DRAFT", "published-with-draft"),
];

/// Makes the queries of a document.
pub(crate) struct Planner<'p> {
    pub(crate) document: &'p Document,
    pub(crate) shapes: &'p Shapes,
    pub(crate) limits: &'p GraphqlLimits,
}

/// The selection of an entry or a component.
#[derive(Default)]
struct Node {
    fields: Vec<String>,
    populate: Vec<(String, PopulatedAttribute)>,
}

/// The selection of an attribute that leads to entries or components.
struct PopulatedAttribute {
    filters: Option<QueryTree>,
    sort: Option<QueryTree>,
    inner: Inner,
}

enum Inner {
    Node(Node),
    /// By the uid of the component.
    Zone(Vec<(String, Node)>),
}

impl Planner<'_> {
    /// Makes the request of a root field.
    ///
    /// # Errors
    /// Arguments that cannot be combined; the content API checks everything else.
    pub(crate) fn plan_root(&self, root: &Root, field: &Field) -> Result<ContentRequest, ApiError> {
        let arguments = self.arguments(field);
        if root.of_locales {
            return self.plan_locales(root, field, &arguments);
        }
        let content_type = root.content_type;
        let document_id = || match arguments.get("documentId") {
            Some(value) => value_text(value).ok_or_else(|| ApiError::invalid("documentId must be a text")),
            None => Err(ApiError::invalid("documentId is missing")),
        };
        let data = || match arguments.get("data") {
            Some(data) => self.convert_data(&root.input, data).map(|data| json!({ "data": data })),
            None => Err(ApiError::invalid("data is missing")),
        };
        let own_id = || match root.kind {
            ContentTypeKind::Collection => document_id().map(Some),
            ContentTypeKind::Single => Ok(None),
        };
        Ok(match root.action {
            RootAction::List => ContentRequest::List { content_type, query: self.plan_list(root, field, &arguments)? },
            RootAction::One => ContentRequest::One {
                content_type,
                document_id: own_id()?,
                query: self.plan_entry(root, field, &arguments)?,
            },
            RootAction::Create => {
                ContentRequest::Create { content_type, query: self.plan_entry(root, field, &arguments)?, data: data()? }
            }
            RootAction::Update => ContentRequest::Update {
                content_type,
                document_id: own_id()?,
                query: self.plan_entry(root, field, &arguments)?,
                data: data()?,
            },
            RootAction::Delete => {
                let builder = with_versions(QueryBuilder::new(), &arguments);
                ContentRequest::Delete { content_type, document_id: document_id()?, query: builder.build() }
            }
            RootAction::Me => ContentRequest::Me { with_role: self.selects_role(&field.selection_set.node) },
            RootAction::Fixed(mutation) => self.plan_fixed(root, mutation, field, &arguments)?,
            RootAction::SignIn => {
                let member = |name: &str| match arguments.get("input") {
                    Some(Value::Object(input)) => input.get(&Name::new(name)).and_then(value_text).unwrap_or_default(),
                    _ => String::new(),
                };
                if !["", "local"].contains(&member("provider").as_str()) {
                    return Err(ApiError::invalid("There is no such provider: people sign in with \"local\""));
                }
                ContentRequest::SignIn { identifier: member("identifier"), password: member("password") }
            }
        })
    }

    /// The arguments of a field that have a value.
    fn arguments(&self, field: &Field) -> BTreeMap<String, Value> {
        arguments(field)
            .filter_map(|(name, value)| Some((name.to_owned(), resolve_value(value, &self.document.variables)?)))
            .filter(|(_, value)| *value != Value::Null)
            .collect()
    }

    fn plan_entry(&self, root: &Root, field: &Field, arguments: &BTreeMap<String, Value>) -> Result<Query, ApiError> {
        let mut node = Node::default();
        self.collect(&root.target, &field.selection_set.node, &mut node)?;
        let mut builder = with_versions(QueryBuilder::new(), arguments);
        if root.only_public_files {
            builder.set("filters", public_files());
        }
        Ok(node.with_selection(builder, "documentId").build())
    }

    fn plan_list(&self, root: &Root, field: &Field, arguments: &BTreeMap<String, Value>) -> Result<Query, ApiError> {
        let mut node = Node::default();
        let set = &field.selection_set.node;
        let with_count = match &root.connection {
            Some(connection) => self.collect_connection(connection, set, &mut node)?,
            None => {
                self.collect(&root.target, set, &mut node)?;
                false
            }
        };
        let mut builder = with_versions(QueryBuilder::new(), arguments);
        let filters = self.plan_filters(&root.input, arguments)?;
        let condition = root.only_public_files.then(public_files);
        match (filters, condition) {
            (Some(filters), Some(condition)) => {
                let all: QueryTree = vec![filters, condition].into();
                builder.set("filters", QueryTree::from([("$and", all)]));
            }
            (Some(filters), None) | (None, Some(filters)) => builder.set("filters", filters),
            (None, None) => {}
        }
        if let Some(sort) = plan_sort(arguments) {
            builder.set("sort", sort);
        }
        builder.set("pagination", self.plan_pagination(arguments.get("pagination"), with_count));
        Ok(node.with_selection(builder, "documentId").build())
    }

    fn plan_filters(&self, input: &str, arguments: &BTreeMap<String, Value>) -> Result<Option<QueryTree>, ApiError> {
        match arguments.get("filters") {
            Some(filters) => filters::Filters { shapes: self.shapes }.convert(input, filters),
            None => Ok(None),
        }
    }

    /// The page of a list. Contradictions are left for the content API, which refuses them.
    fn plan_pagination(&self, pagination: Option<&Value>, with_count: bool) -> QueryTree {
        let mut parts: Vec<(String, QueryTree)> = Vec::new();
        if let Some(Value::Object(pagination)) = pagination {
            for (name, number) in pagination {
                match (name.as_str(), value_text(number)) {
                    // Everything, as far as a page goes.
                    ("limit" | "pageSize", Some(text)) if text == "-1" => {
                        parts.push((name.to_string(), self.limits.max_page_size.to_string().into()));
                    }
                    (_, Some(text)) => parts.push((name.to_string(), text.into())),
                    (_, None) => {}
                }
            }
        }
        let has = |wanted: &str| parts.iter().any(|(name, _)| name == wanted);
        let size = if has("start") { "limit" } else { "pageSize" };
        if !has("limit") && !has("pageSize") {
            parts.push((size.to_owned(), self.limits.default_page_size.to_string().into()));
        }
        parts.push(("withCount".to_owned(), with_count.to_string().into()));
        QueryTree::Map(parts)
    }

    /// Collects what is selected of an object of that type.
    fn collect(&self, type_name: &str, set: &SelectionSet, node: &mut Node) -> Result<(), ApiError> {
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Field(field) => self.collect_field(type_name, field, node)?,
                Chosen::Fragment { condition, set } => {
                    if condition.is_none_or(|condition| condition == type_name) {
                        self.collect(type_name, set, node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn collect_field(&self, type_name: &str, field: &Field, node: &mut Node) -> Result<(), ApiError> {
        let name = field.name.node.as_str();
        let shape = self.shapes.types.get(type_name).and_then(|fields| fields.get(name));
        let set = &field.selection_set.node;
        match shape {
            Some(FieldShape::Value { attribute, .. }) => {
                if !node.fields.contains(attribute) {
                    node.fields.push(attribute.clone());
                }
                Ok(())
            }
            Some(FieldShape::Node(shape)) => {
                let arguments = self.arguments(field);
                let filters = match &shape.filters {
                    Some(input) => self.plan_filters(input, &arguments)?,
                    None => None,
                };
                let populated = node.populate(shape, filters, plan_sort(&arguments))?;
                match &shape.connection {
                    Some(connection) => self.collect_connection(connection, set, populated).map(drop),
                    None => self.collect(&shape.target, set, populated),
                }
            }
            Some(FieldShape::Zone { attribute, members }) => {
                let nodes = node.populate_zone(attribute, members)?;
                for ((_, member), (_, node)) in members.iter().zip(nodes) {
                    self.collect_member(member, set, node)?;
                }
                Ok(())
            }
            // `__typename`, and whatever belongs to a connection.
            Some(FieldShape::Nodes { .. } | FieldShape::PageInfo) | None => Ok(()),
        }
    }

    /// Collects what is selected of the entries of a connection; returns whether its numbers are selected.
    fn collect_connection(&self, connection: &str, set: &SelectionSet, node: &mut Node) -> Result<bool, ApiError> {
        let mut with_count = false;
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Field(field) => {
                    let fields = self.shapes.types.get(connection);
                    match fields.and_then(|fields| fields.get(field.name.node.as_str())) {
                        Some(FieldShape::Nodes { target }) => self.collect(target, &field.selection_set.node, node)?,
                        Some(FieldShape::PageInfo) => with_count = true,
                        _ => {}
                    }
                }
                Chosen::Fragment { condition, set } => {
                    if condition.is_none_or(|condition| condition == connection) {
                        with_count |= self.collect_connection(connection, set, node)?;
                    }
                }
            }
        }
        Ok(with_count)
    }

    /// Collects what is selected of the items of a dynamic zone that have that type: what is inside of fragments for it.
    fn collect_member(&self, member: &str, set: &SelectionSet, node: &mut Node) -> Result<(), ApiError> {
        for chosen in self.document.selections(set) {
            if let Chosen::Fragment { condition, set } = chosen {
                match condition {
                    Some(condition) if condition == member => self.collect(member, set, node)?,
                    // Of the union itself, or of all: more fragments may be inside.
                    Some(condition) if self.shapes.types.contains_key(condition) => {}
                    _ => self.collect_member(member, set, node)?,
                }
            }
        }
        Ok(())
    }
}

impl Node {
    /// The node of a relation, media or component.
    fn populate(
        &mut self,
        shape: &NodeShape,
        filters: Option<QueryTree>,
        sort: Option<QueryTree>,
    ) -> Result<&mut Self, ApiError> {
        let at = match self.populate.iter().position(|(name, _)| *name == shape.attribute) {
            Some(at) => {
                let known = &self.populate[at].1;
                if known.filters != filters || known.sort != sort {
                    return Err(ApiError::invalid(format!(
                        "{} is selected twice with different filters or sort: select the second in a root field of its own",
                        shape.attribute
                    )));
                }
                at
            }
            None => {
                let populated = PopulatedAttribute { filters, sort, inner: Inner::Node(Node::default()) };
                self.populate.push((shape.attribute.clone(), populated));
                self.populate.len() - 1
            }
        };
        match &mut self.populate[at].1.inner {
            Inner::Node(node) => Ok(node),
            Inner::Zone(_) => Err(ApiError::invalid(format!("{} is a dynamic zone", shape.attribute))),
        }
    }

    /// The nodes of a dynamic zone, one for each of its components.
    fn populate_zone(
        &mut self,
        attribute: &str,
        members: &[(String, String)],
    ) -> Result<&mut Vec<(String, Self)>, ApiError> {
        let at = match self.populate.iter().position(|(name, _)| name == attribute) {
            Some(at) => at,
            None => {
                let nodes = members.iter().map(|(uid, _)| (uid.clone(), Self::default())).collect();
                let populated = PopulatedAttribute { filters: None, sort: None, inner: Inner::Zone(nodes) };
                self.populate.push((attribute.to_owned(), populated));
                self.populate.len() - 1
            }
        };
        match &mut self.populate[at].1.inner {
            Inner::Zone(nodes) => Ok(nodes),
            Inner::Node(_) => Err(ApiError::invalid(format!("{attribute} is no dynamic zone"))),
        }
    }

    /// Sets `fields` and `populate`. `id`: the field that is named where no other is, because without any all are returned.
    fn with_selection(self, mut builder: QueryBuilder, id: &str) -> QueryBuilder {
        for (name, tree) in self.into_options(id) {
            builder.set(&name, tree);
        }
        builder
    }

    fn into_options(self, id: &str) -> Vec<(String, QueryTree)> {
        let mut fields: Vec<QueryTree> = self.fields.into_iter().map(QueryTree::from).collect();
        if fields.is_empty() {
            fields.push(id.into());
        }
        let mut options = vec![("fields".to_owned(), fields.into())];
        if !self.populate.is_empty() {
            let populate = self.populate.into_iter().map(|(name, populated)| (name, populated.into_tree())).collect();
            options.push(("populate".to_owned(), QueryTree::Map(populate)));
        }
        options
    }
}

impl PopulatedAttribute {
    fn into_tree(self) -> QueryTree {
        match self.inner {
            Inner::Node(node) => {
                // Entries and components both have one.
                let mut options = node.into_options("id");
                options.extend(self.filters.map(|filters| ("filters".to_owned(), filters)));
                options.extend(self.sort.map(|sort| ("sort".to_owned(), sort)));
                QueryTree::Map(options)
            }
            Inner::Zone(nodes) => {
                let fragments =
                    nodes.into_iter().map(|(uid, node)| (uid, QueryTree::Map(node.into_options("id")))).collect();
                QueryTree::from([("on", QueryTree::Map(fragments))])
            }
        }
    }
}

/// Sets which version of entries is meant.
fn with_versions(mut builder: QueryBuilder, arguments: &BTreeMap<String, Value>) -> QueryBuilder {
    match arguments.get("status").and_then(value_text).as_deref() {
        Some("DRAFT") => builder.set("status", "draft"),
        Some("PUBLISHED") => builder.set("status", "published"),
        _ => {}
    }
    if let Some(locale) = arguments.get("locale").and_then(value_text) {
        builder.set("locale", locale);
    }
    if let Some(Value::Boolean(has)) = arguments.get("hasPublishedVersion") {
        builder.set("hasPublishedVersion", has.to_string());
    }
    let filter = arguments.get("publicationFilter").and_then(value_text);
    if let Some((_, name)) = PUBLICATION_FILTERS.iter().find(|(name, _)| filter.as_deref() == Some(*name)) {
        builder.set("publicationFilter", *name);
    }
    builder
}

/// The files that are not private, by their addresses, as `/api/upload/files` tells them apart.
fn public_files() -> QueryTree {
    QueryTree::from([("url", QueryTree::from([("$notContains", "/uploads/private/")]))])
}

/// `sort`, unless it is empty.
fn plan_sort(arguments: &BTreeMap<String, Value>) -> Option<QueryTree> {
    let keys: Vec<QueryTree> = match arguments.get("sort")? {
        Value::List(keys) => keys.iter().filter_map(value_text).map(QueryTree::from).collect(),
        one => value_text(one).map(QueryTree::from).into_iter().collect(),
    };
    (!keys.is_empty()).then(|| keys.into())
}

/// The text of a plain value.
pub(crate) fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Enum(name) => Some(name.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Null | Value::Binary(_) | Value::List(_) | Value::Object(_) => None,
    }
}

/// A value as JSON.
fn value_json(value: &Value) -> Json {
    value.clone().into_json().unwrap_or_default()
}

/// The planner's data of a request, which its root fields share.
pub(crate) struct RequestPlans {
    pub(crate) document: Document,
    pub(crate) shapes: Arc<Shapes>,
    pub(crate) limits: GraphqlLimits,
}

impl RequestPlans {
    pub(crate) fn planner(&self) -> Planner<'_> {
        Planner { document: &self.document, shapes: &self.shapes, limits: &self.limits }
    }
}
