//! The query of a request: its text and the tree of its parameters, parsed once. Plans, the types that they reach, and the keys of caches are
//! all made from it.

use crate::brackets::{BracketsError, QueryTree, parse_query};
use std::sync::{LazyLock, OnceLock};

/// A query of the content API. It is parsed when it is first planned, so that a query whose plan is cached is not parsed at all; one that
/// cannot be parsed is refused then, after the check of permissions.
#[derive(Debug, Clone)]
pub struct Query {
    text: Box<str>,
    tree: OnceLock<Result<QueryTree, BracketsError>>,
}

impl Query {
    /// The query of a request, as sent: without `?`, percent-encoded.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), tree: OnceLock::new() }
    }

    /// The query without parameters.
    pub fn empty() -> &'static Self {
        static EMPTY: LazyLock<Query> = LazyLock::new(|| Query::from_text(""));
        &EMPTY
    }

    /// Text that is equal for equal queries alone: the query string as sent; a form of its own for a query that a program built.
    pub fn cache_key(&self) -> &str {
        &self.text
    }

    /// The parameters.
    ///
    /// # Errors
    /// The query string is too long, too deep, or not text.
    pub fn parameters(&self) -> Result<&QueryTree, BracketsError> {
        self.tree.get_or_init(|| parse_query(&self.text)).as_ref().map_err(|error| *error)
    }

    /// The value of a parameter. Returns the same errors as [`Self::parameters`].
    pub fn get(&self, name: &str) -> Result<Option<&QueryTree>, BracketsError> {
        Ok(self.parameters()?.get(name))
    }

    /// The parameters, to be changed. Returns the same errors as [`Self::parameters`].
    pub fn to_builder(&self) -> Result<QueryBuilder, BracketsError> {
        Ok(match self.parameters()?.clone() {
            QueryTree::Map(parameters) => QueryBuilder { parameters },
            QueryTree::Text(_) | QueryTree::List(_) => QueryBuilder::default(),
        })
    }
}

/// A query that a program makes, parameter by parameter.
///
/// ```
/// use cairn_query::{QueryBuilder, QueryTree};
///
/// let title = QueryTree::from([("title", QueryTree::from([("$containsi", "dune")]))]);
/// let query = QueryBuilder::new().with("filters", title).with("sort", "title").build();
/// assert_eq!(query.get("sort"), Ok(Some(&QueryTree::from("title"))));
/// ```
#[derive(Debug, Clone, Default)]
pub struct QueryBuilder {
    parameters: Vec<(String, QueryTree)>,
}

impl QueryBuilder {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a parameter, in place of the one that has this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<QueryTree>) -> Self {
        self.set(name, value);
        self
    }

    /// Does the same as [`Self::with`] in place.
    pub fn set(&mut self, name: &str, value: impl Into<QueryTree>) {
        let value = value.into();
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.parameters.push((name.to_owned(), value)),
        }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&QueryTree> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<QueryTree> {
        let at = self.parameters.iter().position(|(known, _)| known == name)?;
        Some(self.parameters.remove(at).1)
    }

    /// Takes a parameter out that is one text; an empty one counts as missing. `Err` for a list or a map.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, QueryTree> {
        match self.take(name) {
            Some(QueryTree::Text(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(other) => Err(other),
            None => Ok(None),
        }
    }

    /// Takes a parameter out that is one text or a list of texts. `Err` for anything else.
    pub fn take_texts(&mut self, name: &str) -> Result<Vec<String>, QueryTree> {
        match self.take(name) {
            Some(QueryTree::Text(text)) => Ok(vec![text]),
            Some(QueryTree::List(items)) if items.iter().all(|item| item.as_text().is_some()) => {
                Ok(items.into_iter().filter_map(QueryTree::into_text).collect())
            }
            Some(other) => Err(other),
            None => Ok(Vec::new()),
        }
    }

    /// The query with these parameters.
    pub fn build(self) -> Query {
        let tree = QueryTree::Map(self.parameters);
        // The key begins with a NUL, which no query string as sent does; JSON keeps lists and maps apart.
        let text = format!("\0{}", tree.clone().into_json());
        // NUL is rejected, as in a query string: no database stores it.
        let tree = if tree.contains_nul() { Err(BracketsError::Nul) } else { Ok(tree) };
        Query { text: text.into(), tree: OnceLock::from(tree) }
    }
}

impl From<QueryTree> for Query {
    /// The query with the parameters of a map; any other tree has none.
    fn from(tree: QueryTree) -> Self {
        match tree {
            QueryTree::Map(parameters) => QueryBuilder { parameters }.build(),
            QueryTree::Text(_) | QueryTree::List(_) => QueryBuilder::new().build(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_where_queries_differ() {
        let queries = [
            Query::from_text("a=1"),
            Query::from_text("a[]=1"),
            QueryBuilder::new().with("a", "1").build(),
            QueryBuilder::new().with("a", vec!["1".into()]).build(),
            QueryBuilder::new().with("a", [("0", "1")]).build(),
            QueryBuilder::new().with("a", "[\"1\"]").build(),
            QueryBuilder::new().with("a", "1").with("b", "2").build(),
            QueryBuilder::new().with("b", "2").with("a", "1").build(),
            QueryBuilder::new().build(),
            Query::empty().clone(),
        ];
        for (i, one) in queries.iter().enumerate() {
            for (j, other) in queries.iter().enumerate() {
                assert_eq!(one.cache_key() == other.cache_key(), i == j, "{one:?} {other:?}");
            }
        }
        // A request cannot send the key of a built query as its query string: NUL characters are refused.
        let key = QueryBuilder::new().with("a", "1").build().cache_key().to_owned();
        assert_eq!(Query::from_text(key).parameters(), Err(BracketsError::Nul));
    }

    #[test]
    fn parameters_are_replaced_and_taken() {
        let mut builder = Query::from_text("a=1&b[c]=2&a=3&d=").to_builder().unwrap();
        assert_eq!(builder.take_text("a"), Err(vec!["1".into(), "3".into()].into()));
        assert_eq!(builder.take_text("d"), Ok(None));
        assert_eq!(builder.take_text("none"), Ok(None));
        builder.set("b", "x");
        assert_eq!(builder.get("b"), Some(&QueryTree::from("x")));
        assert_eq!(builder.build().parameters().cloned(), Ok(QueryTree::from([("b", "x")])));
    }

    #[test]
    fn built_queries_are_refused_for_nul_characters() {
        let nested = QueryTree::from([("title", QueryTree::from([("$in", vec!["a".into(), "b\0".into()])]))]);
        for query in [
            QueryBuilder::new().with("filters", nested).build(),
            QueryBuilder::new().with("locale", "en\0").build(),
            QueryBuilder::new().with("a\0", "b").build(),
        ] {
            assert_eq!(query.parameters(), Err(BracketsError::Nul), "{query:?}");
        }
    }

    #[test]
    fn unreadable_queries_have_no_parameters() {
        let query = Query::from_text("a=%ff");
        assert_eq!(query.parameters(), Err(BracketsError::NotUtf8));
        assert_eq!(query.to_builder().err(), Some(BracketsError::NotUtf8));
    }
}
