//! Callers of the content API: the public, accounts, API tokens, with the permissions that they have in production.

use super::TestHarness;
use super::settings::token_text;
use crate::error::{TestError, to_test_error};
use cairn_access::{AuthError, Caller};
use cairn_model::USER_UID;
use cairn_store::StoreError;
use serde_json::Value as Json;

/// A caller of the content API, as a test names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TestCaller {
    /// Nobody who is signed in.
    #[default]
    Public,
    /// The account with this address.
    Account(String),
    /// The API token of this name.
    Token(String),
}

impl TestHarness {
    /// Finds the caller with their present permissions, or the error that a server answers to them. Accounts sign in for it.
    ///
    /// # Errors
    /// An account or a token that does not exist; an account that cannot sign in.
    pub(super) async fn find_caller(&self, caller: &TestCaller) -> Result<Result<Caller, AuthError>, TestError> {
        let token = match caller {
            TestCaller::Public => return Ok(Ok(self.access.public_caller())),
            TestCaller::Account(email) => self.sign_in_account(email).await?,
            TestCaller::Token(name) => {
                let tokens = self.content.store().read(|r| r.api_tokens().list()).map_err(to_test_error)?;
                if !tokens.iter().any(|row| row.token.name == *name) {
                    return Err(TestError(format!(
                        "there is no API token {name}: add one with [[api-tokens]] name = {name:?}"
                    )));
                }
                token_text(name)
            }
        };
        Ok(self.access.authenticate_caller(Some(format!("Bearer {token}").as_bytes())).await)
    }

    /// The token of a new session of the account.
    async fn sign_in_account(&self, email: &str) -> Result<String, TestError> {
        let user = self.content.store().read(|r| r.users().get_by_email(email)).map_err(to_test_error)?;
        let user = user.ok_or_else(|| {
            TestError(format!(
                "there is no account {email}: create one, with create = \"plugin::users-permissions.user\""
            ))
        })?;
        let signed_in = self.access.start_session(user).await;
        signed_in.map(|session| session.jwt).map_err(|e| TestError(format!("{email} cannot sign in: {e}")))
    }

    /// Replaces the type of a role, where the data is that of an account and names it, by the role's id.
    ///
    /// # Errors
    /// A role that does not exist.
    pub(super) fn resolve_role(&self, uid: &str, data: &mut Json) -> Result<(), TestError> {
        let name = data.get("role").and_then(Json::as_str).filter(|_| uid == USER_UID);
        let Some(name) = name.map(str::to_owned) else { return Ok(()) };
        let roles = self.content.store().read(|r| r.roles().list()).map_err(to_test_error)?;
        if let Some(role) = roles.iter().find(|role| role.kind == name) {
            data["role"] = role.document_id.clone().into();
        } else if !roles.iter().any(|role| role.document_id == name) {
            let known: Vec<&str> = roles.iter().map(|role| role.kind.as_str()).collect();
            return Err(TestError(format!(
                "there is no role {name}: add [content-roles.{name}]; existing roles: {}",
                known.join(", ")
            )));
        }
        Ok(())
    }

    /// Describes a caller's role, for messages about what they were refused.
    pub(crate) fn describe_caller(&self, caller: &TestCaller) -> String {
        match caller {
            TestCaller::Public => "the public".to_owned(),
            TestCaller::Token(name) => format!("the API token {name}"),
            TestCaller::Account(email) => match self.find_role_of(email) {
                Ok(Some(role)) => format!("{email}, whose role is {role}"),
                _ => format!("{email}, who has no role"),
            },
        }
    }

    fn find_role_of(&self, email: &str) -> Result<Option<String>, StoreError> {
        self.content.store().read(|r| {
            let role = r.users().get_by_email(email)?.and_then(|user| user.role);
            let roles = r.roles().list()?;
            Ok(roles.into_iter().find(|row| Some(&row.document_id) == role.as_ref()).map(|row| row.kind))
        })
    }
}
