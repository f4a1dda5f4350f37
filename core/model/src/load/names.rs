//! Rules for names: of attributes and columns, tables, routes and folders.
//!
//! A plain name gives a plain column or table. Strapi accepts others too: their identifiers consist of their plain characters and a hash of
//! the whole, so that no two of them share one.

use crate::stored_values::ORIGIN_KEY;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Longest attribute name, in bytes, that is used as a column unchanged.
const MAX_PLAIN_COLUMN_BYTES: usize = 50;
/// Longest attribute name in bytes.
const MAX_ATTRIBUTE_NAME_BYTES: usize = 200;
/// Longest column name in bytes: PostgreSQL truncates identifiers at 63.
const MAX_COLUMN_BYTES: usize = 60;
/// Longest table name in bytes: names of its indexes and link tables are derived from it.
const MAX_TABLE_BYTES: usize = 48;

/// Attributes that every content type has: definitions of them in a file are overwritten.
const SYSTEM_ATTRIBUTES: [&str; 9] =
    ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "createdBy", "updatedBy", "locale", "localizations"];
/// Columns that every content type has.
const SYSTEM_COLUMNS: [&str; 12] = [
    "id",
    "document_id",
    "created_at",
    "updated_at",
    "published_at",
    "created_by",
    "updated_by",
    "created_by_id",
    "updated_by_id",
    "locale",
    "localizations",
    "entry_id",
];
/// Names with a special meaning for JavaScript clients.
const JAVASCRIPT_NAMES: [&str; 2] = ["constructor", "prototype"];
/// A name that no JavaScript client can read.
const PROTO_NAME: &str = "__proto__";

/// First parts of paths under `/api` that belong to the server.
const RESERVED_ROUTES: [&str; 9] =
    ["auth", "users", "upload", "i18n", "users-permissions", "graphql", "live", "content-type-builder", "connect"];

/// True if an attribute with that name belongs to the system. In a component only `id` does.
pub(super) fn is_system(name: &str, own_row: bool) -> bool {
    if own_row { SYSTEM_ATTRIBUTES.contains(&name) } else { name == "id" }
}

/// A name in the database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    pub(super) name: String,
    /// Unusual property of the name that it was derived from; `None` for a plain name.
    pub(super) unusual: Option<Cow<'static, str>>,
}

impl Identifier {
    fn from_plain(name: String) -> Self {
        Self { name, unusual: None }
    }

    /// Derives an identifier from a name that is not one: at most `longest` bytes, never equal to that of a plain name.
    fn from_unusual(from: &str, longest: usize, unusual: impl Into<Cow<'static, str>>) -> Self {
        let hash: String = Sha256::digest(from.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let mut name = String::new();
        for c in from.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
                _ if name.is_empty() || name.ends_with('_') => {}
                _ => name.push('_'),
            }
        }
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, "x_");
        }
        // The hash is ASCII, and so is all that was kept.
        name.truncate(longest - hash.len() - 1);
        let name = format!("{}_{hash}", name.trim_end_matches('_'));
        Self { name, unusual: Some(unusual.into()) }
    }
}

/// The column of an attribute, or why it cannot have that name. `own_row`: it is a column of a content type; inside a component it is a key
/// of the component's JSON.
pub(super) fn column_identifier(name: &str, own_row: bool) -> Result<Identifier, Cow<'static, str>> {
    if matches!(name, "__component" | "__type" | PROTO_NAME) || (!own_row && name == ORIGIN_KEY) {
        return Err("is a reserved name".into());
    }
    // Names are keys of stored JSON and of paths into it.
    if name.is_empty() || name.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return Err("must not be empty or contain quotes, backslashes or control characters".into());
    }
    if name.len() > MAX_ATTRIBUTE_NAME_BYTES {
        return Err(format!("is longer than {MAX_ATTRIBUTE_NAME_BYTES} bytes").into());
    }
    let derived = |unusual: Cow<'static, str>| Ok(Identifier::from_unusual(name, MAX_COLUMN_BYTES, unusual));
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !plain {
        return derived("names should begin with a letter and contain only letters, digits, `_` and `-`".into());
    }
    if name.len() > MAX_PLAIN_COLUMN_BYTES {
        return derived(format!("is longer than {MAX_PLAIN_COLUMN_BYTES} bytes").into());
    }
    let column = to_snake_case(name);
    if own_row && SYSTEM_COLUMNS.contains(&column.as_str()) {
        return derived(format!("`{column}` is a built-in column of every type").into());
    }
    if own_row && column.len() > MAX_COLUMN_BYTES {
        return derived(format!("its column `{column}` is longer than {MAX_COLUMN_BYTES} bytes").into());
    }
    let unusual = JAVASCRIPT_NAMES.contains(&name).then(|| "has a special meaning in JavaScript clients".into());
    Ok(Identifier { unusual, ..Identifier::from_plain(column) })
}

/// True if an attribute or component can have had that name: the value of `renamedFrom`.
pub(super) fn is_name(name: &str) -> bool {
    column_identifier(name, false).is_ok()
}

/// Converts to snake case: `metaTitle` and `meta-title` become `meta_title`, `HTMLText` becomes `html_text`.
fn to_snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (i, &c) in chars.iter().enumerate() {
        let previous = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or('_');
        let next_is_small = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        let starts_word = c.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || previous.is_ascii_uppercase() && next_is_small);
        let separator = matches!(c, '_' | '-');
        if (starts_word || separator) && !out.ends_with('_') {
            out.push('_');
        }
        if !separator {
            out.push(c.to_ascii_lowercase());
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// The table for a `collectionName`.
pub(super) fn table_identifier(name: &str) -> Identifier {
    let derived = |unusual: Cow<'static, str>| Identifier::from_unusual(name, MAX_TABLE_BYTES, unusual);
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        return derived("is not a plain identifier of letters, digits and `_`".into());
    }
    if name.len() > MAX_TABLE_BYTES {
        return derived(format!("is longer than {MAX_TABLE_BYTES} bytes").into());
    }
    let lower = name.to_ascii_lowercase();
    match ["cairn_", "sqlite_", "pg_"].iter().find(|prefix| lower.starts_with(**prefix)) {
        // The derived name would keep the prefix, hence the `t_` before it.
        Some(prefix) => Identifier {
            unusual: Some(format!("begins with `{prefix}`").into()),
            ..Identifier::from_unusual(&format!("t_{name}"), MAX_TABLE_BYTES, "")
        },
        None => Identifier::from_plain(name.to_owned()),
    }
}

/// Why a type cannot have that singular or plural name.
pub(super) fn check_route(name: &str) -> Result<(), &'static str> {
    if !is_kebab(name) {
        return Err("must consist of lowercase letters, digits and single `-`");
    }
    Ok(())
}

/// True if that part of the address belongs to the server.
pub(super) fn is_reserved_route(name: &str) -> bool {
    RESERVED_ROUTES.contains(&name)
}

fn is_kebab(name: &str) -> bool {
    name.len() <= MAX_ATTRIBUTE_NAME_BYTES
        && name.split('-').all(|part| !part.is_empty())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Why a folder or file cannot be part of a uid.
pub(super) fn check_uid_part(name: &str) -> Result<(), String> {
    let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && name.len() <= MAX_ATTRIBUTE_NAME_BYTES;
    if plain { Ok(()) } else { Err(format!("the name `{name}` must contain only letters, digits, `_` and `-`")) }
}

/// Why a file or folder cannot be part of a component's uid, which Strapi takes as it is.
pub(super) fn check_component_part(name: &str) -> Result<(), String> {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
        && !name.trim().is_empty()
        && name.len() <= MAX_ATTRIBUTE_NAME_BYTES
        && name != PROTO_NAME;
    if plain {
        Ok(())
    } else {
        Err(format!("the name `{name}` must contain only letters, digits, `_`, `-` and spaces"))
    }
}

/// Converts a folder's name as Strapi does in uids: small letters, words joined by `-`.
pub(super) fn to_kebab_case(name: &str) -> String {
    if is_kebab(name) { name.to_owned() } else { to_snake_case(&name.replace([' ', '.'], "_")).replace('_', "-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_names_are_snake_case() {
        for (name, expected) in [
            ("metaTitle", "meta_title"),
            ("a-b", "a_b"),
            ("HTMLText", "html_text"),
            ("item_1", "item_1"),
            ("item1B", "item1_b"),
            ("a__b-", "a_b"),
            ("status", "status"),
            ("select", "select"),
        ] {
            assert_eq!(column_identifier(name, true), Ok(Identifier::from_plain(expected.to_owned())), "{name}");
        }
        for bad in ["", "a\"", "a\\b", "a\0", "a\nb", "__proto__", "__component", &"a".repeat(201)] {
            assert!(column_identifier(bad, true).is_err(), "{bad}");
        }
        assert!(column_identifier("locale", false).is_ok_and(|column| column.unusual.is_none()));
        assert!(is_system("id", false) && !is_system("locale", false) && is_system("locale", true));
    }

    #[test]
    fn unusual_names_get_distinct_columns() {
        let names = [
            "1a",
            "_a",
            "é",
            "a b",
            "a.b",
            "a_b!",
            "created_at",
            "entry_id",
            "😀",
            "größe",
            "gr e",
            "ß",
            "'",
            "a'b",
            "a\u{301}b",
            &"a".repeat(51),
            &"a".repeat(52),
            &"aB".repeat(25),
            &"é".repeat(100),
        ];
        let mut columns = std::collections::HashSet::new();
        for name in names {
            let column = column_identifier(name, true).unwrap();
            assert!(column.unusual.is_some(), "{name}");
            assert!(column.name.len() <= MAX_COLUMN_BYTES && column.name.starts_with(|c: char| c.is_ascii_lowercase()));
            assert!(column.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{}", column.name);
            assert!(columns.insert(column.name), "{name}");
        }
        // Derived names must never change: existing columns have them.
        assert_eq!(column_identifier("my name", true).unwrap().name, "my_name_e0b23c82");
    }

    #[test]
    fn table_names_and_routes_are_derived_and_checked() {
        assert_eq!(table_identifier("up_users"), Identifier::from_plain("up_users".to_owned()));
        let mut identifiers = std::collections::HashSet::new();
        for odd in ["a-b", "1a", "cairn_x", "SQLite_x", "é", "My Table", "my table", &"a".repeat(49), &"a".repeat(50)]
        {
            let identifier = table_identifier(odd);
            assert!(
                identifier.unusual.is_some() && table_identifier(&identifier.name).unusual.is_none(),
                "{odd} {identifier:?}"
            );
            assert!(identifiers.insert(identifier.name), "{odd}");
        }
        for good in ["blog-page", "404-page", "404"] {
            assert!(check_route(good).is_ok(), "{good}");
        }
        for bad in ["Blog", "a--b", "-a", "a/b", "", "a b"] {
            assert!(check_route(bad).is_err(), "{bad}");
        }
        for (name, expected) in
            [("home-page", "home-page"), ("homePage", "home-page"), ("my_api", "my-api"), ("a b", "a-b")]
        {
            assert_eq!(to_kebab_case(name), expected);
        }
    }
}
