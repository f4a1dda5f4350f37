//! Types that every schema has: scalars, pages, versions, filters of plain values.

use super::{SchemaPermissions, accounts};
use crate::names::PAGE_INPUT;
use crate::plan::{OPERATORS, PUBLICATION_FILTERS};
use crate::resolvers::{ScalarFormat, value_field};
use async_graphql::dynamic::{
    Enum, Field, FieldFuture, InputObject, InputValue, Object, Scalar, SchemaBuilder, TypeRef,
};

/// Scalars besides those of the language.
const SCALARS: [(&str, &str); 6] = [
    ("DateTime", "A moment: yyyy-MM-ddTHH:mm:ss.SSSZ."),
    ("Date", "A date: yyyy-MM-dd."),
    ("Time", "A time of day: HH:mm:ss.SSS."),
    ("JSON", "Any JSON value."),
    ("Long", "A whole number of up to 64 bits; as a text where a number of JavaScript cannot have all of its digits."),
    ("I18NLocaleCode", "The code of a locale."),
];
/// Scalars that can be filtered by.
const FILTERED: [&str; 10] = ["ID", "Boolean", "String", "Int", "Long", "Float", "Date", "Time", "DateTime", "JSON"];

/// The only field of `Query` for callers who may only write.
pub(super) fn empty_field() -> Field {
    Field::new("_empty", TypeRef::named(TypeRef::BOOLEAN), |_| FieldFuture::from_value(None))
        .description("There is nothing that you may query.")
}

pub(super) fn register(mut schema: SchemaBuilder, permissions: SchemaPermissions<'_>) -> SchemaBuilder {
    for (name, description) in SCALARS {
        schema = schema.register(Scalar::new(name).description(description));
    }
    for scalar in FILTERED {
        schema = schema.register(value_filters(scalar));
    }
    let int = || TypeRef::named(TypeRef::INT);
    let pagination = ["page", "pageSize", "start", "limit"]
        .into_iter()
        .fold(InputObject::new(PAGE_INPUT), |input, name| input.field(InputValue::new(name, int())));
    let page_info =
        ["total", "page", "pageSize", "pageCount"].into_iter().fold(Object::new("Pagination"), |object, name| {
            object.field(value_field(name, TypeRef::named_nn(TypeRef::INT), name.to_owned(), ScalarFormat::Plain))
        });
    let text = |name: &str, type_ref: TypeRef| value_field(name, type_ref, name.to_owned(), ScalarFormat::Plain);
    let error = Object::new("Error")
        .field(text("code", TypeRef::named_nn(TypeRef::STRING)))
        .field(text("message", TypeRef::named(TypeRef::STRING)));
    let deletion = Object::new("DeleteMutationResponse").field(value_field(
        "documentId",
        TypeRef::named_nn(TypeRef::ID),
        "documentId".to_owned(),
        ScalarFormat::Id,
    ));
    let versions = Enum::new("PublicationStatus").item("DRAFT").item("PUBLISHED");
    let filters = PUBLICATION_FILTERS.iter().fold(Enum::new("PublicationFilter"), |one, (name, _)| one.item(*name));
    schema = schema
        .register(pagination)
        .register(page_info)
        .register(error)
        .register(deletion)
        .register(versions)
        .register(filters);
    let SchemaPermissions { reads_self, signs_in, mutations, .. } = permissions;
    accounts::register_types(schema, reads_self, signs_in, mutations)
}

/// `StringFilterInput` and its like.
fn value_filters(scalar: &str) -> InputObject {
    let name = format!("{scalar}FilterInput");
    let mut input = InputObject::new(&name).field(InputValue::new("not", TypeRef::named(&name)));
    for operator in OPERATORS {
        let type_ref = match operator {
            "in" | "notIn" | "between" => TypeRef::named_list(scalar),
            "null" | "notNull" => TypeRef::named(TypeRef::BOOLEAN),
            _ => TypeRef::named(scalar),
        };
        input = input.field(InputValue::new(operator, type_ref));
    }
    input
}
