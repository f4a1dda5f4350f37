//! The places of a PDF that can be filled.

use crate::boxes::{PageView, ShownRect};
use crate::document::{list_pages, open_document, round_points};
use crate::forms::{FieldWidget, list_widgets};
use crate::marks::find_marks;
use crate::reading_cost::check_drawing_cost;
use crate::task_problems::TaskProblems;
use crate::template_fields::{NAME_SIGN, list_template_fields};
use cairn_pdf_protocol::{FieldBox, Problem};
use lopdf::Document;

/// Most fields of one PDF.
const MAX_FIELDS: usize = 5_000;

/// A place that can be filled.
#[derive(Debug, Clone)]
pub(crate) struct FillableField {
    pub(crate) name: String,
    /// Index of the page, the first being 0.
    pub(crate) page: usize,
    pub(crate) place: ShownRect,
    /// Of the form; `None`: a mark, or a field of a template.
    pub(crate) widget: Option<FieldWidget>,
    /// True if the place is marked by text, which is covered.
    pub(crate) is_mark: bool,
}

/// Finds the fields that can be filled, page by page, with positions rounded to a hundredth of a point.
pub(crate) fn locate_fields(bytes: &[u8]) -> Result<Vec<FieldBox>, TaskProblems> {
    let document = open_document(bytes, "file")?;
    let fields = find_fields(&document, bytes)?;
    Ok(fields
        .into_iter()
        .map(|FillableField { name, page, place, .. }| {
            let (left, top, width, height) = place;
            let place = (round_points(left), round_points(top), round_points(width), round_points(height));
            FieldBox { name, page: u32::try_from(page + 1).unwrap_or(u32::MAX), place }
        })
        .collect())
}

/// Those of the form, page by page; some have no name.
pub(crate) fn find_form_fields(document: &Document) -> Vec<FillableField> {
    let views: Vec<PageView> =
        list_pages(document).into_iter().map(|page| PageView::for_page(document, page)).collect();
    let to_field = |widget: FieldWidget| {
        let (name, page, view) = (widget.name.clone(), widget.page, views.get(widget.page)?);
        Some(FillableField {
            name,
            page,
            place: view.shown_rect(widget.rectangle),
            widget: Some(widget),
            is_mark: false,
        })
    };
    list_widgets(document).into_iter().filter_map(to_field).collect()
}

/// True if a field of a form can be filled by its name. Nobody's form has fields of a template.
pub(crate) fn is_named(field: &FillableField) -> bool {
    !field.name.is_empty() && !field.name.starts_with(NAME_SIGN)
}

/// All of them, as they are read: page by page, from above.
pub(crate) fn find_fields(document: &Document, bytes: &[u8]) -> Result<Vec<FillableField>, TaskProblems> {
    let mut fields = find_form_fields(document);
    fields.retain(is_named);
    fields.extend(list_template_fields(document));
    check_drawing_cost(document, &list_pages(document), "file")?;
    for mark in find_marks(bytes, "file")? {
        fields.push(FillableField { name: mark.name, page: mark.page, place: mark.place, widget: None, is_mark: true });
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
