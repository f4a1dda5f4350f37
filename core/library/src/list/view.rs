//! Views of a file in a grid.

use crate::folders::FolderNameView;
use cairn_content::view::{ActorKindView, Time};
use cairn_store::events::Actor;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

/// A file as a grid shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Asset)]
pub struct AssetView {
    /// The number by which entries refer to it; another one after it was in the trash.
    // Null in the trash, which the document does not say.
    #[schema(value_type = i64)]
    pub id: Option<i64>,
    /// The file's document id.
    pub document_id: String,
    /// Display name of the file.
    #[schema(value_type = String)]
    pub name: Option<String>,
    /// As it works for whoever reads it now; null in the trash.
    pub url: Option<String>,
    /// A small picture of it; null: there is none.
    pub thumbnail_url: Option<String>,
    /// With its point.
    pub ext: Option<String>,
    /// `image/png`, `video/mp4`, ….
    #[schema(value_type = String)]
    pub mime: Option<String>,
    /// Kind of file, as people call it.
    pub kind: AssetKind,
    /// Size of the original.
    pub bytes: i64,
    /// Width of the picture in pixels.
    pub width: Option<i64>,
    /// Height of the picture in pixels.
    pub height: Option<i64>,
    /// In the default locale.
    pub alternative_text: Option<String>,
    /// In the default locale.
    pub caption: Option<String>,
    /// A ThumbHash, in Base64.
    pub placeholder: Option<String>,
    /// The main colour of a picture.
    pub colour: Option<String>,
    /// Null where no picture was looked at.
    pub animated: Option<bool>,
    /// True if parts of a picture can be seen through.
    pub alpha: Option<bool>,
    /// Facts that were read from the file: of a film its length, of a document its pages.
    #[schema(value_type = Option<Object>)]
    pub facts: Json,
    /// Null: the root.
    pub folder: Option<FolderNameView>,
    /// True if only those may see it who may read an entry that uses it.
    pub private: bool,
    /// Time of the upload.
    pub added_at: Time,
    /// Actor who uploaded it, or had it added.
    pub added_by: AddedByView,
    /// Time of the last change; null in the trash.
    #[schema(value_type = Option<Time>)]
    pub updated_at: Option<String>,
    /// In the trash since then.
    pub deleted_at: Option<Time>,
    /// Words to find it by, as they were first written.
    pub tags: Vec<String>,
    /// How many other files have the same bytes.
    pub duplicates: i64,
}

/// Kind of a file, as people distinguish them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssetKind {
    /// A picture of any format.
    Image,
    /// A film, with or without sound.
    Video,
    /// Sound without a picture.
    Audio,
    /// A text, a PDF, a spreadsheet.
    Document,
    /// A three-dimensional model.
    Model,
    /// Anything else.
    Other,
}

impl AssetKind {
    /// Parses the stored name of a kind; an unknown one is none of the others.
    pub(crate) fn from_stored(name: &str) -> Self {
        match name {
            "image" => Self::Image,
            "video" => Self::Video,
            "audio" => Self::Audio,
            "document" => Self::Document,
            "model" => Self::Model,
            _ => Self::Other,
        }
    }
}

/// Actor who brought a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AddedBy)]
pub struct AddedByView {
    /// Kind of the actor: a person, a program or Cairn itself.
    pub kind: ActorKindView,
    /// Number or document id, by the kind.
    pub id: Option<String>,
    /// Their name at that time.
    pub name: Option<String>,
}

impl From<&Actor> for AddedByView {
    fn from(actor: &Actor) -> Self {
        Self { kind: actor.kind.into(), id: actor.id.clone(), name: actor.name.clone() }
    }
}

/// The pages before and behind this one; null: there is none.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetPlaces)]
pub struct AssetCursorsView {
    /// Give it as `before` to get the page before this one.
    pub before: Option<String>,
    /// Give it as `after` to get the page behind this one.
    pub after: Option<String>,
}
