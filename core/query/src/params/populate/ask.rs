//! The requested shape of a populated attribute, and the names that dotted paths are collected into.

use super::{PARAM, invalid_populate};
use crate::brackets::Tree;
use crate::context::{Context, View, join};
use crate::error::ParamError;
use crate::input::boolean;

/// The position at which an attribute is named.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) depth: usize,
    /// Names before it in a dotted path.
    pub(super) path: &'p str,
    /// Whether it is a key of an object rather than in a text: an unknown name then has its parent's path.
    pub(super) by_key: bool,
}

impl At<'_> {
    pub(super) fn unknown(self, name: &str) -> ParamError {
        if self.by_key {
            ParamError::unknown_key(name, "", PARAM)
        } else {
            ParamError::refused_key(name, &join(self.path, name), PARAM)
        }
    }
}

/// The position of what is requested inside an attribute.
#[derive(Clone, Copy)]
pub(super) struct Inner<'p> {
    /// Name of the attribute (or fragment), for errors about unknown keys.
    pub(super) name: &'p str,
    /// Path of the attribute, for names that follow in a dotted path.
    pub(super) path: &'p str,
    pub(super) depth: usize,
}

/// The requested shape of an attribute.
#[derive(Clone, Copy)]
pub(super) enum Ask<'n, 't> {
    /// All its scalars.
    Plain,
    /// All its scalars, and everything it contains, one level deep.
    Everything,
    /// All its scalars, and these names.
    Names(&'n Names<'n>),
    /// The contents of the object.
    Object(&'t [(String, Tree)]),
}

impl<'n, 't> Ask<'n, 't> {
    pub(super) fn of(names: &'n Names<'n>) -> Self {
        if names.children.is_empty() { Ask::Plain } else { Ask::Names(names) }
    }

    /// The shape of a fragment; `None` for one that is switched off.
    pub(super) fn of_fragment(value: &'t Tree) -> Result<Option<Self>, ParamError> {
        match value {
            Tree::Map(entries) => Ok(Some(Ask::Object(entries))),
            Tree::Text(text) if text == "*" => Ok(Some(Ask::Everything)),
            Tree::Text(text) if text.is_empty() => Ok(None),
            Tree::Text(text) => match boolean(text) {
                Some(true) => Ok(Some(Ask::Plain)),
                Some(false) => Ok(None),
                None => Err(invalid_populate()),
            },
            Tree::List(_) => Err(invalid_populate()),
        }
    }

    /// The shape of each of several nodes when the object applies to all of them.
    pub(super) fn plain(self) -> Self {
        match self {
            Ask::Plain | Ask::Names(_) | Ask::Object(_) => Ask::Plain,
            Ask::Everything => Ask::Everything,
        }
    }
}

/// Names with what follows each.
#[derive(Default, Clone)]
pub(super) struct Names<'t> {
    /// Whether `*` is among them.
    pub(super) all: bool,
    pub(super) children: Vec<(&'t str, Names<'t>)>,
}

/// Names below a zone or a relation to any type: at least one of its shapes must know each.
pub(super) struct Missing<'n> {
    wanted: Option<&'n Names<'n>>,
    /// The names that no shape has known so far.
    unknown: Vec<&'n str>,
}

impl<'n> Missing<'n> {
    pub(super) fn of(ask: Ask<'n, '_>) -> Self {
        match ask {
            Ask::Names(names) => {
                Self { wanted: Some(names), unknown: names.children.iter().map(|(name, _)| *name).collect() }
            }
            Ask::Plain | Ask::Everything | Ask::Object(_) => Self { wanted: None, unknown: Vec::new() },
        }
    }

    /// The names that one shape knows; `None` if none were given.
    pub(super) fn narrow(&mut self, cx: &Context<'_>, view: View<'_>) -> Option<Names<'n>> {
        let wanted = self.wanted?;
        let known = |name: &str| view.find(cx.registry, name).is_populatable();
        let children: Vec<_> = wanted.children.iter().filter(|(name, _)| known(name)).cloned().collect();
        self.unknown.retain(|name| !children.iter().any(|(known, _)| known == name));
        Some(Names { all: false, children })
    }

    pub(super) fn finish(self, path: &str) -> Result<(), ParamError> {
        match self.unknown.first() {
            Some(name) => Err(ParamError::refused_key(name, &join(path, name), PARAM)),
            None => Ok(()),
        }
    }
}

/// The requested shape of a relation to any type, or of a zone: for all its types, or for each by its uid.
pub(super) struct Fragments<'t> {
    pub(super) on: Option<&'t [(String, Tree)]>,
    pub(super) count: bool,
    pub(super) everything: bool,
}
