//! The system tables, one file per table, and the look-ups that `access` needs in the content tables of users and roles.
//!
//! Each file has the methods of its [namespaces](crate::namespaces); a write that has to look something up first does so through
//! [`WriteTx::reader`](crate::WriteTx::reader). Times are ISO text in UTC with milliseconds and are passed by the caller.

mod admin_codes;
mod admin_passkeys;
mod admin_preferences;
mod admin_roles;
mod admin_sessions;
mod admin_tokens;
mod admin_users;
mod admin_views;
mod api_tokens;
mod erasures;
mod ids;
mod locales;
mod one_time_codes;
mod permissions;
mod roles;
mod seal_profiles;
mod sessions;
mod settings;
mod tenants;
#[cfg(test)]
mod tests;
mod user_groups;
mod user_path;
mod users;

pub use admin_passkeys::AdminPasskeyRow;
pub use admin_roles::AdminRoleRow;
pub use admin_sessions::AdminSessionRow;
pub use admin_tokens::{AdminTokenRow, NewAdminToken};
pub use admin_users::{AdminProfile, AdminUserRow};
pub use admin_views::{AdminViewRow, NewAdminView};
pub use api_tokens::{ApiTokenRow, NewApiToken};
pub use erasures::{ErasureRow, ErasureState, NewErasure, NewRetainedRecord, RetainedRecordRow};
pub use ids::{document_id_by, is_document_id, new_document_id};
pub use locales::LocaleRow;
pub use permissions::PermissionRow;
pub use roles::RoleRow;
pub use seal_profiles::SealProfileRow;
pub use sessions::SessionRow;
pub use settings::STRAPI_IMPORT_SETTING;
pub use tenants::TenantRow;
pub use user_path::UserPath;
pub use users::{NewUser, UserRow};

use crate::ident::Ident;
use crate::{Result, StoreError};
use cairn_model::{Attribute, ContentType};

/// An attribute that a built-in type must have. Returns an error if a project's schema file for that type left it out.
fn built_in_attribute<'a>(ct: &'a ContentType, name: &str) -> Result<&'a Attribute> {
    ct.attributes
        .get(name)
        .map(|(_, a)| a)
        .ok_or_else(|| StoreError::Schema(format!("{} has no attribute {name}, which Cairn requires", ct.uid)))
}

/// The column of such an attribute.
fn built_in_column(ct: &ContentType, name: &str) -> Result<Ident> {
    built_in_attribute(ct, name).map(Ident::column)
}
