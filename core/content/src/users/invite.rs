//! Invitations: users choose their password themselves, through a link that is mailed to them.

use super::register::USER_NAMES_LOCK;
use super::write::{new_user_save, unknown_role_error, user_transaction_step};
use crate::body::{CastInput, CastOptions};
use crate::read_scope::ReadScope;
use crate::save::{CheckedSave, WriteTarget};
use crate::{Content, ContentError, RefusalKind, RequestContext, Result, WriteOptions};
use cairn_access::auth::{enqueue_invitation, enqueue_invitation_of, needs_invitation};
use cairn_contact_details::email::clean_email;
use cairn_contact_details::person_name::{check_name, clean_name};
use cairn_model::validate::{CastMode, CastRules, FieldError};
use cairn_query::{Access, Action, Query};
use cairn_store::events::Actor;
use cairn_store::system::{UserRow, new_document_id};
use cairn_store::{LockMode, Reader, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest user name of an invitation, in characters.
const MAX_USERNAME_CHARS: usize = 255;

/// Somebody to invite.
#[derive(Clone, PartialEq, Eq)]
pub struct UserInvitation {
    /// E-mail address.
    pub email: String,
    /// User name of a new user; `None`: the address.
    pub username: Option<String>,
    /// Type of the role of a new user; `None`: the default role.
    pub role: Option<String>,
    /// Language of the mail, if the user has none of their own.
    pub language: Option<String>,
}

impl std::fmt::Debug for UserInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserInvitation(…)")
    }
}

/// The outcome of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationOutcome {
    /// There was no such user: they were created, and a mail is on its way.
    Created,
    /// There was such a user, without a password or without a verified address: a mail is on its way, and the link before it is no longer valid.
    SentAgain,
    /// There is such a user, to whom an invitation was mailed within the same minute, or is about to be: nothing more was sent.
    AlreadySent,
    /// There is such a user, who has a password and a verified address: nothing was sent.
    HasPassword,
    /// There is such a user who is blocked: nothing was sent.
    Blocked,
}

/// Roles that users may have who are invited on somebody's behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitableRoles {
    /// Every role.
    All,
    /// Some of them.
    Limited {
        /// Among them the role that the site gives new users, whichever that is.
        with_default: bool,
        /// Types of the others.
        roles: BTreeSet<String>,
    },
}

impl InvitableRoles {
    fn contains(&self, role: &str, default_role: &str) -> bool {
        match self {
            Self::All => true,
            Self::Limited { with_default, roles } => (*with_default && role == default_role) || roles.contains(role),
        }
    }
}

impl Content {
    /// Invites the user with an address, who is created if there is none. Additional attributes of the project's users get their defaults, as at a
    /// registration. The query of `context` is ignored. Returns the user's document id.
    ///
    /// # Errors
    /// 400 for an address, a name or a role that is not valid, and for a name that is another user's; 409 for a user who has another role than
    /// that of the invitation; the refusal of a hook.
    pub async fn invite_user(
        &self,
        context: RequestContext<'_>,
        invitation: UserInvitation,
    ) -> Result<(String, InvitationOutcome)> {
        let (content, inviter) = (self.clone(), Inviter::of_context(&context));
        let invite = move |tx: &mut WriteTx<'_>| {
            content.invite_user_in(tx, inviter.request_context(&content), &invitation, &InvitableRoles::All)
        };
        self.store.write(invite).await
    }

    /// Invites a user who is there: sends another link, which makes the one before invalid, unless they have a password, are blocked or were sent
    /// one within the same minute. The query of `context` is ignored.
    ///
    /// # Errors
    /// The refusal of a hook; errors of the store.
    pub async fn invite_again(
        &self,
        context: RequestContext<'_>,
        user: UserRow,
        language: Option<String>,
    ) -> Result<(String, InvitationOutcome)> {
        let (content, inviter, document_id) = (self.clone(), Inviter::of_context(&context), user.document_id);
        let invite = move |tx: &mut WriteTx<'_>| {
            let context = inviter.request_context(&content);
            content.invite_known_user_in(tx, context, &document_id, language.as_deref(), &InvitableRoles::All)
        };
        self.store.write(invite).await
    }

    /// Does the same as [`Self::invite_user`] in a transaction of the caller, which has to roll back what was written so far after an error. Nobody
    /// is invited who has or would get a role that is not among `roles`.
    ///
    /// # Errors
    /// The same errors; 403 for a role that is not among `roles`, and 409 for a user to be invited who has such a role.
    pub fn invite_user_in(
        &self,
        tx: &mut WriteTx<'_>,
        context: RequestContext<'_>,
        invitation: &UserInvitation,
        roles: &InvitableRoles,
    ) -> Result<(String, InvitationOutcome)> {
        let email = clean_email(&invitation.email).to_lowercase();
        check_email(&email)?;
        let username = checked_username(invitation.username.as_deref(), &email)?;
        let default_role = self.access.auth_settings().default_role.clone();
        let role = invitation.role.as_deref().unwrap_or(&default_role);
        if !roles.contains(role, &default_role) {
            return Err(ContentError::forbidden_because(format!("Nobody may be invited with the role {role:?} here")));
        }
        let known = match tx.reader().users().get_by_email(&email)? {
            Some(user) => Some(user),
            None => {
                // From here on nobody else takes the address or the name.
                tx.lock_name(USER_NAMES_LOCK)?;
                tx.reader().users().get_by_email(&email)?
            }
        };
        let Some(user) = known else {
            let document_id = self.create_invited_user(tx, context, &email, username, invitation)?;
            return Ok((document_id, InvitationOutcome::Created));
        };
        if let Some(code) = &invitation.role {
            let role = tx.reader().roles().get_by_type(code)?.ok_or_else(unknown_role_error)?;
            if user.role.as_deref() != Some(role.document_id.as_str()) {
                return Err(other_role_error(
                    "There is a user with this address who has another role; nothing was sent",
                ));
            }
        }
        self.invite_known_user_in(tx, context, &user.document_id, invitation.language.as_deref(), roles)
    }

    fn invite_known_user_in(
        &self,
        tx: &mut WriteTx<'_>,
        context: RequestContext<'_>,
        document_id: &str,
        language: Option<&str>,
        roles: &InvitableRoles,
    ) -> Result<(String, InvitationOutcome)> {
        tx.lock_document(tx.registry().user_type().id, document_id, LockMode::Change)?;
        let user = tx.reader().users().get_by_document(document_id)?.ok_or_else(ContentError::not_found)?;
        let outcome = |outcome| Ok((document_id.to_owned(), outcome));
        // Of whoever is blocked that is what matters: a password lets them in nowhere.
        if user.blocked {
            return outcome(InvitationOutcome::Blocked);
        }
        if !needs_invitation(&user) {
            return outcome(InvitationOutcome::HasPassword);
        }
        if *roles != InvitableRoles::All {
            let role =
                user.role.as_deref().map(|role| tx.reader().roles().get_by_document(role)).transpose()?.flatten();
            let role = role.map(|role| role.kind).unwrap_or_default();
            if !roles.contains(&role, &self.access.auth_settings().default_role) {
                let message =
                    "There is a user with this address whose role is not one to invite people with; nothing was sent";
                return Err(other_role_error(message));
            }
        }
        if user.provider.as_deref() != Some("local") {
            // Local users are the only ones who sign in with a password.
            self.make_local(tx, context, document_id)?;
        }
        let is_sent = enqueue_invitation(tx, &user, language, context.actor, self.access.now().timestamp_millis())?;
        outcome(if is_sent { InvitationOutcome::SentAgain } else { InvitationOutcome::AlreadySent })
    }

    fn make_local(&self, tx: &mut WriteTx<'_>, context: RequestContext<'_>, document_id: &str) -> Result<()> {
        let data = Map::from_iter([("provider".to_owned(), Json::from("local"))]);
        let (context, input) = self.cast_user(tx, context, &data, Action::Update, document_id)?;
        let save = CheckedSave {
            target: WriteTarget::Document { id: document_id.to_owned(), make_locale: false },
            action: Action::Update,
            ..new_user_save(input, context.default_locale)
        };
        self.save_in_transaction(tx, &context, save, WriteOptions::default()).map(drop)
    }

    /// Creates a user without a password, and enqueues the mail. The caller has locked the names of users.
    fn create_invited_user(
        &self,
        tx: &mut WriteTx<'_>,
        context: RequestContext<'_>,
        email: &str,
        username: String,
        invitation: &UserInvitation,
    ) -> Result<String> {
        if username != email && is_name_taken(&tx.reader(), &username)? {
            return Err(ContentError::field_errors(vec![FieldError {
                path: vec!["username".to_owned()],
                message: "Username already taken".to_owned(),
                value: None,
            }]));
        }
        // The length is checked here: the values below are checked as a draft's, and the user could not save a name that is too short.
        let shortest = self.registry().user_type().attributes.get("username").and_then(|(_, name)| name.min_length);
        if let Some(shortest) = shortest.filter(|&shortest| username.encode_utf16().count() < shortest) {
            return Err(field_error("username", &format!("must be at least {shortest} characters")));
        }
        let data =
            json!({ "username": username, "email": email, "provider": "local", "confirmed": false, "blocked": false });
        let data = data.as_object().cloned().unwrap_or_default();
        let (context, mut input) = self.cast_user(tx, context, &data, Action::Create, "")?;
        let registry = self.registry().clone();
        let ct = registry.user_type();
        self.set_new_role(ReadScope::Transaction(tx), ct, &mut input.values, invitation.role.as_deref())?;
        let document_id = new_document_id();
        user_transaction_step(ct, &input.values)(tx, &document_id)?;
        let save = CheckedSave {
            target: WriteTarget::Identified(document_id.clone()),
            ..new_user_save(input, context.default_locale)
        };
        self.save_in_transaction(tx, &context, save, WriteOptions::default())?;
        let now = self.access.now().timestamp_millis();
        enqueue_invitation_of(tx, &document_id, invitation.language.as_deref(), context.actor, now)?;
        Ok(document_id)
    }

    /// The validated values of a body without a password, with the context of their write. `own` is the user's document id, empty for a new one.
    fn cast_user<'a>(
        &self,
        tx: &WriteTx<'_>,
        context: RequestContext<'a>,
        data: &Map<String, Json>,
        action: Action,
        own: &str,
    ) -> Result<(RequestContext<'a>, CastInput)> {
        let content_type = self.registry().user_type().id;
        let context = RequestContext { content_type, query: Query::empty(), ..context };
        self.check_body_keys(&context, action, data)?;
        let reads = ReadScope::Transaction(tx);
        let found = self.resolve_related(reads, &context, data, context.default_locale)?;
        // The rules are a draft's: an invitation cannot contain everything that is required of an editor.
        let mode = CastMode { rules: CastRules::Draft, create: action == Action::Create };
        let casting = CastOptions { mode, references: &found, unique_in: Some((own, "")), inherits: false };
        Ok((context, self.cast_body_unhashed(reads, content_type, data, casting)?))
    }
}

/// Author of an invitation, in a form that can be sent to the thread of a transaction.
#[derive(Clone)]
struct Inviter {
    access: Arc<Access>,
    actor: Arc<Actor>,
    default_locale: String,
}

impl Inviter {
    fn of_context(context: &RequestContext<'_>) -> Self {
        Self {
            access: context.access.clone(),
            actor: context.actor.clone(),
            default_locale: context.default_locale.to_owned(),
        }
    }

    fn request_context(&self, content: &Content) -> RequestContext<'_> {
        RequestContext {
            access: &self.access,
            content_type: content.registry().user_type().id,
            query: Query::empty(),
            default_locale: &self.default_locale,
            actor: &self.actor,
        }
    }
}

/// True if a name is another user's name or address.
fn is_name_taken(reader: &Reader<'_>, username: &str) -> Result<bool> {
    let users = reader.users();
    Ok(users.get_by_username(username)?.is_some() || users.get_by_email(username)?.is_some())
}

fn other_role_error(message: &str) -> ContentError {
    ContentError::refuse(RefusalKind::Conflict, message, json!({ "code": "other-role" }))
}

fn field_error(name: &str, message: &str) -> ContentError {
    ContentError::field_errors(vec![FieldError {
        path: vec![name.to_owned()],
        message: format!("{name} {message}"),
        value: None,
    }])
}

fn check_email(email: &str) -> Result<()> {
    if super::write::is_address(email) { Ok(()) } else { Err(field_error("email", "must be a valid email")) }
}

/// The name of a new user. Mails greet them by it, so it may carry no link.
fn checked_username(username: Option<&str>, email: &str) -> Result<String> {
    let Some(name) = username.map(clean_name).filter(|name| !name.is_empty()) else { return Ok(email.to_owned()) };
    if name == email {
        return Ok(name);
    }
    if name.chars().count() > MAX_USERNAME_CHARS {
        return Err(field_error("username", &format!("must be at most {MAX_USERNAME_CHARS} characters")));
    }
    match check_name(&name) {
        Ok(()) => Ok(name),
        Err(_) => Err(field_error("username", "must be a name: one line, without a web address")),
    }
}
