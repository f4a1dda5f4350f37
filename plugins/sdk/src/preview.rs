//! Previews as somebody else, at a time to come.

use crate::Instant;
use crate::bindings::preview as raw;

/// A preview that a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    /// The time that is shown; [`time::now`](crate::time::now) gives it too.
    pub at: Instant,
}

/// The preview that this call is for; none: the call is an ordinary one. Everything that a call for a preview stores is rolled back, and its
/// actor is the person whose view is shown.
#[must_use]
pub fn current() -> Option<Preview> {
    raw::current().map(|raw::Preview { at }| Preview { at })
}
