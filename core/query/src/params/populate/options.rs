//! The requested shape of a populated attribute, and the names that dotted paths are collected into.

use super::{POPULATE_PARAM, invalid_populate};
use crate::brackets::QueryTree;
use crate::context::{PlanningContext, RowView, join_path};
use crate::error::ParamError;
use crate::input::parse_boolean;

/// The position at which an attribute is named.
#[derive(Clone, Copy)]
pub(super) struct NamePosition<'p> {
    pub(super) depth: usize,
    /// Names before it in a dotted path.
    pub(super) path: &'p str,
    /// True if it is a key of an object rather than in a text: an unknown name then has its parent's path.
    pub(super) by_key: bool,
}

impl NamePosition<'_> {
    pub(super) fn unknown_name(self, name: &str) -> ParamError {
        if self.by_key {
            ParamError::unknown_key(name, "", POPULATE_PARAM)
        } else {
            ParamError::refused_key(name, &join_path(self.path, name), POPULATE_PARAM)
        }
    }
}

/// The position of what is requested inside an attribute.
#[derive(Clone, Copy)]
pub(super) struct NestedPosition<'p> {
    /// Name of the attribute (or fragment), for errors about unknown keys.
    pub(super) name: &'p str,
    /// Path of the attribute, for names that follow in a dotted path.
    pub(super) path: &'p str,
    pub(super) depth: usize,
}

/// The requested shape of an attribute.
#[derive(Clone, Copy)]
pub(super) enum PopulateOptions<'n, 't> {
    /// All its scalars.
    Plain,
    /// All its scalars, and everything it contains, one level deep.
    Everything,
    /// All its scalars, and these names.
    Names(&'n NameTree<'n>),
    /// The contents of the object.
    Object(&'t [(String, QueryTree)]),
}

impl<'n, 't> PopulateOptions<'n, 't> {
    pub(super) fn from_names(names: &'n NameTree<'n>) -> Self {
        if names.children.is_empty() { PopulateOptions::Plain } else { PopulateOptions::Names(names) }
    }

    /// The shape of a fragment; `None` for one that is switched off.
    pub(super) fn from_fragment(value: &'t QueryTree) -> Result<Option<Self>, ParamError> {
        match value {
            QueryTree::Map(entries) => Ok(Some(PopulateOptions::Object(entries))),
            QueryTree::Text(text) if text == "*" => Ok(Some(PopulateOptions::Everything)),
            QueryTree::Text(text) if text.is_empty() => Ok(None),
            QueryTree::Text(text) => match parse_boolean(text) {
                Some(true) => Ok(Some(PopulateOptions::Plain)),
                Some(false) => Ok(None),
                None => Err(invalid_populate()),
            },
            QueryTree::List(_) => Err(invalid_populate()),
        }
    }

    /// The shape of each of several nodes when the object applies to all of them.
    pub(super) fn for_each_node(self) -> Self {
        match self {
            PopulateOptions::Plain | PopulateOptions::Names(_) | PopulateOptions::Object(_) => PopulateOptions::Plain,
            PopulateOptions::Everything => PopulateOptions::Everything,
        }
    }
}

/// Names with what follows each.
#[derive(Default, Clone)]
pub(super) struct NameTree<'t> {
    /// True if `*` is among them.
    pub(super) all: bool,
    /// True if a path ends here.
    pub(super) is_end: bool,
    pub(super) children: Vec<(&'t str, NameTree<'t>)>,
}

/// Names below a zone or a relation to any type: at least one of its shapes must know each.
pub(super) struct UnmatchedNames<'n> {
    wanted: Option<&'n NameTree<'n>>,
    /// The names that no shape has known so far.
    unknown: Vec<&'n str>,
}

impl<'n> UnmatchedNames<'n> {
    pub(super) fn from_options(options: PopulateOptions<'n, '_>) -> Self {
        match options {
            PopulateOptions::Names(names) => {
                Self { wanted: Some(names), unknown: names.children.iter().map(|(name, _)| *name).collect() }
            }
            PopulateOptions::Plain | PopulateOptions::Everything | PopulateOptions::Object(_) => {
                Self { wanted: None, unknown: Vec::new() }
            }
        }
    }

    /// The names that one shape knows; `None` if none were given.
    pub(super) fn take_known(&mut self, cx: &PlanningContext<'_>, view: RowView<'_>) -> Option<NameTree<'n>> {
        let tree = self.wanted?;
        let known = |name: &str| view.resolve_name(cx.registry, name).is_populatable();
        let children: Vec<_> = tree.children.iter().filter(|(name, _)| known(name)).cloned().collect();
        self.unknown.retain(|name| !children.iter().any(|(known, _)| known == name));
        Some(NameTree { children, ..NameTree::default() })
    }

    pub(super) fn require_all_known(self, path: &str) -> Result<(), ParamError> {
        match self.unknown.first() {
            Some(name) => Err(ParamError::refused_key(name, &join_path(path, name), POPULATE_PARAM)),
            None => Ok(()),
        }
    }
}

/// The requested shape of a relation to any type, or of a zone: for all its types, or for each by its uid.
pub(super) struct Fragments<'t> {
    pub(super) on: Option<&'t [(String, QueryTree)]>,
    pub(super) count: bool,
    pub(super) everything: bool,
}
