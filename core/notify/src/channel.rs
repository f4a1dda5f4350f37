//! Ways to notify people: in the admin, by mail. A further way (push, a messenger) is one file with a [`Channel`] and a line in [`ALL_CHANNELS`];
//! what it sends to other hosts it enqueues as a job, in the same transaction.

use crate::kind::Kind;
use crate::notification::ChannelNotification;
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};
use serde::{Deserialize, Serialize};

mod in_app;
mod mail;

pub use in_app::InAppChannel;
pub use mail::MailChannel;

/// How a user wants to hear of a kind on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NotificationLevel)]
pub enum NotificationLevel {
    /// No notification.
    Off,
    /// A notification at once.
    Now,
    /// Together with others, once a day.
    Digest,
}

impl NotificationLevel {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Now => "now",
            Self::Digest => "digest",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Now, Self::Digest].into_iter().find(|l| l.as_str() == text)
    }
}

/// A way to notify people.
pub trait Channel: Send + Sync {
    /// The name that is stored and returned by the API.
    fn name(&self) -> &'static str;

    /// The levels that a user may choose.
    fn offered_levels(&self) -> &'static [NotificationLevel];

    /// The level for users who have not chosen one.
    fn default_level(&self, kind: Kind) -> NotificationLevel;

    /// Notifies a user, in the transaction of the event. Not called with [`NotificationLevel::Off`].
    ///
    /// # Errors
    /// Returns errors of the store only: an address that accepts no mail is no reason for the transaction to fail.
    fn notify_person(
        &self,
        tx: &mut WriteTx<'_>,
        whom: &Person,
        notification: &ChannelNotification<'_>,
        level: NotificationLevel,
    ) -> Result<(), StoreError>;
}

/// Every available channel.
pub const ALL_CHANNELS: &[&dyn Channel] = &[&InAppChannel, &MailChannel];

/// Finds a channel by name.
pub fn find_channel(name: &str) -> Option<&'static dyn Channel> {
    ALL_CHANNELS.iter().copied().find(|c| c.name() == name)
}
