//! Authentication of requests to the content API: from an `Authorization` header to a [`Caller`].

use crate::actions::{DeclaredPermissions, PluginAction, PluginActions};
use crate::bearer_token::bearer_token;
use crate::caller::{Caller, CallerKind, UserCaller};
use crate::jwt;
use crate::known_callers::KnownCaller;
use crate::settings_snapshot::SettingsSnapshot;
use crate::{AccessControl, AdminAction, AdminCaller, AuthError};
use cairn_query::{Access, CallerPermissions};
use cairn_store::system::UserRow;
use cairn_store::{Reader, StoreError};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// State of everything that callers are read from; equal ones mean that no caller has changed, except by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallersVersion {
    settings: u64,
    stamp: u64,
}

impl AccessControl {
    /// Finds the caller with that `Authorization` header (of which there is at most one: the server refuses more with
    /// [`AuthError::Unknown`]). No header, another scheme, or `Bearer` with nothing after it is the public.
    pub async fn authenticate_caller(&self, authorization: Option<&[u8]>) -> Result<Caller, AuthError> {
        match authorization {
            None => Ok(self.public_caller()),
            Some(header) => match bearer_token(header)? {
                None => Ok(self.public_caller()),
                Some(token) => self.bearer_caller(token),
            },
        }
    }

    /// Does the same as [`Self::authenticate_caller`], but also accepts the token of an admin session: with the permissions for
    /// files that their roles give.
    pub async fn caller_or_admin(&self, authorization: Option<&[u8]>) -> Result<Caller, AuthError> {
        match self.authenticate_caller(authorization).await {
            Err(AuthError::Unknown) => match self.authenticate_admin(authorization, None).await {
                Ok(admin) => Ok(Self::as_caller(&admin)),
                Err(AuthError::Unauthorized(_)) => Err(AuthError::Unknown),
                Err(e) => Err(e),
            },
            other => other,
        }
    }

    /// Converts an admin to a caller of the file routes.
    pub fn as_caller(admin: &AdminCaller) -> Caller {
        use AdminAction::*;
        let actions = [
            (MediaRead, PluginAction::FindFiles),
            (MediaRead, PluginAction::FindFile),
            (MediaCreate, PluginAction::Upload),
            (MediaUpdate, PluginAction::ReplaceFile),
            (MediaDelete, PluginAction::DeleteFile),
        ];
        let actions = actions
            .into_iter()
            .filter(|(own, _)| admin.permissions.allows_action(*own))
            .map(|(_, plugin)| plugin)
            .collect();
        let kind = CallerKind::Admin {
            id: admin.id,
            token: admin.token(),
            name: admin.name.clone(),
            roles: admin.roles.clone(),
        };
        Caller::new(kind, admin.permissions.access().clone(), actions)
    }

    /// The caller for requests without credentials.
    pub fn public_caller(&self) -> Caller {
        self.public_caller_with(|| self.now())
    }

    /// The same, at another time.
    pub(crate) fn public_caller_at(&self, at: DateTime<Utc>) -> Caller {
        self.public_caller_with(|| at)
    }

    fn public_caller_with(&self, now: impl FnOnce() -> DateTime<Utc>) -> Caller {
        let state = self.settings_snapshot();
        let rights = &state.public.rights;
        Caller::new(CallerKind::Public, rights.access_at(now), rights.actions).with_declared(&rights.declared)
    }

    fn bearer_caller(&self, token: &str) -> Result<Caller, AuthError> {
        if jwt::has_jwt_form(token) {
            if let Some(known) = self.find_known_caller(token) {
                return Ok(known.caller.clone());
            }
            if let Some(claims) = jwt::verify_token(&self.keys().jwt, token, self.now().timestamp()) {
                return self.user_caller(token, &claims);
            }
        }
        let hash = self.token_hash(token);
        let state = self.settings_snapshot();
        let token = state.tokens.get(hash.as_slice()).ok_or(AuthError::Unknown)?;
        if token.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(AuthError::Unknown);
        }
        self.note_token_use(token.id);
        let kind = CallerKind::Token { id: token.id, name: token.name.clone(), kind: token.kind };
        let rights = &token.rights;
        Ok(Caller::new(kind, rights.access_at(|| self.now()), rights.actions).with_declared(&rights.declared))
    }

    /// The permissions of the caller with this `Authorization` header, without the read policies of plugins, if they are remembered: that of a
    /// user who was here before, where one process writes.
    pub fn find_known_permissions(&self, authorization: &[u8]) -> Option<CallerPermissions> {
        let token = bearer_token(authorization).ok()??;
        Some(self.find_known_caller(token)?.caller.permissions.clone())
    }

    /// The remembered caller with a token, if they are still who they were.
    fn find_known_caller(&self, token: &str) -> Option<Arc<KnownCaller>> {
        let state = self.settings_snapshot();
        self.known_callers().find(token, &state, self.caller_stamp(&state)?, self.now())
    }

    /// A value that changes with whatever callers are read from: users, what conditions compare with, sessions, groups, administrators and
    /// the settings. Changes of other processes count as soon as this one has followed them ([`cairn_store::Store::wait_until_fresh`]).
    pub fn callers_version(&self) -> CallersVersion {
        let state = self.settings_snapshot();
        let stamp = self.store().counters().caller_stamp(&state.caller_types);
        CallersVersion { settings: state.generation, stamp }
    }

    /// A number that changes with whatever callers are read from besides the settings; `None` where other processes write as well.
    fn caller_stamp(&self, state: &SettingsSnapshot) -> Option<u64> {
        let store = self.store();
        (!store.is_shared()).then(|| store.counters().caller_stamp(&state.caller_types))
    }

    /// Finds the caller of a JWT, whose claims these are. A change of the user, of values of theirs, their groups, their session or the
    /// settings takes effect at once: where one process writes, it knows whether there was any since it last read them
    /// ([`Self::find_known_caller`]); otherwise they are read for every request.
    fn user_caller(&self, token: &str, claims: &jwt::JwtClaims) -> Result<Caller, AuthError> {
        let state = self.settings_snapshot();
        let now = self.now();
        // The stamp is taken before the reads: a commit that they miss changes it.
        let stamp = self.caller_stamp(&state);
        self.store().read(|reader| {
            let user = reader.users().get_by_document(&claims.doc)?.filter(|u| u.id == claims.id);
            let user =
                user.filter(|u| can_sign_in(u, state.auth.confirm_by_mail)).ok_or(AuthError::InvalidCredentials)?;
            let session = reader.sessions().get(&claims.sid)?.filter(|s| s.user_document_id == user.document_id);
            let session = session.filter(|s| s.expires_at > crate::clock::format_iso(now)).ok_or(AuthError::Unknown)?;
            let caller = self.caller_of_user(reader, &user, &claims.sid, now)?;
            let rights = state.find_role(user.role.as_deref()).map(|role| &role.rights);
            if let Some(stamp) = stamp
                && let Ok(session_expires_at) = DateTime::parse_from_rfc3339(&session.expires_at)
            {
                let known = KnownCaller {
                    caller: caller.clone(),
                    settings: Arc::downgrade(&state),
                    stamp,
                    token_validity: claims.validity(),
                    session_expires_at: session_expires_at.to_utc(),
                    second: rights.is_some_and(|rights| rights.depends_on_time()).then(|| now.timestamp()),
                };
                self.known_callers().remember(token, known);
            }
            Ok(caller)
        })
    }

    /// A user as a caller, with the permissions that they have at that time.
    pub(crate) fn caller_of_user(
        &self,
        reader: &Reader<'_>,
        user: &UserRow,
        session: &str,
        now: DateTime<Utc>,
    ) -> Result<Caller, StoreError> {
        let state = self.settings_snapshot();
        let groups = reader.user_groups().list(&user.document_id)?;
        let role = state.find_role(user.role.as_deref());
        let (access, actions, declared) = match role {
            Some(role) => {
                let rights = &role.rights;
                (rights.user_access(reader, user, &groups, now)?, rights.actions, rights.declared.clone())
            }
            None => (Arc::new(Access::none()), PluginActions::default(), DeclaredPermissions::default()),
        };
        let kind = CallerKind::User(UserCaller {
            id: user.id,
            document_id: user.document_id.clone(),
            role: role.map(|r| r.kind.clone()),
            groups,
            session: session.to_owned(),
        });
        Ok(Caller::new(kind, access, actions).with_declared(&declared))
    }

    /// True if a user may sign in.
    pub(crate) fn may_sign_in(&self, user: &UserRow) -> bool {
        can_sign_in(user, self.settings_snapshot().auth.confirm_by_mail)
    }
}

pub(crate) fn can_sign_in(user: &UserRow, confirm: bool) -> bool {
    !user.blocked && (user.confirmed || !confirm)
}
