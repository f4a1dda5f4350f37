//! Marked places in the text of a PDF: `{{sign:buyer}}`.

use crate::boxes::ShownRect;
use crate::letters::{Letter, visit_letters};
use crate::task_problems::TaskProblems;
use kurbo::Rect;

/// Longest name, in letters.
const MAX_NAME_LETTERS: usize = 100;

/// A mark in the text of a page, where a field goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TextMark {
    pub(crate) name: String,
    /// Index of the page, the first being 0.
    pub(crate) page: usize,
    pub(crate) place: ShownRect,
}

/// All of them, page by page.
pub(crate) fn find_marks(bytes: &[u8], what: &str) -> Result<Vec<TextMark>, TaskProblems> {
    let mut found = Vec::new();
    visit_letters(bytes, what, |page, letters| {
        found.extend(page_marks(letters).into_iter().map(|(name, at)| TextMark {
            name,
            page,
            place: (at.x0, at.y0, at.width(), at.height()),
        }));
    })?;
    Ok(found)
}

/// The marks in the letters of a page.
fn page_marks(letters: &[Letter]) -> Vec<(String, Rect)> {
    let opens = |at: usize| matches!(letters.get(at..at + 2), Some([a, b]) if a.letter == '{' && b.letter == '{');
    let (mut found, mut at) = (Vec::new(), 0);
    while at + 2 < letters.len() {
        match opens(at).then(|| read_mark(letters, at)).flatten() {
            Some((name, place, end)) => {
                found.push((name, place));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The mark that begins at a letter, and the letter after it.
fn read_mark(letters: &[Letter], from: usize) -> Option<(String, Rect, usize)> {
    let mut name = String::new();
    let mut place = letters[from].at.union(letters[from + 1].at);
    for at in from + 2..letters.len().min(from + MAX_NAME_LETTERS + 4) {
        let Letter { letter, at: here } = &letters[at];
        // Letters that are far apart are not one mark.
        if !letters[at - 1].at.inflate(here.height(), here.height()).overlaps(*here) {
            return None;
        }
        place = place.union(*here);
        if *letter == '}' {
            let closing_brace = letters.get(at + 1).filter(|next| next.letter == '}')?;
            let name = name.trim().to_owned();
            return (!name.is_empty()).then(|| (name, place.union(closing_brace.at), at + 2));
        }
        if !(letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '.' | ':' | '-')) {
            return None;
        }
        name.push(*letter);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<Letter> {
        let place = |i: usize| Rect::new(i as f64 * 5.0, 0.0, i as f64 * 5.0 + 5.0, 10.0);
        text.chars().enumerate().map(|(i, letter)| Letter { letter, at: place(i) }).collect()
    }

    #[test]
    fn marks_are_found_by_their_braces() {
        let found = page_marks(&line("a {{sign:buyer}} and {{ date }}{{x}}"));
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["sign:buyer", "date", "x"]);
        assert_eq!(found[0].1, Rect::new(10.0, 0.0, 80.0, 10.0));
        for none in [
            "{{}}",
            "{{ }}",
            "{{a",
            "{{a}",
            "{a}}",
            "{{a/b}}",
            "{{{{",
            "{{",
            "",
            &format!("{{{{{}}}}}", "a".repeat(200)),
        ] {
            assert_eq!(page_marks(&line(none)), [], "{none}");
        }
    }

    #[test]
    fn scattered_letters_are_not_a_mark() {
        let mut letters = line("{{ab}}");
        letters[3].at = Rect::new(0.0, 300.0, 5.0, 310.0);
        assert_eq!(page_marks(&letters), []);
    }
}
