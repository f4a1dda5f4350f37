//! Types of accounts: the signed-in user, and what signing in, registration and passwords take and return.

use crate::fixed_mutations::FixedMutation;
use crate::resolvers::{ScalarFormat, entry_field, user_field, value_field};
use async_graphql::dynamic::{Field, InputObject, InputValue, Object, SchemaBuilder, TypeRef};

/// Registers the types that the caller's root fields name.
pub(super) fn register_types(
    mut schema: SchemaBuilder,
    reads_self: bool,
    signs_in: bool,
    mutations: &[FixedMutation],
) -> SchemaBuilder {
    let has = |mutation: FixedMutation| mutations.contains(&mutation);
    let signing_in = [
        FixedMutation::Register,
        FixedMutation::ResetPassword,
        FixedMutation::ChangePassword,
        FixedMutation::ConfirmEmail,
    ];
    let has_payload = signs_in || signing_in.into_iter().any(has);
    if reads_self || has_payload {
        schema = schema.register(user_object()).register(role_object());
    }
    if has_payload {
        schema = schema.register(payload_object());
    }
    if signs_in {
        let provider = InputValue::new("provider", TypeRef::named_nn(TypeRef::STRING)).default_value("local");
        let input = text_input("UsersPermissionsLoginInput", &["identifier", "password"]).field(provider);
        schema = schema.register(input);
    }
    if has(FixedMutation::Register) {
        schema = schema.register(text_input("UsersPermissionsRegisterInput", &["username", "email", "password"]));
    }
    if has(FixedMutation::ForgotPassword) {
        let done = plain("ok", TypeRef::named_nn(TypeRef::BOOLEAN));
        schema = schema.register(Object::new("UsersPermissionsPasswordPayload").field(done));
    }
    schema
}

fn user_object() -> Object {
    let text = || TypeRef::named(TypeRef::STRING);
    Object::new("UsersPermissionsMe")
        .field(id("id"))
        .field(id("documentId"))
        .field(plain("username", TypeRef::named_nn(TypeRef::STRING)))
        .field(plain("email", text()))
        .field(plain("confirmed", TypeRef::named(TypeRef::BOOLEAN)))
        .field(plain("blocked", TypeRef::named(TypeRef::BOOLEAN)))
        .field(entry_field("role", TypeRef::named("UsersPermissionsMeRole"), "role".to_owned()))
}

fn role_object() -> Object {
    Object::new("UsersPermissionsMeRole")
        .field(id("id"))
        .field(plain("name", TypeRef::named_nn(TypeRef::STRING)))
        .field(plain("description", TypeRef::named(TypeRef::STRING)))
        .field(plain("type", TypeRef::named(TypeRef::STRING)))
}

fn payload_object() -> Object {
    Object::new("UsersPermissionsLoginPayload")
        .field(plain("jwt", TypeRef::named(TypeRef::STRING)))
        .field(plain("refreshToken", TypeRef::named(TypeRef::STRING)))
        .field(user_field("user", TypeRef::named_nn("UsersPermissionsMe")))
}

fn text_input(name: &str, members: &[&str]) -> InputObject {
    let text = || TypeRef::named_nn(TypeRef::STRING);
    members.iter().fold(InputObject::new(name), |input, member| input.field(InputValue::new(*member, text())))
}

fn plain(name: &str, type_ref: TypeRef) -> Field {
    value_field(name, type_ref, name.to_owned(), ScalarFormat::Plain)
}

fn id(name: &str) -> Field {
    value_field(name, TypeRef::named_nn(TypeRef::ID), name.to_owned(), ScalarFormat::Id)
}
