//! Differences between two versions.
//!
//! A difference is an object with `attribute`, `type` and
//! - of scalars `before` and `after`; of long texts and structured text also `text`, a list of `{op, text}` with `equal`,
//!   `insert` and `delete`;
//! - of relations and media `added` and `removed`, and `reordered` where both versions have some in another order;
//! - of a component `change` (`added`, `removed`, `changed`) with `before` and `after`, or with `fields`: the same for its
//!   attributes;
//! - of lists of components and zones `items`: of each instance that differs its `change` (`added`, `removed`, `moved`,
//!   `changed`), its places `from` and `to`, and whether it was `moved` too. Instances are matched by their ids, then by what
//!   they hold, then by their places.

use super::read::{VersionRenderer, block_component};
use super::snapshot_reader::link_targets;
use super::{AttributeDifference, ItemChange, ItemDifference, LinkedDocument, TextOp, TextPart};
use cairn_model::*;
use serde_json::{Map, Value as Json};
use similar::{Algorithm, ChangeTag, TextDiff};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Time limit for comparing all texts together; the rest is reported as replaced.
const TEXT_DIFF_BUDGET: Duration = Duration::from_millis(300);
/// Length in bytes from which texts are compared word by word; the difference of shorter ones is obvious.
const MIN_TEXT_DIFF_BYTES: usize = 60;
/// Length in bytes above which texts are compared line by line.
const MAX_WORD_DIFF_BYTES: usize = 40_000;

pub(super) struct VersionComparer<'a> {
    renderer: &'a VersionRenderer<'a>,
    until: Instant,
}

type JsonObject = Map<String, Json>;
/// A component, and what identifies its instances.
type InstanceKey = (Option<String>, String);
type InstanceKeyOf<'a> = &'a dyn Fn(&JsonObject) -> Option<InstanceKey>;

impl<'a> VersionComparer<'a> {
    pub(super) fn new(showing: &'a VersionRenderer<'a>) -> Self {
        Self { renderer: showing, until: Instant::now() + TEXT_DIFF_BUDGET }
    }

    /// Differences of attributes.
    pub(super) fn compare_attributes(
        &self,
        attributes: &Attributes,
        before: &JsonObject,
        after: &JsonObject,
        may: &dyn Fn(&Attribute) -> bool,
    ) -> Vec<AttributeDifference> {
        let differs = |a: &Attribute| {
            let get_value = |object: &JsonObject| object.get(&a.name).cloned().unwrap_or_default();
            self.compare_attribute(a, &get_value(before), &get_value(after))
        };
        attributes.iter().filter(|(_, a)| may(a)).filter_map(|(_, a)| differs(a)).collect()
    }

    fn compare_attribute(&self, a: &Attribute, old: &Json, new: &Json) -> Option<AttributeDifference> {
        let registry = self.renderer.registry;
        let rendered = |value: &Json| Some(self.renderer.render_value(a, value));
        let difference = match &a.kind {
            FieldKind::Media { .. } | FieldKind::Relation(_) => AttributeDifference {
                before: rendered(old),
                after: rendered(new),
                ..self.compare_links(registry.attribute_link(a)?, old, new)?
            },
            FieldKind::Component { component, repeatable: false } => {
                self.compare_component(registry.component(*component), old.as_object(), new.as_object())?
            }
            FieldKind::Component { component, repeatable: true } => {
                let component = registry.component(*component);
                self.compare_list(old, new, &|_| Some(component))?
            }
            FieldKind::DynamicZone { .. } => self.compare_list(old, new, &|o| block_component(registry, o))?,
            _ if old == new => return None,
            kind => AttributeDifference {
                before: rendered(old),
                after: rendered(new),
                text: self.diff_text(kind, old, new),
                ..AttributeDifference::default()
            },
        };
        Some(AttributeDifference { attribute: a.name.clone(), r#type: a.kind.type_name().to_owned(), ..difference })
    }

    fn compare_links(&self, link: AttributeLink, old: &Json, new: &Json) -> Option<AttributeDifference> {
        let registry = self.renderer.registry;
        let (old, new) = (link_targets(registry, link, old), link_targets(registry, link, new));
        if old == new {
            return None;
        }
        let only = |these: &[LinkTarget], those: &[LinkTarget]| -> Vec<LinkedDocument> {
            let only = these.iter().filter(|t| !those.contains(t));
            only.map(|t| self.renderer.titles.render_link(registry, link, t)).collect()
        };
        let stay = |these: &[LinkTarget], those: &[LinkTarget]| -> Vec<LinkTarget> {
            these.iter().filter(|t| those.contains(t)).cloned().collect()
        };
        let reordered = stay(&old, &new) != stay(&new, &old);
        Some(AttributeDifference {
            added: Some(only(&new, &old)),
            removed: Some(only(&old, &new)),
            reordered: Some(reordered),
            ..AttributeDifference::default()
        })
    }

    /// Difference of a single component.
    fn compare_component(
        &self,
        component: &Component,
        old: Option<&JsonObject>,
        new: Option<&JsonObject>,
    ) -> Option<AttributeDifference> {
        let mut difference = AttributeDifference::default();
        match (old, new) {
            (None, None) => return None,
            (None, Some(new)) => {
                difference.change = Some(ItemChange::Added);
                difference.after = Some(self.renderer.render_instance(component, new));
            }
            (Some(old), None) => {
                difference.change = Some(ItemChange::Removed);
                difference.before = Some(self.renderer.render_instance(component, old));
            }
            (Some(old), Some(new)) => {
                let fields = self.compare_fields(component, old, new);
                if fields.is_empty() {
                    return None;
                }
                difference.change = Some(ItemChange::Changed);
                difference.fields = Some(fields);
            }
        }
        Some(difference)
    }

    fn compare_fields(&self, component: &Component, old: &JsonObject, new: &JsonObject) -> Vec<AttributeDifference> {
        self.compare_attributes(&component.attributes, old, new, &|a| self.renderer.can_see(a))
    }

    /// Difference of a list of components, or of a zone.
    fn compare_list<'r>(
        &self,
        old: &Json,
        new: &Json,
        component: &dyn Fn(&JsonObject) -> Option<&'r Component>,
    ) -> Option<AttributeDifference> {
        let objects = |list: &Json| -> Vec<JsonObject> {
            list.as_array().into_iter().flatten().filter_map(|o| o.as_object().cloned()).collect()
        };
        let (old, new) = (objects(old), objects(new));
        let found = match_instances(&old, &new);
        let order: Vec<usize> = found.iter().flatten().copied().collect();
        let (matched, in_order): (HashSet<usize>, HashSet<usize>) =
            (order.iter().copied().collect(), longest_increasing_subsequence(&order).into_iter().collect());
        let mut items = Vec::new();
        for (from, o) in old.iter().enumerate().filter(|(i, _)| !matched.contains(i)) {
            let before = component(o).map_or(Json::Null, |c| self.renderer.render_instance(c, o));
            items.push(ItemDifference {
                from: Some(from as u32),
                before: Some(before),
                ..ItemDifference::new(ItemChange::Removed, component_uid(component(o)))
            });
        }
        for (to, n) in new.iter().enumerate() {
            let Some(from) = &found[to] else {
                let after = component(n).map_or(Json::Null, |c| self.renderer.render_instance(c, n));
                items.push(ItemDifference {
                    to: Some(to as u32),
                    after: Some(after),
                    ..ItemDifference::new(ItemChange::Added, component_uid(component(n)))
                });
                continue;
            };
            let (Some(o), Some(c)) = (old.get(*from), component(n)) else { continue };
            let (fields, moved) = (self.compare_fields(c, o, n), !in_order.contains(from));
            if moved || !fields.is_empty() {
                let change = if fields.is_empty() { ItemChange::Moved } else { ItemChange::Changed };
                items.push(ItemDifference {
                    from: Some(*from as u32),
                    to: Some(to as u32),
                    id: Some(n.get("id").cloned().unwrap_or_default()),
                    moved: Some(moved),
                    fields: Some(fields).filter(|fields| !fields.is_empty()),
                    ..ItemDifference::new(change, Some(&c.uid))
                });
            }
        }
        if items.is_empty() {
            return None;
        }
        Some(AttributeDifference { items: Some(items), ..AttributeDifference::default() })
    }

    /// Insertions and deletions in a text; `None` if the values are not texts worth comparing.
    fn diff_text(&self, kind: &FieldKind, old: &Json, new: &Json) -> Option<Vec<TextPart>> {
        let (old, new) = match kind {
            FieldKind::Blocks => (blocks_to_text(old), blocks_to_text(new)),
            FieldKind::String | FieldKind::Text | FieldKind::RichText => {
                (old.as_str()?.to_owned(), new.as_str()?.to_owned())
            }
            _ => return None,
        };
        let longer = old.len().max(new.len());
        if longer < MIN_TEXT_DIFF_BYTES && matches!(kind, FieldKind::String) {
            return None;
        }
        let mut config = TextDiff::configure();
        config.algorithm(Algorithm::Myers).deadline(self.until);
        let by_words = longer <= MAX_WORD_DIFF_BYTES;
        let diff = if by_words { config.diff_words(&old[..], &new[..]) } else { config.diff_lines(&old[..], &new[..]) };
        let mut parts: Vec<(ChangeTag, String)> = Vec::new();
        for change in diff.iter_all_changes() {
            match parts.last_mut() {
                Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
                _ => parts.push((change.tag(), change.value().to_owned())),
            }
        }
        let op = |tag| match tag {
            ChangeTag::Equal => TextOp::Equal,
            ChangeTag::Insert => TextOp::Insert,
            ChangeTag::Delete => TextOp::Delete,
        };
        Some(parts.into_iter().map(|(tag, text)| TextPart { op: op(tag), text }).collect())
    }
}

fn component_uid(component: Option<&Component>) -> Option<&str> {
    component.map(|c| c.uid.as_str())
}

/// Matches instances of the new list with those of the old one: by id, then by content, then by position. Returns for each new
/// instance the index of the old one; `None` for one that was added.
fn match_instances(old: &[JsonObject], new: &[JsonObject]) -> Vec<Option<usize>> {
    let kind = |o: &JsonObject| o.get("__component").and_then(Json::as_str).map(str::to_owned);
    let id = |o: &JsonObject| o.get("id").and_then(Json::as_i64).map(|id| (kind(o), id.to_string()));
    let content_key = |o: &JsonObject| Some((kind(o), without_ids(o).to_string()));
    let mut free: Vec<bool> = vec![true; old.len()];
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let keys: [InstanceKeyOf<'_>; 2] = [&id, &content_key];
    for key in keys {
        // The last of a list is the first that is taken.
        let mut places: HashMap<InstanceKey, Vec<usize>> = HashMap::new();
        for i in (0..old.len()).rev().filter(|&i| free[i]) {
            if let Some(key) = key(&old[i]) {
                places.entry(key).or_default().push(i);
            }
        }
        for (n, to) in new.iter().zip(&mut found).filter(|(_, to)| to.is_none()) {
            *to = key(n).and_then(|key| places.get_mut(&key)?.pop());
            if let Some(i) = *to {
                free[i] = false;
            }
        }
    }
    for (j, to) in found.iter_mut().enumerate().filter(|(_, to)| to.is_none()) {
        if free.get(j) == Some(&true) && kind(&old[j]) == kind(&new[j]) {
            *to = Some(j);
        }
    }
    found
}

/// An instance without its ids and those inside it.
fn without_ids(object: &JsonObject) -> Json {
    fn strip_ids(value: &Json) -> Json {
        match value {
            Json::Object(o) => {
                Json::Object(o.iter().filter(|(k, _)| *k != "id").map(|(k, v)| (k.clone(), strip_ids(v))).collect())
            }
            Json::Array(list) => list.iter().map(strip_ids).collect(),
            other => other.clone(),
        }
    }
    strip_ids(&Json::Object(object.clone()))
}

/// A longest increasing subsequence of different numbers: the elements that stay in order, so that the others were moved.
fn longest_increasing_subsequence(list: &[usize]) -> Vec<usize> {
    // Of every length, the place of the smallest last number; and before every place, the one that precedes it.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; list.len()];
    for (i, n) in list.iter().enumerate() {
        let at = tails.partition_point(|&t| list[t] < *n);
        before[i] = at.checked_sub(1).map(|p| tails[p]);
        match tails.get_mut(at) {
            Some(tail) => *tail = i,
            None => tails.push(i),
        }
    }
    let mut rising = Vec::new();
    let mut next = tails.last().copied();
    while let Some(i) = next {
        rising.push(list[i]);
        next = before[i];
    }
    rising
}

/// Structured text as lines: one of each block.
fn blocks_to_text(blocks: &Json) -> String {
    fn append_texts(node: &Json, out: &mut String) {
        if let Some(text) = node.get("text").and_then(Json::as_str) {
            out.push_str(text);
        }
        for child in node.get("children").and_then(Json::as_array).into_iter().flatten() {
            append_texts(child, out);
            if child.get("type").and_then(Json::as_str) == Some("list-item") {
                out.push('\n');
            }
        }
    }
    let mut out = String::new();
    for block in blocks.as_array().into_iter().flatten() {
        if let Some("heading") = block.get("type").and_then(Json::as_str) {
            let level = block.get("level").and_then(Json::as_u64).unwrap_or(1).clamp(1, 6);
            out.push_str(&"#".repeat(usize::try_from(level).unwrap_or(1)));
            out.push(' ');
        }
        if let Some(url) = block.get("image").and_then(|i| i.get("url")).and_then(Json::as_str) {
            out.push_str(url);
        }
        append_texts(block, &mut out);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn objects(list: Json) -> Vec<JsonObject> {
        list.as_array().unwrap().iter().map(|o| o.as_object().unwrap().clone()).collect()
    }

    #[test]
    fn component_instances_are_matched_between_versions() {
        let old = objects(json!([{"id": 1, "t": "a"}, {"id": 2, "t": "b"}, {"id": 3, "t": "c"}]));
        // Moved and changed, by id.
        let new = objects(json!([{"id": 3, "t": "c"}, {"id": 1, "t": "x"}, {"id": 9, "t": "new"}]));
        assert_eq!(match_instances(&old, &new), [Some(2), Some(0), None]);
        // The ids of another version: by what they hold, then by place.
        let new = objects(json!([{"id": 11, "t": "b"}, {"id": 12, "t": "y"}, {"id": 13, "t": "a"}]));
        assert_eq!(match_instances(&old, &new), [Some(1), None, Some(0)]);
        let new = objects(json!([{"id": 11, "t": "y"}]));
        assert_eq!(match_instances(&old, &new), [Some(0)]);
        // Of another component it is another one.
        let old = objects(json!([{"__component": "a.a", "id": 1}]));
        assert_eq!(match_instances(&old, &objects(json!([{"__component": "b.b", "id": 1}]))), [None]);
    }

    #[test]
    fn longest_increasing_subsequence_is_found() {
        let rising = |list: &[usize]| {
            let mut found = longest_increasing_subsequence(list);
            found.reverse();
            found
        };
        assert!(rising(&[]).is_empty());
        assert_eq!(rising(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(rising(&[2, 0, 1]), [0, 1]);
        assert_eq!(rising(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(rising(&[4, 3, 2]), [2]);
    }

    #[test]
    fn blocks_become_lines_of_text() {
        let blocks = json!([
            {"type": "heading", "level": 2, "children": [{"type": "text", "text": "Title"}]},
            {"type": "paragraph", "children": [{"type": "text", "text": "One "}, {"type": "link", "url": "/", "children": [{"type": "text", "text": "two"}]}]},
            {"type": "list", "format": "unordered", "children": [
                {"type": "list-item", "children": [{"type": "text", "text": "a"}]},
                {"type": "list-item", "children": [{"type": "text", "text": "b"}]},
            ]},
        ]);
        assert_eq!(blocks_to_text(&blocks), "## Title\nOne two\na\nb\n\n");
        assert_eq!(blocks_to_text(&Json::Null), "");
    }
}
