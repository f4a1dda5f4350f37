//! What names may be: of attributes and columns, tables, routes and folders.

use std::borrow::Cow;

/// Longest attribute name in bytes.
const MAX_ATTRIBUTE: usize = 50;
/// Longest column name in bytes: PostgreSQL cuts identifiers at 63.
const MAX_COLUMN: usize = 60;
/// Longest table name in bytes: names of its indexes and link tables are made from it.
const MAX_TABLE: usize = 48;

/// Columns that every content type has by itself.
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
/// Names that mean something else to JavaScript clients.
const JAVASCRIPT: [&str; 3] = ["constructor", "prototype", "__proto__"];

/// First parts of paths under `/api` that are no content type's.
const RESERVED_ROUTES: [&str; 7] = ["auth", "users", "upload", "i18n", "users-permissions", "graphql", "live"];

/// The column of an attribute, or why it cannot have that name. `own_row`: it is a column of a content type; inside a
/// component it is a key of the component's JSON.
pub(super) fn column(name: &str, own_row: bool) -> Result<String, Cow<'static, str>> {
    if matches!(name, "__component" | "__type") || JAVASCRIPT.contains(&name) {
        return Err("is a reserved name".into());
    }
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !plain {
        return Err("must begin with a letter and hold only letters, digits, `_` and `-`".into());
    }
    if name.len() > MAX_ATTRIBUTE {
        return Err(format!("is longer than {MAX_ATTRIBUTE} bytes").into());
    }
    let column = snake_case(name);
    let reserved = if own_row { &SYSTEM_COLUMNS[..] } else { &SYSTEM_COLUMNS[..2] };
    if reserved.contains(&column.as_str()) {
        return Err("is a reserved name".into());
    }
    if own_row && column.len() > MAX_COLUMN {
        return Err(format!("its column `{column}` is longer than {MAX_COLUMN} bytes").into());
    }
    Ok(column)
}

/// `metaTitle` and `meta-title` are `meta_title`, `HTMLText` is `html_text`.
fn snake_case(name: &str) -> String {
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

/// Why a table cannot have that name.
pub(super) fn table(name: &str) -> Result<(), Cow<'static, str>> {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        return Err("must be a plain identifier: letters, digits and `_`".into());
    }
    if name.len() > MAX_TABLE {
        return Err(format!("is longer than {MAX_TABLE} bytes").into());
    }
    let lower = name.to_ascii_lowercase();
    match ["cairn_", "sqlite_", "pg_"].iter().find(|prefix| lower.starts_with(**prefix)) {
        Some(prefix) => Err(format!("must not begin with `{prefix}`").into()),
        None => Ok(()),
    }
}

/// Why a type cannot have that singular or plural name.
pub(super) fn route(name: &str) -> Result<(), &'static str> {
    if RESERVED_ROUTES.contains(&name) {
        return Err("is a reserved route");
    }
    if JAVASCRIPT.contains(&name) || !is_kebab(name) {
        return Err("must be small letters, digits and single `-`, beginning with a letter");
    }
    Ok(())
}

fn is_kebab(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= MAX_ATTRIBUTE
        && name.split('-').all(|part| !part.is_empty())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Why a folder or file cannot be part of a uid.
pub(super) fn uid_part(name: &str) -> Result<(), String> {
    let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && !JAVASCRIPT.contains(&name);
    if plain { Ok(()) } else { Err(format!("the name `{name}` must hold only letters, digits, `_` and `-`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_snake_case() {
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
            assert_eq!(column(name, true).as_deref(), Ok(expected), "{name}");
        }
        for bad in [
            "",
            "1a",
            "_a",
            "é",
            "a b",
            "a.b",
            "id",
            "documentId",
            "created_at",
            "locale",
            "__proto__",
            "constructor",
            "😀",
        ] {
            assert!(column(bad, true).is_err(), "{bad}");
        }
        assert!(column(&"a".repeat(50), true).is_ok());
        assert!(column(&"a".repeat(51), true).is_err());
        assert!(column(&"aB".repeat(25), true).is_err());
        assert!(column("locale", false).is_ok());
        assert!(column("id", false).is_err());
    }

    #[test]
    fn tables_and_routes() {
        assert!(table("up_users").is_ok());
        for bad in ["", "a-b", "1a", "cairn_x", "SQLite_x", "é", &"a".repeat(49)] {
            assert!(table(bad).is_err(), "{bad}");
        }
        assert!(route("blog-page").is_ok());
        for bad in ["users", "Blog", "a--b", "-a", "a/b", ""] {
            assert!(route(bad).is_err(), "{bad}");
        }
    }
}
