//! The channel for mail: at once, or in a digest.

use super::interface::{Channel, ChannelNotification};
use super::level::NotificationLevel;
use crate::digest::schedule;
use crate::kind::Kind;
use crate::mail::queue::{self, MailError, OutgoingMail};
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};

/// Notifies by mail.
pub struct MailChannel;

impl Channel for MailChannel {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn offered_levels(&self) -> &'static [NotificationLevel] {
        &[NotificationLevel::Off, NotificationLevel::Now, NotificationLevel::Digest]
    }

    fn default_level(&self, kind: Kind) -> NotificationLevel {
        kind.mail_by_default()
    }

    fn notify_person(
        &self,
        tx: &mut WriteTx<'_>,
        whom: &Person,
        notification: &ChannelNotification<'_>,
        level: NotificationLevel,
    ) -> Result<(), StoreError> {
        if level == NotificationLevel::Digest {
            if tx.digests().add_entry(&notification.for_person(whom), notification.now)? {
                schedule::ensure_recurring(tx, whom.zone.as_deref(), notification.now)?;
            }
            return Ok(());
        }
        let mut data = notification.data.clone();
        data.insert("link".into(), notification.link.clone().unwrap_or_default());
        let mail = OutgoingMail {
            once_key: format!("{}:{}", notification.once_key, whom.id),
            template: notification.kind.as_str(),
            locale: whom.locale.clone(),
            to: whom.email.clone(),
            to_name: None,
            reply_to: None,
            data: data.into(),
            secret: None,
            unsubscribe: Some((whom.id, notification.kind.as_str())),
        };
        match queue::enqueue_mail(tx, &mail, notification.now) {
            Ok(_) => Ok(()),
            Err(MailError::Store(e)) => Err(e),
            Err(error) => {
                tracing::warn!(admin = whom.id, %error, "an admin user cannot be notified by mail");
                Ok(())
            }
        }
    }
}
