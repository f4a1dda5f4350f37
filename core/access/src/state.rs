//! Everything that settings decide, read at once and cached until it changes.

use crate::admin_roles::AdminRole;
use crate::admin_roles::rights::Compiled;
use crate::auth_settings::{AUTH_SETTING, AuthSettings};
use crate::calendars::{self, Calendars};
use crate::identity::{MAIL_SETTING, MailIdentity, THEME_SETTING, Theme, stored};
use crate::locales::Locales;
use crate::rights::{Grant, Rights};
use cairn_model::Registry;
use cairn_store::system::{AdminRoleRow, ApiTokenRow, LocaleRow, PermissionRow, RoleRow};
use cairn_store::{Reader, StoreError};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Kind of API tokens that may do everything.
pub(crate) const FULL_ACCESS: &str = "full-access";
/// Kind of API tokens that may only read.
pub(crate) const READ_ONLY: &str = "read-only";
/// Kind of API tokens with chosen permissions.
pub(crate) const CUSTOM: &str = "custom";

/// The rows, as read; equal rows make an equal state.
#[derive(Debug, PartialEq)]
pub(crate) struct Rows {
    locales: Vec<LocaleRow>,
    auth: Option<Json>,
    mail: Option<Json>,
    theme: Option<Json>,
    calendars: Option<Json>,
    roles: Vec<RoleRow>,
    permissions: Vec<PermissionRow>,
    draft_readers: Vec<String>,
    tokens: Vec<ApiTokenRow>,
    admin_roles: Vec<AdminRoleRow>,
}

impl Rows {
    /// The roles of the content API with their grants, and whether they may read drafts.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (&RoleRow, Vec<Grant>, bool)> {
        self.roles.iter().map(|row| {
            let grants = self.permissions.iter().filter(|p| p.role == row.kind).map(grant).collect();
            (row, grants, self.draft_readers.contains(&row.kind))
        })
    }

    /// The API tokens.
    pub(crate) fn tokens(&self) -> &[ApiTokenRow] {
        &self.tokens
    }

    pub(crate) fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            locales: reader.locales()?,
            auth: reader.setting(AUTH_SETTING)?,
            mail: reader.setting(MAIL_SETTING)?,
            theme: reader.setting(THEME_SETTING)?,
            calendars: reader.setting(calendars::SETTING)?,
            roles: reader.roles()?,
            permissions: reader.permissions()?,
            draft_readers: reader.draft_readers()?,
            tokens: reader.api_tokens()?,
            admin_roles: reader.admin_roles()?,
        })
    }
}

/// A role with its permissions.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) kind: String,
    pub(crate) rights: Rights,
}

/// An API token with its permissions.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) rights: Arc<Rights>,
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

/// A snapshot of settings, built from [`Rows`].
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) rows: Rows,
    pub(crate) locales: Arc<Locales>,
    pub(crate) auth: Arc<AuthSettings>,
    pub(crate) mail: Arc<MailIdentity>,
    pub(crate) theme: Arc<Theme>,
    pub(crate) calendars: Arc<Calendars>,
    pub(crate) public: Arc<Role>,
    /// Roles by document id.
    pub(crate) roles: HashMap<String, Arc<Role>>,
    /// Tokens by the HMAC of their text.
    pub(crate) tokens: HashMap<Vec<u8>, Arc<Token>>,
    /// The roles of admin users.
    pub(crate) admin_roles: Vec<AdminRole>,
    /// Permissions of admin users, by the codes of their roles, as far as they were needed.
    pub(crate) admin_rights: Mutex<HashMap<Vec<String>, Arc<Compiled>>>,
    /// Number that no other state has.
    pub(crate) generation: u64,
}

static GENERATION: AtomicU64 = AtomicU64::new(1);

impl State {
    pub(crate) fn new(registry: &Registry, rows: Rows) -> Self {
        // Equal keys must mean equal rights: no key is used again after a change.
        let generation = GENERATION.fetch_add(1, Ordering::Relaxed);
        let roles: HashMap<String, Arc<Role>> = rows
            .roles
            .iter()
            .map(|row| {
                let own = rows.permissions.iter().filter(|p| p.role == row.kind);
                let grants: Vec<Grant> = own.map(grant).collect();
                let drafts = rows.draft_readers.contains(&row.kind);
                let rights = Rights::of(registry, format!("role {} #{generation}", row.id), drafts, &grants);
                (row.document_id.clone(), Arc::new(Role { kind: row.kind.clone(), rights }))
            })
            .collect();
        let public = roles.values().find(|r| r.kind == PUBLIC).cloned();
        let public = public.unwrap_or_else(|| Arc::new(Role { kind: PUBLIC.into(), rights: Rights::none() }));
        let full = Arc::new(Rights::full());
        let read_only = Arc::new(Rights::read_only(registry));
        let mut tokens = HashMap::new();
        for row in &rows.tokens {
            let (kind, rights) = match row.token.kind.as_str() {
                FULL_ACCESS => (TokenKind::FullAccess, full.clone()),
                READ_ONLY => (TokenKind::ReadOnly, read_only.clone()),
                CUSTOM => {
                    let key = format!("token {} #{generation}", row.id);
                    let grants = stored_grants(row);
                    (TokenKind::Custom, Arc::new(Rights::of(registry, key, row.token.read_drafts, &grants)))
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
            let token = Token { id: row.id, name: row.token.name.clone(), kind, expires_at, rights };
            tokens.insert(row.token.hash.clone(), Arc::new(token));
        }
        let locales = Arc::new(Locales::new(rows.locales.clone()));
        let auth = Arc::new(AuthSettings::of(rows.auth.as_ref()));
        let mail = Arc::new(stored(MAIL_SETTING, rows.mail.as_ref()));
        let theme = Arc::new(stored(THEME_SETTING, rows.theme.as_ref()));
        let calendars = Arc::new(calendars::stored(rows.calendars.as_ref()));
        let admin_roles = AdminRole::all(&rows.admin_roles);
        let admin_rights = Mutex::default();
        Self {
            locales,
            auth,
            mail,
            theme,
            calendars,
            public,
            roles,
            tokens,
            admin_roles,
            admin_rights,
            generation,
            rows,
        }
    }

    /// The permissions of a user with that role.
    pub(crate) fn role(&self, document_id: Option<&str>) -> Option<&Arc<Role>> {
        self.roles.get(document_id?)
    }
}

/// The role of callers who are not signed in.
pub const PUBLIC: &str = "public";
/// The role of users who have no other.
pub const AUTHENTICATED: &str = "authenticated";

fn grant(p: &PermissionRow) -> Grant {
    Grant {
        subject: p.subject.clone(),
        action: p.action.clone(),
        condition: p.condition.clone(),
        fields: p.fields.clone(),
    }
}

/// The grants of a custom token; none if they cannot be read.
pub(crate) fn stored_grants(row: &ApiTokenRow) -> Vec<Grant> {
    let Some(json) = &row.token.permissions else { return Vec::new() };
    serde_json::from_value(json.clone()).unwrap_or_else(|_| {
        tracing::error!(token = row.token.name, "cannot read the permissions of an API token; it has none");
        Vec::new()
    })
}
