//! Everything that settings decide, read at once and cached until it changes.

use crate::admin_roles::AdminRole;
use crate::admin_roles::permissions::CompiledPermissions;
use crate::auth_settings::{AUTH_SETTING, AuthSettings};
use crate::cached_settings::CachedSettings;
use crate::locales::Locales;
use crate::permissions::{PermissionGrant, ResolvedPermissions};
use cairn_model::{Registry, TypeId};
use cairn_store::system::{AdminRoleRow, ApiTokenRow, LocaleRow, PermissionRow, RoleRow};
use cairn_store::{Reader, StoreError};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Kind of API tokens that may do everything.
pub const FULL_ACCESS: &str = "full-access";
/// Kind of API tokens that may only read.
pub const READ_ONLY: &str = "read-only";
/// Kind of API tokens with chosen permissions.
pub const CUSTOM: &str = "custom";

/// The rows, as read; equal rows make an equal state.
#[derive(Debug, PartialEq)]
pub(crate) struct SettingsRows {
    locales: Vec<LocaleRow>,
    auth: Option<Json>,
    pub(crate) cached: CachedSettings,
    roles: Vec<RoleRow>,
    permissions: Vec<PermissionRow>,
    draft_readers: Vec<String>,
    tokens: Vec<ApiTokenRow>,
    admin_roles: Vec<AdminRoleRow>,
}

impl SettingsRows {
    /// The roles of the content API with their grants, and whether they may read drafts.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (&RoleRow, Vec<PermissionGrant>, bool)> {
        self.roles.iter().map(|row| {
            let grants = self.permissions.iter().filter(|p| p.role == row.kind).map(to_grant).collect();
            (row, grants, self.draft_readers.contains(&row.kind))
        })
    }

    /// The API tokens.
    pub(crate) fn tokens(&self) -> &[ApiTokenRow] {
        &self.tokens
    }

    pub(crate) fn load_rows(reader: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            locales: reader.locales().list()?,
            auth: reader.settings().get(AUTH_SETTING)?,
            cached: CachedSettings::load(reader)?,
            roles: reader.roles().list()?,
            permissions: reader.permissions().list()?,
            draft_readers: reader.permissions().list_draft_readers()?,
            tokens: reader.api_tokens().list()?,
            admin_roles: reader.admin_roles().list()?,
        })
    }
}

/// A role with its permissions.
#[derive(Debug)]
pub(crate) struct ResolvedRole {
    pub(crate) kind: String,
    pub(crate) rights: ResolvedPermissions,
}

/// An API token with its permissions.
#[derive(Debug)]
pub(crate) struct ResolvedToken {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) rights: Arc<ResolvedPermissions>,
}

/// The kind of an API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Permits everything in the content API.
    FullAccess,
    /// Permits every `find` and `findOne`.
    ReadOnly,
    /// Permits what its permissions grant.
    Custom,
}

/// A snapshot of settings, built from [`SettingsRows`].
#[derive(Debug)]
pub(crate) struct SettingsSnapshot {
    pub(crate) rows: SettingsRows,
    pub(crate) locales: Arc<Locales>,
    pub(crate) auth: Arc<AuthSettings>,
    pub(crate) public: Arc<ResolvedRole>,
    /// Roles by document id.
    pub(crate) roles: HashMap<String, Arc<ResolvedRole>>,
    /// Tokens by the HMAC of their text.
    pub(crate) tokens: HashMap<Vec<u8>, Arc<ResolvedToken>>,
    /// The roles of admin users.
    pub(crate) admin_roles: Vec<AdminRole>,
    /// Permissions of admin users, by the codes of their roles, as far as they were needed.
    pub(crate) admin_rights: Mutex<HashMap<Vec<String>, Arc<CompiledPermissions>>>,
    /// The types that say who a user is and what conditions of roles compare with: that of users, and those that values of theirs are read from.
    pub(crate) caller_types: Vec<TypeId>,
    /// Number that no other state has.
    pub(crate) generation: u64,
}

static NEXT_GENERATION: AtomicU64 = AtomicU64::new(1);

impl SettingsSnapshot {
    pub(crate) fn new(registry: &Registry, rows: SettingsRows) -> Self {
        // Equal keys must mean equal rights: no key is used again after a change.
        let generation = NEXT_GENERATION.fetch_add(1, Ordering::Relaxed);
        let roles: HashMap<String, Arc<ResolvedRole>> = rows
            .roles
            .iter()
            .map(|row| {
                let own = rows.permissions.iter().filter(|p| p.role == row.kind);
                let grants: Vec<PermissionGrant> = own.map(to_grant).collect();
                let drafts = rows.draft_readers.contains(&row.kind);
                let rights = ResolvedPermissions::from_grants(
                    registry,
                    format!("role {} #{generation}", row.id),
                    drafts,
                    &grants,
                );
                (row.document_id.clone(), Arc::new(ResolvedRole { kind: row.kind.clone(), rights }))
            })
            .collect();
        let public = roles.values().find(|r| r.kind == PUBLIC_ROLE).cloned();
        let public = public.unwrap_or_else(|| {
            Arc::new(ResolvedRole { kind: PUBLIC_ROLE.into(), rights: ResolvedPermissions::no_access() })
        });
        let full = Arc::new(ResolvedPermissions::full_access());
        let read_only = Arc::new(ResolvedPermissions::read_only(registry));
        let mut tokens = HashMap::new();
        for row in &rows.tokens {
            let (kind, rights) = match row.token.kind.as_str() {
                FULL_ACCESS => (TokenKind::FullAccess, full.clone()),
                READ_ONLY => (TokenKind::ReadOnly, read_only.clone()),
                CUSTOM => {
                    let key = format!("token {} #{generation}", row.id);
                    let grants = stored_grants(row);
                    (
                        TokenKind::Custom,
                        Arc::new(ResolvedPermissions::from_grants(registry, key, row.token.read_drafts, &grants)),
                    )
                }
                other => {
                    tracing::error!(
                        token = row.token.name,
                        kind = other,
                        "an API token has an unknown type; it cannot be used"
                    );
                    continue;
                }
            };
            let expires_at = match &row.token.expires_at {
                None => None,
                Some(text) => match DateTime::parse_from_rfc3339(text) {
                    Ok(time) => Some(time.to_utc()),
                    Err(_) => {
                        tracing::error!(
                            token = row.token.name,
                            "cannot read the expiry of an API token; it cannot be used"
                        );
                        continue;
                    }
                },
            };
            let token = ResolvedToken { id: row.id, name: row.token.name.clone(), kind, expires_at, rights };
            tokens.insert(row.token.hash.clone(), Arc::new(token));
        }
        let locales = Arc::new(Locales::new(rows.locales.clone()));
        let auth = Arc::new(AuthSettings::from_stored(rows.auth.as_ref()));
        let admin_roles = AdminRole::from_rows(&rows.admin_roles);
        let admin_rights = Mutex::default();
        let value_types = roles.values().flat_map(|role| role.rights.user_value_types());
        let caller_types: BTreeSet<TypeId> = value_types.chain([registry.user_type().id]).collect();
        let caller_types = caller_types.into_iter().collect();
        Self { locales, auth, public, roles, tokens, admin_roles, admin_rights, caller_types, generation, rows }
    }

    /// The permissions of a user with that role.
    pub(crate) fn find_role(&self, document_id: Option<&str>) -> Option<&Arc<ResolvedRole>> {
        self.roles.get(document_id?)
    }
}

/// The role of callers who are not signed in.
pub const PUBLIC_ROLE: &str = "public";
/// The role of users who have no other.
pub const AUTHENTICATED_ROLE: &str = "authenticated";

fn to_grant(p: &PermissionRow) -> PermissionGrant {
    PermissionGrant {
        subject: p.subject.clone(),
        action: p.action.clone(),
        condition: p.condition.clone(),
        fields: p.fields.clone(),
    }
}

/// The grants of a custom token; none if they cannot be read.
pub(crate) fn stored_grants(row: &ApiTokenRow) -> Vec<PermissionGrant> {
    let Some(json) = &row.token.permissions else { return Vec::new() };
    serde_json::from_value(json.clone()).unwrap_or_else(|_| {
        tracing::error!(token = row.token.name, "cannot read the permissions of an API token; it has none");
        Vec::new()
    })
}
