//! The places of a PDF that can be filled.

use crate::Refused;
use crate::boxes::{Place, View};
use crate::document::{open, pages};
use crate::forms::{Widget, widgets};
use crate::marks::marks;
use cairn_pdf::{FieldBox, Problem};
use lopdf::Document;

/// Most fields of one PDF.
const MOST: usize = 5_000;

/// A place that can be filled.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Which page, the first being 0.
    pub(crate) page: usize,
    pub(crate) place: Place,
    /// Of the form; `None`: a marked place in the text.
    pub(crate) widget: Option<Widget>,
}

/// Tells them.
pub(crate) fn locate(bytes: &[u8]) -> Result<Vec<FieldBox>, Refused> {
    let document = open(bytes, "file")?;
    let fields = fields(&document, bytes)?;
    Ok(fields
        .into_iter()
        .map(|Field { name, page, place, .. }| {
            // To a hundredth of a point, so that nobody takes noise for a difference.
            let round = |n: f64| (n * 100.0).round() / 100.0;
            let (left, top, width, height) = place;
            let place = (round(left), round(top), round(width), round(height));
            FieldBox { name, page: u32::try_from(page + 1).unwrap_or(u32::MAX), place }
        })
        .collect())
}

/// All of them, as they are read: page by page, from above.
pub(crate) fn fields(document: &Document, bytes: &[u8]) -> Result<Vec<Field>, Refused> {
    let views: Vec<View> = pages(document).into_iter().map(|page| View::of(document, page)).collect();
    let mut fields: Vec<Field> = Vec::new();
    for widget in widgets(document) {
        let (Some(view), false) = (views.get(widget.page), widget.name.is_empty()) else { continue };
        let (name, page, place) = (widget.name.clone(), widget.page, view.place(widget.rectangle));
        fields.push(Field { name, page, place, widget: Some(widget) });
    }
    for mark in marks(bytes, "file")? {
        fields.push(Field { name: mark.name, page: mark.page, place: mark.place, widget: None });
    }
    if fields.len() > MOST {
        return Err(vec![Problem::of(format!("file has more than {MOST} fields"))]);
    }
    fields.sort_by(|a, b| {
        let key = |f: &Field| (f.place.1, f.place.0);
        a.page.cmp(&b.page).then(key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal))
    });
    Ok(fields)
}
