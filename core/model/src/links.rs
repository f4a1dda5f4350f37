//! Writes to relations and media: the forms a client may use, and the order of links after a change.

use crate::content_type::TypeId;
use crate::registry::{AttributeLink, Registry};
use crate::value::{Connect, LinkChange, LinkTarget, Position, TargetRef};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

/// A relation value with none of the legal forms: reported with `details.errors` whose path is `[]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RelationError {
    /// Message for the client.
    pub message: String,
}

/// A `position` that refers to a document that is not connected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PositionError {
    /// Message for the client.
    pub message: String,
}

/// A document as the client refers to it, with its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedTarget {
    pub(crate) content_type: TypeId,
    pub(crate) target: TargetRef,
}

/// A `position` that is not resolved yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NamedPosition {
    Start,
    End,
    Before(NamedTarget),
    After(NamedTarget),
}

/// A change whose documents are not resolved yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct NamedChange {
    replace: bool,
    pub(crate) connect: Vec<(NamedTarget, Option<NamedPosition>)>,
    pub(crate) disconnect: Vec<NamedTarget>,
}

/// Resolves a target to its document id; `None` if there is no such document.
pub(crate) type ResolveTarget<'a> = &'a dyn Fn(TypeId, &TargetRef) -> Option<String>;

/// Parses any of the forms of a relation or media value.
pub(crate) fn parse_change(reg: &Registry, link: AttributeLink, input: &Json) -> Result<NamedChange, RelationError> {
    let one_or_many = |value: &Json| match value {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        other => vec![other.clone()],
    };
    let all =
        |value: &Json| one_or_many(value).iter().map(|v| parse_element(reg, link, v)).collect::<Result<Vec<_>, _>>();
    let is_change = |map: &&Map<String, Json>| {
        map.is_empty() || ["set", "connect", "disconnect"].iter().any(|key| map.contains_key(*key))
    };
    let Some(map) = input.as_object().filter(is_change) else {
        return Ok(NamedChange { replace: true, connect: all(input)?, disconnect: Vec::new() });
    };
    let part = |key: &str| map.get(key).map_or_else(|| Ok(Vec::new()), &all);
    let (set, connect) = (part("set")?, part("connect")?);
    let disconnect: Vec<_> = part("disconnect")?.into_iter().map(|(target, _)| target).collect();
    // A replacement of the links takes precedence over changes to them, as in Strapi.
    let replaces = match map.get("set") {
        Some(Json::Null) => connect.is_empty() && disconnect.is_empty(),
        set => set.is_some(),
    };
    if replaces {
        return Ok(NamedChange { replace: true, connect: set, disconnect: Vec::new() });
    }
    Ok(NamedChange { replace: false, connect, disconnect })
}

impl NamedChange {
    /// Resolves the documents; those that do not exist are left out. A to-one link takes the last.
    pub(crate) fn resolve_targets(self, link: AttributeLink, resolve: ResolveTarget<'_>) -> LinkChange {
        let find = |target: &NamedTarget| {
            let document_id = resolve(target.content_type, &target.target)?;
            Some(LinkTarget { content_type: target.content_type, document_id })
        };
        // A position at what is not there stays, and is refused when the change is applied.
        let keep = |target: NamedTarget| {
            find(&target).unwrap_or_else(|| LinkTarget {
                content_type: target.content_type,
                document_id: match target.target {
                    TargetRef::Document(id) => id,
                    TargetRef::Row(row) => row.to_string(),
                },
            })
        };
        let connect = self.connect.into_iter().filter_map(|(target, position)| {
            let position = position.map(|position| match position {
                NamedPosition::Start => Position::Start,
                NamedPosition::End => Position::End,
                NamedPosition::Before(target) => Position::Before(keep(target)),
                NamedPosition::After(target) => Position::After(keep(target)),
            });
            Some(Connect { target: find(&target)?, position })
        });
        let mut change = LinkChange {
            replace: self.replace,
            connect: connect.collect(),
            disconnect: self.disconnect.iter().filter_map(find).collect(),
        };
        if !link.many
            && let Some(last_connect) = change.connect.pop()
        {
            change.replace = true;
            change.connect = vec![Connect { target: last_connect.target, position: None }];
        }
        change
    }
}

fn invalid_relations() -> RelationError {
    RelationError { message: "Invalid relations".to_owned() }
}

fn parse_element(
    reg: &Registry,
    link: AttributeLink,
    input: &Json,
) -> Result<(NamedTarget, Option<NamedPosition>), RelationError> {
    let target = parse_target(reg, link.target, input)?;
    let position = input.get("position").filter(|p| !p.is_null());
    let position = position.map(|p| parse_position(reg, target.content_type, p)).transpose()?;
    Ok((target, position))
}

fn parse_position(reg: &Registry, content_type: TypeId, input: &Json) -> Result<NamedPosition, RelationError> {
    let at = |key: &str| {
        input.get(key).filter(|v| !v.is_null()).map(|v| parse_target(reg, Some(content_type), v)).transpose()
    };
    let is_set = |key: &str| input.get(key).is_some_and(|v| *v == Json::Bool(true));
    Ok(match (at("before")?, at("after")?) {
        (Some(before), _) => NamedPosition::Before(before),
        (None, Some(after)) => NamedPosition::After(after),
        (None, None) if is_set("start") => NamedPosition::Start,
        (None, None) => NamedPosition::End,
    })
}

/// Parses one document: its document id, the numeric id of one of its rows, or an object with either. If the attribute may link to any type
/// (`expected` is `None`), `__type` names it.
fn parse_target(reg: &Registry, expected: Option<TypeId>, input: &Json) -> Result<NamedTarget, RelationError> {
    let content_type = match (input.get("__type").and_then(Json::as_str), expected) {
        (Some(uid), _) => {
            let type_id = reg.by_uid(uid).ok_or_else(invalid_relations)?.id;
            if expected.is_some_and(|expected| expected != type_id) {
                return Err(invalid_relations());
            }
            type_id
        }
        (None, Some(expected)) => expected,
        (None, None) => return Err(invalid_relations()),
    };
    let target = match input {
        Json::Object(map) => target_from_object(map)?,
        other => target_from_scalar(other)?,
    };
    Ok(NamedTarget { content_type, target })
}

fn target_from_object(map: &Map<String, Json>) -> Result<TargetRef, RelationError> {
    match (map.get("documentId"), map.get("id")) {
        (Some(Json::String(id)), _) if !id.contains('\0') => Ok(TargetRef::Document(id.clone())),
        (None | Some(Json::Null), Some(id @ (Json::Number(_) | Json::String(_)))) => match target_from_scalar(id)? {
            TargetRef::Document(_) => Err(invalid_relations()),
            row => Ok(row),
        },
        _ => Err(invalid_relations()),
    }
}

/// Digits are a numeric id, other text a document id; `true` counts as 1 (the contract).
fn target_from_scalar(input: &Json) -> Result<TargetRef, RelationError> {
    match input {
        Json::Bool(flag) => Ok(TargetRef::Row((*flag).into())),
        Json::Number(n) => n.as_i64().map(TargetRef::Row).ok_or_else(invalid_relations),
        Json::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(text.parse().map_or_else(|_| TargetRef::Document(text.clone()), TargetRef::Row))
        }
        Json::String(text) if !text.contains('\0') => Ok(TargetRef::Document(text.clone())),
        _ => Err(invalid_relations()),
    }
}

impl LinkChange {
    /// The targets after the change, in order. Duplicates count once; connecting an existing target moves it to the end or its position.
    /// Returns an error for a position before or after a target that is not connected.
    pub fn apply(&self, current: &[LinkTarget]) -> Result<Vec<LinkTarget>, PositionError> {
        let mut order = TargetList::new();
        if !self.replace {
            let targets: HashSet<&LinkTarget> = self.disconnect.iter().collect();
            for target in current.iter().filter(|target| !targets.contains(target)) {
                if !order.contains(target) {
                    order.insert_after(order.last_node(), target);
                }
            }
        }
        let mut connected = HashSet::new();
        for Connect { target, position } in &self.connect {
            if !connected.insert(target) && position.is_none() {
                continue;
            }
            order.remove(target);
            let node = match position {
                None | Some(Position::End) => Some(order.last_node()),
                Some(Position::Start) => Some(EDGE_NODE),
                Some(Position::Before(other)) => order.find_node(other).map(|node| order.previous[node]),
                Some(Position::After(other)) => order.find_node(other),
            };
            let node = node.ok_or_else(|| not_connected(target, position))?;
            order.insert_after(node, target);
        }
        Ok(order.into_targets())
    }
}

fn not_connected(target: &LinkTarget, position: &Option<Position>) -> PositionError {
    let (word, other) = match position {
        Some(Position::Before(other)) => ("before", other.document_id.as_str()),
        Some(Position::After(other)) => ("after", other.document_id.as_str()),
        _ => ("end", ""),
    };
    let place = Json::from_iter([(word.to_owned(), Json::from(other))]);
    PositionError {
        message: format!(
            "There was a problem connecting relation with id {} at position {place}. The relation with id {other} needs to be connected first.",
            target.document_id
        ),
    }
}

/// A doubly linked list of targets, so that a long list of positions takes time proportional to its length.
struct TargetList<'a> {
    targets: Vec<Option<&'a LinkTarget>>,
    next: Vec<usize>,
    previous: Vec<usize>,
    nodes: HashMap<&'a LinkTarget, usize>,
}

/// The node before the first and after the last.
const EDGE_NODE: usize = 0;

impl<'a> TargetList<'a> {
    fn new() -> Self {
        Self { targets: vec![None], next: vec![EDGE_NODE], previous: vec![EDGE_NODE], nodes: HashMap::new() }
    }

    fn contains(&self, target: &LinkTarget) -> bool {
        self.nodes.contains_key(target)
    }

    fn find_node(&self, target: &LinkTarget) -> Option<usize> {
        self.nodes.get(target).copied()
    }

    fn last_node(&self) -> usize {
        self.previous[EDGE_NODE]
    }

    fn insert_after(&mut self, node: usize, target: &'a LinkTarget) {
        let (new, following) = (self.targets.len(), self.next[node]);
        self.targets.push(Some(target));
        self.next.push(following);
        self.previous.push(node);
        self.next[node] = new;
        self.previous[following] = new;
        self.nodes.insert(target, new);
    }

    fn remove(&mut self, target: &LinkTarget) {
        if let Some(node) = self.nodes.remove(target) {
            let (before, after) = (self.previous[node], self.next[node]);
            self.next[before] = after;
            self.previous[after] = before;
        }
    }

    fn into_targets(self) -> Vec<LinkTarget> {
        let mut targets = Vec::with_capacity(self.nodes.len());
        let mut node = self.next[EDGE_NODE];
        while let Some(target) = self.targets[node] {
            targets.push(target.clone());
            node = self.next[node];
        }
        targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(id: &str) -> LinkTarget {
        LinkTarget { content_type: TypeId(0), document_id: id.to_owned() }
    }

    fn connect(id: &str, position: Option<Position>) -> Connect {
        Connect { target: target(id), position }
    }

    fn ids_after(change: &LinkChange, current: &str) -> String {
        let current: Vec<_> = current.split_whitespace().map(target).collect();
        let ids: Vec<_> = change.apply(&current).unwrap().into_iter().map(|t| t.document_id).collect();
        ids.join(" ")
    }

    #[test]
    fn connecting_appends_or_moves() {
        let change = |connect: Vec<Connect>| LinkChange { connect, ..LinkChange::default() };
        for (list, result) in [
            (vec![connect("d", None)], "a b c d"),
            (vec![connect("a", None)], "b c a"),
            (vec![connect("d", Some(Position::Before(target("b"))))], "a d b c"),
            (vec![connect("d", Some(Position::After(target("a"))))], "a d b c"),
            (vec![connect("c", Some(Position::Start))], "c a b"),
            (vec![connect("a", Some(Position::End))], "b c a"),
            (vec![connect("d", None), connect("e", Some(Position::Before(target("d"))))], "a b c e d"),
            (vec![connect("d", None), connect("e", None), connect("d", None)], "a b c d e"),
        ] {
            assert_eq!(ids_after(&change(list), "a b c"), result);
        }
    }

    #[test]
    fn replacing_and_disconnecting_remove_links() {
        let set =
            LinkChange { replace: true, connect: vec![connect("c", None), connect("c", None)], disconnect: vec![] };
        assert_eq!(ids_after(&set, "a b"), "c");
        let both = LinkChange {
            replace: false,
            connect: vec![connect("d", None)],
            disconnect: vec![target("a"), target("z")],
        };
        assert_eq!(ids_after(&both, "a b"), "b d");
        assert_eq!(ids_after(&LinkChange::default(), "a b a"), "a b");
    }

    #[test]
    fn positions_require_a_connected_neighbour() {
        for position in [Position::Before(target("z")), Position::After(target("d"))] {
            let change = LinkChange { connect: vec![connect("d", Some(position))], ..LinkChange::default() };
            let error = change.apply(&[target("a")]).unwrap_err();
            assert!(
                error.message.starts_with("There was a problem connecting relation with id d at position {"),
                "{error}"
            );
        }
    }
}
