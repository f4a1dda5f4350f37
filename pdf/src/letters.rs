//! Letters of a PDF's pages, and where they are.

use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, ProblemCode};
use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, TransformExt, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use kurbo::{Affine, BezPath, Point, Rect};
use std::collections::BTreeSet;

/// Most letters of a PDF that are looked at.
const MAX_LETTERS: usize = 5_000_000;
/// How far a letter reaches above and below its line, of a size of 1000.
const ASCENT: f64 = 800.0;
const DESCENT: f64 = -200.0;

/// A letter, and where it is.
pub(crate) struct Letter {
    pub(crate) letter: char,
    pub(crate) at: Rect,
}

/// Calls `visit` with each page, the first being 0, and its letters in the order in which they are drawn. `what`: how the PDF is called
/// where it is refused.
pub(crate) fn visit_letters(
    bytes: &[u8],
    what: &str,
    mut visit: impl FnMut(usize, &[Letter]),
) -> Result<(), TaskProblems> {
    let pdf = open_pages(bytes, what)?;
    let cache = InterpreterCache::new();
    let mut left = MAX_LETTERS;
    for (number, page) in pdf.pages().iter().enumerate() {
        // Fields are read from the form: what they show is no text of the page.
        let letters = collect_letters(&pdf, page, &cache, false, &mut left);
        visit(number, &letters);
    }
    Ok(())
}

/// Calls `visit` with each of these pages, the first being 0, and the letters of its annotations, form fields among them.
pub(crate) fn visit_annotations(
    bytes: &[u8],
    what: &str,
    pages: &BTreeSet<usize>,
    mut visit: impl FnMut(usize, Vec<Letter>),
) -> Result<(), TaskProblems> {
    let pdf = open_pages(bytes, what)?;
    let cache = InterpreterCache::new();
    let mut left = MAX_LETTERS;
    for number in pages {
        let Some(page) = pdf.pages().get(*number) else { continue };
        // Annotations are drawn after the page, so the letters of the page come first and are removed.
        let of_page = collect_letters(&pdf, page, &cache, false, &mut left).len();
        let mut letters = collect_letters(&pdf, page, &cache, true, &mut left);
        letters.drain(..of_page.min(letters.len()));
        visit(*number, letters);
    }
    Ok(())
}

fn open_pages(bytes: &[u8], what: &str) -> Result<Pdf, TaskProblems> {
    let damaged = |e| vec![Problem::of_pdf(ProblemCode::Damaged, format!("{what} cannot be read: {e:?}"))];
    Pdf::new(bytes.to_vec()).map_err(damaged)
}

fn collect_letters<'p>(
    pdf: &'p Pdf,
    page: &'p Page<'p>,
    cache: &InterpreterCache<'p>,
    render_annotations: bool,
    left: &mut usize,
) -> Vec<Letter> {
    let (width, height) = page.render_dimensions();
    let shown = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let transform = page.initial_transform(true).to_kurbo();
    let settings = InterpreterSettings { render_annotations, ..InterpreterSettings::default() };
    let mut context = Context::new(transform, shown, cache, pdf.xref(), settings);
    let mut letters = LetterCollector { all: Vec::new(), left: *left };
    interpret_page(page, &mut context, &mut letters);
    *left = letters.left;
    letters.all
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
