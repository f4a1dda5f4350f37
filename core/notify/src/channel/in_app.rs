//! The channel for notifications in the admin.

use super::interface::{Channel, ChannelNotification};
use super::level::NotificationLevel;
use crate::kind::Kind;
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};

/// Notifies in the admin: adds a row that the bell shows.
pub struct InAppChannel;

impl Channel for InAppChannel {
    fn name(&self) -> &'static str {
        "inApp"
    }

    fn offered_levels(&self) -> &'static [NotificationLevel] {
        &[NotificationLevel::Off, NotificationLevel::Now]
    }

    fn default_level(&self, _: Kind) -> NotificationLevel {
        NotificationLevel::Now
    }

    fn notify_person(
        &self,
        tx: &mut WriteTx<'_>,
        whom: &Person,
        notification: &ChannelNotification<'_>,
        _: NotificationLevel,
    ) -> Result<(), StoreError> {
        tx.notifications().create(&notification.for_person(whom), notification.now).map(drop)
    }
}
