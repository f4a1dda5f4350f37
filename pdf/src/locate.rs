//! The places of a PDF that can be filled.

use crate::TaskProblems;
use crate::boxes::{PageView, ShownRect};
use crate::document::{list_pages, open_document};
use crate::forms::{FieldWidget, list_widgets};
use crate::marks::find_marks;
use cairn_pdf_protocol::{FieldBox, Problem};
use lopdf::Document;

/// Most fields of one PDF.
const MAX_FIELDS: usize = 5_000;

/// A place that can be filled.
#[derive(Debug, Clone)]
pub(crate) struct FillableField {
    pub(crate) name: String,
    /// Which page, the first being 0.
    pub(crate) page: usize,
    pub(crate) place: ShownRect,
    /// Of the form; `None`: a marked place in the text.
    pub(crate) widget: Option<FieldWidget>,
}

/// Finds the fields that can be filled, page by page, with positions rounded to a hundredth of a point.
pub(crate) fn locate_fields(bytes: &[u8]) -> Result<Vec<FieldBox>, TaskProblems> {
    let document = open_document(bytes, "file")?;
    let fields = find_fields(&document, bytes)?;
    Ok(fields
        .into_iter()
        .map(|FillableField { name, page, place, .. }| {
            // To a hundredth of a point, so that nobody takes noise for a difference.
            let round = |n: f64| (n * 100.0).round() / 100.0;
            let (left, top, width, height) = place;
            let place = (round(left), round(top), round(width), round(height));
            FieldBox { name, page: u32::try_from(page + 1).unwrap_or(u32::MAX), place }
        })
        .collect())
}

/// All of them, as they are read: page by page, from above.
pub(crate) fn find_fields(document: &Document, bytes: &[u8]) -> Result<Vec<FillableField>, TaskProblems> {
    let views: Vec<PageView> =
        list_pages(document).into_iter().map(|page| PageView::for_page(document, page)).collect();
    let mut fields: Vec<FillableField> = Vec::new();
    for widget in list_widgets(document) {
        let (Some(view), false) = (views.get(widget.page), widget.name.is_empty()) else { continue };
        let (name, page, place) = (widget.name.clone(), widget.page, view.shown_rect(widget.rectangle));
        fields.push(FillableField { name, page, place, widget: Some(widget) });
    }
    for mark in find_marks(bytes, "file")? {
        fields.push(FillableField { name: mark.name, page: mark.page, place: mark.place, widget: None });
    }
    if fields.len() > MAX_FIELDS {
        return Err(vec![Problem::of(format!("file has more than {MAX_FIELDS} fields"))]);
    }
    fields.sort_by(|a, b| {
        let key = |f: &FillableField| (f.place.1, f.place.0);
        a.page.cmp(&b.page).then(key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal))
    });
    Ok(fields)
}
