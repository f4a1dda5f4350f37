//! Query strings with brackets (`filters[title][$eq]=Dune`) → [`QueryTree`], as the npm package `qs` parses them with Strapi's settings. Limits
//! are checked first: nothing here allocates by a number that the client wrote.

use percent_encoding::percent_decode;
use serde_json::Value as Json;
use std::borrow::Cow;

/// The longest query string in bytes, as sent.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Largest number of parameters.
pub const MAX_PARAMETERS: usize = 1000;
/// Largest number of brackets in one key.
pub const MAX_BRACKET_DEPTH: usize = 40;
/// Indexes below this make a list, others an object.
const MAX_LIST_INDEX: usize = 100;

/// A parsed query string: a map of parameters. Lists and maps are in the order of appearance (lists: of their indexes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryTree {
    /// The text of a value.
    Text(String),
    /// A list, from `a[]=`, `a[0]=`, or a repeated key; gaps are closed.
    List(Vec<QueryTree>),
    /// A map, from `a[b]=`; keys are distinct.
    Map(Vec<(String, QueryTree)>),
}

impl QueryTree {
    /// The value of that key, if this is a map.
    pub fn get(&self, key: &str) -> Option<&QueryTree> {
        match self {
            QueryTree::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            QueryTree::Text(_) | QueryTree::List(_) => None,
        }
    }

    /// The value, if this is a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            QueryTree::Text(text) => Some(text),
            QueryTree::List(_) | QueryTree::Map(_) => None,
        }
    }

    pub(crate) fn into_json(self) -> Json {
        match self {
            QueryTree::Text(text) => Json::String(text),
            QueryTree::List(items) => Json::Array(items.into_iter().map(QueryTree::into_json).collect()),
            QueryTree::Map(entries) => Json::Object(entries.into_iter().map(|(k, v)| (k, v.into_json())).collect()),
        }
    }
}

/// Why a query string or form is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BracketsError {
    /// More than [`MAX_QUERY_BYTES`]: 414.
    #[error("The query string is too long")]
    TooLong,
    /// More than [`MAX_PARAMETERS`].
    #[error("Too many parameters: at most {MAX_PARAMETERS} are allowed")]
    TooManyParameters,
    /// More than [`MAX_BRACKET_DEPTH`] brackets in one key.
    #[error("Parameters are nested too deeply: at most {MAX_BRACKET_DEPTH} levels are allowed")]
    TooDeep,
    /// Not UTF-8 once percent-decoded.
    #[error("Parameters must be UTF-8")]
    NotUtf8,
    /// A NUL character, which no database stores.
    #[error("Parameters must not contain NUL characters")]
    Nul,
}

/// Parses a query string as sent (without `?`, still percent-encoded). The result is a [`QueryTree::Map`].
pub fn parse_query(raw: &str) -> Result<QueryTree, BracketsError> {
    if raw.len() > MAX_QUERY_BYTES {
        return Err(BracketsError::TooLong);
    }
    parse_pairs(raw.as_bytes())
}

/// Parses an `application/x-www-form-urlencoded` body into a JSON object of strings, arrays and objects. The caller
/// limits the length of the body.
pub fn parse_form(body: &[u8]) -> Result<Json, BracketsError> {
    parse_pairs(body).map(QueryTree::into_json)
}

fn parse_pairs(raw: &[u8]) -> Result<QueryTree, BracketsError> {
    let mut root = Vec::new();
    for (count, pair) in raw.split(|&b| b == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if count == MAX_PARAMETERS {
            return Err(BracketsError::TooManyParameters);
        }
        let (key, value) = split_pair(pair);
        let (key, value) = (decode_text(key)?, decode_text(value)?);
        if key.is_empty() {
            continue;
        }
        let path = key_path(&key)?;
        insert_value(&mut root, &path, value);
    }
    Ok(finish_map(root))
}

/// Splits at the first `=` that follows a `]`, else at the first `=`: `a[b=c]=d` has the key `a[b=c]`.
fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    let closing =
        |at: usize| pair.get(..at).is_some_and(|head| head.ends_with(b"]") || ends_with_encoded_bracket(head));
    let mut equals = pair.iter().enumerate().filter(|(_, b)| **b == b'=').map(|(i, _)| i);
    let first = equals.clone().next();
    match equals.find(|&at| closing(at)).or(first) {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}

fn ends_with_encoded_bracket(head: &[u8]) -> bool {
    head.len() >= 3 && head[head.len() - 3..].eq_ignore_ascii_case(b"%5d")
}

fn decode_text(raw: &[u8]) -> Result<String, BracketsError> {
    let spaced: Cow<[u8]> = if raw.contains(&b'+') {
        raw.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect::<Vec<u8>>().into()
    } else {
        raw.into()
    };
    let text = percent_decode(&spaced).decode_utf8().map_err(|_| BracketsError::NotUtf8)?.into_owned();
    if text.contains('\0') { Err(BracketsError::Nul) } else { Ok(text) }
}

/// A segment of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeySegment<'a> {
    Name(&'a str),
    /// An empty segment: `[]`.
    Push,
}

/// Splits a key: `a[b][]` → a, b, push. A key whose brackets do not match is one name, so that it is refused by that name.
fn key_path(key: &str) -> Result<Vec<KeySegment<'_>>, BracketsError> {
    let Some(open) = key.find('[') else { return Ok(vec![KeySegment::Name(key)]) };
    let (head, mut rest) = key.split_at(open);
    let mut path = Vec::new();
    if !head.is_empty() {
        path.push(KeySegment::Name(head));
    }
    while !rest.is_empty() {
        let Some((name, tail)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) else {
            return Ok(vec![KeySegment::Name(key)]);
        };
        path.push(if name.is_empty() && !path.is_empty() { KeySegment::Push } else { KeySegment::Name(name) });
        if path.len() > MAX_BRACKET_DEPTH + 1 {
            return Err(BracketsError::TooDeep);
        }
        rest = tail;
    }
    Ok(path)
}

/// A tree under construction: a node is a list if all its keys are indexes or pushes, which is known only at the end.
enum TreeDraft {
    Text(String),
    Node(Vec<(NodeKey, TreeDraft)>),
}

#[derive(PartialEq)]
enum NodeKey {
    Name(String),
    Push,
}

fn insert_value(node: &mut Vec<(NodeKey, TreeDraft)>, path: &[KeySegment<'_>], value: String) {
    let Some((segment, rest)) = path.split_first() else { return };
    let name = match segment {
        KeySegment::Name(name) => *name,
        KeySegment::Push => {
            let mut item = TreeDraft::Node(Vec::new());
            insert_below(&mut item, rest, value);
            node.push((NodeKey::Push, item));
            return;
        }
    };
    let at = node.iter().position(|(slot, _)| matches!(slot, NodeKey::Name(existing) if existing == name));
    match at.and_then(|at| node.get_mut(at)) {
        Some((_, existing)) => insert_below(existing, rest, value),
        None => {
            let mut item = TreeDraft::Node(Vec::new());
            insert_below(&mut item, rest, value);
            node.push((NodeKey::Name(name.to_owned()), item));
        }
    }
}

fn insert_below(target: &mut TreeDraft, rest: &[KeySegment<'_>], value: String) {
    // A value that is given again, or below which something is given, becomes the first of several.
    if let TreeDraft::Text(text) = target {
        let text = std::mem::take(text);
        *target = TreeDraft::Node(vec![(NodeKey::Push, TreeDraft::Text(text))]);
    }
    let TreeDraft::Node(entries) = target else { return };
    if !rest.is_empty() {
        insert_value(entries, rest, value);
    } else if entries.is_empty() {
        *target = TreeDraft::Text(value);
    } else if entries.iter().all(|(slot, _)| key_index(slot) != KeyIndex::None) {
        entries.push((NodeKey::Push, TreeDraft::Text(value)));
    } else {
        // `a[b]=1&a=2`: qs makes a key of the value.
        insert_value(entries, &[KeySegment::Name(&value)], "true".to_owned());
    }
}

#[derive(PartialEq)]
enum KeyIndex {
    At(usize),
    Push,
    None,
}

fn key_index(slot: &NodeKey) -> KeyIndex {
    match slot {
        NodeKey::Push => KeyIndex::Push,
        NodeKey::Name(name) => list_index(name).map_or(KeyIndex::None, KeyIndex::At),
    }
}

fn list_index(name: &str) -> Option<usize> {
    let canonical = name == "0" || !name.starts_with('0');
    let digits = (1..=3).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
    if canonical && digits { name.parse().ok().filter(|&i| i < MAX_LIST_INDEX) } else { None }
}

fn finish_tree(draft: TreeDraft) -> QueryTree {
    let entries = match draft {
        TreeDraft::Text(text) => return QueryTree::Text(text),
        TreeDraft::Node(entries) => entries,
    };
    if entries.iter().any(|(slot, _)| key_index(slot) == KeyIndex::None) {
        return finish_map(entries);
    }
    let mut items: Vec<(usize, QueryTree)> = entries
        .into_iter()
        .map(|(slot, item)| match key_index(&slot) {
            KeyIndex::At(at) => (at, finish_tree(item)),
            KeyIndex::Push | KeyIndex::None => (usize::MAX, finish_tree(item)),
        })
        .collect();
    items.sort_by_key(|(at, _)| *at); // stable: pushes keep their order, after the indexes
    QueryTree::List(items.into_iter().map(|(_, item)| item).collect())
}

fn finish_map(entries: Vec<(NodeKey, TreeDraft)>) -> QueryTree {
    let mut next = 0usize;
    let mut names: std::collections::HashSet<String> = std::collections::HashSet::new();
    for (slot, _) in &entries {
        if let NodeKey::Name(name) = slot {
            names.insert(name.clone());
        }
    }
    let entries = entries
        .into_iter()
        .map(|(slot, item)| {
            let name = match slot {
                NodeKey::Name(name) => name,
                NodeKey::Push => loop {
                    let name = next.to_string();
                    next += 1;
                    if names.insert(name.clone()) {
                        break name;
                    }
                },
            };
            (name, finish_tree(item))
        })
        .collect();
    QueryTree::Map(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse_to_json(raw: &str) -> Json {
        parse_query(raw).expect(raw).into_json()
    }

    #[test]
    fn queries_are_parsed_like_qs() {
        for (raw, expected) in [
            ("", json!({})),
            ("a=1&b=2", json!({"a": "1", "b": "2"})),
            ("a[b][c]=1&a[b][d]=2", json!({"a": {"b": {"c": "1", "d": "2"}}})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[1]=y&a[0]=x", json!({"a": ["x", "y"]})),
            ("a[0]=x&a[7]=y", json!({"a": ["x", "y"]})),
            ("a=1&a=2", json!({"a": ["1", "2"]})),
            ("a[b]=1&a[b]=2", json!({"a": {"b": ["1", "2"]}})),
            ("a[99]=x", json!({"a": ["x"]})),
            ("a[100]=x", json!({"a": {"100": "x"}})),
            ("a[0]=x&a[100]=y", json!({"a": {"0": "x", "100": "y"}})),
            ("a[999999999]=1", json!({"a": {"999999999": "1"}})),
            ("a[01]=1", json!({"a": {"01": "1"}})),
            ("a%5Bb%5D=c+d%2B", json!({"a": {"b": "c d+"}})),
            ("a%5bb=c%5d=d", json!({"a": {"b=c": "d"}})),
            ("a[b=c]=d", json!({"a": {"b=c": "d"}})),
            ("a", json!({"a": ""})),
            ("=1&&a=", json!({"a": ""})),
            ("[a]=1", json!({"a": "1"})),
            ("a[]=1&a[b]=2", json!({"a": {"0": "1", "b": "2"}})),
            ("a=1&a[b]=2", json!({"a": {"0": "1", "b": "2"}})),
            ("a[b]=2&a=1", json!({"a": {"b": "2", "1": "true"}})),
            ("a[][b]=1&a[][b]=2", json!({"a": [{"b": "1"}, {"b": "2"}]})),
            ("a[b=1", json!({"a[b": "1"})),
            ("a[b]c=1", json!({"a[b]c": "1"})),
            ("a=%zz", json!({"a": "%zz"})),
            ("__proto__[x]=1", json!({"__proto__": {"x": "1"}})),
        ] {
            assert_eq!(parse_to_json(raw), expected, "{raw}");
        }
    }

    #[test]
    fn queries_beyond_the_limits_are_rejected() {
        assert_eq!(parse_query(&"a".repeat(MAX_QUERY_BYTES + 1)), Err(BracketsError::TooLong));
        assert!(parse_query(&"a&".repeat(MAX_PARAMETERS)).is_ok());
        assert_eq!(parse_query(&"a&".repeat(MAX_PARAMETERS + 1)), Err(BracketsError::TooManyParameters));
        assert!(parse_query(&format!("a{}=1", "[b]".repeat(MAX_BRACKET_DEPTH))).is_ok());
        assert_eq!(parse_query(&format!("a{}=1", "[b]".repeat(MAX_BRACKET_DEPTH + 1))), Err(BracketsError::TooDeep));
        assert_eq!(parse_query("a=%ff"), Err(BracketsError::NotUtf8));
        assert_eq!(parse_query("a%00=1"), Err(BracketsError::Nul));
    }

    #[test]
    fn forms_are_parsed_like_queries() {
        let form = parse_form(b"data[name]=A+B&data[tags][]=x&data[tags][]=y").expect("a form");
        assert_eq!(form, json!({"data": {"name": "A B", "tags": ["x", "y"]}}));
    }

    #[test]
    fn many_keys_on_one_level_are_parsed_quickly() {
        let raw: String = (0..MAX_PARAMETERS).map(|i| format!("a[k{i}]=1&")).collect();
        let start = std::time::Instant::now();
        assert!(parse_query(&raw).is_ok());
        assert!(start.elapsed().as_millis() < 500);
    }
}
