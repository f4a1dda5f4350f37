//! The people who work in the admin: their ids, names and roles. Their ids are those of [`Actor::Admin`](crate::Actor) and of
//! [`mail::notify`](crate::mail::notify). At most 100 are found at once.

use crate::Result;
use crate::bindings::people as raw;
pub use crate::bindings::people::{Filter, Page, Person};

/// Most people of one page.
pub const MAX_PEOPLE: u32 = 100;

/// People with these ids, up to 100, also those who are not active any more. An id of nobody finds nobody.
///
/// # Errors
/// What the host says.
pub fn find_by_ids<S: Into<String>>(ids: impl IntoIterator<Item = S>) -> Result<Vec<Person>> {
    raw::find(&Filter::Ids(collect_texts(ids)), None, MAX_PEOPLE).map(|page| page.people)
}

/// Active people whose name fits one of these texts: each word of the text begins a word of the name. An empty text fits everybody.
///
/// # Errors
/// What the host says.
pub fn find_by_names<S: Into<String>>(names: impl IntoIterator<Item = S>, after: Option<&str>) -> Result<Page> {
    raw::find(&Filter::Names(collect_texts(names)), after, MAX_PEOPLE)
}

/// Active people who have one of these roles, by code.
///
/// # Errors
/// What the host says.
pub fn find_by_roles<S: Into<String>>(roles: impl IntoIterator<Item = S>, after: Option<&str>) -> Result<Page> {
    raw::find(&Filter::Roles(collect_texts(roles)), after, MAX_PEOPLE)
}

fn collect_texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
