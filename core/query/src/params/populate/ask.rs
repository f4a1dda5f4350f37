//! What is asked of a populated attribute, and the names dotted paths are gathered into.

use super::{PARAM, invalid_populate};
use crate::brackets::Tree;
use crate::context::{Context, View, join};
use crate::error::ParamError;
use crate::input::boolean;

/// Where an attribute is named.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) depth: usize,
    /// Names before it in a dotted path.
    pub(super) path: &'p str,
    /// As a key of an object rather than in a text: an unknown name then has its parent's path.
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

/// Where what is inside an attribute is asked for.
#[derive(Clone, Copy)]
pub(super) struct Inner<'p> {
    /// Of the attribute (or fragment), for keys that are none.
    pub(super) name: &'p str,
    /// Of the attribute, for names that follow in a dotted path.
    pub(super) path: &'p str,
    pub(super) depth: usize,
}

/// What is asked of an attribute.
#[derive(Clone, Copy)]
pub(super) enum Ask<'n, 't> {
    /// All its scalars.
    Plain,
    /// All its scalars, and everything it holds, one level.
    Everything,
    /// All its scalars, and these.
    Names(&'n Names<'n>),
    /// What the object says.
    Object(&'t [(String, Tree)]),
}

impl<'n, 't> Ask<'n, 't> {
    pub(super) fn of(names: &'n Names<'n>) -> Self {
        if names.children.is_empty() { Ask::Plain } else { Ask::Names(names) }
    }

    /// A fragment; `None` for one that is switched off.
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

    /// What each of several nodes is asked where the object has spoken of all of them.
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
    /// `*`
    pub(super) all: bool,
    pub(super) children: Vec<(&'t str, Names<'t>)>,
}

/// Names that follow a zone or a relation to any type: each must be known to one of its shapes at least.
pub(super) struct Missing<'n> {
    wanted: Option<&'n Names<'n>>,
    /// Which of them no shape knew so far.
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

    /// The names one shape knows; `None` where none were given.
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

/// What is asked of a relation to any type, or of a zone: of all its shapes, or of each by its uid.
pub(super) struct Fragments<'t> {
    pub(super) on: Option<&'t [(String, Tree)]>,
    pub(super) count: bool,
    pub(super) everything: bool,
}
