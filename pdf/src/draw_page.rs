//! A page as a picture.

use crate::document::{list_pages, open_document};
use crate::fill::flatten_document;
use crate::locate::find_form_fields;
use crate::reading_cost::check_drawing_cost;
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, ProblemCode};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use hayro_interpret::InterpreterSettings;
use hayro_syntax::Pdf;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Smallest and largest width of a picture, in pixels.
const WIDTH: RangeInclusive<u32> = 16..=2_000;
/// Largest height of a picture, in pixels.
const MAX_HEIGHT: f32 = 5_000.0;

/// Draws a page as it is shown, annotations and form fields included, on white. `number`: from 1. Returns a PNG.
pub(crate) fn draw_page(bytes: &[u8], number: u32, width: u32) -> Result<Vec<u8>, TaskProblems> {
    let refused = |code, path: &str, message: String| Err(vec![Problem::at_path(code, path, message)]);
    if !WIDTH.contains(&width) {
        let message = format!("a picture has a width of {} to {} pixels", WIDTH.start(), WIDTH.end());
        return refused(ProblemCode::Width, "width", message);
    }
    let document = open_document(bytes, "file")?;
    let pages = list_pages(&document);
    let count = pages.len();
    if number == 0 || number as usize > count {
        return refused(ProblemCode::Page, "page", missing_page(number, count));
    }
    let index = number as usize - 1;
    check_drawing_cost(&document, &pages[index..=index], "file")?;
    // Fields are drawn as sealing makes them a part of the page: what is seen is what is sealed.
    let fields: Vec<_> = find_form_fields(&document).into_iter().filter(|field| field.page == index).collect();
    let flattened = match fields.is_empty() {
        true => None,
        false => Some(flatten_document(document, bytes, Vec::new(), &fields)?.0),
    };
    let bytes = flattened.as_deref().unwrap_or(bytes);
    // Pages of a hostile file may lead its interpreter astray: that is a problem of the file.
    let drawn = catch_unwind(AssertUnwindSafe(|| draw_with_hayro(bytes, index, width)));
    drawn.unwrap_or_else(|_| Err(vec![cannot_be_drawn(number)]))
}

/// Says that a PDF does not have a page.
pub(crate) fn missing_page(number: u32, count: usize) -> String {
    match count {
        1 => format!("the PDF has no page {number}: it has one page, which is 1"),
        _ => format!("the PDF has no page {number}: its pages are 1 to {count}"),
    }
}

fn draw_with_hayro(bytes: &[u8], index: usize, width: u32) -> Result<Vec<u8>, TaskProblems> {
    let failed = || vec![cannot_be_drawn(index as u32 + 1)];
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| failed())?;
    let page = pdf.pages().get(index).ok_or_else(failed)?;
    let (page_width, page_height) = page.render_dimensions();
    let scale = width as f32 / page_width;
    let height = (page_height * scale).round().max(1.0);
    if !(scale.is_finite() && scale > 0.0 && height.is_finite()) {
        return Err(failed());
    }
    if height > MAX_HEIGHT {
        let message = format!(
            "the picture would be {height} pixels high; the limit is {MAX_HEIGHT}: ask for a width of at most {}",
            (width as f32 * MAX_HEIGHT / height).floor()
        );
        return Err(vec![Problem::at_path(ProblemCode::Width, "width", message)]);
    }
    let settings = RenderSettings {
        x_scale: scale,
        y_scale: height / page_height,
        width: Some(width as u16),
        height: Some(height as u16),
        bg_color: WHITE,
    };
    let picture = render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
    picture.into_png().map_err(|_| failed())
}

fn cannot_be_drawn(number: u32) -> Problem {
    Problem::at_path(ProblemCode::Page, "page", format!("page {number} cannot be drawn: the file is damaged there"))
}
