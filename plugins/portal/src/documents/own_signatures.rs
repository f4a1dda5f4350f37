//! Contracts that somebody has signed while others still have to, or while the document is being sealed: they are asked for nothing more.

use crate::access::accounts::{find_verified_account, of_address};
use crate::model::{Link, Signature, VehicleDocument, content_type};
use cairn_contact_details::email::normalise_email;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// Most signers of the envelopes of a response.
const MAX_SIGNERS: u32 = 1_000;

/// A signer of an envelope, where the plugin esign is there and its grant was given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signer {
    #[serde(default)]
    envelope: Option<Link>,
    #[serde(default)]
    signed_at: Option<String>,
}
content_type!(Signer, "plugin::esign.recipient");

/// Ids of envelopes that somebody has signed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnSignatures(BTreeSet<String>);

impl OwnSignatures {
    /// Reads what somebody has signed of these documents. Without e-signing, or the grant to read its signers, that is nothing.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find(account: &str, documents: &[Row<VehicleDocument>]) -> Result<Self> {
        let is_open = |row: &&Row<VehicleDocument>| row.signature == Some(Signature::Sent);
        let envelopes: Vec<&str> = documents.iter().filter(is_open).filter_map(|row| row.envelope.as_deref()).collect();
        if envelopes.is_empty() {
            return Ok(Self::default());
        }
        let Some(account) = find_verified_account(account)? else { return Ok(Self::default()) };
        let filter = json!({ "envelope": { "documentId": { "$in": envelopes } }, "role": { "$eq": "signer" } });
        let own = data::find::<Signer>().filter(filter).filter(of_address(&normalise_email(&account.email)));
        match own.populate(json!({ "envelope": { "fields": ["title"] } })).all(MAX_SIGNERS) {
            Ok(signers) => Ok(Self::of_signers(&signers)),
            Err(Error::Denied(_) | Error::NotFound(_)) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// The envelopes of which every signer with the address has signed: of two people with one address, one may still have to.
    fn of_signers(signers: &[Row<Signer>]) -> Self {
        let of_envelope = |signer: &Row<Signer>| signer.envelope.as_ref().map(|link| link.document_id.clone());
        let is_left = |signer: &&Row<Signer>| signer.signed_at.is_none();
        let left: BTreeSet<String> = signers.iter().filter(is_left).filter_map(of_envelope).collect();
        Self(signers.iter().filter_map(of_envelope).filter(|envelope| !left.contains(envelope)).collect())
    }

    /// True for a document that waits for others and not for this person.
    pub(crate) fn contain(&self, row: &VehicleDocument) -> bool {
        row.signature == Some(Signature::Sent)
            && row.envelope.as_ref().is_some_and(|envelope| self.0.contains(envelope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn find_signed(signers: Value) -> Vec<String> {
        let signers: Vec<Row<Signer>> = serde_json::from_value(signers).unwrap();
        OwnSignatures::of_signers(&signers).0.into_iter().collect()
    }

    #[test]
    fn an_envelope_is_signed_once_everybody_of_the_address_has_signed() {
        let signer = |envelope: &str, signed_at: Option<&str>| json!({ "documentId": "r", "envelope": { "documentId": envelope }, "signedAt": signed_at });
        let at = Some("2026-03-01T12:00:00.000Z");
        assert_eq!(find_signed(json!([signer("a", at), signer("b", None)])), ["a"]);
        assert_eq!(find_signed(json!([signer("a", at), signer("a", None)])), Vec::<String>::new());
        assert_eq!(find_signed(json!([signer("a", at), signer("a", at)])), ["a"]);
        assert_eq!(find_signed(json!([{ "documentId": "r", "envelope": null, "signedAt": at }])), Vec::<String>::new());
    }
}
