//! `related` of a file: the entries that show it. Nothing of it is stored with the file: each type with media is searched, as far
//! as the caller may see it.

use super::options::{NestedPosition, PopulateOptions};
use super::{NodeShape, PopulatePlanner};
use crate::context::RowView;
use crate::error::ParamError;
use crate::plan::{EntryNode, FileUsage, Populate};
use cairn_model::{AttributeId, FieldKind, TypeId};

impl<'a> PopulatePlanner<'_, 'a> {
    pub(super) fn plan_usages(
        &mut self,
        view: RowView<'a>,
        ask: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<Populate, ParamError> {
        let mut by = Vec::new();
        let count = self.each_target(view, ask, inner, |this, target, options, keys, inner| {
            by.extend(this.plan_type_usages(view, target, options, keys, inner)?);
            Ok(())
        })?;
        Ok(Populate::Usages { count, by })
    }

    /// Plans the entries of one type; `None` if the caller sees none of them, or none of their media.
    fn plan_type_usages(
        &mut self,
        view: RowView<'a>,
        target: TypeId,
        options: PopulateOptions<'_, '_>,
        keys: &[&str],
        inner: NestedPosition<'_>,
    ) -> Result<Option<FileUsage>, ParamError> {
        let Some(versions) = self.cx.usage_versions(target) else { return Ok(None) };
        let row_view = self.cx.related_view(view, target);
        let media =
            row_view.visible_attributes().filter(|(_, attribute)| matches!(attribute.kind, FieldKind::Media { .. }));
        let media: Vec<AttributeId> = media.map(|(id, _)| id).collect();
        if media.is_empty() {
            return Ok(None);
        }
        let NodeShape { count: _, filter, sort, fields, populate } =
            self.plan_target(view, target, options, keys, inner)?;
        let node = EntryNode { content_type: target, fields, populate };
        Ok(Some(FileUsage { media, versions, filter, sort, node }))
    }
}
