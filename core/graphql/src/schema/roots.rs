//! The fields of `Query` and `Mutation`.

use super::{Builder, PendingType, SchemaPermissions};
use crate::names::Holder;
use crate::resolvers::root_field;
use crate::shapes::{Root, RootAction};
use async_graphql::dynamic::{Field, InputValue, Object, TypeRef};
use async_graphql::{Name, Value};
use cairn_model::{ContentType, ContentTypeKind};
use cairn_query::Action;
use std::sync::Arc;

impl<'a> Builder<'a> {
    /// Builds `Query` and `Mutation`, either of which may be without fields.
    pub(super) fn build_roots(&mut self, permissions: SchemaPermissions<'_>) -> (Object, Object) {
        let (mut query, mut mutation) = (Object::new("Query"), Object::new("Mutation"));
        let registry = self.registry;
        for content_type in registry.types() {
            query = self.add_queries(query, content_type);
            mutation = self.add_mutations(mutation, content_type);
        }
        let own = |action| Root {
            content_type: registry.user_type().id,
            kind: ContentTypeKind::Collection,
            action,
            target: String::new(),
            input: String::new(),
            connection: None,
            only_public_files: false,
            of_locales: false,
        };
        if permissions.reads_self {
            let root = Arc::new(own(RootAction::Me));
            query = query.field(root_field("me", TypeRef::named("UsersPermissionsMe"), root.clone()));
            self.shapes.queries.insert("me".into(), root);
        }
        if permissions.signs_in {
            let root = Arc::new(own(RootAction::SignIn));
            let field = root_field("login", TypeRef::named_nn("UsersPermissionsLoginPayload"), root.clone())
                .argument(InputValue::new("input", TypeRef::named_nn("UsersPermissionsLoginInput")));
            mutation = mutation.field(field);
            self.shapes.mutations.insert("login".into(), root);
        }
        if permissions.reads_locales {
            query = self.add_locale_queries(query);
        }
        for &fixed in permissions.mutations {
            mutation = self.add_fixed_mutation(mutation, fixed);
        }
        (query, mutation)
    }

    fn add_queries(&mut self, mut query: Object, content_type: &ContentType) -> Object {
        let (find, find_one) =
            (self.has_query(content_type, Action::Find), self.has_query(content_type, Action::FindOne));
        let names = self.names.of_type(content_type.id).clone();
        let holder = Holder::Type(content_type.id);
        let root = |action, input: String, connection: Option<String>| {
            Arc::new(Root {
                content_type: content_type.id,
                kind: content_type.kind,
                action,
                target: names.base.clone(),
                input,
                connection,
                only_public_files: content_type.id == self.registry.file_type().id && !self.access.everything,
                of_locales: false,
            })
        };
        let is_collection = content_type.kind == ContentTypeKind::Collection;
        if is_collection && find {
            let filters = self.filters(holder);
            let target = self.object(holder);
            let list = root(RootAction::List, filters.clone(), None);
            let field = root_field(&names.many, TypeRef::named_list_nn(target), list.clone());
            query = query.field(with_versions(super::with_list_arguments(field, &filters), content_type));
            self.shapes.queries.insert(names.many.clone(), list);
            let connection = self.connection(content_type.id, true);
            let connected = root(RootAction::List, filters.clone(), Some(connection.clone()));
            let name = format!("{}_connection", names.many);
            let field = root_field(&name, TypeRef::named(connection), connected.clone());
            query = query.field(with_versions(super::with_list_arguments(field, &filters), content_type));
            self.shapes.queries.insert(name, connected);
        }
        if (is_collection && find_one) || (!is_collection && find) {
            let target = self.object(holder);
            let one = root(RootAction::One, String::new(), None);
            let mut field = root_field(&names.one, TypeRef::named(target), one.clone());
            if is_collection {
                field = field.argument(InputValue::new("documentId", TypeRef::named_nn(TypeRef::ID)));
            }
            query = query.field(with_versions(field, content_type));
            self.shapes.queries.insert(names.one.clone(), one);
        }
        query
    }

    /// True if the caller may take that action on entries of the type, and a root field can show them.
    fn has_query(&self, content_type: &ContentType, action: Action) -> bool {
        if !self.access.allows_action(content_type.id, action) {
            return false;
        }
        // Which files are private is seen by their addresses.
        let is_file = content_type.id == self.registry.file_type().id;
        let url = content_type.attributes.get("url").filter(|_| is_file && !self.access.everything);
        url.is_none_or(|(url, _)| self.access.allows_attribute(content_type, url, action))
    }

    fn add_mutations(&mut self, mut mutation: Object, content_type: &ContentType) -> Object {
        let names = self.names.of_type(content_type.id).clone();
        let holder = Holder::Type(content_type.id);
        let is_collection = content_type.kind == ContentTypeKind::Collection;
        let allowed = |action| self.access.allows_action(content_type.id, action) && content_type.is_api();
        let actions = [
            (RootAction::Create, is_collection && allowed(Action::Create)),
            (RootAction::Update, allowed(Action::Update)),
            // Of a single type there is no id to answer with.
            (RootAction::Delete, is_collection && allowed(Action::Delete)),
        ];
        for (action, _) in actions.into_iter().filter(|(_, is_allowed)| *is_allowed) {
            let verb = match action {
                RootAction::Create => "create",
                RootAction::Update => "update",
                _ => "delete",
            };
            let name = format!("{verb}{}", names.base);
            let deletes = action == RootAction::Delete;
            let input = format!("{}Input", names.base);
            let input = if deletes { String::new() } else { self.refer(input, PendingType::Input(holder)) };
            let target = if deletes { "DeleteMutationResponse".to_owned() } else { self.object(holder) };
            let root = Arc::new(Root {
                content_type: content_type.id,
                kind: content_type.kind,
                action,
                target: target.clone(),
                input: input.clone(),
                connection: None,
                only_public_files: false,
                of_locales: false,
            });
            let mut field = root_field(&name, TypeRef::named(target), root.clone());
            if is_collection && action != RootAction::Create {
                field = field.argument(InputValue::new("documentId", TypeRef::named_nn(TypeRef::ID)));
            }
            if !deletes {
                field = field.argument(status_argument()).argument(InputValue::new("data", TypeRef::named_nn(input)));
            }
            mutation = mutation.field(with_locale(field, content_type));
            self.shapes.mutations.insert(name, root);
        }
        mutation
    }
}

fn status_argument() -> InputValue {
    let published = Value::Enum(Name::new("PUBLISHED"));
    InputValue::new("status", TypeRef::named("PublicationStatus")).default_value(published)
}

/// Adds the arguments that say which version of an entry is meant.
fn with_versions(field: Field, content_type: &ContentType) -> Field {
    with_locale(with_publication(field), content_type)
}

/// Adds the arguments that say which of the draft and the published version is meant.
pub(super) fn with_publication(field: Field) -> Field {
    field
        .argument(status_argument())
        .argument(InputValue::new("hasPublishedVersion", TypeRef::named(TypeRef::BOOLEAN)))
        .argument(InputValue::new("publicationFilter", TypeRef::named("PublicationFilter")))
}

fn with_locale(field: Field, content_type: &ContentType) -> Field {
    if !content_type.localized {
        return field;
    }
    field.argument(InputValue::new("locale", TypeRef::named("I18NLocaleCode")))
}
