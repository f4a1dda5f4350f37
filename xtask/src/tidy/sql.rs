//! SQL outside the store: a heuristic over string literals.
//!
//! A literal counts when it *begins* like a statement, so that neither prose ("select a role") nor a test's
//! injection payload ("'; drop table …") does. Test modules and `tests/` are not looked at.

use super::problems::TidyProblems;
use crate::paths;
use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::Path;
use std::str::FromStr;

/// Folders whose statements read databases of other programs.
const FOREIGN_DATABASE_READERS: [&str; 1] = ["core/strapi-import/src/database"];

/// Statements in crates other than `core/store`. Returns an error if a source file cannot be read or is not Rust.
pub(super) fn sql_outside_store() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    for file in super::files::tracked_files()? {
        let source = file.extension().is_some_and(|e| e == "rs") && file.starts_with("core");
        let inside = file.components().nth(2).is_some_and(|folder| folder.as_os_str() == "src");
        let tests = file.file_stem().is_some_and(|stem| stem == "tests");
        let is_reader = FOREIGN_DATABASE_READERS.iter().any(|folder| file.starts_with(folder));
        if source && inside && !tests && !file.starts_with("core/store") && !is_reader {
            let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
            problems.extend(find_statements(&text, &file)?);
        }
    }
    Ok(problems)
}

fn find_statements(source: &str, file: &Path) -> Result<TidyProblems> {
    let tokens = TokenStream::from_str(source).ok().with_context(|| format!("{}: not valid Rust", file.display()))?;
    let mut problems = Vec::new();
    walk_literals(tokens, &mut |line, literal| {
        if begins_like_sql(literal) {
            problems.push(format!("{}:{line}: {}", file.display(), literal.chars().take(60).collect::<String>()));
        }
    });
    Ok(problems)
}

/// Calls `found` with every string literal that is neither in an attribute (doc comments are) nor in a test module.
fn walk_literals(tokens: TokenStream, found: &mut impl FnMut(usize, &str)) {
    let mut test = false;
    let mut after_hash = false;
    for token in tokens {
        match token {
            TokenTree::Punct(ref punct) if punct.as_char() == '#' => {
                after_hash = true;
                continue;
            }
            // `#![…]`
            TokenTree::Punct(ref punct) if after_hash && punct.as_char() == '!' => continue,
            TokenTree::Group(group) if after_hash && group.delimiter() == Delimiter::Bracket => {
                test |= group.stream().to_string().replace(' ', "") == "cfg(test)";
            }
            TokenTree::Group(group) => {
                if !(test && group.delimiter() == Delimiter::Brace) {
                    walk_literals(group.stream(), found);
                }
                test &= group.delimiter() != Delimiter::Brace;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => test = false,
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if let Some((_, content)) = text.split_once('"') {
                    found(literal.span().start().line, content);
                }
            }
            _ => {}
        }
        after_hash = false;
    }
}

fn begins_like_sql(literal: &str) -> bool {
    let text = literal.trim_start().to_lowercase().replace("\\n", " ");
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    match words[..] {
        ["select", ..] => {
            text.contains(" from ") && literal.trim_start().starts_with("SELECT") || text.contains(" from {")
        }
        ["with", _, "as", ..] => text.contains("(select"),
        ["insert", "into" | "or", ..] | ["replace", "into", ..] => text.contains("values") || text.contains("select"),
        ["update", _, "set", ..] | ["delete", "from", ..] => true,
        ["create", "table" | "index" | "unique" | "trigger" | "view", ..] => text.contains('('),
        ["alter" | "drop", "table" | "index", ..] => true,
        ["pragma", ..] => literal.trim_start().starts_with("PRAGMA"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_statements(source: &str) -> usize {
        find_statements(source, Path::new("x.rs")).unwrap().len()
    }

    #[test]
    fn sql_statements_are_found() {
        assert_eq!(count_statements(r#"fn f() { run("SELECT id FROM users WHERE x = ?1"); }"#), 1);
        assert_eq!(count_statements(r##"const A: &str = r#"DELETE FROM "t""#;"##), 1);
        assert_eq!(
            count_statements(r#"fn f() { format!("insert into {table} (a) values (?)"); g("PRAGMA optimize") }"#),
            2
        );
        assert_eq!(count_statements(r#"fn f() { x("update t set a = 1") }"#), 1);
        assert_eq!(count_statements("fn f() { x(b\"CREATE TABLE a (b)\") }"), 1);
    }

    #[test]
    fn prose_payloads_docs_and_tests_are_not_sql() {
        assert_eq!(
            count_statements(r#"fn f() { bail!("select an entry from the list"); bail!("cannot update the set") }"#),
            0
        );
        assert_eq!(count_statements(r#"fn f() { get("'; DROP TABLE users; --") }"#), 0);
        assert_eq!(count_statements("/// \"SELECT a FROM b\"\n#[doc = \"DELETE FROM b\"]\nfn f() {}"), 0);
        assert_eq!(count_statements("#[cfg(test)] mod tests { fn f() { x(\"DELETE FROM b\") } }"), 0);
        assert_eq!(count_statements("#[cfg(test)] mod tests; fn f() { x(\"DELETE FROM b\") }"), 1);
        assert_eq!(count_statements(r#"fn f() { x("create the table") }"#), 0);
    }
}
