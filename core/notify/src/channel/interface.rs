//! The trait of channels, and the notification that they are given.

use super::level::NotificationLevel;
use crate::kind::Kind;
use cairn_store::notify::{NewNotification, Person};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json};

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

/// The notification in the form that channels get.
pub struct ChannelNotification<'a> {
    /// Kind of the notification.
    pub kind: Kind,
    /// Values for every variable of its kind, and nothing else.
    pub data: Map<String, Json>,
    /// The once-key, shortened.
    pub once_key: &'a str,
    /// The target of the notification.
    pub link: Option<Json>,
    /// The present time in milliseconds.
    pub now: i64,
}

impl ChannelNotification<'_> {
    /// The notification for one of the recipients.
    pub fn for_person(&self, whom: &Person) -> NewNotification {
        NewNotification {
            admin_user: whom.id,
            kind: self.kind.as_str().to_owned(),
            once_key: self.once_key.to_owned(),
            data: self.data.clone().into(),
            link: self.link.clone(),
        }
    }
}
