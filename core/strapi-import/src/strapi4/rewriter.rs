//! The second reading of an archive of Strapi 4, which writes its lines in the form of Strapi 5.

use super::documents::FirstRows;
use super::inventory::{DOCUMENT_ID, Inventory, has_document};
use crate::archive::{Archive, MemberKind, visit_lines};
use crate::entity::{EntityLine, LinkLine, parse_line};
use crate::error::ImportError;
use crate::member_writer::{MemberWriter, WrittenRow};
use crate::survey::{FILE_UID, SYSTEM_FIELDS, USES_OF_FILES};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

/// A place in what is read, for messages.
type Place<'p> = &'p dyn Fn() -> String;

/// Writes lines anew: rows with the ids of their documents, drafts beside published rows, and their links.
pub(super) struct Rewriter<'a> {
    inventory: &'a Inventory,
    documents: &'a FirstRows,
    members: &'a mut MemberWriter,
    folder: &'static str,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(inventory: &'a Inventory, documents: &'a FirstRows, members: &'a mut MemberWriter) -> Self {
        Self { inventory, documents, members, folder: "" }
    }

    /// Rewrites a whole archive, except for the files of its media library and `metadata.json`.
    pub(super) fn rewrite(mut self, archive: &Archive) -> Result<(), ImportError> {
        archive.walk(&mut |member| match member.kind {
            MemberKind::Schemas => {
                self.begin("schemas")?;
                visit_lines(member, &mut |line, place| self.copy_line(line, place))
            }
            MemberKind::Entities => {
                self.begin("entities")?;
                visit_lines(member, &mut |line, place| self.write_row(line, place))
            }
            MemberKind::Links => {
                self.begin("links")?;
                visit_lines(member, &mut |line, place| self.write_link(line, place))
            }
            MemberKind::Configuration => {
                self.begin("configuration")?;
                visit_lines(member, &mut |line, place| self.copy_line(line, place))
            }
            MemberKind::Metadata | MemberKind::Asset(_) | MemberKind::AssetMetadata => Ok(()),
        })
    }

    fn begin(&mut self, folder: &'static str) -> Result<(), ImportError> {
        if self.folder != folder {
            self.members.begin(folder)?;
            self.folder = folder;
        }
        Ok(())
    }

    fn copy_line(&mut self, line: &[u8], place: Place<'_>) -> Result<(), ImportError> {
        let line: &RawValue = parse_line(line, place)?;
        self.members.write_line(&line, place)
    }

    fn write_row(&mut self, line: &[u8], place: Place<'_>) -> Result<(), ImportError> {
        let entity: EntityLine<'_> = parse_line(line, place)?;
        let (uid, id) = (&*entity.uid, entity.id);
        if !has_document(uid) {
            return self.copy_line(line, place);
        }
        let mut data: Map<String, Json> = parse_line(entity.data.get().as_bytes(), place)?;
        data.insert(DOCUMENT_ID.into(), self.documents.document_id(uid, id).into());
        self.members.write_line(&WrittenRow { uid, id, data: &data }, place)?;
        let Some(draft) = self.inventory.draft_id(uid, id) else { return Ok(()) };
        data.insert("publishedAt".into(), Json::Null);
        let inventory = self.inventory;
        inventory.visit_components(uid, &mut data, &mut |component, instance| {
            if let Some(id) = instance.get("id").and_then(Json::as_i64) {
                instance.insert("id".into(), inventory.id_behind(component, id).into());
            }
        });
        self.members.write_line(&WrittenRow { uid, id: draft, data: &data }, place)
    }

    fn write_link(&mut self, line: &[u8], place: Place<'_>) -> Result<(), ImportError> {
        let link: LinkLine<'_> = parse_line(line, place)?;
        let field = link.left.field.as_deref().unwrap_or_default();
        if SYSTEM_FIELDS.contains(&field) {
            return Ok(());
        }
        self.copy_line(line, place)?;
        // The link of a file belongs to what uses it.
        let is_use = link.left.uid == FILE_UID && field == USES_OF_FILES && link.kind == "relation.morph";
        let (owner, side) = if is_use { (&link.right, "right") } else { (&link.left, "left") };
        let draft = owner.row.as_i64().and_then(|id| self.inventory.draft_id(&owner.uid, id));
        let Some(draft) = draft else { return Ok(()) };
        let mut copy: Json = parse_line(line, place)?;
        copy[side]["ref"] = draft.into();
        self.members.write_line(&copy, place)
    }
}
