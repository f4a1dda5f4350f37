//! Paths of members.

/// The kind of a member, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind<'a> {
    /// `metadata.json`, the last member.
    Metadata,
    /// `schemas/*.jsonl`: content types and components.
    Schemas,
    /// `entities/*.jsonl`: rows, with their components.
    Entities,
    /// `links/*.jsonl`: relations and media.
    Links,
    /// `configuration/*.jsonl`: Strapi's own settings, and webhooks.
    Configuration,
    /// `assets/uploads/<name>`: the bytes of a file or of one of its formats.
    Asset(&'a str),
    /// `assets/metadata/<name>.json`: what the file's row says as well.
    AssetMetadata,
}

impl<'a> MemberKind<'a> {
    /// The kind of the member at a path; `None` for a path that does not belong in an archive.
    pub(super) fn from_path(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix("./").unwrap_or(path);
        if path == "metadata.json" {
            return Some(Self::Metadata);
        }
        let (folder, name) = path.rsplit_once('/')?;
        let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '\0']);
        match folder {
            _ if !is_plain => None,
            "assets/uploads" => Some(Self::Asset(name)),
            "assets/metadata" => Some(Self::AssetMetadata),
            _ if !name.ends_with(".jsonl") => None,
            "schemas" => Some(Self::Schemas),
            "entities" => Some(Self::Entities),
            "links" => Some(Self::Links),
            "configuration" => Some(Self::Configuration),
            _ => None,
        }
    }
}
