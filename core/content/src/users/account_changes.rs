//! Effects of a change of a user on the account, whoever makes it.

use crate::Result;
use crate::body::CastInput;
use cairn_access::auth::{account_changed, password_replaced};
use cairn_model::{ContentType, Value};
use cairn_store::WriteTx;
use cairn_store::content::DocumentRow;

/// The attribute that is true once the password was chosen through a link that was mailed to the user's address.
pub(super) const EMAIL_VERIFIED: &str = "emailVerified";

/// Resets `emailVerified` when the address changes, unless the same change sets it:
/// [`Content::update_user`](crate::Content::update_user) checks who may.
pub(crate) fn reset_email_verified(ct: &ContentType, before: &DocumentRow, input: &CastInput, row: &mut DocumentRow) {
    let attribute = |name: &str| ct.attributes.get(name).map(|(id, _)| id);
    let (Some(email), Some(verified)) = (attribute("email"), attribute(EMAIL_VERIFIED)) else { return };
    let is_named = input.named.get(verified).copied().unwrap_or_default();
    if !is_named
        && before.values.get(email) != row.values.get(email)
        && let Some(value) = row.values.get_mut(verified)
    {
        *value = Value::Bool(false);
    }
}

/// Follows up a change of a user, in its transaction, whoever makes it: no session outlives the password that it began with, and no code
/// the password, the address and the block of the account that it is for.
pub(crate) fn follow_up_user_change(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    before: &DocumentRow,
    after: &DocumentRow,
) -> Result<()> {
    let is_changed = |name: &str| {
        let id = ct.attributes.get(name).map(|(id, _)| id);
        id.is_some_and(|id| before.values.get(id) != after.values.get(id))
    };
    if is_changed("password") {
        password_replaced(tx, &after.document_id)?;
    } else if is_changed("email") || is_changed("blocked") {
        account_changed(tx, &after.document_id)?;
    }
    Ok(())
}
