//! Values drawn at positions of the pages.

use crate::boxes::{PageView, ShownRect};
use crate::document::{list_pages, open_document, require_unsigned};
use crate::draw_page::missing_page;
use crate::fill::{flatten_document, to_content};
use crate::locate::find_form_fields;
use crate::overlay::{MAX_PAGE_POINTS, OverlayItem};
use crate::reading_cost::check_drawing_cost;
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, ProblemCode, Value, ValuePlacement};

/// How far a box may reach over the edge of its page, in points: positions come with rounding errors.
const EDGE_TOLERANCE: f64 = 0.1;

/// Draws them over what is there, flattens a form, and counts the pages. `blobs`: the PDF and the pictures, as values name them.
pub(crate) fn place_values(
    bytes: &[u8],
    values: &[ValuePlacement],
    blobs: &[&[u8]],
) -> Result<(Vec<u8>, u32), TaskProblems> {
    let document = open_document(bytes, "file")?;
    require_unsigned(&document, "file")?;
    let views: Vec<PageView> =
        list_pages(&document).into_iter().map(|page| PageView::for_page(&document, page)).collect();
    let (mut items, mut problems) = (Vec::with_capacity(values.len()), Vec::new());
    for (i, ValuePlacement { page, place, value }) in values.iter().enumerate() {
        let index = (*page as usize).checked_sub(1);
        let Some((index, view)) = index.and_then(|index| Some((index, views.get(index)?))) else {
            let message = missing_page(*page, views.len());
            problems.push(Problem::at_path(ProblemCode::Page, format!("values[{i}].page"), message));
            continue;
        };
        let (width, height) = view.shown_size();
        if width.max(height) > MAX_PAGE_POINTS {
            let message = format!(
                "page {} is {width:.0} × {height:.0} points; values can be placed on pages of at most {MAX_PAGE_POINTS} × {MAX_PAGE_POINTS}",
                index + 1
            );
            problems.push(Problem::at_path(ProblemCode::Page, format!("values[{i}].page"), message));
            continue;
        }
        if let Err(message) = check_box(*place, view.shown_size()) {
            problems.push(Problem::at_path(ProblemCode::Box, format!("values[{i}].box"), message));
            continue;
        }
        let path = format!("values[{i}].value");
        if let Value::Image(number) = value
            && let Some(bytes) = blobs.get(*number).filter(|bytes| *number > 0 && !is_png_or_jpeg(bytes))
        {
            problems.push(Problem::at_path(ProblemCode::Value, path, wrong_picture(bytes)));
            continue;
        }
        items.push(OverlayItem {
            page: index,
            place: *place,
            shown: to_content(value, blobs, &path)?,
            cover: false,
            path,
        });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    // Drawings of fields are read, to compare them with the values.
    check_drawing_cost(&document, &list_pages(&document), "file")?;
    let fields = find_form_fields(&document);
    flatten_document(document, bytes, items, &fields)
}

fn is_png_or_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}

fn wrong_picture(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"%PDF") { "a PDF is not a picture: use a PNG or JPEG" } else { "it is not a PNG or JPEG" }
}

/// Checks that a box has an area, and is on a page of that size.
fn check_box((left, top, width, height): ShownRect, page: (f64, f64)) -> Result<(), String> {
    // NaN is not above 0 either.
    if !(width > 0.0 && height > 0.0) {
        return Err(format!("width and height must be above 0, not {width} and {height}"));
    }
    let within = |from: f64, length: f64, end: f64| from >= -EDGE_TOLERANCE && from + length <= end + EDGE_TOLERANCE;
    match within(left, width, page.0) && within(top, height, page.1) {
        true => Ok(()),
        false => Err(format!(
            "{left}, {top}, {width} × {height} is not on the page, which is {:.2} × {:.2} points",
            page.0, page.1
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_must_be_on_their_page() {
        let page = (200.0, 100.0);
        for good in [(0.0, 0.0, 200.0, 100.0), (-0.05, 0.0, 200.1, 100.0), (199.0, 99.0, 1.0, 1.0)] {
            assert_eq!(check_box(good, page), Ok(()), "{good:?}");
        }
        for bad in [
            (0.0, 0.0, 0.0, 1.0),
            (0.0, 0.0, 1.0, -1.0),
            (0.0, 0.0, f64::NAN, 1.0),
            (f64::NAN, 0.0, 1.0, 1.0),
            (f64::INFINITY, 0.0, 1.0, 1.0),
            (0.0, 0.0, f64::INFINITY, 1.0),
            (-1.0, 0.0, 1.0, 1.0),
            (0.0, -1.0, 1.0, 1.0),
            (199.5, 0.0, 1.0, 1.0),
            (0.0, 99.5, 1.0, 1.0),
            (1e300, 1e300, 1e300, 1e300),
        ] {
            assert!(check_box(bad, page).is_err(), "{bad:?}");
        }
    }
}
