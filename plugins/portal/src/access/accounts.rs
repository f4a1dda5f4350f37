//! Accounts of the people who see vehicles. An access that was given to an address waits until somebody has an account with it and the address is
//! verified.

use super::audience::invalidate;
use super::invitations::invite_due;
use crate::model::{Access, Account, Invitation};
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::users::verified_accounts;
use serde_json::{Value, json};
use std::time::Duration;

/// The job that looks whether people have accounts by now; there is one, as long as an access waits.
pub(crate) const ACCOUNTS_JOB: &str = "accounts";
/// Most accesses that it looks at, and most addresses of one query.
const MAX_WAITING: u32 = 2_000;
const ADDRESSES: usize = 40;
/// Most people that one run of the job invites.
const MAX_INVITATIONS: u32 = 50;
/// Time until it looks again.
const PAUSE: Duration = Duration::from_secs(15 * 60);

/// The account of an address, if the address is verified: anybody can register with an address that is not theirs, and `confirmed` does not rule
/// that out.
///
/// # Errors
/// What the host says.
pub(crate) fn find_account(email: &str) -> Result<Option<Row<Account>>> {
    // An address may be stored with another spelling of its domain; who has this one comes first.
    for spelled in list_variants(email) {
        let mut found = data::find::<Account>().filter(accounts_of(&[spelled])).all(2)?;
        match found.len() {
            0 => {}
            1 => return Ok(found.pop()),
            // Two accounts with one address: nobody is meant for sure.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// The account with that id, if its address is verified and nobody has blocked it.
///
/// # Errors
/// What the host says.
pub(crate) fn find_verified_account(id: &str) -> Result<Option<Row<Account>>> {
    data::find::<Account>().filter(json!({ "documentId": { "$eq": id } })).filter(verified_accounts()).first()
}

fn accounts_of(addresses: &[String]) -> Value {
    let of_address: Vec<Value> = addresses.iter().map(|email| json!({ "email": { "$eqi": email } })).collect();
    json!({ "$and": [{ "$or": of_address }, verified_accounts()] })
}

/// The filter of accesses whose people have no account.
pub(crate) fn waiting() -> Value {
    json!({ "account": { "documentId": { "$null": true } }, "email": { "$notNull": true } })
}

/// The filter of accesses of an address, however it is spelled.
pub(crate) fn of_address(email: &str) -> Value {
    let spelled: Vec<Value> = list_variants(email).iter().map(|email| json!({ "email": { "$eqi": email } })).collect();
    json!({ "$or": spelled })
}

/// Has the job look for accounts, as long as somebody waits for one.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_search() -> Result<()> {
    let pause = i64::try_from(PAUSE.as_millis()).unwrap_or(i64::MAX);
    jobs::job(ACCOUNTS_JOB).key(ACCOUNTS_JOB).due(time::now().saturating_add(pause)).set(&json!({})).map(|_| ())
}

/// An access is new or changed: it gets its account, or waits for one, and its person is invited.
///
/// # Errors
/// What the host says.
pub(crate) fn note_access(id: &str) -> Result<()> {
    let Some(access) =
        data::find::<Access>().filter(waiting()).filter(json!({ "documentId": { "$eq": id } })).first()?
    else {
        return Ok(());
    };
    match access.email.as_deref().map(find_account).transpose()?.flatten() {
        Some(account) => link_account(id, &account.document_id),
        None => {
            schedule_search()?;
            // Invitations beyond the hourly rate wait for the job.
            invite_due(id).map(|_| ())
        }
    }
}

/// Somebody's account is new or changed: accesses that wait for it are theirs.
///
/// # Errors
/// What the host says.
pub(crate) fn note_account(id: &str) -> Result<()> {
    let Some(account) = find_verified_account(id)? else { return Ok(()) };
    let of_address = json!({ "email": { "$in": list_variants(&account.email) } });
    let accesses = data::find::<Access>().filter(waiting()).filter(of_address).all(MAX_WAITING)?;
    accesses.iter().try_for_each(|access| link_account(&access.document_id, id))
}

/// Links the accesses whose people have accounts by now, as no event tells that an address was verified, and invites those whose invitation is
/// still due. Runs again as long as some wait.
///
/// # Errors
/// What the host says.
pub(crate) fn check_accounts() -> Result<Outcome> {
    let accesses = data::find::<Access>().filter(waiting()).sort("createdAt:asc").all(MAX_WAITING)?;
    let mut somebody_waits = false;
    for some in accesses.chunks(ADDRESSES) {
        let addresses: Vec<String> =
            some.iter().filter_map(|one| one.email.as_deref()).flat_map(list_variants).collect();
        let limit = u32::try_from(ADDRESSES * 2).unwrap_or(u32::MAX);
        let accounts = data::find::<Account>().filter(accounts_of(&addresses)).all(limit)?;
        for access in some {
            let email = access.email.as_deref().map(normalise_email);
            let mut own = accounts.iter().filter(|account| Some(normalise_email(&account.email)) == email);
            if let (Some(account), None) = (own.next(), own.next()) {
                run_transaction(|| link_account(&access.document_id, &account.document_id))?;
            } else {
                somebody_waits = true;
            }
        }
    }
    // Found by themselves: those who were invited and have no password yet may be more than are looked at.
    let due = data::find::<Access>().filter(waiting()).filter(json!({ "invitation": Invitation::Due }));
    for access in due.sort("createdAt:asc").all(MAX_INVITATIONS)? {
        if !run_transaction(|| invite_due(&access.document_id))? {
            break;
        }
    }
    if somebody_waits { Outcome::again(&json!({}), PAUSE) } else { Ok(Outcome::DONE) }
}

/// Gives an access its account, in the open transaction. Somebody who sees the vehicle already gets no second one.
fn link_account(access: &str, account: &str) -> Result<()> {
    match data::update::<Access>(access, &json!({ "account": account, "waitsSince": null })) {
        Err(error) if error.is_conflict("unique") || matches!(error, Error::NotFound(_)) => Ok(()),
        updated => {
            updated?;
            invalidate(std::iter::once(account))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_with_a_verified_address_count() {
        let filter = accounts_of(&["a@example.com", "b@example.com"].map(str::to_owned));
        assert_eq!(filter["$and"][0]["$or"].as_array().map(Vec::len), Some(2));
        assert_eq!(filter["$and"][1], verified_accounts());
    }
}
