//! Proofs that an account has the mailbox of its address. That an account is confirmed does not prove it: where new accounts need not confirm their
//! address, anybody can register with that of somebody else. A code that was mailed there and entered in the account does, for a year.

use super::caller::AccountHolder;
use crate::audit_chain::hash_bytes;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::prelude::*;
use std::time::Duration;

/// Time after which an account has to prove its mailbox again.
const PROOF_LIFE: Duration = Duration::from_secs(365 * 24 * 3_600);

fn proof_key(email: &str) -> String {
    format!("mailbox/{}", hash_bytes(normalise_email(email).as_bytes()))
}

/// True if a code to its address was entered in this account.
///
/// # Errors
/// What the host says.
pub(crate) fn has_proven_mailbox(account: &AccountHolder) -> Result<bool> {
    Ok(kv::get::<String>(&proof_key(&account.email))?.is_some_and(|proven| proven == account.id))
}

/// Stores that a code to its address was entered in this account.
///
/// # Errors
/// What the host says.
pub(crate) fn store_mailbox_proof(account: &AccountHolder) -> Result<()> {
    kv::put_for(&proof_key(&account.email), &account.id, PROOF_LIFE)
}

/// Deletes the proof of an address, for a person whose data are erased.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_mailbox_proof(email: &str) -> Result<()> {
    kv::delete(&proof_key(email)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_found_however_the_address_is_spelled_and_does_not_name_it() {
        assert_eq!(proof_key("Ann@Example.com"), proof_key("ann@example.com"));
        assert_ne!(proof_key("ann@example.com"), proof_key("bart@example.com"));
        assert!(!proof_key("ann@example.com").contains("ann"));
    }
}
