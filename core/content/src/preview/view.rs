//! Views of preview links.

use crate::view::{PersonReference, Time};
use cairn_store::previews::PreviewLink;
use serde::Serialize;
use utoipa::ToSchema;

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewLink)]
pub struct IssuedPreviewLink {
    /// By which the link is revoked.
    pub id: String,
    /// Opens the document; told this once.
    pub token: String,
    /// The token opens nothing afterwards.
    pub expires_at: Time,
    /// The page of the site that shows the document; null where its type names none.
    pub url: Option<String>,
    /// A plugin decides who sees documents of the type; whoever has the link sees this one all the same.
    pub past_read_policy: bool,
}

/// A link that can be used.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PreviewLink)]
pub struct PreviewLinkView {
    /// By which the link is revoked.
    pub id: String,
    /// The document that it shows.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Time of the creation.
    pub created_at: Time,
    /// Its token opens nothing afterwards.
    pub expires_at: Time,
    /// Creator of the link.
    pub by: PersonReference,
}

impl From<PreviewLink> for PreviewLinkView {
    fn from(link: PreviewLink) -> Self {
        Self {
            id: link.id,
            document_id: link.document_id,
            locale: Some(link.locale).filter(|locale| !locale.is_empty()),
            created_at: Time(link.created_at),
            expires_at: Time(link.expires_at),
            by: PersonReference::from(&link.actor),
        }
    }
}
