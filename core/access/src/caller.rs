//! Who calls: from an `Authorization` header to what they may do.

use crate::actions::{PluginAction, PluginActions};
use crate::jwt;
use crate::state::TokenKind;
use crate::{AccessControl, AdminAction, AdminCaller, AuthError};
use cairn_query::{Access, CallerRights};
use std::sync::Arc;

/// Longest header that is looked at, in bytes.
const MAX_HEADER: usize = 8 * 1024;

/// Somebody with rights. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub kind: CallerKind,
    /// What their role or token lets them do with content. To read takes an [`Access`]: the same with the policies that hold for them.
    pub rights: CallerRights,
    actions: PluginActions,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    /// Nobody signed in.
    Public,
    /// A content API user.
    User(UserCaller),
    /// An admin user, for what the admin does through the content API: files.
    Admin {
        /// Their number; `None`: an admin token.
        id: Option<i64>,
        /// Number of the admin token, if it is one.
        token: Option<i64>,
        /// Their address, or the token's name.
        email: String,
        /// Codes of their roles.
        roles: Vec<String>,
    },
    /// An API token.
    Token {
        /// Its number.
        id: i64,
        /// Its name.
        name: String,
        /// Its kind.
        kind: TokenKind,
    },
}

/// A signed-in content API user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCaller {
    /// Their number.
    pub id: i64,
    /// Their document id.
    pub document_id: String,
    /// `type` of their role, if they have one.
    pub role: Option<String>,
    /// Their session.
    pub session: String,
}

impl Caller {
    pub(crate) fn new(kind: CallerKind, access: Arc<Access>, actions: PluginActions) -> Self {
        Self { kind, rights: CallerRights::new(access), actions }
    }

    /// Whether they may do something that is not (only) content.
    pub fn may_action(&self, action: PluginAction) -> bool {
        self.actions.contains(action)
    }

    /// As [`Self::may_action`], as the error that ends the request.
    pub fn require(&self, action: PluginAction) -> Result<(), AuthError> {
        if self.may_action(action) { Ok(()) } else { Err(AuthError::Forbidden) }
    }

    /// The signed-in user, if it is one.
    pub fn user(&self) -> Option<&UserCaller> {
        match &self.kind {
            CallerKind::User(user) => Some(user),
            _ => None,
        }
    }

    /// Whether it is somebody of the admin: no read policy limits them.
    pub fn is_admin(&self) -> bool {
        matches!(self.kind, CallerKind::Admin { .. })
    }

    /// Whether the caller is nobody signed in: their answers may be shared.
    pub fn is_public(&self) -> bool {
        self.kind == CallerKind::Public
    }
}

impl AccessControl {
    /// Who sends that `Authorization` header (of which there is at most one: the server refuses more with
    /// [`AuthError::Unknown`]). No header, another scheme, or `Bearer` with nothing after it is the public.
    pub async fn caller(&self, authorization: Option<&[u8]>) -> Result<Caller, AuthError> {
        match authorization {
            None => Ok(self.public()),
            Some(header) => match bearer(header)? {
                None => Ok(self.public()),
                Some(token) => self.bearer_caller(token),
            },
        }
    }

    /// As [`Self::caller`], of whom the token may also be that of an admin session: with the rights to files that their roles
    /// give.
    pub async fn caller_or_admin(&self, authorization: Option<&[u8]>) -> Result<Caller, AuthError> {
        match self.caller(authorization).await {
            Err(AuthError::Unknown) => match self.admin(authorization, None).await {
                Ok(admin) => Ok(Self::as_caller(&admin)),
                Err(AuthError::Unauthorized(_)) => Err(AuthError::Unknown),
                Err(e) => Err(e),
            },
            other => other,
        }
    }

    /// An admin as a caller of the routes of files.
    pub fn as_caller(admin: &AdminCaller) -> Caller {
        use AdminAction::*;
        let actions = [
            (MediaRead, PluginAction::FindFiles),
            (MediaRead, PluginAction::FindFile),
            (MediaCreate, PluginAction::Upload),
            (MediaUpdate, PluginAction::Upload),
            (MediaDelete, PluginAction::DeleteFile),
        ];
        let actions = actions.into_iter().filter(|(own, _)| admin.rights.may(*own)).map(|(_, plugin)| plugin).collect();
        let kind = CallerKind::Admin {
            id: admin.id,
            token: admin.token(),
            email: admin.name.clone(),
            roles: admin.roles.clone(),
        };
        Caller::new(kind, admin.rights.access().clone(), actions)
    }

    /// The public.
    pub fn public(&self) -> Caller {
        let state = self.state();
        let rights = &state.public.rights;
        Caller::new(CallerKind::Public, rights.access(|| self.now()), rights.actions)
    }

    fn bearer_caller(&self, token: &str) -> Result<Caller, AuthError> {
        if jwt::looks_like_one(token)
            && let Some(claims) = jwt::verify(&self.keys().jwt, token, self.now().timestamp())
        {
            return self.user_caller(&claims);
        }
        let hash = self.token_hash(token);
        let state = self.state();
        let token = state.tokens.get(hash.as_slice()).ok_or(AuthError::Unknown)?;
        if token.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(AuthError::Unknown);
        }
        self.note_token_use(token.id);
        let kind = CallerKind::Token { id: token.id, name: token.name.clone(), kind: token.kind };
        Ok(Caller::new(kind, token.rights.access(|| self.now()), token.rights.actions))
    }

    /// User and session are looked at on every request: what an administrator takes away is gone at once.
    fn user_caller(&self, claims: &jwt::Claims) -> Result<Caller, AuthError> {
        let state = self.state();
        let now = self.now();
        self.store().read(|reader| {
            let user = reader.user_by_document(&claims.doc)?.filter(|u| u.id == claims.id);
            let user =
                user.filter(|u| may_sign_in(u, state.auth.confirm_by_mail)).ok_or(AuthError::InvalidCredentials)?;
            let session = reader.session(&claims.sid)?.filter(|s| s.user_document_id == user.document_id);
            session.filter(|s| s.expires_at > crate::clock::iso(now)).ok_or(AuthError::Unknown)?;
            let role = state.role(user.role.as_deref());
            let (access, actions) = match role {
                Some(role) => (role.rights.access_of_user(reader, &user, now)?, role.rights.actions),
                None => (Arc::new(Access::none()), PluginActions::default()),
            };
            let kind = CallerKind::User(UserCaller {
                id: user.id,
                document_id: user.document_id,
                role: role.map(|r| r.kind.clone()),
                session: claims.sid.clone(),
            });
            Ok(Caller::new(kind, access, actions))
        })
    }
}

pub(crate) fn may_sign_in(user: &cairn_store::system::UserRow, confirm: bool) -> bool {
    !user.blocked && (user.confirmed || !confirm)
}

/// The token of a header; `None` where it names the public.
pub(crate) fn bearer(header: &[u8]) -> Result<Option<&str>, AuthError> {
    if header.len() > MAX_HEADER {
        return Err(AuthError::Unknown);
    }
    let blank = header.iter().position(u8::is_ascii_whitespace).unwrap_or(header.len());
    let (scheme, rest) = header.split_at(blank);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    match rest.trim_ascii() {
        [] => Ok(None),
        token => {
            let token = std::str::from_utf8(token).map_err(|_| AuthError::Unknown)?;
            // Two tokens, or a folded second header: neither is taken.
            if token.contains(|c: char| c.is_ascii_whitespace() || c == ',') {
                Err(AuthError::Unknown)
            } else {
                Ok(Some(token))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_a_token_or_the_public() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("BEARER  abc ", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer    ", None),
            ("", None),
            ("Basic YTpi", None),
            ("abc", None),
            ("Bearerabc", None),
        ] {
            assert_eq!(bearer(header.as_bytes()).ok(), Some(token), "{header:?}");
        }
        let long = [b"Bearer ".as_slice(), &[b'a'; MAX_HEADER]].concat();
        for header in [b"Bearer a b".as_slice(), b"Bearer a, Bearer b", b"Bearer \xff", &long] {
            assert!(matches!(bearer(header), Err(AuthError::Unknown)));
        }
    }
}
