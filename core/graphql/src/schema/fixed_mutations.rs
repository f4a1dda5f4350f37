//! The fields of `Mutation` that belong to no content type: accounts, users and files.

use super::{Builder, PendingType};
use crate::fixed_mutations::FixedMutation;
use crate::names::Holder;
use crate::resolvers::{entry_field, root_field};
use crate::shapes::{FieldShape, NodeShape, Root, RootAction};
use async_graphql::dynamic::{InputObject, InputValue, Object, TypeRef};
use cairn_model::ContentTypeKind;
use std::sync::Arc;

/// The response of mutations that sign somebody in.
const LOGIN_PAYLOAD: &str = "UsersPermissionsLoginPayload";
/// The texts of a file that can be changed.
const FILE_INPUT: &str = "FileInfoInput";

/// A mutation as the schema has it.
struct MutationField {
    name: String,
    type_ref: TypeRef,
    arguments: Vec<(&'static str, TypeRef)>,
    /// Name of the type of the user or the file; empty for others.
    target: String,
    /// Name of the input of users.
    input: String,
    /// Name of the object that a user is in.
    wrapper: Option<String>,
}

impl Builder<'_> {
    /// Adds a mutation that the caller may use.
    pub(super) fn add_fixed_mutation(&mut self, mutation: Object, fixed: FixedMutation) -> Object {
        let MutationField { name, type_ref, arguments, target, input, wrapper } = self.describe_mutation(fixed);
        let root = Arc::new(Root {
            content_type: self.registry.user_type().id,
            kind: ContentTypeKind::Collection,
            action: RootAction::Fixed(fixed),
            target,
            input,
            connection: wrapper,
            only_public_files: false,
            of_locales: false,
        });
        let field =
            arguments.into_iter().fold(root_field(&name, type_ref, root.clone()), |field, (argument, type_ref)| {
                field.argument(InputValue::new(argument, type_ref))
            });
        self.shapes.mutations.insert(name, root);
        self.field_count += 1;
        mutation.field(field)
    }

    fn describe_mutation(&mut self, fixed: FixedMutation) -> MutationField {
        let text = || TypeRef::named_nn(TypeRef::STRING);
        let signs_in = |name: &str, arguments: &[&'static str]| MutationField {
            name: name.to_owned(),
            type_ref: TypeRef::named(LOGIN_PAYLOAD),
            arguments: arguments.iter().map(|argument| (*argument, text())).collect(),
            target: String::new(),
            input: String::new(),
            wrapper: None,
        };
        match fixed {
            FixedMutation::Register => MutationField {
                type_ref: TypeRef::named_nn(LOGIN_PAYLOAD),
                arguments: vec![("input", TypeRef::named_nn("UsersPermissionsRegisterInput"))],
                ..signs_in("register", &[])
            },
            FixedMutation::ForgotPassword => MutationField {
                type_ref: TypeRef::named("UsersPermissionsPasswordPayload"),
                ..signs_in("forgotPassword", &["email"])
            },
            FixedMutation::ResetPassword => signs_in("resetPassword", &["password", "passwordConfirmation", "code"]),
            FixedMutation::ChangePassword => {
                signs_in("changePassword", &["currentPassword", "password", "passwordConfirmation"])
            }
            FixedMutation::ConfirmEmail => signs_in("emailConfirmation", &["confirmation"]),
            FixedMutation::CreateUser => self.user_mutation("create", false, true),
            FixedMutation::UpdateUser => self.user_mutation("update", true, true),
            FixedMutation::DeleteUser => self.user_mutation("delete", true, false),
            FixedMutation::UpdateFile => self.file_mutation("update", true),
            FixedMutation::DeleteFile => self.file_mutation("delete", false),
        }
    }

    fn user_mutation(&mut self, verb: &str, has_id: bool, has_data: bool) -> MutationField {
        let holder = Holder::Type(self.registry.user_type().id);
        let target = self.object(holder);
        let wrapper = self.user_wrapper(&target);
        let mut arguments = Vec::new();
        if has_id {
            arguments.push(("id", TypeRef::named_nn(TypeRef::ID)));
        }
        let mut input = String::new();
        if has_data {
            input = self.refer(format!("{target}Input"), PendingType::Input(holder));
            arguments.push(("data", TypeRef::named_nn(&input)));
        }
        MutationField {
            name: format!("{verb}{target}"),
            type_ref: TypeRef::named_nn(&wrapper),
            arguments,
            target,
            input,
            wrapper: Some(wrapper),
        }
    }

    /// The object that the user in a response is in.
    fn user_wrapper(&mut self, target: &str) -> String {
        let name = format!("{target}EntityResponse");
        if self.seen.insert(name.clone()) {
            let member = || "data".to_owned();
            let field = entry_field("data", TypeRef::named(target), member());
            self.objects.push(Object::new(&name).field(field));
            let shape = NodeShape {
                attribute: member(),
                target: target.to_owned(),
                is_list: false,
                connection: None,
                filters: None,
            };
            self.shapes.types.insert(name.clone(), [(member(), FieldShape::Node(shape))].into());
            self.field_count += 1;
        }
        name
    }

    fn file_mutation(&mut self, verb: &str, changes: bool) -> MutationField {
        let target = self.object(Holder::Type(self.registry.file_type().id));
        let mut arguments = vec![("id", TypeRef::named_nn(TypeRef::ID))];
        if changes {
            arguments.push(("info", TypeRef::named(FILE_INPUT)));
            if self.seen.insert(FILE_INPUT.to_owned()) {
                let texts = ["name", "alternativeText", "caption"];
                let input = texts.into_iter().fold(InputObject::new(FILE_INPUT), |input, name| {
                    input.field(InputValue::new(name, TypeRef::named(TypeRef::STRING)))
                });
                self.inputs.push(input);
            }
        }
        MutationField {
            name: format!("{verb}{target}"),
            type_ref: if changes { TypeRef::named_nn(&target) } else { TypeRef::named(&target) },
            arguments,
            target,
            input: String::new(),
            wrapper: None,
        }
    }
}
