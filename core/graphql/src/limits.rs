//! Limits of a request, checked before anything is read: a document of a few kilobytes must not be able to occupy a core or the database.
//!
//! Text first, in one pass without recursion: its size and how deep its brackets are nested, for the sake of the parser's stack. Then the
//! parsed document, with fragments expanded where they are spread.

use crate::document::{Document, arguments, resolve_value};
use crate::request::ApiError;
use crate::shapes::{FieldShape, Root, Shapes};
use async_graphql::parser::types::{Field, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Largest document in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 10;
/// Most brackets within each other, and most levels of a selection with its fragments.
const MAX_NESTING: usize = 64;
/// Most operations of a document.
const MAX_OPERATIONS: usize = 20;
/// Most fragments of a document.
const MAX_FRAGMENTS: usize = 100;
/// Most root fields of an operation: each is a query of its own.
const MAX_ROOT_FIELDS: usize = 30;
/// Most fields and fragments of a document, where each fragment counts as often as it is spread.
const MAX_SELECTIONS: usize = 2_000;
/// Most entries that an operation may return, if every page is full.
const MAX_COST: u64 = 100_000;
/// Items of a list whose length no argument decides.
const ASSUMED_ITEMS: u64 = 10;
/// Most that one look at the schema may cost, for each type. The one that tools send costs about 2,600.
const MAX_INTROSPECTION_COST: u64 = 8_000;

/// Limits that an operator decides on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphqlLimits {
    /// Levels of fields below a root field.
    pub depth: usize,
    /// Entries of a page if the request does not say.
    pub default_page_size: u64,
    /// Most entries of a page.
    pub max_page_size: u64,
    /// True if callers may look at the schema.
    pub introspection: bool,
}

/// Checks the text of a document, before it is parsed.
pub(crate) fn check_text(text: &str) -> Result<(), ApiError> {
    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(ApiError::invalid(format!("The query is larger than {MAX_DOCUMENT_BYTES} bytes")));
    }
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => at += bytes[at..].iter().take_while(|&&byte| byte != b'\n' && byte != b'\r').count(),
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'(' | b'[' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(ApiError::invalid(format!("The query is nested deeper than {MAX_NESTING} levels")));
                }
                at += 1;
            }
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// The position after a text that begins at `start`; the end of the document where it does not end.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let is_block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if is_block { 3 } else { 1 };
    while at < bytes.len() {
        match (is_block, bytes[at]) {
            (true, _) if bytes[at..].starts_with(b"\\\"\"\"") => at += 4,
            (true, _) if bytes[at..].starts_with(b"\"\"\"") => return at + 3,
            (false, b'\\') => at += 2,
            (false, b'"') => return at + 1,
            // It is not closed: the parser says so.
            (false, b'\n' | b'\r') => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Checks the parsed document.
pub(crate) fn check_document(document: &Document, shapes: &Shapes, limits: &GraphqlLimits) -> Result<(), ApiError> {
    let parsed = &document.parsed;
    if parsed.operations.iter().count() > MAX_OPERATIONS || parsed.fragments.len() > MAX_FRAGMENTS {
        return Err(ApiError::invalid(format!(
            "The query has more than {MAX_OPERATIONS} operations or {MAX_FRAGMENTS} fragments"
        )));
    }
    refuse_cycles(document)?;
    let mut walk = Walk { document, shapes, limits, selections: 0, looks: 0 };
    for (name, operation) in parsed.operations.iter() {
        let is_executed = document.is_executed(name);
        let (parent, roots) = match (is_executed, operation.node.ty) {
            (true, OperationType::Query) => (Parent::Root(&shapes.queries), true),
            (true, OperationType::Mutation) => (Parent::Root(&shapes.mutations), true),
            _ => (Parent::Other, false),
        };
        let mut root_fields = 0;
        let set = &operation.node.selection_set.node;
        // First: it bounds how often fragments are expanded, whatever is in them.
        let cost = walk.visit(set, parent, 0, 0)?;
        if roots {
            walk.count_root_fields(set, 0, &mut root_fields)?;
        }
        if cost > MAX_COST {
            return Err(ApiError::invalid(format!(
                "The query may return more than {MAX_COST} entries: request smaller pages, or fewer lists within each other"
            )));
        }
    }
    Ok(())
}

/// Refuses fragments that lead to themselves, whether an operation uses them or not.
fn refuse_cycles(document: &Document) -> Result<(), ApiError> {
    fn spreads<'d>(set: &'d SelectionSet, found: &mut Vec<&'d str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => spreads(&field.node.selection_set.node, found),
                Selection::InlineFragment(fragment) => spreads(&fragment.node.selection_set.node, found),
                Selection::FragmentSpread(spread) => found.push(&spread.node.fragment_name.node),
            }
        }
    }
    let fragments = &document.parsed.fragments;
    let edges: HashMap<&str, HashSet<&str>> = fragments
        .iter()
        .map(|(name, fragment)| {
            let mut found = Vec::new();
            spreads(&fragment.node.selection_set.node, &mut found);
            (name.as_str(), found.into_iter().collect())
        })
        .collect();
    // Those that lead to nothing but what is done are done; where none is left of that kind, there is a cycle.
    let mut open: HashSet<&str> = edges.keys().copied().collect();
    while !open.is_empty() {
        let done: Vec<&str> =
            open.iter().copied().filter(|name| edges[name].iter().all(|next| !open.contains(next))).collect();
        if done.is_empty() {
            let name = open.iter().min().copied().unwrap_or_default();
            return Err(ApiError::invalid(format!("Cannot spread fragment \"{name}\" within itself")));
        }
        done.iter().for_each(|name| {
            open.remove(name);
        });
    }
    Ok(())
}

/// The owner of selected fields.
#[derive(Clone, Copy)]
enum Parent<'a> {
    Root(&'a HashMap<String, Arc<Root>>),
    Type(&'a str),
    /// The schema itself, below so many lists of it that lead on.
    Introspection(usize),
    /// Something that no name is known of: the validation refuses it, or it is not executed.
    Other,
}

struct Walk<'a> {
    document: &'a Document,
    shapes: &'a Shapes,
    limits: &'a GraphqlLimits,
    selections: usize,
    /// Number of looks at the schema.
    looks: usize,
}

impl<'a> Walk<'a> {
    fn count_root_fields(&self, set: &'a SelectionSet, level: usize, count: &mut usize) -> Result<(), ApiError> {
        if level > MAX_NESTING {
            return Err(too_nested());
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(_) => *count += 1,
                Selection::InlineFragment(fragment) => {
                    self.count_root_fields(&fragment.node.selection_set.node, level + 1, count)?;
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.parsed.fragments.get(&spread.node.fragment_name.node) {
                        self.count_root_fields(&fragment.node.selection_set.node, level + 1, count)?;
                    }
                }
            }
            if *count > MAX_ROOT_FIELDS {
                return Err(ApiError::invalid(format!("The query has more than {MAX_ROOT_FIELDS} root fields")));
            }
        }
        Ok(())
    }

    /// Visits a selection; returns how many entries it may have for each entry that it is made of.
    fn visit(
        &mut self,
        set: &'a SelectionSet,
        parent: Parent<'a>,
        depth: usize,
        level: usize,
    ) -> Result<u64, ApiError> {
        if level > MAX_NESTING {
            return Err(too_nested());
        }
        let mut cost = 0_u64;
        for selection in &set.items {
            self.selections += 1;
            if self.selections > MAX_SELECTIONS {
                return Err(ApiError::invalid(format!("The query selects more than {MAX_SELECTIONS} fields")));
            }
            let (inner, condition) = match &selection.node {
                Selection::Field(field) => {
                    cost = cost.saturating_add(self.visit_field(&field.node, parent, depth, level)?);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (&fragment.node.selection_set.node, fragment.node.type_condition.as_ref())
                }
                Selection::FragmentSpread(spread) => {
                    // The validation refuses a fragment that does not exist.
                    let Some(fragment) = self.document.parsed.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    (&fragment.node.selection_set.node, Some(&fragment.node.type_condition))
                }
            };
            let inner_parent = match (parent, condition.map(|condition| condition.node.on.node.as_str())) {
                (Parent::Type(_), Some(name)) => Parent::Type(name),
                _ => parent,
            };
            cost = cost.saturating_add(self.visit(inner, inner_parent, depth, level + 1)?);
        }
        Ok(cost)
    }

    fn visit_field(
        &mut self,
        field: &'a Field,
        parent: Parent<'a>,
        depth: usize,
        level: usize,
    ) -> Result<u64, ApiError> {
        let set = &field.selection_set.node;
        let name = field.name.node.as_str();
        if let Parent::Introspection(lists) = parent {
            return self.visit_introspection(name, set, lists, level);
        }
        if name == "__schema" || name == "__type" {
            if !self.limits.introspection {
                return Err(ApiError::invalid("GraphQL introspection is not allowed on this server"));
            }
            self.looks += 1;
            let cost = self.visit(set, Parent::Introspection(0), depth, level + 1)?;
            if cost > MAX_INTROSPECTION_COST || self.looks > 5 {
                return Err(ApiError::invalid("The query looks at too much of the schema"));
            }
            return Ok(0);
        }
        if set.items.is_empty() {
            return Ok(0);
        }
        if depth >= self.limits.depth {
            return Err(ApiError::invalid(format!("The query exceeds the maximum depth of {}", self.limits.depth)));
        }
        let (inner, items) = self.resolve_field(field, parent);
        let inside = self.visit(set, inner, depth + 1, level + 1)?;
        Ok(items.map_or(inside, |items| items.saturating_mul(inside.saturating_add(1))))
    }

    /// The type that a field leads to, and the number of items it may have; `None` where it has none of its own.
    fn resolve_field(&self, field: &'a Field, parent: Parent<'a>) -> (Parent<'a>, Option<u64>) {
        let name = field.name.node.as_str();
        match parent {
            Parent::Root(roots) => match roots.get(name) {
                Some(root) => {
                    let inner = Parent::Type(root.connection.as_deref().unwrap_or(&root.target));
                    let items = if root.is_list() { self.page_size(field).min(self.limits.max_page_size) } else { 1 };
                    (inner, Some(items))
                }
                None => (Parent::Other, None),
            },
            Parent::Type(type_name) => match self.shapes.types.get(type_name).and_then(|fields| fields.get(name)) {
                Some(FieldShape::Node(node)) => {
                    let inner = Parent::Type(node.connection.as_deref().unwrap_or(&node.target));
                    (inner, Some(if node.is_list { self.page_size(field) } else { 1 }))
                }
                // Fragments say which of its types is meant.
                Some(FieldShape::Zone { .. }) => (Parent::Type(""), Some(ASSUMED_ITEMS)),
                Some(FieldShape::Nodes { target }) => (Parent::Type(target), None),
                Some(FieldShape::Value { .. } | FieldShape::PageInfo) | None => (Parent::Other, None),
            },
            Parent::Introspection(_) | Parent::Other => (Parent::Other, None),
        }
    }

    fn page_size(&self, field: &Field) -> u64 {
        let pagination = arguments(field)
            .find(|(name, _)| *name == "pagination")
            .and_then(|(_, value)| resolve_value(value, &self.document.variables));
        match requested_page_size(pagination.as_ref()) {
            None => self.limits.default_page_size,
            // A relation is read whatever is shown of it: no page costs nothing.
            Some(size) => u64::try_from(size).map_or(self.limits.max_page_size, |size| size.max(1)),
        }
    }

    /// Visits a part of a look at the schema; returns what it costs for each type.
    fn visit_introspection(
        &mut self,
        name: &str,
        set: &'a SelectionSet,
        lists: usize,
        level: usize,
    ) -> Result<u64, ApiError> {
        let (items, leads_on) = match name {
            "fields" | "inputFields" => (8, true),
            "interfaces" | "possibleTypes" => (4, true),
            "args" | "enumValues" | "directives" => (4, false),
            _ => (1, false),
        };
        let lists = lists + usize::from(leads_on);
        // Types of fields of types of fields: each such level multiplies the response by the size of the schema.
        if lists > 1 {
            return Err(ApiError::invalid("The query looks at fields within fields of the schema"));
        }
        let inside = self.visit(set, Parent::Introspection(lists), 0, level + 1)?;
        Ok(inside.saturating_add(1).saturating_mul(items))
    }
}

/// The size of a page that an argument asks for.
pub(crate) fn requested_page_size(pagination: Option<&Value>) -> Option<i64> {
    let Some(Value::Object(pagination)) = pagination else { return None };
    let number = |name: &str| match pagination.get(&Name::new(name)) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    number("pageSize").or_else(|| number("limit"))
}

fn too_nested() -> ApiError {
    ApiError::invalid(format!("The query is nested deeper than {MAX_NESTING} levels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_outside_of_texts_and_comments() {
        let deep = |open: &str, close: &str| format!("{{a(b: {}1{})}}", open.repeat(200), close.repeat(200));
        assert!(check_text(&deep("[", "]")).is_err());
        assert!(check_text(&deep("{x:", "}")).is_err());
        assert!(check_text(&format!("query({}", "[".repeat(65))).is_err());
        for text in [
            format!("{{a(b: \"{}\")}}", "[".repeat(200)),
            format!("{{a(b: \"\\\"{}\")}}", "[".repeat(200)),
            format!("{{a(b: \"\"\"{} \\\"\"\" [[ \"\" \"\"\")}}", "[".repeat(200)),
            format!("{{a}} # {}", "[".repeat(200)),
            "{a}".repeat(200),
            "{ a(b: \"".into(),
            "\"\\".into(),
            "\"\"\"".into(),
        ] {
            assert!(check_text(&text).is_ok(), "{text}");
        }
        // A text that is not closed ends with its line, as for the parser.
        assert!(check_text(&format!("\"\n{}", "[".repeat(65))).is_err());
        assert!(check_text(&"a".repeat(MAX_DOCUMENT_BYTES + 1)).is_err());
    }
}
