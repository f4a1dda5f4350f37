//! Mutations of GraphQL that belong to no content type: accounts, users and files. Each does what the handler of a REST route does: with the same
//! permission, rate limits and use case.

use super::{TenantSource, parse_body};
use crate::auth::{change_password_body, confirm_email_body, register_body, reset_password_body};
use crate::policed_request::{OwnedRequestContext, apply_read_policies, request_context, widest_reach};
use crate::upload::not_found;
use cairn_access::PluginAction;
use cairn_content::FileInfo;
use cairn_graphql::{FixedMutation, FixedRequest};
use cairn_http::error::WireError;
use cairn_model::ContentType;
use cairn_query::Query;
use serde_json::{Map, Value as Json, json};

/// The permission that a mutation takes: that of the REST route.
pub(super) fn required_action(mutation: FixedMutation) -> PluginAction {
    match mutation {
        FixedMutation::Register => PluginAction::Register,
        FixedMutation::ForgotPassword => PluginAction::ForgotPassword,
        FixedMutation::ResetPassword => PluginAction::ResetPassword,
        FixedMutation::ChangePassword => PluginAction::ChangePassword,
        FixedMutation::ConfirmEmail => PluginAction::EmailConfirmation,
        FixedMutation::CreateUser => PluginAction::CreateUser,
        FixedMutation::UpdateUser => PluginAction::UpdateUser,
        FixedMutation::DeleteUser => PluginAction::DeleteUser,
        FixedMutation::UpdateFile => PluginAction::ReplaceFile,
        FixedMutation::DeleteFile => PluginAction::DeleteFile,
    }
}

impl TenantSource {
    /// Does what a mutation asks for; returns the value of its field.
    pub(super) async fn answer_fixed(&self, request: FixedRequest) -> Result<Json, WireError> {
        let FixedRequest { mutation, id, body, query } = request;
        self.caller.require(required_action(mutation))?;
        match mutation {
            FixedMutation::CreateUser => self.create_user(query, body).await,
            FixedMutation::UpdateUser => self.update_user(&id, query, body).await,
            FixedMutation::DeleteUser => self.delete_user(&id, query).await,
            FixedMutation::UpdateFile => self.update_file(&id, body).await,
            FixedMutation::DeleteFile => self.delete_file(&id).await,
            FixedMutation::Register
            | FixedMutation::ForgotPassword
            | FixedMutation::ResetPassword
            | FixedMutation::ChangePassword
            | FixedMutation::ConfirmEmail => self.answer_account(mutation, body).await,
        }
    }

    async fn answer_account(&self, mutation: FixedMutation, body: Map<String, Json>) -> Result<Json, WireError> {
        let (tenant, client, body) = (&*self.tenant, self.client.0, Json::Object(body));
        let response = match mutation {
            FixedMutation::Register => register_body(tenant, &body, client).await?,
            FixedMutation::ResetPassword => reset_password_body(tenant, &body, client).await?,
            FixedMutation::ChangePassword => change_password_body(tenant, &self.caller, &body, client).await?,
            FixedMutation::ConfirmEmail => confirm_email_body(tenant, &body, client).await?,
            _ => {
                tenant.access.forgot_password(&body, client).await?;
                return Ok(json!({ "ok": true }));
            }
        };
        parse_body(&response)
    }

    async fn create_user(&self, query: Query, data: Map<String, Json>) -> Result<Json, WireError> {
        let context = self.policed_context(self.tenant.content.registry().user_type(), query).await;
        let created = self.tenant.content.create_selected_user(context.as_request_context(), data).await?;
        Ok(json!({ "data": parse_body(&created.body)? }))
    }

    async fn update_user(&self, id: &str, query: Query, data: Map<String, Json>) -> Result<Json, WireError> {
        let context = self.policed_context(self.tenant.content.registry().user_type(), query).await;
        let updated = self.tenant.content.update_selected_user(context.as_request_context(), id, data).await?;
        Ok(json!({ "data": parse_body(&updated.body)? }))
    }

    /// Deletes a user; nobody is returned where there is no such user, as by REST.
    async fn delete_user(&self, id: &str, query: Query) -> Result<Json, WireError> {
        let context = self.policed_context(self.tenant.content.registry().user_type(), query).await;
        let deleted = self.tenant.content.delete_selected_user(context.as_request_context(), id).await?;
        let user = deleted.map(|deleted| parse_body(&deleted.body)).transpose()?;
        Ok(json!({ "data": user }))
    }

    async fn update_file(&self, id: &str, info: Map<String, Json>) -> Result<Json, WireError> {
        let context = self.policed_context(self.tenant.content.registry().file_type(), Query::empty().clone()).await;
        let info = FileInfo::parse(&Json::Object(info))?;
        let updated = self.tenant.content.update_file(&context.as_request_context(), id, info).await?;
        parse_body(&updated.ok_or_else(|| not_found("Entity not found"))?)
    }

    async fn delete_file(&self, id: &str) -> Result<Json, WireError> {
        let context = self.policed_context(self.tenant.content.registry().file_type(), Query::empty().clone()).await;
        let deleted = self.tenant.content.delete_file(&context.as_request_context(), id).await?;
        parse_body(&deleted.ok_or_else(|| not_found("file.notFound"))?)
    }

    /// The request for users or files, with the read policies applied as their routes do it.
    async fn policed_context(&self, ct: &ContentType, query: Query) -> OwnedRequestContext {
        let (tenant, head) = (&*self.tenant, &self.head);
        let reach = widest_reach(std::slice::from_ref(&ct.id), head);
        let caller = apply_read_policies(tenant, self.caller.clone(), reach, Some(head)).await;
        request_context(tenant, &caller, ct, query, head)
    }
}
