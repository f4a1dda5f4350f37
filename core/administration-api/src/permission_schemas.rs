//! Permissions on content, as roles and tokens have them: by the uid of a type (of admin roles also `*`: every type) and the name of an
//! action (`find`, `findOne`, `create`, `update`, `delete`, `publish`, …).

#![expect(dead_code, reason = "they describe JSON that `cairn_access` reads and writes")]

use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// An action that is allowed, perhaps for some entries and attributes only.
#[derive(ToSchema)]
pub(crate) struct Permission {
    /// Filters of the query language; all entries, where it is left out.
    #[schema(value_type = Option<Object>, nullable = false)]
    r#where: Option<Value>,
    /// Names of attributes; all, where it is left out.
    #[schema(nullable = false)]
    fields: Option<Vec<String>>,
}

/// Permissions on one type.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum PermissionsOfType {
    /// Names of actions.
    Actions(Vec<String>),
    /// By the name of an action; null: not that one.
    ByAction(BTreeMap<String, PermissionOrNone>),
}

/// An action that is allowed, or null.
pub(crate) struct PermissionOrNone;

impl PartialSchema for PermissionOrNone {
    fn schema() -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(Ref::from_schema_name(Permission::name())).item(null).into()
    }
}

impl ToSchema for PermissionOrNone {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Permission::name().into_owned(), Permission::schema()));
        Permission::schemas(schemas);
    }
}
