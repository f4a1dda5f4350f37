//! Marked places in the text of a PDF: `{{sign:buyer}}`.

use crate::TaskProblems;
use crate::boxes::ShownRect;
use cairn_pdf_protocol::{Problem, ProblemCode};
use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, TransformExt, interpret_page,
};
use hayro_syntax::Pdf;
use kurbo::{Affine, BezPath, Point, Rect};

/// Longest name, in letters.
const MAX_NAME_LETTERS: usize = 100;
/// Most letters of a PDF that are looked at.
const MAX_LETTERS: usize = 5_000_000;
/// How far a letter reaches above and below its line, of a size of 1000.
const ASCENT: f64 = 800.0;
const DESCENT: f64 = -200.0;

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
    let pdf = Pdf::new(bytes.to_vec());
    let damaged = |e| vec![Problem::of_pdf(ProblemCode::Damaged, format!("{what} cannot be read: {e:?}"))];
    let pdf = pdf.map_err(damaged)?;
    let cache = InterpreterCache::new();
    let (mut found, mut left) = (Vec::new(), MAX_LETTERS);
    for (number, page) in pdf.pages().iter().enumerate() {
        let (width, height) = page.render_dimensions();
        let shown = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let transform = page.initial_transform(true).to_kurbo();
        // Fields are read from the form: what they show is no text of the page.
        let settings = InterpreterSettings { render_annotations: false, ..InterpreterSettings::default() };
        let mut context = Context::new(transform, shown, &cache, pdf.xref(), settings);
        let mut letters = LetterCollector { all: Vec::new(), left };
        interpret_page(page, &mut context, &mut letters);
        left = letters.left;
        found.extend(page_marks(&letters.all).into_iter().map(|(name, at)| TextMark {
            name,
            page: number,
            place: (at.x0, at.y0, at.width(), at.height()),
        }));
    }
    Ok(found)
}

/// A letter, and where it is.
struct Letter {
    letter: char,
    at: Rect,
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
        // What goes on elsewhere is not one mark.
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

/// Listens to what a page draws, and keeps its letters.
struct LetterCollector {
    all: Vec<Letter>,
    left: usize,
}

impl Device<'_> for LetterCollector {
    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'_>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'_>,
        _: &GlyphDrawMode,
    ) {
        let (Some(text), Glyph::Outline(outline)) = (glyph.as_unicode(), glyph) else { return };
        let advance = f64::from(outline.advance_width().unwrap_or(500.0));
        let to = transform * glyph_transform;
        let text = match text {
            BfString::Char(letter) => letter.to_string(),
            BfString::String(text) => text,
        };
        // A glyph that is several letters is as wide as them together.
        let count = text.chars().count();
        for (i, letter) in text.chars().enumerate() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let part = |n: usize| advance * n as f64 / count as f64;
            let corners = [(part(i), DESCENT), (part(i), ASCENT), (part(i + 1), DESCENT), (part(i + 1), ASCENT)];
            let corners = corners.map(|(x, y)| to * Point::new(x, y));
            let at = Rect::from_points(corners[0], corners[1]).union(Rect::from_points(corners[2], corners[3]));
            if at.is_finite() {
                self.all.push(Letter { letter, at });
            }
        }
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'_>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
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
