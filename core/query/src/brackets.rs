//! Query strings with brackets (`filters[title][$eq]=Dune`) → [`QueryTree`], as the npm package `qs` parses them with Strapi's settings. Limits
//! are checked first: nothing here allocates by a number that the client wrote.
//!
//! It differs from `qs` where that would drop something without a word: what is beyond a limit is an error, no name is left out because
//! JavaScript's objects have a property of that name, and in a query string any index makes a list, however large.

use percent_encoding::percent_decode;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;

/// The longest query string in bytes, as sent.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Largest number of parameters.
pub const MAX_PARAMETERS: usize = 1000;
/// Largest number of brackets in one key.
pub const MAX_BRACKET_DEPTH: usize = 40;
/// In a query string, numbers of up to 9 digits are indexes of lists: nothing that has a name has one that is a number.
const QUERY_LIST_INDEXES: u64 = 1_000_000_000;
/// In a form, indexes below this make a list, others an object: its values may be JSON objects with numbers as keys.
const FORM_LIST_INDEXES: u64 = 100;

/// A parsed query string: a map of parameters. Lists and maps are in the order of appearance (lists: of their indexes).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

    /// True if a text or a key has a NUL character.
    pub(crate) fn contains_nul(&self) -> bool {
        match self {
            QueryTree::Text(text) => text.contains('\0'),
            QueryTree::List(items) => items.iter().any(QueryTree::contains_nul),
            QueryTree::Map(entries) => entries.iter().any(|(key, value)| key.contains('\0') || value.contains_nul()),
        }
    }

    /// The text, if this is one.
    pub fn into_text(self) -> Option<String> {
        match self {
            QueryTree::Text(text) => Some(text),
            QueryTree::List(_) | QueryTree::Map(_) => None,
        }
    }

    /// The tree of a JSON value, in which everything but lists and objects is its text. `None` if it is nested more than
    /// [`MAX_BRACKET_DEPTH`] levels deep.
    pub fn from_json(json: Json) -> Option<Self> {
        Self::from_json_at(json, 0)
    }

    fn from_json_at(json: Json, depth: usize) -> Option<Self> {
        if depth > MAX_BRACKET_DEPTH {
            return None;
        }
        Some(match json {
            Json::Null => QueryTree::Text("null".to_owned()),
            Json::Bool(yes) => QueryTree::Text(yes.to_string()),
            Json::Number(number) => QueryTree::Text(number.to_string()),
            Json::String(text) => QueryTree::Text(text),
            Json::Array(list) => {
                QueryTree::List(list.into_iter().map(|v| Self::from_json_at(v, depth + 1)).collect::<Option<_>>()?)
            }
            Json::Object(map) => {
                let entry = |(key, value)| Some((key, Self::from_json_at(value, depth + 1)?));
                QueryTree::Map(map.into_iter().map(entry).collect::<Option<_>>()?)
            }
        })
    }

    /// The JSON of a tree: texts, lists and objects.
    pub fn into_json(self) -> Json {
        match self {
            QueryTree::Text(text) => Json::String(text),
            QueryTree::List(items) => Json::Array(items.into_iter().map(QueryTree::into_json).collect()),
            QueryTree::Map(entries) => Json::Object(entries.into_iter().map(|(k, v)| (k, v.into_json())).collect()),
        }
    }
}

impl From<&str> for QueryTree {
    fn from(text: &str) -> Self {
        QueryTree::Text(text.to_owned())
    }
}

impl From<String> for QueryTree {
    fn from(text: String) -> Self {
        QueryTree::Text(text)
    }
}

impl From<Vec<QueryTree>> for QueryTree {
    fn from(items: Vec<QueryTree>) -> Self {
        QueryTree::List(items)
    }
}

impl<V: Into<QueryTree>, const N: usize> From<[(&str, V); N]> for QueryTree {
    fn from(entries: [(&str, V); N]) -> Self {
        QueryTree::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}

impl FromIterator<(String, QueryTree)> for QueryTree {
    fn from_iter<I: IntoIterator<Item = (String, QueryTree)>>(entries: I) -> Self {
        QueryTree::Map(entries.into_iter().collect())
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
pub(crate) fn parse_query(raw: &str) -> Result<QueryTree, BracketsError> {
    if raw.len() > MAX_QUERY_BYTES {
        return Err(BracketsError::TooLong);
    }
    parse_pairs(raw.as_bytes(), QUERY_LIST_INDEXES)
}

/// Parses an `application/x-www-form-urlencoded` body into a JSON object of strings, arrays and objects. The caller
/// limits the length of the body.
pub fn parse_form(body: &[u8]) -> Result<Json, BracketsError> {
    parse_pairs(body, FORM_LIST_INDEXES).map(QueryTree::into_json)
}

fn parse_pairs(raw: &[u8], list_indexes: u64) -> Result<QueryTree, BracketsError> {
    // Values of the same key first, as in `qs`: `a[][b]=1&a[][b]=2` is one element with two values.
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    for (count, pair) in raw.split(|&b| b == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if count == MAX_PARAMETERS {
            return Err(BracketsError::TooManyParameters);
        }
        let (key, value) = split_pair(pair);
        let (key, value) = (decode_text(key)?, decode_text(value)?);
        match positions.get(&key).and_then(|&at| pairs.get_mut(at)) {
            Some((_, values)) => values.push(value),
            None if key.is_empty() => {}
            None => {
                positions.insert(key.clone(), pairs.len());
                pairs.push((key, vec![value]));
            }
        }
    }
    let mut root = TreeDraft::Map(Vec::new());
    for (key, values) in pairs {
        let draft = nest_values(&key_path(&key)?, values, list_indexes);
        root = merge_drafts(root, draft);
    }
    Ok(root.finish())
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
    /// The text before the first brackets, which is never an index.
    Head(&'a str),
    /// The text in brackets.
    Inner(&'a str),
}

/// Splits a key: `a[b][]` → a, b, and an empty segment. As in `qs`, what stands between and behind brackets is dropped (`a[b]_eq` is `a[b]`),
/// and brackets that do not match belong to the name before them, so that it is refused by that name.
fn key_path(key: &str) -> Result<Vec<KeySegment<'_>>, BracketsError> {
    let mut path = Vec::new();
    let mut open = None;
    let mut head_end = None;
    for (at, byte) in key.bytes().enumerate() {
        match (byte, open) {
            (b'[', _) => open = Some(at),
            (b']', Some(from)) => {
                head_end.get_or_insert(from);
                path.push(KeySegment::Inner(&key[from + 1..at]));
                if path.len() > MAX_BRACKET_DEPTH {
                    return Err(BracketsError::TooDeep);
                }
                open = None;
            }
            _ => {}
        }
    }
    let head = &key[..head_end.unwrap_or(key.len())];
    if !head.is_empty() {
        path.insert(0, KeySegment::Head(head));
    }
    Ok(path)
}

/// A tree under construction. The elements of a list have indexes, with gaps.
enum TreeDraft {
    Text(String),
    List(Vec<(u64, TreeDraft)>),
    Map(Vec<(String, TreeDraft)>),
}

impl TreeDraft {
    fn push(items: &mut Vec<(u64, TreeDraft)>, item: TreeDraft) {
        let next = items.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        items.push((next, item));
    }

    /// The tree with its lists in order and without gaps.
    fn finish(self) -> QueryTree {
        match self {
            TreeDraft::Text(text) => QueryTree::Text(text),
            TreeDraft::List(mut items) => {
                items.sort_by_key(|(at, _)| *at);
                QueryTree::List(items.into_iter().map(|(_, item)| item.finish()).collect())
            }
            TreeDraft::Map(entries) => {
                QueryTree::Map(entries.into_iter().map(|(name, value)| (name, value.finish())).collect())
            }
        }
    }
}

/// The values of one key, in the lists and maps that its segments name.
fn nest_values(path: &[KeySegment<'_>], mut values: Vec<String>, list_indexes: u64) -> TreeDraft {
    // `a[]=1&a[]=2`: the values are the list.
    let (path, is_list) = match path {
        [outer @ .., KeySegment::Inner("")] => (outer, true),
        path => (path, values.len() > 1),
    };
    let mut draft = match values.pop() {
        Some(value) if !is_list => TreeDraft::Text(value),
        last_value => TreeDraft::List((0..).zip(values.into_iter().chain(last_value).map(TreeDraft::Text)).collect()),
    };
    for segment in path.iter().rev() {
        draft = match *segment {
            KeySegment::Head(name) => TreeDraft::Map(vec![(name.to_owned(), draft)]),
            KeySegment::Inner("") => match draft {
                // `[].concat(list)` of JavaScript is that list.
                TreeDraft::List(items) => TreeDraft::List(items),
                other => TreeDraft::List(vec![(0, other)]),
            },
            KeySegment::Inner(name) => match list_index(name, list_indexes) {
                Some(index) => TreeDraft::List(vec![(index, draft)]),
                None => TreeDraft::Map(vec![(name.to_owned(), draft)]),
            },
        };
    }
    draft
}

/// The index that a text in brackets is: a number as JavaScript writes it.
fn list_index(name: &str, list_indexes: u64) -> Option<u64> {
    let canonical = name == "0" || !name.starts_with('0');
    let digits = (1..=9).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
    if canonical && digits { name.parse().ok().filter(|&index| index < list_indexes) } else { None }
}

/// Merges the tree of another key into one, as `qs` does.
fn merge_drafts(target: TreeDraft, source: TreeDraft) -> TreeDraft {
    match (target, source) {
        // `a[b]=1&a=` says nothing more.
        (target @ (TreeDraft::List(_) | TreeDraft::Map(_)), TreeDraft::Text(text)) if text.is_empty() => target,
        (TreeDraft::List(mut items), source @ TreeDraft::Text(_)) => {
            TreeDraft::push(&mut items, source);
            TreeDraft::List(items)
        }
        // `a[b]=1&a=2`: the value becomes a key.
        (TreeDraft::Map(mut entries), TreeDraft::Text(name)) => {
            let value = TreeDraft::Text("true".to_owned());
            match entries.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => entries.push((name, value)),
            }
            TreeDraft::Map(entries)
        }
        (target @ TreeDraft::Text(_), TreeDraft::List(items)) => TreeDraft::List(
            [(0, target)].into_iter().chain(items.into_iter().map(|(at, item)| (at + 1, item))).collect(),
        ),
        (target @ TreeDraft::Text(_), source) => TreeDraft::List(vec![(0, target), (1, source)]),
        (TreeDraft::List(items), TreeDraft::List(others)) => merge_lists(items, others),
        (TreeDraft::List(items), TreeDraft::Map(others)) => merge_maps(keyed_by_index(items), others),
        (TreeDraft::Map(entries), TreeDraft::List(others)) => merge_maps(entries, keyed_by_index(others)),
        (TreeDraft::Map(entries), TreeDraft::Map(others)) => merge_maps(entries, others),
    }
}

fn merge_lists(mut items: Vec<(u64, TreeDraft)>, others: Vec<(u64, TreeDraft)>) -> TreeDraft {
    for (at, other) in others {
        match items.iter_mut().find(|(known, _)| *known == at) {
            None => items.push((at, other)),
            Some((_, TreeDraft::Text(_))) => TreeDraft::push(&mut items, other),
            Some(_) if matches!(other, TreeDraft::Text(_)) => TreeDraft::push(&mut items, other),
            Some((_, known)) => {
                let before = std::mem::replace(known, TreeDraft::Text(String::new()));
                *known = merge_drafts(before, other);
            }
        }
    }
    TreeDraft::List(items)
}

fn merge_maps(mut entries: Vec<(String, TreeDraft)>, others: Vec<(String, TreeDraft)>) -> TreeDraft {
    for (name, other) in others {
        match entries.iter_mut().find(|(known, _)| *known == name) {
            None => entries.push((name, other)),
            Some((_, known)) => {
                let before = std::mem::replace(known, TreeDraft::Text(String::new()));
                *known = merge_drafts(before, other);
            }
        }
    }
    TreeDraft::Map(entries)
}

fn keyed_by_index(items: Vec<(u64, TreeDraft)>) -> Vec<(String, TreeDraft)> {
    items.into_iter().map(|(at, item)| (at.to_string(), item)).collect()
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
            ("a[01]=1", json!({"a": {"01": "1"}})),
            ("a%5Bb%5D=c+d%2B", json!({"a": {"b": "c d+"}})),
            ("a%5bb=c%5d=d", json!({"a": {"b=c": "d"}})),
            ("a[b=c]=d", json!({"a": {"b=c": "d"}})),
            ("a", json!({"a": ""})),
            ("=1&&a=", json!({"a": ""})),
            ("[a]=1", json!({"a": "1"})),
            ("a[]=1&a[b]=2", json!({"a": {"0": "1", "b": "2"}})),
            ("a=1&a[b]=2", json!({"a": ["1", {"b": "2"}]})),
            ("a[b]=2&a=1", json!({"a": {"b": "2", "1": "true"}})),
            ("a[b]=2&a=", json!({"a": {"b": "2"}})),
            ("a[b]=&a[b][c]=1", json!({"a": {"b": ["", {"c": "1"}]}})),
            ("a[][b]=1&a[][b]=2", json!({"a": [{"b": ["1", "2"]}]})),
            ("a[][b]=1&a[][c]=2", json!({"a": [{"b": "1", "c": "2"}]})),
            ("a[][]=1&a[][]=2", json!({"a": ["1", "2"]})),
            ("a[0]=x&a[0]=y", json!({"a": [["x", "y"]]})),
            ("a[]=y&a[0]=x", json!({"a": ["y", "x"]})),
            ("a[0]=x&a[0][b]=y", json!({"a": ["x", {"b": "y"}]})),
            ("a[2]=x&a=y&a[3]=z", json!({"a": ["x", "y", "z"]})),
            ("a=y&a[0]=x", json!({"a": ["y", "x"]})),
            ("a[7]=x&a[b]=y", json!({"a": {"7": "x", "b": "y"}})),
            ("a[b]=1&a[0]=2", json!({"a": {"b": "1", "0": "2"}})),
            ("[]=1", json!({"0": "1"})),
            ("[][a]=1", json!({"0": {"a": "1"}})),
            // Brackets that do not match.
            ("a[b=1", json!({"a[b": "1"})),
            ("a]=1", json!({"a]": "1"})),
            ("a]b[c]=1", json!({"a]b": {"c": "1"}})),
            ("a[b[c]]=1", json!({"a[b": {"c": "1"}})),
            ("a[[b]]=1", json!({"a[": {"b": "1"}})),
            ("a[b]]=1", json!({"a": {"b": "1"}})),
            ("a[]]=1", json!({"a": ["1"]})),
            // Text between and behind brackets is dropped.
            ("a[b]c=1", json!({"a": {"b": "1"}})),
            ("a[b]_eq=1", json!({"a": {"b": "1"}})),
            ("a[b]c[d]=1", json!({"a": {"b": {"d": "1"}}})),
            ("a=%zz", json!({"a": "%zz"})),
            ("__proto__[x]=1", json!({"__proto__": {"x": "1"}})),
        ] {
            assert_eq!(parse_to_json(raw), expected, "{raw}");
        }
    }

    #[test]
    fn every_index_of_a_query_makes_a_list() {
        for (raw, expected) in [
            ("a[100]=x", json!({"a": ["x"]})),
            ("a[150]=x&a[0]=y", json!({"a": ["y", "x"]})),
            ("a[999999999]=1&a[]=2", json!({"a": ["2", "1"]})),
            ("a[999999999]=1&a=2", json!({"a": ["1", "2"]})),
            ("a=2&a[999999999]=1", json!({"a": ["2", "1"]})),
            // Keys that are not array indexes in JavaScript make no list.
            ("a[1000000000]=1", json!({"a": {"1000000000": "1"}})),
            ("a[0]=x&a[01]=y", json!({"a": {"0": "x", "01": "y"}})),
            ("a[-1]=1", json!({"a": {"-1": "1"}})),
        ] {
            assert_eq!(parse_to_json(raw), expected, "{raw}");
        }
        let indexed: String = (0..120).map(|index| format!("a[{index}]={index}&")).collect();
        assert_eq!(parse_to_json(&indexed)["a"].as_array().expect("a list").len(), 120);
    }

    #[test]
    fn large_indexes_of_a_form_are_keys() {
        let form = parse_form(b"data[years][2024]=x&data[tags][99]=y").expect("a form");
        assert_eq!(form, json!({"data": {"years": {"2024": "x"}, "tags": ["y"]}}));
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
