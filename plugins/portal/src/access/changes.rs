//! Accesses as people write them.

use super::accounts::find_account;
use super::audience::{find_ownership, invalidate};
use super::invitations::plan_invitation;
use crate::model::{Access, Account, Link, Role};
use crate::refusals::refuse_field;
use crate::settings::Settings;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Fields that only the plugin writes.
const KEPT: [&str; 5] = ["ownership", "personKey", "waitsSince", "invitation", "invitedAt"];

/// An access as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAccess {
    vehicle: Option<Link>,
    account: Option<Link>,
    email: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    waits_since: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    role: Role,
}

/// An access has a vehicle and a person: an account, or the address of one that there will be. It stays with its vehicle.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let before = account_before(change)?;
    let Some(after) = change.after::<WrittenAccess>()?.filter(|_| change.action != Action::Delete) else {
        invalidate(before.as_deref().into_iter())?;
        return Ok(Decision::Allow);
    };
    let Some(vehicle) = &after.vehicle else { return Ok(refuse_field("vehicle", "no-vehicle", call, None)) };
    if let Some(field) = KEPT.into_iter().find(|field| change.action == Action::Update && change.touches(field)) {
        return Ok(refuse_field(field, "kept", call, None));
    }
    if change.action == Action::Update && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    if let (Some(starts), Some(ends)) = (&after.starts_at, &after.ends_at)
        && time::parse(ends)? <= time::parse(starts)?
    {
        return Ok(refuse_field("endsAt", "ends-before-start", call, None));
    }
    let email = match (after.email.as_deref().map(normalise_email).filter(|email| !email.is_empty()), &after.account) {
        // By the address the person's data are found when the account is gone.
        (None, Some(account)) => {
            data::get::<Account>(&account.document_id)?.map(|account| normalise_email(&account.email))
        }
        (email, _) => email,
    };
    if after.account.is_none() && email.is_none() {
        return Ok(refuse_field("email", "no-person", call, None));
    }
    if email.as_deref().is_some_and(|email| !email.contains('@')) {
        return Ok(refuse_field("email", "no-address", call, None));
    }
    let account = match (&after.account, &email) {
        // The account stays unless the address alone changes, which means another person.
        (Some(account), _)
            if change.action == Action::Create || !change.touches("email") || change.touches("account") =>
        {
            Some(account.document_id.clone())
        }
        (_, Some(email)) => find_account(email)?.map(|account| account.document_id),
        (account, None) => account.as_ref().map(|account| account.document_id.clone()),
    };
    invalidate(before.as_deref().into_iter().chain(account.as_deref()))?;
    let waits_since = account.is_none().then(|| after.waits_since.unwrap_or_else(|| time::format(time::now())));
    let mut patch = json!({ "email": email, "account": account, "waitsSince": waits_since });
    let stored = change.before::<WrittenAccess>()?.and_then(|before| before.email);
    if change.action == Action::Create || stored.as_deref().map(normalise_email) != email {
        // A changed address means another person, who has not been invited yet.
        let planned = if account.is_none() { plan_invitation(&Settings::load()?, after.role) } else { None };
        patch["invitation"] = json!(planned);
        patch["invitedAt"] = Value::Null;
    }
    if change.action == Action::Create {
        // Since the last sale: what was about an owner before is not for them.
        patch["ownership"] = json!(find_ownership(&vehicle.document_id)?);
        patch["personKey"] = Value::Null;
    }
    Decision::amend(&patch)
}

/// The account of the access as it is stored.
fn account_before(change: &Change) -> Result<Option<String>> {
    if change.action == Action::Create {
        return Ok(None);
    }
    let stored = data::find::<Access>().populate(json!({ "account": { "fields": ["username"] } }));
    let stored = stored.by_ids(&[&change.document_id])?.pop().flatten();
    Ok(stored.and_then(|access| access.fields.account).map(|account| account.document_id))
}
