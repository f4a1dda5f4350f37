//! `related` of a file: the entries that show it. Nothing of it is kept with the file: each type with media is looked at, as
//! far as the caller may see it.

use super::ask::{Ask, Inner, Missing};
use super::{FRAGMENT_KEYS, Populates, Shape, refuse_shapes};
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
        refuse_shapes(view, ask, inner)?;
        let asks = self.fragments(ask, inner)?;
        let mut by = Vec::new();
        match asks.on {
            Some(fragments) => {
                for (uid, value) in fragments {
                    let path = format!("{}.on.{uid}", inner.name);
                    let Some(target) = self.cx.registry.by_uid(uid) else {
                        return Err(ParamError::refused_key(uid, &path, super::PARAM));
                    };
                    let Some(ask) = Ask::of_fragment(value)? else { continue };
                    let inner = Inner { name: &path, path: &path, depth: inner.depth };
                    by.extend(self.used_by(view, target.id, ask, FRAGMENT_KEYS, inner)?);
                }
            }
            None => {
                let mut missing = Missing::of(ask);
                for target in self.cx.registry.types() {
                    let known = missing.narrow(self.cx, self.cx.related_view(view, target.id));
                    let ask = match asks.everything {
                        true => Ask::Everything,
                        false => known.as_ref().map_or(ask.plain(), Ask::of),
                    };
                    by.extend(self.used_by(view, target.id, ask, &[], inner)?);
                }
                missing.finish(inner.path)?;
            }
        }
        Ok(Populate::Usages { count: asks.count, by })
    }

    /// The entries of one type; `None` where the caller sees none of them, or no media of theirs.
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
