//! Mutations that belong to no content type of the project: accounts, users and files, each as a REST route does it.

use cairn_query::Query;
use serde_json::{Map, Value as Json};

/// A mutation that a schema has whatever the content types are, if the caller has the permission of the REST route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedMutation {
    /// `register`: `POST /api/auth/local/register`.
    Register,
    /// `forgotPassword`: `POST /api/auth/forgot-password`.
    ForgotPassword,
    /// `resetPassword`: `POST /api/auth/reset-password`.
    ResetPassword,
    /// `changePassword`: `POST /api/auth/change-password`.
    ChangePassword,
    /// `emailConfirmation`: `GET /api/auth/email-confirmation`.
    ConfirmEmail,
    /// `createUsersPermissionsUser`: `POST /api/users`.
    CreateUser,
    /// `updateUsersPermissionsUser`: `PUT /api/users/<id>`.
    UpdateUser,
    /// `deleteUsersPermissionsUser`: `DELETE /api/users/<id>`.
    DeleteUser,
    /// `updateUploadFile`: `POST /api/upload?id=<id>` without a file.
    UpdateFile,
    /// `deleteUploadFile`: `DELETE /api/upload/files/<id>`.
    DeleteFile,
}

impl FixedMutation {
    /// Every such mutation.
    pub const ALL: [Self; 10] = [
        Self::Register,
        Self::ForgotPassword,
        Self::ResetPassword,
        Self::ChangePassword,
        Self::ConfirmEmail,
        Self::CreateUser,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::UpdateFile,
        Self::DeleteFile,
    ];
}

/// A request for such a mutation.
#[derive(Debug, Clone)]
pub struct FixedRequest {
    /// The mutation to run.
    pub mutation: FixedMutation,
    /// Id of the user or the file: a number or a document id. Empty where nothing that exists is named.
    pub id: String,
    /// The body of the REST route: values of the user or the file, or what the route below `/api/auth` takes.
    pub body: Map<String, Json>,
    /// Selection of a user; empty for others.
    pub query: Query,
}
