//! Invitations of people who may see a vehicle and have no account. An access that is new says whether its person is to be invited; the
//! invitation follows from it, once for each address, however many vehicles somebody has.

use super::accounts::{find_verified_account, of_address, waiting};
use crate::model::{Access, Invitation, Role};
use crate::refusals::wrong_state;
use crate::settings::Settings;
use cairn_contact_details::email::list_variants;
use cairn_plugin::prelude::*;
use cairn_plugin::users::{InvitationOutcome, Invited, invitation};
use cairn_plugin::{run_transaction, warn};
use serde_json::json;

/// Most accesses of one address that are told of an invitation.
const MAX_ACCESSES: u32 = 1_000;
/// Name of the rate that is spent when as many people were invited within an hour as are granted.
const RATE: &str = "invitations-per-hour";

/// State of the invitation of a new access without an account; none where the settings say that nobody is invited.
pub(crate) fn plan_invitation(settings: &Settings, role: Role) -> Option<Invitation> {
    let is_wanted = match role {
        Role::Owner => settings.invite_customers,
        Role::Delegate => settings.invite_delegates,
    };
    is_wanted.then_some(Invitation::Due)
}

/// Invites the person of an access whose invitation is due, in the open transaction. Returns `false` if no more people can be invited now.
///
/// # Errors
/// What the host says.
pub(crate) fn invite_due(id: &str) -> Result<bool> {
    let due = data::find::<Access>().filter(waiting()).filter(json!({ "documentId": { "$eq": id } })).lock().first()?;
    let Some(access) = due.filter(|access| access.invitation == Some(Invitation::Due)) else { return Ok(true) };
    let email = access.email.as_deref().unwrap_or_default();
    if has_ended(&access, time::now()) {
        note_invitation(id, None, None)?;
        return Ok(true);
    }
    // A person who ordered before has been invited already, whether they accepted or not.
    let sent = json!({ "invitedAt": { "$notNull": true } });
    let earlier = data::find::<Access>().filter(waiting()).filter(of_address(email)).filter(sent);
    if let Some(earlier) = earlier.sort("invitedAt:desc").first()? {
        note_invitation(id, earlier.invitation, earlier.invited_at.as_deref())?;
        return Ok(true);
    }
    let (state, at) = match send_invitation(&access)? {
        SendOutcome::Answered(invited) => describe_outcome(invited.outcome),
        SendOutcome::Refused(why) => {
            warn!(about = id; "nobody could be invited: {why}");
            (Some(Invitation::Refused), None)
        }
        // A missing grant is the decision of the administrator who installed the plugin.
        SendOutcome::NotGranted => (None, None),
        SendOutcome::RateSpent => return Ok(false),
    };
    note_invitation(id, state, at.as_deref())?;
    Ok(true)
}

/// Invites the person of an access that waits for its account, whether they were invited before or not, and returns the key of what to say
/// about it.
///
/// # Errors
/// `Conflict` for somebody who has an account by now, and where nobody can be invited; what the host says.
pub(crate) fn invite_now(id: &str, locale: &str) -> Result<&'static str> {
    run_transaction(|| {
        let own = json!({ "documentId": { "$eq": id } });
        let access = data::find::<Access>().filter(waiting()).filter(own).lock().first()?;
        let access = access.ok_or_else(|| wrong_state("has-account", locale))?;
        let outcome = match send_invitation(&access)? {
            SendOutcome::Answered(invited) => invited.outcome,
            SendOutcome::Refused(_) => return Err(wrong_state("invitation-refused", locale)),
            SendOutcome::NotGranted => return Err(wrong_state("invitations-not-granted", locale)),
            SendOutcome::RateSpent => return Err(wrong_state("invitations-spent", locale)),
        };
        let (state, at) = describe_outcome(outcome);
        let email = access.email.as_deref().unwrap_or_default();
        for one in data::find::<Access>().filter(waiting()).filter(of_address(email)).all(MAX_ACCESSES)? {
            note_invitation(&one.document_id, state, at.as_deref())?;
        }
        Ok(match outcome {
            InvitationOutcome::Created | InvitationOutcome::SentAgain => "t:notice.invited",
            InvitationOutcome::AlreadySent => "t:notice.invited-already",
            InvitationOutcome::HasPassword => "t:notice.has-password",
            InvitationOutcome::Blocked => "t:notice.blocked",
        })
    })
}

/// The host's answer to an invitation.
enum SendOutcome {
    Answered(Invited),
    /// The address is none, or somebody has it with whom nothing can be done; with the host's words.
    Refused(String),
    /// The operator has not granted invitations, or not with the role that the site gives new users.
    NotGranted,
    /// As many people were invited within the hour as are granted.
    RateSpent,
}

fn send_invitation(access: &Access) -> Result<SendOutcome> {
    let email = access.email.as_deref().unwrap_or_default();
    let language = match &access.language {
        Some(language) => language.clone(),
        None => Settings::load()?.language,
    };
    let plain = invitation(email).language(language);
    let name = access.name.trim();
    let named = if name.is_empty() { plain.send() } else { plain.clone().name(name).send() };
    let sent = match named {
        // Names of users are unique, and names of customers are not: such a person is called by their address.
        Err(Error::Invalid(fields)) if fields.iter().any(|field| field.path == "name") => plain.send(),
        sent => sent,
    };
    match sent {
        Ok(invited) => Ok(SendOutcome::Answered(invited)),
        Err(Error::Denied(_)) => Ok(SendOutcome::NotGranted),
        Err(Error::Exhausted(what)) if what == RATE => Ok(SendOutcome::RateSpent),
        Err(error @ Error::Invalid(_)) => Ok(SendOutcome::Refused(error.describe())),
        // A user of this site needs something that nobody else has, and an invitation cannot say it.
        Err(error) if error.is_conflict("state") || error.is_conflict("unique") => {
            Ok(SendOutcome::Refused(error.describe()))
        }
        Err(error) => Err(error),
    }
}

/// State of an invitation after an answer of the host, and when it was mailed.
fn describe_outcome(outcome: InvitationOutcome) -> (Option<Invitation>, Option<String>) {
    match outcome {
        InvitationOutcome::Created | InvitationOutcome::SentAgain | InvitationOutcome::AlreadySent => {
            (Some(Invitation::Sent), Some(time::format(time::now())))
        }
        InvitationOutcome::HasPassword => (Some(Invitation::Password), None),
        InvitationOutcome::Blocked => (Some(Invitation::Blocked), None),
    }
}

fn note_invitation(id: &str, state: Option<Invitation>, at: Option<&str>) -> Result<()> {
    data::update::<Access>(id, &json!({ "invitation": state, "invitedAt": at })).map(|_| ())
}

fn has_ended(access: &Access, now: Instant) -> bool {
    access.ends_at.as_deref().and_then(|ends| time::parse(ends).ok()).is_some_and(|ends| ends <= now)
}

/// Links the accesses that wait for a user whose address has been verified. Returns true if there were any.
///
/// # Errors
/// What the host says.
pub(crate) fn claim_accesses(account: &str) -> Result<bool> {
    let Some(user) = find_verified_account(account)? else { return Ok(false) };
    let of_user = json!({ "email": { "$in": list_variants(&user.email) } });
    if data::find::<Access>().filter(waiting()).filter(of_user).count()? == 0 {
        return Ok(false);
    }
    run_transaction(|| super::accounts::note_account(account))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(invite_customers: bool, invite_delegates: bool) -> Settings {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../settings.schema.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let defaults: serde_json::Map<_, _> =
            properties.iter().map(|(name, property)| (name.clone(), property["default"].clone())).collect();
        Settings { invite_customers, invite_delegates, ..serde_json::from_value(defaults.into()).unwrap() }
    }

    #[test]
    fn who_is_invited_is_for_the_settings_to_say() {
        for (customers, delegates) in [(true, true), (true, false), (false, true), (false, false)] {
            let settings = settings(customers, delegates);
            assert_eq!(plan_invitation(&settings, Role::Owner).is_some(), customers);
            assert_eq!(plan_invitation(&settings, Role::Delegate).is_some(), delegates);
        }
    }

    #[test]
    fn an_access_that_is_over_is_no_reason_to_invite_somebody() {
        let access = |ends_at: Option<&str>| -> Access {
            serde_json::from_value(json!({ "role": "delegate", "endsAt": ends_at })).unwrap()
        };
        assert!(!has_ended(&access(None), 0));
        assert!(has_ended(&access(Some("1970-01-01T00:00:00.005Z")), 5));
        assert!(!has_ended(&access(Some("1970-01-01T00:00:00.006Z")), 5));
    }
}
