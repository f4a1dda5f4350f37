//! The fields of a PDF's form (AcroForm), as they stand on its pages.

use crate::boxes::order_corners;
use crate::document::{list_pages, read_numbers, resolve_entry};
use crate::text_strings::decode_text;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;

/// How many names a field's name is put together of.
const MAX_NAME_DEPTH: usize = 32;
/// Most annotations of one page.
const MAX_ANNOTATIONS: usize = 10_000;
/// The flags of an annotation that is not shown.
const HIDDEN_FLAGS: i64 = 0b10_0010;

/// A field where it is shown.
#[derive(Debug, Clone)]
pub(crate) struct FieldWidget {
    pub(crate) id: ObjectId,
    /// Index of the page, the first being 0.
    pub(crate) page: usize,
    /// Its whole name: `buyer.name`.
    pub(crate) name: String,
    /// In the page's space.
    pub(crate) rectangle: [f64; 4],
}

/// All of them, page by page.
pub(crate) fn list_widgets(document: &Document) -> Vec<FieldWidget> {
    let mut found = Vec::new();
    for (page, id) in list_pages(document).into_iter().enumerate() {
        for annotation in list_annotations(document, id) {
            let Ok(id) = annotation.as_reference() else { continue };
            let Ok(dict) = document.get_dictionary(id) else { continue };
            let rectangle = resolve_entry(document, dict, b"Rect").and_then(|rect| read_numbers(document, rect));
            if let (true, Some(rectangle)) = (is_widget(dict), rectangle) {
                found.push(FieldWidget {
                    id,
                    page,
                    name: field_name(document, id),
                    rectangle: order_corners(rectangle),
                });
            }
        }
    }
    found
}

/// The annotations of a page as it lists them.
pub(crate) fn list_annotations(document: &Document, page: ObjectId) -> Vec<Object> {
    let listed =
        document.get_dictionary(page).ok().and_then(|page| resolve_entry(document, page, b"Annots")?.as_array().ok());
    listed.map(|all| all.iter().take(MAX_ANNOTATIONS).cloned().collect()).unwrap_or_default()
}

/// True if an annotation is a field.
pub(crate) fn is_widget(dict: &Dictionary) -> bool {
    dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Widget")
}

/// The whole name of a field: `buyer.name`.
pub(crate) fn field_name(document: &Document, field: ObjectId) -> String {
    let (mut parts, mut seen, mut node) = (Vec::new(), HashSet::new(), Some(field));
    while let Some(id) = node.filter(|id| seen.len() < MAX_NAME_DEPTH && seen.insert(*id)) {
        let Ok(dict) = document.get_dictionary(id) else { break };
        parts.extend(resolve_entry(document, dict, b"T").and_then(|t| t.as_str().ok()).map(decode_text));
        node = dict.get(b"Parent").ok().and_then(|parent| parent.as_reference().ok());
    }
    parts.reverse();
    parts.join(".")
}

/// Returns what a field shows now: the object that draws it, and the matrix that puts that into the page's space.
pub(crate) fn field_appearance(document: &Document, widget: &FieldWidget) -> Option<(ObjectId, [f64; 6])> {
    let dict = document.get_dictionary(widget.id).ok()?;
    let flags = resolve_entry(document, dict, b"F").and_then(|f| f.as_i64().ok()).unwrap_or(0);
    if flags & HIDDEN_FLAGS != 0 {
        return None;
    }
    let normal = resolve_entry(document, dict, b"AP")?.as_dict().ok()?.get(b"N").ok()?;
    let mut object = normal;
    if let Ok((_, Object::Dictionary(states))) = document.dereference(normal) {
        object = states.get(resolve_entry(document, dict, b"AS")?.as_name().ok()?).ok()?;
    }
    let id = object.as_reference().ok()?;
    let form = &document.get_object(id).ok()?.as_stream().ok()?.dict;
    let [left, bottom, right, top] = order_corners(read_numbers(document, resolve_entry(document, form, b"BBox")?)?);
    let own = resolve_entry(document, form, b"Matrix").and_then(|m| read_numbers::<6>(document, m));
    let [a, b, c, d, e, f] = own.unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let corners = [(left, bottom), (left, top), (right, bottom), (right, top)];
    let corners = corners.map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
    let least = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (least(|p| p.0), least(|p| p.1));
    let (width, height) = (most(|p| p.0) - x, most(|p| p.1) - y);
    if width <= 0.0 || height <= 0.0 {
        return None;
    }
    let [left, bottom, right, top] = widget.rectangle;
    let (by, up) = ((right - left) / width, (top - bottom) / height);
    Some((id, [by, 0.0, 0.0, up, left - x * by, bottom - y * up]))
}

/// Value of a field, as its form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormValue {
    /// The form does not say what the field shows.
    Unknown,
    /// The field is not shown.
    Hidden,
    /// Text was taken out of the field.
    Cleared,
    Text {
        text: String,
        /// Of a list, which shows other options too.
        is_list: bool,
        /// Shown in a form of its own, such as an amount with its currency.
        is_formatted: bool,
    },
    Ticked,
}

/// The flags of a field whose text is a secret, of one that only runs something, and of a choice that shows one option.
const PASSWORD_FLAG: i64 = 1 << 13;
const PUSH_BUTTON_FLAG: i64 = 1 << 16;
const COMBO_FLAG: i64 = 1 << 17;

/// Reads the value of a field.
pub(crate) fn form_value(document: &Document, widget: &FieldWidget) -> FormValue {
    let Ok(dict) = document.get_dictionary(widget.id) else { return FormValue::Unknown };
    let flags = resolve_entry(document, dict, b"F").and_then(|f| f.as_i64().ok()).unwrap_or(0);
    if flags & HIDDEN_FLAGS != 0 {
        return FormValue::Hidden;
    }
    let field_flags = field_entry(document, widget.id, b"Ff").and_then(|f| f.as_i64().ok()).unwrap_or(0);
    let kind = field_entry(document, widget.id, b"FT").and_then(|kind| kind.as_name().ok());
    let value = field_entry(document, widget.id, b"V");
    match (kind, value) {
        (Some(b"Tx"), _) if field_flags & PASSWORD_FLAG != 0 => FormValue::Unknown,
        (Some(b"Btn"), value) if field_flags & PUSH_BUTTON_FLAG == 0 => {
            // Of several buttons of a field each has its own state.
            let state = resolve_entry(document, dict, b"AS").or(value).and_then(|state| state.as_name().ok());
            state.filter(|state| *state != b"Off").map_or(FormValue::Unknown, |_| FormValue::Ticked)
        }
        // Readers draw the fields of such a form anew, and so one without a value as an empty one.
        (Some(b"Tx" | b"Ch"), None) if needs_appearances(document) => FormValue::Cleared,
        (Some(b"Tx"), Some(value)) => to_text_value(document, widget, text_of(document, value), false),
        (Some(b"Ch"), Some(value)) => {
            let options = field_entry(document, widget.id, b"Opt").and_then(|options| options.as_array().ok());
            let chosen: Vec<String> = match value {
                Object::Array(chosen) => chosen.iter().filter_map(|one| text_of(document, one)).collect(),
                one => text_of(document, one).into_iter().collect(),
            };
            let shown: Vec<String> =
                chosen.into_iter().map(|one| option_label(document, options, &one).unwrap_or(one)).collect();
            let shown = (!shown.is_empty()).then(|| shown.join(", "));
            to_text_value(document, widget, shown, field_flags & COMBO_FLAG == 0)
        }
        _ => FormValue::Unknown,
    }
}

fn to_text_value(document: &Document, widget: &FieldWidget, text: Option<String>, is_list: bool) -> FormValue {
    // A list with nothing chosen shows its options.
    let Some(text) = text else { return if is_list { FormValue::Unknown } else { FormValue::Cleared } };
    let actions = field_entry(document, widget.id, b"AA").and_then(|actions| actions.as_dict().ok());
    FormValue::Text { text, is_list, is_formatted: actions.is_some_and(|actions| actions.has(b"F")) }
}

/// True if the form of a PDF has readers draw its fields anew.
pub(crate) fn needs_appearances(document: &Document) -> bool {
    let form =
        document.catalog().ok().and_then(|catalog| resolve_entry(document, catalog, b"AcroForm")?.as_dict().ok());
    let flag = form.and_then(|form| resolve_entry(document, form, b"NeedAppearances"));
    flag.and_then(|flag| flag.as_bool().ok()).unwrap_or(false)
}

/// An entry of a field, or of the field that it is a part of.
fn field_entry<'d>(document: &'d Document, field: ObjectId, key: &[u8]) -> Option<&'d Object> {
    let (mut seen, mut node) = (HashSet::new(), Some(field));
    while let Some(id) = node.filter(|id| seen.len() < MAX_NAME_DEPTH && seen.insert(*id)) {
        let dict = document.get_dictionary(id).ok()?;
        if let Some(entry) = resolve_entry(document, dict, key) {
            return Some(entry);
        }
        node = dict.get(b"Parent").ok().and_then(|parent| parent.as_reference().ok());
    }
    None
}

fn text_of(document: &Document, value: &Object) -> Option<String> {
    let (_, value) = document.dereference(value).ok()?;
    value.as_str().ok().map(decode_text).filter(|text| !text.is_empty())
}

/// Returns the text shown for an option: the second of a pair.
fn option_label(document: &Document, options: Option<&Vec<Object>>, value: &str) -> Option<String> {
    options?.iter().take(MAX_ANNOTATIONS).find_map(|option| {
        let (_, option) = document.dereference(option).ok()?;
        let [export, label] = option.as_array().ok()?.as_slice() else { return None };
        (text_of(document, export)? == value).then(|| text_of(document, label)).flatten()
    })
}
