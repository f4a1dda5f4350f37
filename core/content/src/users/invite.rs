//! Invitations: users without a password, who choose it themselves by a link that is mailed to them.

use super::write::{new_user_save, unknown_role_error, user_transaction_step};
use crate::body::CastOptions;
use crate::read_scope::ReadScope;
use crate::{Content, ContentError, RefusalKind, RequestContext, Result};
use cairn_access::auth::{enqueue_invitation, enqueue_invitation_of, has_password};
use cairn_contact_details::email::clean_email;
use cairn_contact_details::person_name::{check_name, clean_name};
use cairn_model::validate::{CastMode, FieldError};
use cairn_query::{Action, Query};
use cairn_store::system::UserRow;
use cairn_store::{LockMode, WriteTx};
use serde_json::{Map, Value as Json, json};
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
    /// There was such a user without a password: a mail is on its way, and the link before it is not valid any more.
    SentAgain,
    /// There is such a user without a password, to whom an invitation was mailed within the same minute, or is about to be: nothing more was
    /// sent.
    AlreadySent,
    /// There is such a user who has a password: nothing was sent.
    HasPassword,
    /// There is such a user who is blocked: nothing was sent.
    Blocked,
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
        let email = clean_email(&invitation.email).to_lowercase();
        check_email(&email)?;
        let username = checked_username(invitation.username.as_deref(), &email)?;
        if let Some(known) = self.invite_known_user(context, &email, &invitation).await? {
            return Ok(known);
        }
        match self.create_invited_user(context, &email, username, &invitation).await {
            // Created by another request meanwhile; or the name is another user's, which stays the answer.
            Err(error) => match self.invite_known_user(context, &email, &invitation).await? {
                Some(known) => Ok(known),
                None => Err(error),
            },
            created => created,
        }
    }

    async fn invite_known_user(
        &self,
        context: RequestContext<'_>,
        email: &str,
        invitation: &UserInvitation,
    ) -> Result<Option<(String, InvitationOutcome)>> {
        let Some(user) = self.store.read(|r| r.users().get_by_email(email))? else { return Ok(None) };
        if let Some(code) = &invitation.role {
            let role = self.store.read(|r| r.roles().get_by_type(code))?.ok_or_else(unknown_role_error)?;
            if user.role.as_deref() != Some(role.document_id.as_str()) {
                let message = "There is a user with this address who has another role; nothing was sent";
                return Err(ContentError::refuse(RefusalKind::Conflict, message, json!({ "code": "other-role" })));
            }
        }
        self.invite_again(context, user, invitation.language.clone()).await.map(Some)
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
        let document_id = user.document_id.clone();
        if has_password(&user) {
            return Ok((document_id, InvitationOutcome::HasPassword));
        }
        if user.blocked {
            return Ok((document_id, InvitationOutcome::Blocked));
        }
        if user.provider.as_deref() != Some("local") {
            // Only who is local signs in with a password.
            let local = Map::from_iter([("provider".to_owned(), Json::from("local"))]);
            self.update_user(context, &document_id, local).await?;
        }
        let (actor, now) = (context.actor.clone(), self.access.now().timestamp_millis());
        let id = document_id.clone();
        let send = move |tx: &mut WriteTx<'_>| -> Result<InvitationOutcome> {
            tx.lock_document(tx.registry().user_type().id, &id, LockMode::Change)?;
            let user = tx.reader().users().get_by_document(&id)?.ok_or_else(ContentError::not_found)?;
            let is_sent = enqueue_invitation(tx, &user, language.as_deref(), &actor, now)?;
            Ok(if is_sent {
                InvitationOutcome::SentAgain
            } else if has_password(&user) {
                InvitationOutcome::HasPassword
            } else if user.blocked {
                InvitationOutcome::Blocked
            } else {
                InvitationOutcome::AlreadySent
            })
        };
        Ok((document_id, self.store.write(send).await?))
    }

    async fn create_invited_user(
        &self,
        context: RequestContext<'_>,
        email: &str,
        username: String,
        invitation: &UserInvitation,
    ) -> Result<(String, InvitationOutcome)> {
        let registry = self.registry().clone();
        let ct = registry.user_type();
        let context = RequestContext { content_type: ct.id, query: Query::empty(), ..context };
        let data =
            json!({ "username": username, "email": email, "provider": "local", "confirmed": false, "blocked": false });
        let data = data.as_object().cloned().unwrap_or_default();
        self.check_body_keys(&context, Action::Create, &data)?;
        let found = self.resolve_related(ReadScope::Snapshot(&self.store), &context, &data, context.default_locale)?;
        // Not strict: what is required of an editor is not required of an invitation, which cannot contain it.
        let mode = CastMode { strict: false, create: true };
        let casting = CastOptions { mode, references: &found, unique_in: Some(("", "")), inherits: false };
        let mut input = self.cast_body(ct.id, &data, casting).await?;
        self.set_new_role(ct, &mut input.values, invitation.role.as_deref())?;
        let check = user_transaction_step(ct, &input.values);
        let (language, actor, now) =
            (invitation.language.clone(), context.actor.clone(), self.access.now().timestamp_millis());
        let step = Arc::new(move |tx: &mut WriteTx<'_>, document_id: &str| -> Result<()> {
            check(tx, document_id)?;
            enqueue_invitation_of(tx, document_id, language.as_deref(), &actor, now)?;
            Ok(())
        });
        let save = new_user_save(input, context.default_locale);
        let saved = self.save(&context, save, Some(step)).await?;
        Ok((saved.document_id, InvitationOutcome::Created))
    }
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
