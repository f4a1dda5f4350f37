//! The queries of locales, which are no content type.

use super::Builder;
use super::roots::with_publication;
use crate::locales::{TEXTS, TIMES};
use crate::resolvers::{ScalarFormat, nodes_field, page_info_field, root_field, value_field};
use crate::shapes::{FieldShape, FilterShape, Root, RootAction};
use async_graphql::dynamic::{InputObject, InputValue, Object, TypeRef};
use cairn_model::ContentTypeKind;
use std::collections::HashMap;
use std::sync::Arc;

const LOCALE: &str = "I18NLocale";
const FILTERS: &str = "I18NLocaleFiltersInput";
const CONNECTION: &str = "I18NLocaleEntityResponseCollection";

impl Builder<'_> {
    /// Adds the queries of locales, and their types.
    pub(super) fn add_locale_queries(&mut self, mut query: Object) -> Object {
        self.add_locale_types();
        let content_type = self.registry.user_type().id;
        let root = |action, connection: Option<&str>| {
            Arc::new(Root {
                content_type,
                kind: ContentTypeKind::Collection,
                action,
                target: LOCALE.to_owned(),
                input: FILTERS.to_owned(),
                connection: connection.map(str::to_owned),
                only_public_files: false,
                of_locales: true,
            })
        };
        for (name, type_ref, connection) in [
            ("i18NLocales", TypeRef::named_list_nn(LOCALE), None),
            ("i18NLocales_connection", TypeRef::named(CONNECTION), Some(CONNECTION)),
        ] {
            let list = root(RootAction::List, connection);
            let field = super::with_list_arguments(root_field(name, type_ref, list.clone()), FILTERS);
            query = query.field(with_publication(field));
            self.shapes.queries.insert(name.to_owned(), list);
        }
        let one = root(RootAction::One, None);
        let field = root_field("i18NLocale", TypeRef::named(LOCALE), one.clone())
            .argument(InputValue::new("documentId", TypeRef::named_nn(TypeRef::ID)));
        query = query.field(with_publication(field));
        self.shapes.queries.insert("i18NLocale".to_owned(), one);
        query
    }

    fn add_locale_types(&mut self) {
        let value =
            |name: &str, type_ref: TypeRef, format: ScalarFormat| value_field(name, type_ref, name.to_owned(), format);
        let id = value("documentId", TypeRef::named_nn(TypeRef::ID), ScalarFormat::Id);
        let mut locale = Object::new(LOCALE).field(id);
        let mut filters =
            InputObject::new(FILTERS).field(InputValue::new("documentId", TypeRef::named("IDFilterInput")));
        let attributes =
            TEXTS.map(|name| (name, TypeRef::STRING)).into_iter().chain(TIMES.map(|name| (name, "DateTime")));
        let mut names = vec!["documentId"];
        for (name, scalar) in attributes {
            locale = locale.field(value(name, TypeRef::named(scalar), ScalarFormat::Plain));
            filters = filters.field(InputValue::new(name, TypeRef::named(format!("{scalar}FilterInput"))));
            names.push(name);
        }
        for (word, type_ref) in [
            ("and", TypeRef::named_list(FILTERS)),
            ("or", TypeRef::named_list(FILTERS)),
            ("not", TypeRef::named(FILTERS)),
        ] {
            filters = filters.field(InputValue::new(word, type_ref));
        }
        let connection = Object::new(CONNECTION)
            .field(nodes_field(TypeRef::named_nn_list_nn(LOCALE)))
            .field(page_info_field(TypeRef::named_nn("Pagination")));
        self.objects.extend([locale, connection]);
        self.inputs.push(filters);
        self.field_count += 2 * names.len();
        let shape = |name: &str| {
            let is_required = name == "documentId";
            let format = if is_required { ScalarFormat::Id } else { ScalarFormat::Plain };
            FieldShape::Value { attribute: name.to_owned(), format, is_required }
        };
        let shapes: HashMap<_, _> = names.iter().map(|name| ((*name).to_owned(), shape(name))).collect();
        self.shapes.types.insert(LOCALE.to_owned(), shapes);
        let filter_shapes = names.iter().map(|name| ((*name).to_owned(), FilterShape::Value)).collect();
        self.shapes.filters.insert(FILTERS.to_owned(), filter_shapes);
        let shapes = [
            ("nodes".to_owned(), FieldShape::Nodes { target: LOCALE.to_owned() }),
            ("pageInfo".to_owned(), FieldShape::PageInfo),
        ];
        self.shapes.types.insert(CONNECTION.to_owned(), shapes.into());
    }
}
