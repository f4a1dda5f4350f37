//! Requests of root fields that belong to no content type: mutations of accounts, users and files, and queries of locales.

use super::{Node, Planner, value_json, value_text};
use crate::document::Chosen;
use crate::fixed_mutations::{FixedMutation, FixedRequest};
use crate::request::{ApiError, ContentRequest};
use crate::shapes::{Root, RootAction};
use async_graphql::Value;
use async_graphql::parser::types::{Field, SelectionSet};
use cairn_query::{Query, QueryBuilder};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

impl Planner<'_> {
    /// Makes the request of a mutation that belongs to no content type.
    pub(super) fn plan_fixed(
        &self,
        root: &Root,
        mutation: FixedMutation,
        field: &Field,
        arguments: &BTreeMap<String, Value>,
    ) -> Result<ContentRequest, ApiError> {
        let (of_user, has_id) = match mutation {
            FixedMutation::CreateUser => (true, false),
            FixedMutation::UpdateUser | FixedMutation::DeleteUser => (true, true),
            FixedMutation::UpdateFile | FixedMutation::DeleteFile => (false, true),
            FixedMutation::Register
            | FixedMutation::ForgotPassword
            | FixedMutation::ResetPassword
            | FixedMutation::ChangePassword
            | FixedMutation::ConfirmEmail => (false, false),
        };
        let body = match mutation {
            FixedMutation::CreateUser | FixedMutation::UpdateUser => match arguments.get("data") {
                Some(data) => self.convert_data(&root.input, data)?,
                None => return Err(ApiError::invalid("data is missing")),
            },
            FixedMutation::Register => read_members(arguments.get("input")),
            FixedMutation::UpdateFile => read_members(arguments.get("info")),
            FixedMutation::DeleteUser | FixedMutation::DeleteFile => Map::new(),
            FixedMutation::ForgotPassword
            | FixedMutation::ResetPassword
            | FixedMutation::ChangePassword
            | FixedMutation::ConfirmEmail => {
                arguments.iter().map(|(name, value)| (name.clone(), value_json(value))).collect()
            }
        };
        Ok(ContentRequest::Fixed(FixedRequest {
            mutation,
            id: if has_id { required_text(arguments, "id")? } else { String::new() },
            body,
            query: if of_user { self.plan_user(root, field)? } else { Query::empty().clone() },
        }))
    }

    /// The query for what is selected of a user, who is in the member `data` of the response.
    fn plan_user(&self, root: &Root, field: &Field) -> Result<Query, ApiError> {
        let mut node = Node::default();
        self.collect_user(root, &field.selection_set.node, &mut node)?;
        Ok(node.with_selection(QueryBuilder::new(), "documentId").build())
    }

    fn collect_user(&self, root: &Root, set: &SelectionSet, node: &mut Node) -> Result<(), ApiError> {
        for chosen in self.document.selections(set) {
            match chosen {
                Chosen::Field(field) if field.name.node.as_str() == "data" => {
                    self.collect(&root.target, &field.selection_set.node, node)?;
                }
                // `__typename`.
                Chosen::Field(_) => {}
                Chosen::Fragment { condition, set } => {
                    if condition.is_none_or(|condition| Some(condition) == root.connection.as_deref()) {
                        self.collect_user(root, set, node)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes the request of a query of locales.
    pub(super) fn plan_locales(
        &self,
        root: &Root,
        field: &Field,
        arguments: &BTreeMap<String, Value>,
    ) -> Result<ContentRequest, ApiError> {
        Ok(match root.action {
            RootAction::One => ContentRequest::Locale { document_id: required_text(arguments, "documentId")? },
            _ => ContentRequest::Locales { query: self.plan_list(root, field, arguments)? },
        })
    }

    /// True if the role of the signed-in user is selected.
    pub(super) fn selects_role(&self, set: &SelectionSet) -> bool {
        self.document.selections(set).into_iter().any(|chosen| match chosen {
            Chosen::Field(field) => field.name.node.as_str() == "role",
            Chosen::Fragment { set, .. } => self.selects_role(set),
        })
    }
}

fn required_text(arguments: &BTreeMap<String, Value>, name: &str) -> Result<String, ApiError> {
    arguments.get(name).and_then(value_text).ok_or_else(|| ApiError::invalid(format!("{name} is missing")))
}

/// The members of an object; none of what is missing.
fn read_members(value: Option<&Value>) -> Map<String, Json> {
    match value.map(value_json) {
        Some(Json::Object(members)) => members,
        _ => Map::new(),
    }
}
