//! How people are told: in the admin, by mail. A further way (push, a messenger) is one file with a [`Channel`] and a line in
//! [`ALL`]; what it sends outside it asks for as a job, in the same transaction.

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
    /// The form that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Now => "now",
            Self::Digest => "digest",
        }
    }

    /// Of its form.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Off, Self::Now, Self::Digest].into_iter().find(|l| l.as_str() == text)
    }
}

/// A way to tell people.
pub trait Channel: Send + Sync {
    /// The form that is stored and shown.
    fn name(&self) -> &'static str;

    /// What a user may choose.
    fn levels(&self) -> &'static [Level];

    /// What holds where nothing was chosen.
    fn default_level(&self, kind: Kind) -> Level;

    /// Tells somebody, in the transaction of what happened. Not called with [`Level::Off`].
    ///
    /// # Errors
    /// The store's alone: an address that takes no mail is no reason for the transaction to fail.
    fn tell(&self, tx: &mut WriteTx<'_>, whom: &Person, what: &Telling<'_>, level: Level) -> Result<(), StoreError>;
}

/// Every channel there is.
pub const ALL: &[&dyn Channel] = &[&InApp, &Mail];

/// The channel of that name.
pub fn read(name: &str) -> Option<&'static dyn Channel> {
    ALL.iter().copied().find(|c| c.name() == name)
}
