//! Comments inside code begin with their subject, so that each can be read by itself: few begin with a pronoun or another function word.

use super::files;
use super::problems::TidyProblems;
use crate::paths;
use anyhow::Result;

/// Most of the comments, in percent, that may begin with one of [`FUNCTION_WORDS`]: for some sentences, such a word is the best beginning.
const MOST_PERCENT: usize = 5;
/// Pronouns, determiners and conjunctions whose noun is elsewhere.
const FUNCTION_WORDS: &str = "\
    after all and another any anybody anything as before both but each either else everybody everyone everything \
    he hence her here his it its neither no nobody none nor not nothing one ones only or other others same she so \
    some somebody something such than that their them then there these they this those thus what whatever when \
    whenever where wherever which who whoever whose";

/// A problem if more than [`MOST_PERCENT`] of the comments inside the code of all Rust sources begin with one of [`FUNCTION_WORDS`]; it lists
/// some of them. Returns an error if a file cannot be read.
pub(super) fn comments_without_subject() -> Result<TidyProblems> {
    let (mut comments, mut found) = (0, Vec::new());
    for file in files::tracked_files()? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(paths::repository_root().join(&file))?;
            for (n, line) in first_comment_lines(&text) {
                comments += 1;
                if begins_with_function_word(line) {
                    found.push(format!("{}:{n}: {line}", file.display()));
                }
            }
        }
    }
    if found.len() * 100 <= comments * MOST_PERCENT {
        return Ok(Vec::new());
    }
    let share = found.len() * 100 / comments;
    found.truncate(20);
    found.insert(0, format!("{share} % of {comments} comments, {MOST_PERCENT} % at most; the first of them:"));
    Ok(found)
}

/// The first line of each comment inside code, without its slashes, by its number from 1. Comments at the margin and doc comments are left out.
fn first_comment_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut continues = false;
    text.lines().enumerate().filter_map(move |(i, line)| {
        let comment = line.trim_start().strip_prefix("//").filter(|rest| !rest.starts_with(['/', '!']));
        let comment = comment.filter(|_| line.starts_with([' ', '\t']));
        let is_first = !std::mem::replace(&mut continues, comment.is_some());
        comment.filter(|_| is_first).map(|comment| (i + 1, comment.trim()))
    })
}

fn begins_with_function_word(comment: &str) -> bool {
    let word = comment.trim_start_matches(['`', '"', '(']).split(|c: char| !c.is_ascii_alphabetic() && c != '_').next();
    word.is_some_and(|word| FUNCTION_WORDS.split(' ').any(|known| known.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_their_continuation_and_from_docs() {
        let text = "// At the margin.\nfn f() {\n    // What it is,\n    // whose it is.\n    let a = 1; // behind code\n    /// Doc.\n    // A row.\n}\n";
        let found: Vec<(usize, bool)> =
            first_comment_lines(text).map(|(n, line)| (n, begins_with_function_word(line))).collect();
        assert_eq!(found, [(3, true), (7, false)]);
    }

    #[test]
    fn words_are_whole_words() {
        assert!(begins_with_function_word("(It is.)") && begins_with_function_word("Those, and others."));
        assert!(!begins_with_function_word("Items.") && !begins_with_function_word("`it_works` is a name."));
    }
}
