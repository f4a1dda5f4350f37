//! Quoted SQL names. An [`Ident`] is made from a registry entry or a constant of this crate, never from a request,
//! so that no request can put a name into SQL text.

use cairn_model::{Attribute, ContentType};
use std::fmt;

/// Longest name that no database truncates, in bytes.
const MAX_IDENTIFIER_BYTES: usize = 63;

/// A quoted name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident(String);

impl Ident {
    /// Quotes any name. Private to the store: callers pass names of the model.
    pub(crate) fn quote(name: &str) -> Self {
        Self(format!("\"{}\"", shorten_name(name).replace('"', "\"\"")))
    }

    /// The name without its quotes, as catalogues store it.
    pub(crate) fn unquoted_name(&self) -> String {
        self.0[1..self.0.len() - 1].replace("\"\"", "\"")
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

    /// The collation keys of a text attribute.
    pub(crate) fn collation_key(a: &Attribute) -> Self {
        Self::quote_collation_key(&a.column)
    }

    /// The collation keys of the texts in that column. No column of an attribute begins with `_`.
    pub(crate) fn quote_collation_key(column: &str) -> Self {
        Self::quote(&format!("_collation_{column}"))
    }

    /// The name of an index over the collation keys of the last of these columns, after the others' values.
    pub(crate) fn collation_index(table: &str, columns: &[&str]) -> Self {
        // Column names have no dot, so no other index has this name.
        Self::quote(&format!("{table}_{}.collation", columns.join(".")))
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

/// Shortens long names: PostgreSQL truncates them, which could make two equal, so they end in a hash of the whole instead.
fn shorten_name(name: &str) -> std::borrow::Cow<'_, str> {
    if name.len() <= MAX_IDENTIFIER_BYTES {
        return name.into();
    }
    let mut end = MAX_IDENTIFIER_BYTES - 17;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:016x}", &name[..end], xxhash_rust::xxh3::xxh3_64(name.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_identifiers_are_cut_and_stay_distinct() {
        let (a, b) = (format!("{}_a", "x".repeat(70)), format!("{}_b", "x".repeat(70)));
        assert_eq!(Ident::quote(&a).unquoted_name().len(), MAX_IDENTIFIER_BYTES);
        assert_ne!(Ident::quote(&a), Ident::quote(&b));
        assert_eq!(Ident::quote("a\"b").unquoted_name(), "a\"b");
        assert_eq!(Ident::quote("a\"b").to_string(), "\"a\"\"b\"");
    }
}
