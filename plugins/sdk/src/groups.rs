//! Groups that the plugin gives to users of the API. Every name begins with the plugin's id: `journey:assembly`. What is set joins the open
//! transaction, and holds from its commit on.

use crate::Result;
use crate::bindings::groups as raw;
pub use crate::bindings::groups::Members;

/// Gives a user these groups, in place of those that they have from this plugin.
///
/// # Errors
/// `Invalid` for a wrong name or too many, `NotFound` for a user who does not exist; what else the host says.
pub fn set<S: Into<String>>(user: &str, groups: impl IntoIterator<Item = S>) -> Result<()> {
    let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
    raw::set_groups(user, &groups)
}

/// The groups that a user has from this plugin, sorted.
///
/// # Errors
/// What the host says.
pub fn list(user: &str) -> Result<Vec<String>> {
    raw::list_groups(user)
}

/// The ids of users who have a group of this plugin, behind `after`; at most 1,000.
///
/// # Errors
/// What the host says.
pub fn members(group: &str, after: Option<&str>, limit: u32) -> Result<Members> {
    raw::list_members(group, after, limit)
}
