//! The people who see a vehicle.

use super::{Vehicle, content_type};
use cairn_plugin::Row;
use cairn_plugin::data::or_default;
use serde::{Deserialize, Serialize};

/// A user of the content API, as far as it says whether the address is theirs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Account {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) username: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) email: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) blocked: bool,
}
content_type!(Account, "plugin::users-permissions.user");

/// Somebody who sees a vehicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Access {
    #[serde(default)]
    pub(crate) vehicle: Option<Row<Vehicle>>,
    #[serde(default)]
    pub(crate) account: Option<Row<Account>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) role: Role,
    #[serde(flatten)]
    pub(crate) scope: Scope,
    #[serde(default)]
    pub(crate) starts_at: Option<String>,
    #[serde(default)]
    pub(crate) ends_at: Option<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// How the invitation of somebody without an account stands; none for whom nobody has to invite.
    #[serde(default)]
    pub(crate) invitation: Option<Invitation>,
    /// When it was last mailed.
    #[serde(default)]
    pub(crate) invited_at: Option<String>,
    /// The sale after which it began, as the vehicle counts them.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) ownership: i64,
}
content_type!(Access, "plugin::portal.access");

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Invitation {
    /// It is to be sent.
    Due,
    Sent,
    /// They have an account with a password, and their address is verified.
    Password,
    /// Their account is blocked.
    Blocked,
    /// The address is none, or its account has another role than that of new users.
    Refused,
}

/// Role of somebody for a vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Sees everything, and after the end what was theirs until then.
    Owner,
    /// Sees what the scope names, until the end.
    #[default]
    Delegate,
}

/// Parts of a vehicle that a delegate sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scope {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sees_timeline: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sees_documents: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sees_payments: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sees_choices: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sees_service: bool,
}

impl Scope {
    /// Every part.
    pub(crate) const ALL: Self =
        Self { sees_timeline: true, sees_documents: true, sees_payments: true, sees_choices: true, sees_service: true };
}
