//! Fields that a template places with `field` of `/cairn.typ`. No text makes one, whatever people write into it: a field is an element of the
//! template with a label, and the file has it in a part that is no text either, the private data of its page (`PieceInfo`).

use crate::boxes::PageView;
use crate::document::{list_pages, read_numbers, resolve_entry};
use crate::incremental::{IncrementalUpdate, RawObject};
use crate::locate::FillableField;
use crate::task_problems::TaskProblems;
use crate::text_strings::decode_text;
use cairn_pdf_protocol::Problem;
use chrono::DateTime;
use lopdf::{Dictionary, Document, Object, ObjectId, Writer, text_string};
use std::collections::BTreeMap;
use typst::foundations::{Label, Selector, Value};
use typst::introspection::{Introspector, MetadataElem};
use typst::utils::PicoStr;
use typst_layout::PagedDocument;

/// Path and source of what templates import.
pub(crate) const LIBRARY_PATH: &str = "/cairn.typ";
pub(crate) const LIBRARY: &str = include_str!("cairn.typ");
/// Sign that the names of these fields begin with when they are located. No mark has it, and fields of a form that do are none that can be filled.
pub(crate) const NAME_SIGN: char = '#';
/// Label of an element that is a field.
const FIELD_LABEL: &str = "cairn-field";
/// Most fields of one PDF.
const MAX_FIELDS: usize = 5_000;
/// Longest name, in letters.
const MAX_NAME_LETTERS: usize = 200;
/// Keys of a page's private data.
const PIECES: &[u8] = b"PieceInfo";
const OWN_PIECE: &[u8] = b"Cairn";

/// A field that a template has placed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TemplateField {
    name: String,
    /// Index of the page, the first being 0.
    page: usize,
    /// Left, top, width and height in points, from the upper left corner.
    place: (f64, f64, f64, f64),
}

/// The fields of a document, as they were set.
pub(crate) fn collect_fields(document: &PagedDocument) -> Result<Vec<TemplateField>, TaskProblems> {
    let Some(label) = Label::new(PicoStr::intern(FIELD_LABEL)) else { return Ok(Vec::new()) };
    let introspector = document.introspector();
    let elements = introspector.query(&Selector::Label(label));
    if elements.len() > MAX_FIELDS {
        return Err(vec![Problem::of(format!("the template has more than {MAX_FIELDS} fields"))]);
    }
    let mut fields = Vec::with_capacity(elements.len());
    for element in &elements {
        let data = element.to_packed::<MetadataElem>().map(|data| &data.value);
        let position = element.location().and_then(|location| introspector.position(location));
        let (Some(Value::Dict(data)), Some(position)) = (data, position) else { continue };
        let Ok(Value::Str(name)) = data.get("name") else {
            return Err(vec![Problem::of("the name of a field must be a text: #field(\"sign:1\")")]);
        };
        let is_name = |name: &str| {
            !name.trim().is_empty() && name.chars().count() <= MAX_NAME_LETTERS && !name.contains(char::is_control)
        };
        if !is_name(name) {
            return Err(vec![Problem::of(format!("the name of a field has 1 to {MAX_NAME_LETTERS} letters: {name}"))]);
        }
        let length = |key: &str| match data.get(key) {
            Ok(Value::Float(points)) => *points,
            _ => f64::NAN,
        };
        let (width, height) = (length("width"), length("height"));
        let is_size = |points: f64| points.is_finite() && points > 0.0;
        if !is_size(width) || !is_size(height) {
            let message = format!("the field {name} has no size: give it a width and a height, such as 170pt and 48pt");
            return Err(vec![Problem::of(message)]);
        }
        let place = (position.point.x.to_pt(), position.point.y.to_pt(), width, height);
        fields.push(TemplateField { name: name.as_str().to_owned(), page: position.page.get() - 1, place });
    }
    Ok(fields)
}

/// Adds the fields to the PDF that was made of their document; one without fields stays as it is.
pub(crate) fn write_fields(pdf: Vec<u8>, fields: &[TemplateField], at: i64) -> Result<Vec<u8>, TaskProblems> {
    if fields.is_empty() {
        return Ok(pdf);
    }
    let failed = |why: String| vec![Problem::of(format!("the fields of the template cannot be written: {why}"))];
    let document = Document::load_mem(&pdf).map_err(|e| failed(e.to_string()))?;
    let (pages, mut update) = (list_pages(&document), IncrementalUpdate::new(&pdf, &document)?);
    let mut by_page: BTreeMap<usize, Vec<&TemplateField>> = BTreeMap::new();
    for field in fields {
        by_page.entry(field.page).or_default().push(field);
    }
    let time = DateTime::from_timestamp_millis(at).unwrap_or_default().format("D:%Y%m%d%H%M%SZ").to_string();
    let mut changed: Vec<(ObjectId, Dictionary)> = Vec::new();
    for (page, fields) in by_page {
        let id = *pages.get(page).ok_or_else(|| failed(format!("there is no page {}", page + 1)))?;
        let mut dict = update.dictionary(id).ok_or_else(|| failed(format!("page {} is missing", page + 1)))?;
        let view = PageView::for_page(&document, id);
        let listed: Vec<Object> = fields.into_iter().map(|field| to_object(field, &view)).collect();
        let mut private = Dictionary::new();
        private.set("Fields", listed);
        let mut piece = Dictionary::new();
        piece.set("LastModified", Object::string_literal(time.clone()));
        piece.set("Private", private);
        let mut pieces = Dictionary::new();
        pieces.set(OWN_PIECE, piece);
        dict.set(PIECES, pieces);
        dict.set("LastModified", Object::string_literal(time.clone()));
        changed.push((id, dict));
    }
    let Some((last, last_page)) = changed.pop() else { return Ok(pdf) };
    for (id, dict) in changed {
        update.set(id, dict);
    }
    let mut bytes = Vec::new();
    Writer::write_object(&mut bytes, &Object::Dictionary(last_page)).map_err(|e| failed(e.to_string()))?;
    Ok(update.write(RawObject { id: last, bytes })?.0)
}

fn to_object(field: &TemplateField, view: &PageView) -> Object {
    let mut dict = Dictionary::new();
    dict.set("Name", text_string(&field.name));
    dict.set("Rect", view.page_rect(field.place).map(|n| Object::Real(n as f32)).to_vec());
    Object::Dictionary(dict)
}

/// The fields that a template has placed on the pages of a PDF.
pub(crate) fn list_template_fields(document: &Document) -> Vec<FillableField> {
    let mut found = Vec::new();
    for (page, id) in list_pages(document).into_iter().enumerate() {
        let listed = document.get_dictionary(id).ok().and_then(|page| listed_fields(document, page));
        let Some(listed) = listed else { continue };
        let view = PageView::for_page(document, id);
        found.extend(listed.iter().take(MAX_FIELDS).filter_map(|field| {
            let field = document.dereference(field).ok()?.1.as_dict().ok()?;
            let name = decode_text(resolve_entry(document, field, b"Name")?.as_str().ok()?);
            let place = view.shown_rect(read_numbers(document, resolve_entry(document, field, b"Rect")?)?);
            Some(FillableField { name: format!("{NAME_SIGN}{name}"), page, place, widget: None, is_mark: false })
        }));
    }
    found
}

fn listed_fields<'d>(document: &'d Document, page: &'d Dictionary) -> Option<&'d Vec<Object>> {
    let pieces = resolve_entry(document, page, PIECES)?.as_dict().ok()?;
    let own = resolve_entry(document, pieces, OWN_PIECE)?.as_dict().ok()?;
    let private = resolve_entry(document, own, b"Private")?.as_dict().ok()?;
    resolve_entry(document, private, b"Fields")?.as_array().ok()
}

/// Takes the fields of templates off a page.
pub(crate) fn remove_template_fields(document: &mut Document, page: ObjectId) {
    let pieces = document.get_dictionary(page).ok().and_then(|dict| resolve_entry(document, dict, PIECES));
    let Some(mut pieces) = pieces.and_then(|pieces| pieces.as_dict().ok()).cloned() else { return };
    if pieces.remove(OWN_PIECE).is_none() {
        return;
    }
    if let Ok(dict) = document.get_dictionary_mut(page) {
        match pieces.is_empty() {
            true => drop(dict.remove(PIECES)),
            false => dict.set(PIECES, pieces),
        }
    }
}
