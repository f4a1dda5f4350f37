//! The schema of a caller: types, fields and inputs, as far as the permissions go. What a caller may not read, filter or set has no name here.

mod accounts;
mod common_types;
mod fixed_mutations;
mod inputs;
mod locales;
mod roots;

use crate::document_cache::DocumentCache;
use crate::fixed_mutations::FixedMutation;
use crate::names::{Holder, Names, PAGE_INPUT, is_name, value_names};
use crate::resolvers::{
    ScalarFormat, connection_field, entry_field, entry_list_field, nodes_field, page_info_field, value_field,
    zone_field,
};
use crate::shapes::{FieldShape, FilterShape, NodeShape, Shapes};
use crate::valid_documents::ValidDocuments;
use async_graphql::Value;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, InputObject, InputValue, Object, Scalar, Schema, SchemaBuilder, TypeRef, Union,
};
use async_graphql::indexmap::IndexMap;
use cairn_model::content_type::{Attribute, FieldKind};
use cairn_model::{AttributeId, ComponentId, ContentTypeKind, Registry, TypeId};
use cairn_query::{Access, Action};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Permissions of the caller for whom a schema is made.
#[derive(Clone, Copy)]
pub struct SchemaPermissions<'a> {
    /// On content types.
    pub access: &'a Access,
    /// True if they may read their own user.
    pub reads_self: bool,
    /// True if they may sign in.
    pub signs_in: bool,
    /// True if they may list the locales.
    pub reads_locales: bool,
    /// Mutations that belong to no content type, as far as they may use them.
    pub mutations: &'a [FixedMutation],
}

/// The schema of all callers with the same permissions.
pub struct ApiSchema {
    pub(crate) schema: Schema,
    pub(crate) shapes: Arc<Shapes>,
    /// Names that are otherwise than one would expect, and attributes that have none, for the operator.
    pub notes: Vec<String>,
    pub(crate) documents: DocumentCache,
    pub(crate) valid_documents: ValidDocuments,
    /// Number of its fields, which its size in memory depends on.
    pub field_count: usize,
}

/// Makes the schema of a caller; `None` for one who may do nothing.
///
/// # Errors
/// The message of a fault in the schema, which is one of Cairn's.
pub fn build_schema(
    registry: &Registry,
    permissions: SchemaPermissions<'_>,
    default_page_size: u64,
) -> Result<Option<ApiSchema>, String> {
    let names = Names::new(registry);
    let mut builder = Builder {
        registry,
        access: permissions.access,
        notes: names.notes.clone(),
        names: &names,
        shapes: Shapes::default(),
        default_page_size,
        seen: HashSet::new(),
        pending: Vec::new(),
        objects: Vec::new(),
        unions: Vec::new(),
        enums: Vec::new(),
        inputs: Vec::new(),
        scalars: Vec::new(),
        field_count: 0,
    };
    let (query, mutation) = builder.build_roots(permissions);
    let (has_queries, has_mutations) = (!builder.shapes.queries.is_empty(), !builder.shapes.mutations.is_empty());
    if !has_queries && !has_mutations {
        return Ok(None);
    }
    builder.build_pending();
    let Builder { shapes, notes, objects, unions, enums, inputs, scalars, field_count, .. } = builder;
    let mut schema = Schema::build("Query", has_mutations.then_some("Mutation"), None);
    // A schema without a query is none.
    let query = if has_queries { query } else { query.field(common_types::empty_field()) };
    schema = schema.register(query);
    if has_mutations {
        schema = schema.register(mutation);
    }
    schema = common_types::register(schema, permissions);
    schema = scalars.into_iter().fold(schema, SchemaBuilder::register);
    schema = objects.into_iter().fold(schema, SchemaBuilder::register);
    schema = unions.into_iter().fold(schema, SchemaBuilder::register);
    schema = enums.into_iter().fold(schema, SchemaBuilder::register);
    schema = inputs.into_iter().fold(schema, SchemaBuilder::register);
    // Suggestions take time for each unknown name; the depth is checked before.
    let schema = schema.disable_suggestions().limit_recursive_depth(128).finish().map_err(|error| error.to_string())?;
    Ok(Some(ApiSchema {
        schema,
        shapes: Arc::new(shapes),
        notes,
        documents: DocumentCache::default(),
        valid_documents: ValidDocuments::default(),
        field_count,
    }))
}

/// A type that is referred to and not built yet.
enum PendingType {
    Object(Holder),
    Filters(Holder),
    Input(Holder),
    /// The lists of a type with their numbers: the root's, and those of relations.
    Connections(TypeId),
}

struct Builder<'a> {
    registry: &'a Registry,
    access: &'a Access,
    names: &'a Names,
    shapes: Shapes,
    notes: Vec<String>,
    default_page_size: u64,
    seen: HashSet<String>,
    pending: Vec<PendingType>,
    objects: Vec<Object>,
    unions: Vec<Union>,
    enums: Vec<Enum>,
    inputs: Vec<InputObject>,
    scalars: Vec<Scalar>,
    field_count: usize,
}

impl<'a> Builder<'a> {
    fn build_pending(&mut self) {
        while let Some(pending) = self.pending.pop() {
            match pending {
                PendingType::Object(holder) => self.build_object(holder),
                PendingType::Filters(holder) => self.build_filters(holder),
                PendingType::Input(holder) => self.build_input(holder),
                PendingType::Connections(id) => self.build_connections(id),
            }
        }
    }

    /// Returns the name of a type, which is built where nothing has referred to it before.
    fn refer(&mut self, name: String, pending: PendingType) -> String {
        if self.seen.insert(name.clone()) {
            self.pending.push(pending);
        }
        name
    }

    fn base_name(&self, holder: Holder) -> &str {
        match holder {
            Holder::Type(id) => &self.names.of_type(id).base,
            Holder::Component(id) => self.names.of_component(id),
        }
    }

    fn object(&mut self, holder: Holder) -> String {
        self.refer(self.base_name(holder).to_owned(), PendingType::Object(holder))
    }

    fn filters(&mut self, holder: Holder) -> String {
        self.refer(format!("{}FiltersInput", self.base_name(holder)), PendingType::Filters(holder))
    }

    /// The connection of a root field, or of a relation.
    fn connection(&mut self, id: TypeId, is_root: bool) -> String {
        self.object(Holder::Type(id));
        let base = &self.names.of_type(id).base;
        let names = [format!("{base}EntityResponseCollection"), format!("{base}RelationResponseCollection")];
        self.refer(names[0].clone(), PendingType::Connections(id));
        let [of_root, of_relation] = names;
        if is_root { of_root } else { of_relation }
    }

    /// True if the caller may see related entries of that type.
    fn can_show(&self, id: TypeId) -> bool {
        id == self.registry.file_type().id || self.access.allows_action(id, Action::Find)
    }

    /// True if the caller may see that attribute, as far as it depends on the attribute alone.
    fn is_visible(&self, holder: Holder, id: AttributeId, attribute: &Attribute) -> bool {
        if self.access.hides_attribute(attribute) {
            return false;
        }
        let Holder::Type(type_id) = holder else { return true };
        let content_type = self.registry.get(type_id);
        let reads = [Action::Find, Action::FindOne];
        if reads.iter().any(|&action| self.access.allows_action(type_id, action)) {
            return reads.iter().any(|&action| self.access.allows_attribute(content_type, id, action));
        }
        // Files need no permission of their own; whoever may write sees what they may set.
        type_id == self.registry.file_type().id
            || [Action::Create, Action::Update]
                .iter()
                .any(|&action| self.access.allows_attribute(content_type, id, action))
    }

    /// The attributes of a type or component that the caller may see and that have a name in GraphQL.
    fn visible_attributes(&mut self, holder: Holder) -> Vec<(AttributeId, &'a Attribute)> {
        let registry = self.registry;
        let all = holder.attributes(registry).iter();
        let visible: Vec<_> = all.filter(|(id, attribute)| self.is_visible(holder, *id, attribute)).collect();
        let (named, nameless): (Vec<_>, Vec<_>) =
            visible.into_iter().partition(|(_, attribute)| is_name(&attribute.name));
        for (_, attribute) in nameless {
            let owner = self.base_name(holder);
            self.notes
                .push(format!("{owner}: the attribute {:?} is no name in GraphQL, and is left out", attribute.name));
        }
        named
    }

    fn build_object(&mut self, holder: Holder) {
        let name = self.base_name(holder).to_owned();
        let mut fields = FieldList::default();
        match holder {
            Holder::Type(_) => fields.add_value("documentId", TypeRef::named_nn(TypeRef::ID), ScalarFormat::Id),
            Holder::Component(_) => fields.add_value("id", TypeRef::named_nn(TypeRef::ID), ScalarFormat::Id),
        }
        for (id, attribute) in self.visible_attributes(holder) {
            self.add_attribute(&mut fields, holder, id, attribute);
        }
        if let Holder::Type(id) = holder {
            for time in ["createdAt", "updatedAt", "publishedAt"] {
                fields.add_value(time, TypeRef::named("DateTime"), ScalarFormat::Plain);
            }
            let content_type = self.registry.get(id);
            if content_type.localized {
                fields.add_value("locale", TypeRef::named(TypeRef::STRING), ScalarFormat::Plain);
                if self.can_show(id) {
                    self.add_related(&mut fields, "localizations", id, true);
                }
            }
        }
        self.field_count += fields.fields.len();
        let object = fields.fields.into_iter().fold(Object::new(&name), Object::field);
        self.objects.push(object);
        self.shapes.types.insert(name, fields.shapes);
    }

    fn add_attribute(&mut self, fields: &mut FieldList, holder: Holder, id: AttributeId, attribute: &Attribute) {
        let name = attribute.name.as_str();
        match &attribute.kind {
            FieldKind::Enumeration { values } => {
                let names = value_names(values);
                let type_name = self.enumeration(holder, id, values, &names);
                let format = ScalarFormat::Enumeration(Arc::new(values.iter().cloned().zip(names).collect()));
                fields.add_value(name, TypeRef::named(type_name), format);
            }
            FieldKind::Media { multiple, .. } => {
                self.add_related(fields, name, self.registry.file_type().id, *multiple);
            }
            FieldKind::Relation(relation) => match relation.target {
                Some(target) if self.can_show(target) => {
                    self.add_related(fields, name, target, relation.kind.to_many());
                }
                // A relation to any type is not part of the schema yet.
                Some(_) | None => {}
            },
            FieldKind::Component { component, repeatable } => {
                self.add_component(fields, name, *component, *repeatable);
            }
            FieldKind::DynamicZone { components } => self.add_zone(fields, holder, id, name, components),
            FieldKind::Unlinked { .. } | FieldKind::Password => {}
            kind => {
                let format = match kind {
                    FieldKind::BigInteger => ScalarFormat::Long,
                    _ => ScalarFormat::Plain,
                };
                fields.add_value(name, TypeRef::named(scalar_name(kind)), format);
            }
        }
    }

    /// Adds related entries or files. One entry may be null although the attribute is required: the caller may not be allowed to see it.
    fn add_related(&mut self, fields: &mut FieldList, name: &str, target: TypeId, many: bool) {
        let type_name = self.object(Holder::Type(target));
        let attribute = name.to_owned();
        if !many {
            let shape = NodeShape {
                attribute: attribute.clone(),
                target: type_name.clone(),
                is_list: false,
                connection: None,
                filters: None,
            };
            fields.add(name, entry_field(name, TypeRef::named(type_name), attribute), FieldShape::Node(shape));
            return;
        }
        // The versions of the one document of a single type are not searched.
        let is_searched = self.registry.get(target).kind == ContentTypeKind::Collection;
        let filters = is_searched.then(|| self.filters(Holder::Type(target)));
        let connection = self.connection(target, false);
        let shape = NodeShape {
            attribute: attribute.clone(),
            target: type_name.clone(),
            is_list: true,
            connection: None,
            filters: filters.clone(),
        };
        let with_arguments = |field: Field| match &filters {
            Some(filters) => with_list_arguments(field, filters),
            None => field,
        };
        let list = TypeRef::named_list_nn(type_name);
        let field = entry_list_field(name, list, attribute.clone(), self.default_page_size);
        fields.add(name, with_arguments(field), FieldShape::Node(shape.clone()));
        let connection_name = format!("{name}_connection");
        let field = connection_field(&connection_name, TypeRef::named(&connection), attribute, self.default_page_size);
        let shape = NodeShape { connection: Some(connection), ..shape };
        fields.add(&connection_name, with_arguments(field), FieldShape::Node(shape));
    }

    fn add_component(&mut self, fields: &mut FieldList, name: &str, component: ComponentId, repeatable: bool) {
        let holder = Holder::Component(component);
        let type_name = self.object(holder);
        let filters = repeatable.then(|| self.filters(holder));
        let shape = NodeShape {
            attribute: name.to_owned(),
            target: type_name.clone(),
            is_list: repeatable,
            connection: None,
            filters: filters.clone(),
        };
        let field = match &filters {
            Some(filters) => {
                let list = TypeRef::named_list(type_name);
                with_list_arguments(entry_list_field(name, list, name.to_owned(), self.default_page_size), filters)
            }
            None => entry_field(name, TypeRef::named(type_name), name.to_owned()),
        };
        fields.add(name, field, FieldShape::Node(shape));
    }

    fn add_zone(
        &mut self,
        fields: &mut FieldList,
        holder: Holder,
        id: AttributeId,
        name: &str,
        components: &[ComponentId],
    ) {
        let union_name = self.names.of_attribute(holder, id).to_owned();
        let mut members = Vec::new();
        for &component in components {
            let type_name = self.object(Holder::Component(component));
            members.push((self.registry.component(component).uid.clone(), type_name));
        }
        if self.seen.insert(union_name.clone()) {
            let union = members.iter().fold(Union::new(&union_name), |union, (_, member)| union.possible_type(member));
            self.unions.push(union.possible_type("Error"));
        }
        let members = Arc::new(members);
        let field = zone_field(name, TypeRef::named_list(union_name), name.to_owned(), members.clone());
        fields.add(name, field, FieldShape::Zone { attribute: name.to_owned(), members });
    }

    fn enumeration(&mut self, holder: Holder, id: AttributeId, values: &[String], names: &[String]) -> String {
        let name = self.names.of_attribute(holder, id).to_owned();
        if self.seen.insert(name.clone()) {
            let mut one = Enum::new(&name);
            for (value, value_name) in values.iter().zip(names) {
                let item = EnumItem::new(value_name);
                one = one.item(if value == value_name { item } else { item.description(value) });
            }
            self.enums.push(one);
        }
        name
    }

    fn build_connections(&mut self, id: TypeId) {
        let base = self.names.of_type(id).base.clone();
        for end in ["EntityResponseCollection", "RelationResponseCollection"] {
            let name = format!("{base}{end}");
            let object = Object::new(&name)
                .field(nodes_field(TypeRef::named_nn_list_nn(&base)))
                .field(page_info_field(TypeRef::named_nn("Pagination")));
            self.objects.push(object);
            let shapes = [
                ("nodes".to_owned(), FieldShape::Nodes { target: base.clone() }),
                ("pageInfo".to_owned(), FieldShape::PageInfo),
            ];
            self.shapes.types.insert(name, shapes.into());
            self.field_count += 2;
        }
    }

    fn build_filters(&mut self, holder: Holder) {
        let name = format!("{}FiltersInput", self.base_name(holder));
        let mut shapes: HashMap<String, FilterShape> = HashMap::new();
        let mut input = InputObject::new(&name);
        let mut members: Vec<(String, String, FilterShape)> = Vec::new();
        let mut value = |name: &str, scalar: &str| {
            members.push((name.to_owned(), format!("{scalar}FilterInput"), FilterShape::Value));
        };
        if let Holder::Type(id) = holder {
            value("documentId", "ID");
            for time in ["createdAt", "updatedAt", "publishedAt"] {
                value(time, "DateTime");
            }
            if self.registry.get(id).localized {
                value("locale", "String");
            }
        }
        let mut nested: Vec<(String, Holder)> = Vec::new();
        for (_, attribute) in self.visible_attributes(holder) {
            match &attribute.kind {
                FieldKind::Relation(relation) => match relation.target {
                    Some(target) if self.access.allows_action(target, Action::Find) => {
                        nested.push((attribute.name.clone(), Holder::Type(target)));
                    }
                    Some(_) | None => {}
                },
                FieldKind::Component { component, .. } => {
                    nested.push((attribute.name.clone(), Holder::Component(*component)));
                }
                FieldKind::Media { .. }
                | FieldKind::DynamicZone { .. }
                | FieldKind::Unlinked { .. }
                | FieldKind::Password => {}
                FieldKind::Enumeration { .. } => {
                    members.push((attribute.name.clone(), "StringFilterInput".into(), FilterShape::Value));
                }
                kind => {
                    let scalar = format!("{}FilterInput", scalar_name(kind));
                    members.push((attribute.name.clone(), scalar, FilterShape::Value));
                }
            }
        }
        if let Holder::Type(id) = holder
            && self.registry.get(id).localized
            && self.can_show(id)
        {
            nested.push(("localizations".to_owned(), holder));
        }
        for (member, inner) in nested {
            let inner_name = self.filters(inner);
            members.push((member, inner_name.clone(), FilterShape::Nested(inner_name)));
        }
        for (member, type_name, shape) in members {
            // The words that combine filters come first.
            if !["and", "or", "not"].contains(&member.as_str()) && !shapes.contains_key(&member) {
                input = input.field(InputValue::new(&member, TypeRef::named(type_name)));
                shapes.insert(member, shape);
            }
        }
        for (word, type_ref) in
            [("and", TypeRef::named_list(&name)), ("or", TypeRef::named_list(&name)), ("not", TypeRef::named(&name))]
        {
            input = input.field(InputValue::new(word, type_ref));
        }
        self.field_count += shapes.len();
        self.inputs.push(input);
        self.shapes.filters.insert(name, shapes);
    }
}

/// The fields of a type, with what they mean. A name is given once: what comes first has it.
#[derive(Default)]
struct FieldList {
    fields: Vec<Field>,
    shapes: HashMap<String, FieldShape>,
}

impl FieldList {
    fn add(&mut self, name: &str, field: Field, shape: FieldShape) {
        if !self.shapes.contains_key(name) {
            self.fields.push(field);
            self.shapes.insert(name.to_owned(), shape);
        }
    }

    fn add_value(&mut self, name: &str, type_ref: TypeRef, format: ScalarFormat) {
        let is_required = matches!(type_ref, TypeRef::NonNull(_));
        let shape = FieldShape::Value { attribute: name.to_owned(), format: format.clone(), is_required };
        self.add(name, value_field(name, type_ref, name.to_owned(), format), shape);
    }
}

/// The scalar of a plain value.
fn scalar_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Boolean => TypeRef::BOOLEAN,
        FieldKind::Integer => TypeRef::INT,
        FieldKind::BigInteger => "Long",
        FieldKind::Float | FieldKind::Decimal => TypeRef::FLOAT,
        FieldKind::Date => "Date",
        FieldKind::DateTime => "DateTime",
        FieldKind::Time => "Time",
        FieldKind::Json | FieldKind::Blocks => "JSON",
        _ => TypeRef::STRING,
    }
}

/// Adds the arguments of a list.
fn with_list_arguments(field: Field, filters: &str) -> Field {
    field
        .argument(InputValue::new("filters", TypeRef::named(filters)))
        .argument(
            InputValue::new("pagination", TypeRef::named(PAGE_INPUT)).default_value(Value::Object(IndexMap::new())),
        )
        .argument(InputValue::new("sort", TypeRef::named_list(TypeRef::STRING)).default_value(Value::List(Vec::new())))
}
