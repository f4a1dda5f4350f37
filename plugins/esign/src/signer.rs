//! Signers: an envelope with one of those who sign it.

use crate::account_links::SigningWay;
use crate::envelope_state::SigningPageState;
use crate::envelopes::{describe_event, require_envelope};
use crate::model::{Envelope, Recipient};
use cairn_plugin::events;
use cairn_plugin::prelude::*;

/// An envelope and the recipient who follows their link to it.
pub(crate) struct Signer {
    pub(crate) envelope: Row<Envelope>,
    pub(crate) recipient: Row<Recipient>,
    /// Way by which the signer came from the site; none for a mailed link.
    pub(crate) way: Option<SigningWay>,
}

impl Signer {
    /// The same signer as things stand now.
    ///
    /// # Errors
    /// `NotFound` for an envelope that is gone.
    pub(crate) fn reload(&self) -> Result<Self> {
        let envelope = require_envelope(&self.envelope.document_id)?;
        let recipient = envelope.find_recipient(&self.recipient.document_id).cloned();
        let recipient = recipient.ok_or_else(|| Error::NotFound(String::new()))?;
        Ok(Self { envelope, recipient, way: self.way })
    }

    /// How the envelope stands for this signer.
    pub(crate) fn page_state(&self) -> SigningPageState {
        let is_turn = self.envelope.is_turn_of(&self.recipient);
        SigningPageState::find(self.envelope.status, self.recipient.status, is_turn, self.envelope.is_over(time::now()))
    }

    /// True if it is or was their turn: before that they see nothing of what is signed, nor of who signs.
    pub(crate) fn is_let_in(&self) -> bool {
        self.envelope.is_let_in(&self.recipient)
    }

    /// How the audit trail names them.
    pub(crate) fn describe(&self) -> String {
        format!("{} <{}>", self.recipient.name, self.recipient.email)
    }

    /// Publishes an event about them.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn publish(&self, name: &str, status: &str, reason: &str) -> Result<()> {
        let id = &self.envelope.document_id;
        let data = describe_event(&self.envelope, status, Some(&self.recipient.document_id), reason);
        events::publish(&format!("esign.envelope.{name}"), id, &data)
    }
}
