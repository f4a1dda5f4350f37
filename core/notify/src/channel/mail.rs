//! The channel for mail: at once, or in a digest.

use super::{Channel, Level};
use crate::digest;
use crate::kind::Kind;
use crate::notification::Telling;
use crate::outgoing::{self, MailError, Outgoing};
use cairn_store::notify::Person;
use cairn_store::{StoreError, WriteTx};

/// Notifies by mail.
pub struct Mail;

impl Channel for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn levels(&self) -> &'static [Level] {
        &[Level::Off, Level::Now, Level::Digest]
    }

    fn default_level(&self, kind: Kind) -> Level {
        kind.mail_by_default()
    }

    fn tell(&self, tx: &mut WriteTx<'_>, whom: &Person, what: &Telling<'_>, level: Level) -> Result<(), StoreError> {
        if level == Level::Digest {
            if tx.insert_digest_entry(&what.to(whom), what.now)? {
                digest::ensure(tx, whom.zone.as_deref(), what.now)?;
            }
            return Ok(());
        }
        let mut data = what.data.clone();
        data.insert("link".into(), what.link.clone().unwrap_or_default());
        let mail = Outgoing {
            once_key: format!("{}:{}", what.once_key, whom.id),
            template: what.kind.as_str(),
            locale: whom.locale.clone(),
            to: whom.email.clone(),
            to_name: None,
            reply_to: None,
            data: data.into(),
            secret: None,
            unsubscribe: Some((whom.id, what.kind.as_str())),
        };
        match outgoing::send(tx, &mail, what.now) {
            Ok(_) => Ok(()),
            Err(MailError::Store(e)) => Err(e),
            Err(error) => {
                tracing::warn!(admin = whom.id, %error, "an admin user cannot be notified by mail");
                Ok(())
            }
        }
    }
}
