//! Examples in doc comments. Crates without any say `doctest = false`: rustdoc would read each of them again to find none.

use super::files;
use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Crates whose doc comments have examples that nobody runs. Returns an error if a file cannot be read.
pub(super) fn switched_off() -> Result<TidyProblems> {
    let mut examples = BTreeMap::new();
    for file in files::tracked_files()? {
        let mut parts = file.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        if parts.next().as_deref() != Some("core") || file.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let Some(name) = parts.next() else { continue };
        let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
        if let Some(line) = first_example(&text) {
            examples.entry(name).or_insert((file, line));
        }
    }
    let mut problems = Vec::new();
    for (name, (file, line)) in examples {
        let manifest = PathBuf::from("core").join(&name).join("Cargo.toml");
        if std::fs::read_to_string(paths::repository_root().join(&manifest))?.contains("doctest = false") {
            problems.push(format!("{}:{line}: {} says `doctest = false`", file.display(), manifest.display()));
        }
    }
    Ok(problems)
}

/// The line, from 1, where the first block of Rust in a doc comment begins.
fn first_example(text: &str) -> Option<usize> {
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            inside = false;
            continue;
        };
        let Some(language) = comment.trim().strip_prefix("```") else { continue };
        if !inside && matches!(language, "" | "rust" | "no_run" | "should_panic" | "compile_fail") {
            return Some(i + 1);
        }
        inside = !inside;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_example;

    #[test]
    fn examples_are_rust_blocks_in_doc_comments() {
        assert_eq!(first_example("/// Adds.\n    /// ```\n    /// add(1);\n    /// ```"), Some(2));
        assert_eq!(first_example("//! ```no_run\n//! ```"), Some(1));
        assert_eq!(first_example("/// ```json\n/// {}\n/// ```\nstruct A;"), None);
        assert_eq!(first_example("/// ```json\n/// {}\n/// ```\n/// ```\n"), Some(4));
        assert_eq!(first_example("// ```\nlet fence = \"```\";"), None);
    }
}
