//! Ways to notify people: in the admin, by mail. A further way (push, a messenger) is one file with a [`Channel`] and a line in [`ALL`];
//! what it sends to other hosts it enqueues as a job, in the same transaction.

use crate::kind::Kind;
use crate::notification::Telling;
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};
use serde::{Deserialize, Serialize};

mod in_app;
mod mail;

pub use in_app::InApp;
pub use mail::Mail;

/// How a user wants to hear of a kind on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NotificationLevel)]
pub enum Level {
    /// Not at all.
    Off,
    /// At once.
    Now,
    /// Together with others, once a day.
    Digest,
}

impl Level {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Now => "now",
            Self::Digest => "digest",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Off, Self::Now, Self::Digest].into_iter().find(|l| l.as_str() == text)
    }
}

/// A way to notify people.
pub trait Channel: Send + Sync {
    /// The name that is stored and returned by the API.
    fn name(&self) -> &'static str;

    /// The levels that a user may choose.
    fn levels(&self) -> &'static [Level];

    /// The level for users who have not chosen one.
    fn default_level(&self, kind: Kind) -> Level;

    /// Notifies a user, in the transaction of the event. Not called with [`Level::Off`].
    ///
    /// # Errors
    /// Returns errors of the store only: an address that accepts no mail is no reason for the transaction to fail.
    fn tell(&self, tx: &mut WriteTx<'_>, whom: &Person, what: &Telling<'_>, level: Level) -> Result<(), StoreError>;
}

/// Every available channel.
pub const ALL: &[&dyn Channel] = &[&InApp, &Mail];

/// Finds a channel by name.
pub fn read(name: &str) -> Option<&'static dyn Channel> {
    ALL.iter().copied().find(|c| c.name() == name)
}
