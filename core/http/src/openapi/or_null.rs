//! A value or null, where the derive of utoipa cannot say so: `Option` in a map does not compile with it.

use std::borrow::Cow;
use std::marker::PhantomData;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Description of a `T`, or null. The derive composes names of generic types, so a map has it by an alias:
/// `type TermOrNull = OrNull<Term>`.
#[derive(Debug)]
pub struct OrNull<T>(PhantomData<fn() -> T>);

impl<T: ToSchema> PartialSchema for OrNull<T> {
    fn schema() -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(Ref::from_schema_name(T::name())).item(null).into()
    }
}

impl<T: ToSchema> ToSchema for OrNull<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}OrNull", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    /// A part of a whole.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "described only")]
    struct Part {
        size: u8,
    }

    type PartOrNull = OrNull<Part>;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "described only")]
    struct Parts(BTreeMap<String, PartOrNull>);

    #[test]
    fn values_of_maps_refer_to_a_schema_that_allows_null() {
        let parts = serde_json::to_value(Parts::schema()).unwrap();
        assert_eq!(parts["additionalProperties"], json!({ "$ref": "#/components/schemas/PartOrNull" }));
        let mut schemas = Vec::new();
        Parts::schemas(&mut schemas);
        let schemas: BTreeMap<String, serde_json::Value> =
            schemas.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
        assert_eq!(
            schemas["PartOrNull"],
            json!({ "oneOf": [{ "$ref": "#/components/schemas/Part" }, { "type": "null" }] })
        );
        assert_eq!(schemas["Part"]["properties"]["size"]["type"], "integer");
    }
}
