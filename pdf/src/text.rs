//! The text of a PDF's pages.

use crate::document::{list_pages, open_document};
use crate::letters::{Letter, visit_letters};
use crate::reading_cost::check_drawing_cost;
use crate::task_problems::TaskProblems;
use kurbo::Rect;

/// Width of the narrowest gap between two words, of the height of their letters.
const WORD_GAP: f64 = 0.15;

/// Reads the text of each page, line by line in the order in which it is drawn. What form fields show is left out.
pub(crate) fn read_text(bytes: &[u8]) -> Result<Vec<String>, TaskProblems> {
    let document = open_document(bytes, "file")?;
    check_drawing_cost(&document, &list_pages(&document), "file")?;
    let mut pages = Vec::new();
    visit_letters(bytes, "file", |_, letters| pages.push(page_text(letters)))?;
    Ok(pages)
}

/// The letters of a page as lines, with one space between words.
fn page_text(letters: &[Letter]) -> String {
    let mut drawn = String::new();
    let mut before: Option<Rect> = None;
    for Letter { letter, at } in letters {
        if let Some(before) = before {
            if !is_on_line(before, *at) {
                drawn.push('\n');
            } else if at.x0 - before.x1 > WORD_GAP * at.height() || at.x1 < before.x0 {
                drawn.push(' ');
            }
        }
        drawn.push(*letter);
        before = Some(*at);
    }
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    drawn.lines().map(words).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// True if a letter is beside another one, not above or below it.
fn is_on_line(before: Rect, at: Rect) -> bool {
    let shared = before.y1.min(at.y1) - before.y0.max(at.y0);
    shared > before.height().min(at.height()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of the width 5 and the height 10 from that place on.
    fn line(x: f64, y: f64, text: &str) -> Vec<Letter> {
        let place = |i: usize| Rect::new(x + i as f64 * 5.0, y, x + i as f64 * 5.0 + 5.0, y + 10.0);
        text.chars().enumerate().map(|(i, letter)| Letter { letter, at: place(i) }).collect()
    }

    #[test]
    fn lines_and_gaps_become_line_breaks_and_spaces() {
        let parts =
            [line(0.0, 0.0, "Quote"), line(40.0, 1.0, "2026-1"), line(0.0, 12.0, " for  Ann "), line(0.0, 0.0, "I")];
        let letters: Vec<Letter> = parts.into_iter().flatten().collect();
        assert_eq!(page_text(&letters), "Quote 2026-1\nfor Ann\nI");
        assert_eq!(page_text(&[]), "");
    }

    #[test]
    fn letters_of_one_word_stay_together() {
        let mut letters = line(0.0, 0.0, "AVA");
        // Kerning moves a letter into the one before it.
        letters[1].at = letters[1].at - kurbo::Vec2::new(1.0, 0.0);
        assert_eq!(page_text(&letters), "AVA");
    }
}
