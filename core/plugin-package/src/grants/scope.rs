//! Scopes of grants: the capabilities that a plugin may have, and how far each of them goes.

use crate::address::AddressPattern;
use crate::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Something a plugin can only do when it was granted. Clock, random, translations, its settings, its log and the documents of
    /// its own content types need no grant.
    Capability {
        /// Reading documents of other content types.
        DataRead = "data.read",
        /// Writing documents of other content types.
        DataWrite = "data.write",
        /// Small private key-value storage.
        Kv = "kv",
        /// Publishing the events that it declares.
        EventsPublish = "events.publish",
        /// Invalidating cached results of its read policy.
        Policies = "policies",
        /// Enqueueing jobs and timers.
        Jobs = "jobs",
        /// Its own search indexes.
        Search = "search",
        /// Reading files and linking to them.
        FilesRead = "files.read",
        /// Storing and deleting files of its own.
        FilesWrite = "files.write",
        /// Requests to other hosts.
        Http = "http",
        /// Signing and verifying with secrets.
        Secrets = "secrets",
        /// Signing with private keys of the operator.
        Signing = "signing",
        /// Sending mail, a limited number per hour.
        Mail = "mail",
        /// Notifications in the admin.
        Notify = "notify",
        /// Rendering templates.
        Templates = "templates",
        /// Creating PDFs.
        PdfRender = "pdf.render",
        /// Reading, filling, merging and checking PDFs.
        PdfFill = "pdf.fill",
        /// Sealing PDFs with a key of the operator.
        PdfSeal = "pdf.seal",
        /// Writing to the audit log and reading its own entries.
        Audit = "audit",
        /// Calculating working time with the operator's calendars.
        Calendar = "calendar",
        /// Giving users groups, by which they see content and find it.
        Groups = "groups",
        /// Finding people of the admin by name, role or id.
        People = "people",
        /// Inviting people as users of the API, a limited number per hour.
        UsersInvite = "users.invite",
    }
}

impl Capability {
    /// The keys of a `[[grant]]` that say how far it goes.
    pub const fn scope_keys(self) -> &'static [&'static str] {
        match self {
            Self::DataRead => &["types", "fields"],
            Self::DataWrite => &["types", "fields", "actions"],
            Self::Http => &["to", "methods", "secrets"],
            Self::Secrets => &["secrets"],
            Self::Signing => &["keys"],
            Self::Mail | Self::Notify => &["max-per-hour"],
            Self::UsersInvite => &["roles", "max-per-hour"],
            Self::PdfSeal => &["profiles"],
            _ => &[],
        }
    }
}

words! {
    /// Action on a document that a plugin may be allowed.
    WriteAction {
        /// A new document.
        Create = "create",
        /// Updating a document.
        Update = "update",
        /// Deleting a document.
        Delete = "delete",
        /// Publishing, unpublishing and discarding a draft.
        Publish = "publish",
    }
}

words! {
    /// Methods of requests to other hosts.
    Method {
        /// HTTP method `GET`.
        Get = "GET",
        /// HTTP method `HEAD`.
        Head = "HEAD",
        /// HTTP method `POST`.
        Post = "POST",
        /// HTTP method `PUT`.
        Put = "PUT",
        /// HTTP method `PATCH`.
        Patch = "PATCH",
        /// HTTP method `DELETE`.
        Delete = "DELETE",
        /// HTTP method `OPTIONS`.
        Options = "OPTIONS",
    }
}

/// Fields of a document that a grant covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<String>>", into = "Option<BTreeSet<String>>")]
pub enum Fields {
    /// Every one that is not marked private.
    All,
    /// These. A private one among them is not granted.
    Only(BTreeSet<String>),
}

impl Fields {
    /// True if a field that is not private is among them.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(field),
        }
    }

    /// Those in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, fields) | (fields, Self::All) => fields.clone(),
            (Self::Only(a), Self::Only(b)) => Self::Only(a & b),
        }
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Only(a), Self::Only(b)) => Self::Only(a | b),
        }
    }
}

impl From<Option<BTreeSet<String>>> for Fields {
    fn from(fields: Option<BTreeSet<String>>) -> Self {
        fields.map_or(Self::All, Self::Only)
    }
}

impl From<Fields> for Option<BTreeSet<String>> {
    fn from(fields: Fields) -> Self {
        match fields {
            Fields::All => None,
            Fields::Only(fields) => Some(fields),
        }
    }
}

/// Roles of the API's users that invited people may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Option<BTreeSet<String>>", into = "Option<BTreeSet<String>>")]
pub enum InvitedRoles {
    /// The role that the site gives new users, whichever that is.
    #[default]
    Default,
    /// Those of these types.
    Only(BTreeSet<String>),
}

impl From<Option<BTreeSet<String>>> for InvitedRoles {
    fn from(roles: Option<BTreeSet<String>>) -> Self {
        roles.map_or(Self::Default, Self::Only)
    }
}

impl From<InvitedRoles> for Option<BTreeSet<String>> {
    fn from(roles: InvitedRoles) -> Self {
        match roles {
            InvitedRoles::Default => None,
            InvitedRoles::Only(roles) => Some(roles),
        }
    }
}

/// One capability and how far it goes, as it is stored with the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "use", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Scope {
    /// See [`Capability::DataRead`].
    #[serde(rename = "data.read")]
    DataRead {
        /// Uids of content types.
        types: BTreeSet<String>,
        /// Fields of their documents that may be read.
        fields: Fields,
    },
    /// See [`Capability::DataWrite`].
    #[serde(rename = "data.write")]
    DataWrite {
        /// Uids of content types.
        types: BTreeSet<String>,
        /// Fields of their documents that may be written.
        fields: Fields,
        /// Actions on their documents that are allowed.
        actions: BTreeSet<WriteAction>,
    },
    /// See [`Capability::Kv`].
    #[serde(rename = "kv")]
    Kv,
    /// See [`Capability::EventsPublish`].
    #[serde(rename = "events.publish")]
    EventsPublish,
    /// See [`Capability::Policies`].
    #[serde(rename = "policies")]
    Policies,
    /// See [`Capability::Jobs`].
    #[serde(rename = "jobs")]
    Jobs,
    /// See [`Capability::Search`].
    #[serde(rename = "search")]
    Search,
    /// See [`Capability::FilesRead`].
    #[serde(rename = "files.read")]
    FilesRead,
    /// See [`Capability::FilesWrite`].
    #[serde(rename = "files.write")]
    FilesWrite,
    /// See [`Capability::Http`].
    #[serde(rename = "http")]
    Http {
        /// Where requests may go. Among them may be secrets whose values are addresses.
        to: BTreeSet<AddressPattern>,
        /// With which methods.
        methods: BTreeSet<Method>,
        /// Names of secrets that may travel there.
        secrets: BTreeSet<String>,
    },
    /// See [`Capability::Secrets`].
    #[serde(rename = "secrets")]
    Secrets {
        /// Names of the secrets.
        secrets: BTreeSet<String>,
    },
    /// See [`Capability::Signing`].
    #[serde(rename = "signing")]
    Signing {
        /// Names of the keys, as the manifest declares them.
        keys: BTreeSet<String>,
    },
    /// See [`Capability::Mail`].
    #[serde(rename = "mail")]
    Mail {
        /// Most messages in an hour.
        max_per_hour: u32,
    },
    /// See [`Capability::Notify`].
    #[serde(rename = "notify")]
    Notify {
        /// Most notices in an hour.
        max_per_hour: u32,
    },
    /// See [`Capability::Templates`].
    #[serde(rename = "templates")]
    Templates,
    /// See [`Capability::PdfRender`].
    #[serde(rename = "pdf.render")]
    PdfRender,
    /// See [`Capability::PdfFill`].
    #[serde(rename = "pdf.fill")]
    PdfFill,
    /// See [`Capability::PdfSeal`].
    #[serde(rename = "pdf.seal")]
    PdfSeal {
        /// Names of sealing profiles, as the operator has them.
        profiles: BTreeSet<String>,
    },
    /// See [`Capability::Audit`].
    #[serde(rename = "audit")]
    Audit,
    /// See [`Capability::Calendar`].
    #[serde(rename = "calendar")]
    Calendar,
    /// See [`Capability::Groups`].
    #[serde(rename = "groups")]
    Groups,
    /// See [`Capability::People`].
    #[serde(rename = "people")]
    People,
    /// See [`Capability::UsersInvite`].
    #[serde(rename = "users.invite")]
    UsersInvite {
        /// Roles that they may have.
        #[serde(default)]
        roles: InvitedRoles,
        /// Most invitations that are mailed in an hour.
        max_per_hour: u32,
    },
}

impl Scope {
    /// True where it rests on a choice without values, and so permits nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::DataRead { types, .. } | Self::DataWrite { types, .. } => types.is_empty(),
            Self::Http { to, .. } => to.is_empty(),
            _ => false,
        }
    }

    /// True if it permits a use of a secret, of whatever kind.
    pub fn names_secret(&self, secret: &str) -> bool {
        match self {
            Self::Http { to, secrets, .. } => {
                secrets.contains(secret) || to.iter().any(|address| address.secret() == Some(secret))
            }
            Self::Secrets { secrets } => secrets.contains(secret),
            _ => false,
        }
    }

    /// Returns the capability that this is the scope of.
    pub const fn capability(&self) -> Capability {
        match self {
            Self::DataRead { .. } => Capability::DataRead,
            Self::DataWrite { .. } => Capability::DataWrite,
            Self::Kv => Capability::Kv,
            Self::EventsPublish => Capability::EventsPublish,
            Self::Policies => Capability::Policies,
            Self::Jobs => Capability::Jobs,
            Self::Search => Capability::Search,
            Self::FilesRead => Capability::FilesRead,
            Self::FilesWrite => Capability::FilesWrite,
            Self::Http { .. } => Capability::Http,
            Self::Secrets { .. } => Capability::Secrets,
            Self::Signing { .. } => Capability::Signing,
            Self::Mail { .. } => Capability::Mail,
            Self::Notify { .. } => Capability::Notify,
            Self::Templates => Capability::Templates,
            Self::PdfRender => Capability::PdfRender,
            Self::PdfFill => Capability::PdfFill,
            Self::PdfSeal { .. } => Capability::PdfSeal,
            Self::Audit => Capability::Audit,
            Self::Calendar => Capability::Calendar,
            Self::Groups => Capability::Groups,
            Self::People => Capability::People,
            Self::UsersInvite { .. } => Capability::UsersInvite,
        }
    }
}
