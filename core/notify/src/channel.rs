//! Ways to notify people: in the admin, by mail. A further way (push, a messenger) is one file with a [`Channel`] and a line in [`ALL_CHANNELS`];
//! what it sends to other hosts it enqueues as a job, in the same transaction.

mod in_app;
mod interface;
mod level;
mod mail;

pub use in_app::InAppChannel;
pub use interface::{Channel, ChannelNotification};
pub use level::NotificationLevel;
pub use mail::MailChannel;

/// Every available channel.
pub const ALL_CHANNELS: &[&dyn Channel] = &[&InAppChannel, &MailChannel];

/// Finds a channel by name.
pub fn find_channel(name: &str) -> Option<&'static dyn Channel> {
    ALL_CHANNELS.iter().copied().find(|c| c.name() == name)
}
