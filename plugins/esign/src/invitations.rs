//! Links to signers. Each new link ends the one before: who has the newest mail can sign, and nobody else.

use crate::audit::Trail;
use crate::envelope_state::{RecipientStatus, Role};
use crate::model::{Envelope, Recipient};
use crate::settings::Settings;
use cairn_plugin::mail::mail;
use cairn_plugin::prelude::*;
use cairn_plugin::{Instant, format_instant, site, warn};
use cairn_plugin_pages::link_token::{create_token, hash_token};
use serde::Serialize;
use serde_json::json;

/// Why somebody gets a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It is their turn.
    Turn,
    /// Others sign first; the link opens the document later.
    Early,
    /// They have had one, and have not signed.
    Reminder,
    /// They have more time.
    Extended,
    /// They followed a link that a newer one had replaced, and asked for another.
    Requested,
}

impl Occasion {
    /// Its name in the audit trail.
    const fn name(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Early => "early",
            Self::Reminder => "reminder",
            Self::Extended => "extended",
            Self::Requested => "requested",
        }
    }
}

/// Model of the mail's template.
#[derive(Serialize)]
struct InvitationMail<'a> {
    name: &'a str,
    title: &'a str,
    message: &'a str,
    sender: &'a str,
    company: &'a str,
    link: &'a str,
    expires: &'a str,
    reminder: bool,
    early: bool,
}

/// An envelope whose signers get links until that time.
#[derive(Clone, Copy)]
pub(crate) struct Invitations<'a> {
    pub(crate) envelope: &'a Row<Envelope>,
    pub(crate) settings: &'a Settings,
    pub(crate) expires_at: Instant,
}

impl Invitations<'_> {
    /// Gives a link to every signer of a group who has not signed.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn invite_group(self, trail: &mut Trail<'_>, group: i64, occasion: Occasion) -> Result<()> {
        let is_asked = |recipient: &&Row<Recipient>| {
            recipient.role == Role::Signer && recipient.group == group && recipient.status != RecipientStatus::Signed
        };
        self.envelope.recipients.iter().filter(is_asked).try_for_each(|to| self.invite(trail, to, occasion))
    }

    /// Gives a link to a signer, by mail and nowhere else.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn invite(self, trail: &mut Trail<'_>, to: &Row<Recipient>, occasion: Occasion) -> Result<()> {
        let Self { envelope, settings, expires_at } = self;
        let language = envelope.language_of(Some(to), settings);
        let token = create_token();
        let base = site().map(|site| site.url).unwrap_or_default();
        let company = settings.company();
        let is_early = occasion == Occasion::Early;
        // An early invitation does not tell what is signed, or by whom: the signer learns that when their turn comes.
        let hide = |text| if is_early { "" } else { text };
        let model = InvitationMail {
            name: &to.name,
            title: hide(&envelope.title),
            message: hide(envelope.message.trim()),
            sender: hide(&envelope.sender_name),
            company: &company,
            link: &format!("{base}/api/esign/s/{token}"),
            expires: &format_instant(expires_at, language, &settings.timezone, "medium")?,
            reminder: occasion == Occasion::Reminder,
            early: is_early,
        };
        let number = to.links.saturating_add(1);
        let key = format!("envelope/{}/link/{}/{number}", envelope.document_id, to.document_id);
        let mut message = mail(key, &to.email).template("invitation").locale(language).secret(&token);
        if !settings.reply_to.is_empty() {
            message = message.reply_to(&settings.reply_to);
        }
        let sent = match message.send(&model) {
            Ok(mail) => Some(mail),
            // An address that no mail can be sent to: the team sees it, and the others' answers count all the same.
            Err(error @ Error::Invalid(_)) => {
                warn!(envelope = &envelope.document_id; "a link was not sent: {}", error.describe());
                None
            }
            Err(error) => return Err(error),
        };
        let status = match (&sent, occasion, to.status) {
            (None, ..) => RecipientStatus::Bounced,
            (Some(_), Occasion::Early, _) => RecipientStatus::Waiting,
            // A reminder does not undo that they opened the document.
            (Some(_), Occasion::Reminder | Occasion::Requested, RecipientStatus::Viewed) => RecipientStatus::Viewed,
            _ => RecipientStatus::Notified,
        };
        let fields = json!({
            "status": status, "tokenHash": hash_token(&token), "links": number, "mail": sent, "notifiedAt": trail.at(),
        });
        trail.change_recipient(&to.document_id, &fields)?;
        if let Some(replaced) = &to.token_hash {
            trail.keep_link(&to.document_id, replaced)?;
        }
        let kind = if sent.is_some() { "linkSent" } else { "bounced" };
        let about =
            json!({ "recipient": to.document_id, "name": to.name, "email": to.email, "occasion": occasion.name() });
        trail.add(kind, "system", about)
    }
}
