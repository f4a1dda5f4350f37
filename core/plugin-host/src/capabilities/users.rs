//! `users`: invitations of users of the content API, in the present transaction, with the roles and at the rate per hour that were granted.

use super::hourly_rate::HourlyRate;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::users::{Host, Invitation, InvitationOutcome as GuestOutcome, Invited};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{conflict_error, from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_access::is_locale_code;
use cairn_content::{ContentError, InvitableRoles, InvitationOutcome, RefusalKind, RequestContext, UserInvitation};
use cairn_plugin_package::Capability;
use cairn_query::{Access, Query};
use std::sync::Arc;

/// Longest texts of an invitation, in bytes. What they have to be is for content to check.
const MAX_EMAIL_BYTES: usize = 1_024;
const MAX_NAME_BYTES: usize = 4_096;
const MAX_ROLE_BYTES: usize = 64;
/// Writes that an invitation counts as: the user and the mail.
const WRITES: usize = 2;

impl Host for CallState {
    async fn invite(&mut self, invitation: Invitation) -> HostResult<Invited> {
        self.granted_call(Capability::UsersInvite)?;
        check_invitation(&invitation)?;
        to_guest_charge(self.budget.charge_writes(WRITES))?;
        let definition = self.definition.clone();
        let rate = HourlyRate::for_plugin(self, "invitations", definition.grants.invitations_per_hour());
        let allowed = InvitableRoles::Limited {
            with_default: definition.grants.may_invite_with_default_role(),
            roles: definition.grants.invited_roles().clone(),
        };
        let Invitation { email, name, role, language } = invitation;
        let invitation = UserInvitation { email, username: name, role, language };
        let default_locale = definition.access().locales().default.to_string();
        // The grant is the permission: what the plugin may otherwise do with users does not matter.
        let access = Arc::new(Access::full());
        let invited = self.with_transaction(move |tx| {
            let content = definition.content();
            let context = RequestContext {
                access: &access,
                content_type: content.registry().user_type().id,
                query: Query::empty(),
                default_locale: &default_locale,
                actor: &definition.actor,
            };
            let (user, outcome) =
                content.invite_user_in(tx, context, &invitation, &allowed).map_err(from_invitation_error)?;
            if matches!(outcome, InvitationOutcome::Created | InvitationOutcome::SentAgain) {
                rate.take(tx, 1)?;
            }
            Ok(Invited { user, outcome: to_guest_outcome(outcome) })
        });
        Ok(invited.await?)
    }
}

fn check_invitation(invitation: &Invitation) -> Result<(), Error> {
    let texts = [
        ("email", Some(&invitation.email), MAX_EMAIL_BYTES),
        ("name", invitation.name.as_ref(), MAX_NAME_BYTES),
        ("role", invitation.role.as_ref(), MAX_ROLE_BYTES),
    ];
    for (field, text, limit) in texts {
        if text.is_some_and(|text| text.len() > limit) {
            return Err(invalid_field(field, "too-long", format!("must have at most {limit} bytes")));
        }
    }
    if invitation.language.as_deref().is_some_and(|language| !is_locale_code(language)) {
        return Err(invalid_field("language", "language", "must be the code of a language, such as nl or nl-BE"));
    }
    Ok(())
}

fn to_guest_outcome(outcome: InvitationOutcome) -> GuestOutcome {
    match outcome {
        InvitationOutcome::Created => GuestOutcome::Created,
        InvitationOutcome::SentAgain => GuestOutcome::SentAgain,
        InvitationOutcome::AlreadySent => GuestOutcome::AlreadySent,
        InvitationOutcome::HasPassword => GuestOutcome::HasPassword,
        InvitationOutcome::Blocked => GuestOutcome::Blocked,
    }
}

/// Converts an error, with the names that the contract has for what is wrong.
fn from_invitation_error(error: ContentError) -> Error {
    if let ContentError::Refused(refusal) = &error
        && refusal.kind == RefusalKind::Conflict
    {
        return conflict_error("state", refusal.message.clone());
    }
    match from_content_error(error) {
        Error::Invalid(mut fields) => {
            for field in fields.iter_mut().filter(|field| field.path == "username") {
                "name".clone_into(&mut field.path);
            }
            Error::Invalid(fields)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_limits_and_languages_are_codes() {
        let invitation = || Invitation {
            email: "ann@example.com".to_owned(),
            name: None,
            role: None,
            language: Some("nl".to_owned()),
        };
        assert!(check_invitation(&invitation()).is_ok());
        let problem = |invitation: Invitation| match check_invitation(&invitation) {
            Err(Error::Invalid(fields)) => (fields[0].path.clone(), fields[0].code.clone()),
            other => panic!("{other:?}"),
        };
        let named = |path: &str, code: &str| (path.to_owned(), code.to_owned());
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        assert_eq!(problem(Invitation { email: long.clone(), ..invitation() }), named("email", "too-long"));
        assert_eq!(problem(Invitation { name: Some(long.clone()), ..invitation() }), named("name", "too-long"));
        assert_eq!(problem(Invitation { role: Some(long.clone()), ..invitation() }), named("role", "too-long"));
        for language in ["Dutch!", "nl\n", "", &long] {
            let language = Some(language.to_owned());
            assert_eq!(problem(Invitation { language, ..invitation() }), named("language", "language"));
        }
    }

    #[test]
    fn errors_have_the_names_of_the_contract() {
        let taken = ContentError::field_errors(vec![cairn_model::validate::FieldError {
            path: vec!["username".to_owned()],
            message: "Username already taken".to_owned(),
            value: None,
        }]);
        let Error::Invalid(fields) = from_invitation_error(taken) else { panic!("no field is named") };
        assert_eq!((fields[0].path.as_str(), fields[0].message.as_str()), ("name", "Username already taken"));
    }
}
