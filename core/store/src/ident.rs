//! Quoted SQL names. An [`Ident`] is made from a registry entry or a constant of this crate, never from a request,
//! so that no request can put a name into SQL text.

use cairn_model::{Attribute, ContentType};
use std::fmt;

/// A quoted name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident(String);

impl Ident {
    /// Quotes any name. Private to the store: callers pass names of the model.
    pub(crate) fn quote(name: &str) -> Self {
        Self(format!("\"{}\"", name.replace('"', "\"\"")))
    }

    /// The table of a content type.
    pub(crate) fn table(ct: &ContentType) -> Self {
        Self::quote(&ct.table)
    }

    /// The column of an attribute.
    pub(crate) fn column(a: &Attribute) -> Self {
        Self::quote(&a.column)
    }

    /// The position of a to-one link in its inverse's order.
    pub(crate) fn position(a: &Attribute) -> Self {
        Self::quote(&format!("_pos_{}", a.column))
    }

    /// The link table of a to-many attribute.
    pub(crate) fn links(ct: &ContentType, a: &Attribute) -> Self {
        Self::quote(&format!("{}_{}_lnk", ct.table, a.column))
    }

    /// The reference table of a type: links inside components, and morph relations.
    pub(crate) fn references(ct: &ContentType) -> Self {
        Self::quote(&format!("{}_refs", ct.table))
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
