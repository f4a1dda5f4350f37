//! Actions of an admin on mails, and on suppressed addresses.

use crate::error::NotifyError;
use crate::mail::{address, queue, send_job};
use crate::{Notifier, templates};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::notify::{Suppression, SuppressionReason};
use serde_json::json;

impl Notifier {
    /// Sends a mail again that failed, bounced or was suppressed.
    ///
    /// # Errors
    /// [`NotifyError::NotFound`], or why it is impossible.
    pub async fn resend_mail(&self, id: i64, actor: Actor) -> Result<(), NotifyError> {
        let row = self.store().read(|r| r.mails().get(id))?.ok_or(NotifyError::NotFound)?;
        let to_error = |problem: &str| NotifyError::Invalid(crate::InvalidFields::for_field("mail", problem));
        if matches!(&*row.mail.template, templates::PASSWORD_RESET | templates::EMAIL_CONFIRMATION) {
            return Err(to_error("its link has expired; the recipient must request a new one"));
        }
        if row.mail.template == templates::INVITATION {
            return Err(to_error("its link is not stored; invite the user again, which sends a new one"));
        }
        if row.mail.data.is_null() {
            return Err(to_error("its content has been deleted"));
        }
        let now = self.now();
        let future = self.store().write(move |tx| {
            if !tx.mails().requeue(id)? {
                return Ok(false);
            }
            tx.jobs().enqueue(&queue::send_mail_job(id, now), now)?;
            tx.events().emit(
                &actor,
                &send_job::new_event("cairn.mail.sent-again", &format!("mail {id}"), json!({ "mail": id })),
                now,
            )?;
            Ok::<_, StoreError>(true)
        });
        if future.await? {
            Ok(())
        } else {
            Err(to_error("only mail that failed, bounced or was suppressed can be resent"))
        }
    }

    /// Enqueues a test mail, in the language of the tenant. Returns its id. Returns an error for an invalid address.
    pub async fn send_test(&self, to: &str, actor: Actor) -> Result<i64, NotifyError> {
        let (now, to) = (self.now(), to.to_owned());
        let future = self.store().write(move |tx| {
            let mail = queue::OutgoingMail {
                once_key: format!("test:{}:{now}:{to}", actor.key()),
                template: templates::TEST,
                locale: None,
                to: to.clone(),
                to_name: None,
                reply_to: None,
                data: json!({}),
                secret: None,
                unsubscribe: None,
            };
            let id = queue::enqueue_mail(tx, &mail, now)?;
            if let Some(id) = id {
                tx.events().emit(
                    &actor,
                    &send_job::new_event("cairn.mail.test", &format!("mail {id}"), json!({ "mail": id })),
                    now,
                )?;
            }
            Ok::<_, queue::MailError>(id)
        });
        match future.await {
            Ok(Some(id)) => Ok(id),
            Ok(None) => Err(NotifyError::Invalid(crate::InvalidFields::for_field(
                "to",
                "a test mail was sent to this address moments ago",
            ))),
            Err(queue::MailError::Field(e)) => Err(e.into()),
            Err(queue::MailError::Store(e)) => Err(e.into()),
        }
    }

    /// Suppresses an address: it gets no mail any more. Returns an error for an invalid address.
    pub async fn suppress_address(&self, text: &str, detail: Option<String>, actor: Actor) -> Result<(), NotifyError> {
        let (address, now) = (address::suppression_key(&address::parse_address("address", text)?), self.now());
        let detail = detail.map(|d| d.chars().take(500).collect());
        let s = Suppression { address, reason: SuppressionReason::Manual, detail, mail: None, at: now };
        self.store()
            .write(move |tx| {
                if tx.mail_suppressions().create(&s)? {
                    let event = send_job::new_event("cairn.mail.suppressed", "mail", json!({ "reason": "manual" }));
                    tx.events().emit(&actor, &event, now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }

    /// Clears the suppression of an address. Fails with [`NotifyError::NotFound`] if it was not suppressed.
    pub async fn clear_suppression(&self, text: &str, actor: Actor) -> Result<(), NotifyError> {
        let (address, now) = (address::suppression_key(text), self.now());
        let future = self.store().write(move |tx| {
            let deleted = tx.mail_suppressions().delete(&address)?;
            if deleted {
                tx.events().emit(
                    &actor,
                    &send_job::new_event("cairn.mail.suppression-cleared", "mail", json!({})),
                    now,
                )?;
            }
            Ok::<_, StoreError>(deleted)
        });
        if future.await? { Ok(()) } else { Err(NotifyError::NotFound) }
    }
}
