//! Doc comments say what an item is or does in a noun or verb phrase: `Outcome of a delivery.`, `Returns the actions of a role.`

use super::files;
use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;

/// Words with which a comment tells around an item instead of naming it.
const VAGUE_WORDS: [&str; 6] = ["That", "What", "Whether", "Which", "Who", "Whose"];

/// Doc comments of all Rust sources whose first line begins with one of [`VAGUE_WORDS`]. Returns an error if a file cannot be read.
pub(super) fn vague_beginnings() -> Result<TidyProblems> {
    let mut problems = Vec::new();
    for file in files::tracked_files()? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
            problems.extend(find_vague_lines(&text).map(|(n, line)| format!("{}:{n}: {line}", file.display())));
        }
    }
    Ok(problems)
}

/// The text behind `///` or `//!`, if a line is part of a doc comment.
fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
}

/// First lines of doc comments with a vague word, by their number from 1.
fn find_vague_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_first = true;
    text.lines().enumerate().filter_map(move |(i, line)| {
        let doc = doc_text(line);
        let begins = std::mem::replace(&mut is_first, doc.is_none());
        let word = doc?.trim_start().split(|c: char| !c.is_alphanumeric()).next()?;
        (begins && VAGUE_WORDS.contains(&word)).then_some((i + 1, line.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_are_told_from_the_rest() {
        let text = "/// What it is.\n/// Whether it is.\nstruct A;\n    //! Who.\n/// Whatever.\n\n/// The rest, by:\n/// Which.\n";
        let found: Vec<usize> = find_vague_lines(text).map(|(n, _)| n).collect();
        assert_eq!(found, [1, 4]);
    }
}
