//! `related` of a file: the entries that show it. Nothing of it is stored with the file: each type with media is searched, as far
//! as the caller may see it.

use super::ask::{Ask, Inner};
use super::{Populates, Shape};
use crate::context::View;
use crate::error::ParamError;
use crate::plan::{FileUsage, Node, Populate};
use cairn_model::{AttributeId, FieldKind, TypeId};

impl<'a> Populates<'_, 'a> {
    pub(super) fn usages(
        &mut self,
        view: View<'a>,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<Populate, ParamError> {
        let mut by = Vec::new();
        let count = self.each_target(view, ask, inner, |this, target, ask, keys, inner| {
            by.extend(this.used_by(view, target, ask, keys, inner)?);
            Ok(())
        })?;
        Ok(Populate::Usages { count, by })
    }

    /// Plans the entries of one type; `None` if the caller sees none of them, or none of their media.
    fn used_by(
        &mut self,
        view: View<'a>,
        target: TypeId,
        ask: Ask<'_, '_>,
        keys: &[&str],
        inner: Inner<'_>,
    ) -> Result<Option<FileUsage>, ParamError> {
        let Some(versions) = self.cx.usages(target) else { return Ok(None) };
        let shown = self.cx.related_view(view, target);
        let media = shown.attributes().filter(|(_, attribute)| matches!(attribute.kind, FieldKind::Media { .. }));
        let media: Vec<AttributeId> = media.map(|(id, _)| id).collect();
        if media.is_empty() {
            return Ok(None);
        }
        let Shape { count: _, filter, sort, fields, populate } = self.target(view, target, ask, keys, inner)?;
        let node = Node { content_type: target, fields, populate };
        Ok(Some(FileUsage { media, versions, filter, sort, node }))
    }
}
