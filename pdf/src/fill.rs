//! Fields of a PDF, filled and made a part of its pages.

use crate::boxes::PageView;
use crate::document::{
    inherited_entry, list_pages, open_document, renumber_objects, require_unsigned, resolve_entry, save_document,
};
use crate::field_values::{ShownValue, decide_shown_values, kept_drawing};
use crate::forms::{is_widget, list_annotations};
use crate::locate::{FillableField, find_fields, find_form_fields, is_named};
use crate::overlay::{OverlayContent, OverlayItem, make_overlay};
use crate::task_problems::TaskProblems;
use crate::template_fields::remove_template_fields;
use cairn_pdf_protocol::{Filled, Problem, Value};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Longest content of one page, in bytes.
const MAX_CONTENT_BYTES: usize = 64 << 20;

/// Fills them, and counts the pages. `blobs`: the PDF and the pictures, as values name them.
pub(crate) fn fill_fields(bytes: &[u8], values: &[Filled], blobs: &[&[u8]]) -> Result<(Vec<u8>, u32), TaskProblems> {
    let document = open_document(bytes, "file")?;
    require_unsigned(&document, "file")?;
    let places = find_fields(&document, bytes)?;
    let items = collect_items(&places, values, blobs)?;
    let filled: HashSet<&str> = values.iter().map(|value| value.name.as_str()).collect();
    // The form's fields are flattened; other places show nothing of their own.
    let is_filled = |field: &FillableField| is_named(field) && filled.contains(field.name.as_str());
    let unfilled: Vec<FillableField> =
        find_form_fields(&document).into_iter().filter(|field| !is_filled(field)).collect();
    flatten_document(document, bytes, items, &unfilled)
}

/// Makes items, and what these fields show, a part of the pages; takes all fields off them. `bytes`: those of the document. Returns the file, and
/// counts the pages.
pub(crate) fn flatten_document(
    mut document: Document,
    bytes: &[u8],
    items: Vec<OverlayItem<'_>>,
    unfilled: &[FillableField],
) -> Result<(Vec<u8>, u32), TaskProblems> {
    let shown = decide_shown_values(&document, bytes, unfilled)?;
    let unfilled: Vec<(&FillableField, &ShownValue)> = unfilled.iter().zip(&shown).collect();
    // Below what is put there now.
    let values = unfilled.iter().filter_map(|(field, shown)| draw_value(field, shown));
    let items: Vec<OverlayItem<'_>> = values.chain(items).collect();
    let items = items.as_slice();
    let pages = list_pages(&document);
    let views: Vec<PageView> = pages.iter().map(|page| PageView::for_page(&document, *page)).collect();
    let sizes: Vec<(f64, f64)> = views.iter().map(PageView::shown_size).collect();
    let over = make_overlay(&sizes, items)?;
    let mut drawn = unfilled_drawings(&document, &unfilled);
    overlay_pages(&mut document, over, &views, items, &mut drawn)?;
    for (page, forms) in drawn {
        draw_on_page(&mut document, pages[page], &forms)?;
    }
    for page in &pages {
        without_fields(&mut document, *page);
        remove_template_fields(&mut document, *page);
    }
    if let Ok(catalog) = document.catalog_mut() {
        catalog.remove(b"AcroForm");
    }
    Ok((save_document(document)?, u32::try_from(pages.len()).unwrap_or(u32::MAX)))
}

/// The value of a field that is drawn anew, at the place of the field.
fn draw_value<'a>(field: &FillableField, shown: &'a ShownValue) -> Option<OverlayItem<'a>> {
    let shown = match shown {
        ShownValue::Text(text) => OverlayContent::Text(text),
        ShownValue::Tick => OverlayContent::Tick,
        ShownValue::Drawing | ShownValue::Nothing => return None,
    };
    Some(OverlayItem { page: field.page, place: field.place, shown, cover: false, path: String::new() })
}

/// Collects the items to show, each with its page and place.
fn collect_items<'a>(
    places: &[FillableField],
    values: &'a [Filled],
    blobs: &[&'a [u8]],
) -> Result<Vec<OverlayItem<'a>>, TaskProblems> {
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    for (i, Filled { name, value }) in values.iter().enumerate() {
        let here: Vec<&FillableField> = places.iter().filter(|place| place.name == *name).collect();
        if here.is_empty() {
            problems.push(unknown_field(name, places));
        }
        for FillableField { page, place, is_mark, .. } in here {
            let (path, shown) = (format!("fields[{i}].value"), to_content(value, blobs, name)?);
            items.push(OverlayItem { page: *page, place: *place, shown, cover: *is_mark, path });
        }
    }
    if problems.is_empty() { Ok(items) } else { Err(problems) }
}

/// Converts a value to the content that is shown. `what`: how it is called where it is refused.
pub(crate) fn to_content<'a>(
    value: &'a Value,
    blobs: &[&'a [u8]],
    what: &str,
) -> Result<OverlayContent<'a>, TaskProblems> {
    Ok(match value {
        Value::Text(text) => OverlayContent::Text(text),
        Value::Checked(true) => OverlayContent::Tick,
        Value::Checked(false) => OverlayContent::Nothing,
        Value::Image(number) => match blobs.get(*number) {
            Some(bytes) if bytes.starts_with(b"%PDF") => {
                return Err(vec![Problem::of(format!("{what}: a PDF is not a picture"))]);
            }
            Some(&bytes) if *number > 0 => OverlayContent::Picture(bytes),
            _ => return Err(vec![Problem::of(format!("{what}: picture {number} not found"))]),
        },
    })
}

fn unknown_field(name: &str, places: &[FillableField]) -> Problem {
    let known: BTreeSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
    let known: Vec<&str> = known.into_iter().take(30).collect();
    let hint = match known.is_empty() {
        true => "the PDF has no fields: mark a position with {{sign:buyer}}, or add a form".to_owned(),
        false => format!("available fields: {}", known.join(", ")),
    };
    Problem { hints: vec![hint], ..Problem::of(format!("the PDF has no field {name}")) }
}

/// An object that draws something, and the matrix that puts it into the page's space.
type PlacedDrawing = (ObjectId, [f64; 6]);

/// Returns the drawings of fields that are not filled and show what they have, by page: they stay.
fn unfilled_drawings(
    document: &Document,
    fields: &[(&FillableField, &ShownValue)],
) -> BTreeMap<usize, Vec<PlacedDrawing>> {
    let mut drawn: BTreeMap<usize, Vec<PlacedDrawing>> = BTreeMap::new();
    for (field, shown) in fields {
        if let Some(drawing) = kept_drawing(document, field, shown) {
            drawn.entry(field.page).or_default().push(drawing);
        }
    }
    drawn
}

/// Takes over the pages of another PDF that have something on them, as drawings.
fn overlay_pages(
    document: &mut Document,
    mut over: Document,
    views: &[PageView],
    items: &[OverlayItem<'_>],
    drawn: &mut BTreeMap<usize, Vec<PlacedDrawing>>,
) -> Result<(), TaskProblems> {
    if !renumber_objects(&mut over, document.max_id) {
        return Err(vec![Problem::of("file has object numbers that are too large")]);
    }
    let used: BTreeSet<usize> = items.iter().map(|item| item.page).collect();
    let sheets = list_pages(&over);
    for page in used {
        let (Some(view), Some(sheet)) = (views.get(page), sheets.get(page)) else { continue };
        let (width, height) = view.shown_size();
        let content = over.get_page_content_with_limit(*sheet, MAX_CONTENT_BYTES);
        let content = content.map_err(|e| vec![Problem::of(format!("the new content cannot be drawn: {e}"))])?;
        let mut dict = Dictionary::new();
        dict.set("Type", Object::Name(b"XObject".to_vec()));
        dict.set("Subtype", Object::Name(b"Form".to_vec()));
        dict.set("BBox", vec![0.into(), 0.into(), real_object(width), real_object(height)]);
        if let Some(resources) = inherited_entry(&over, *sheet, b"Resources") {
            dict.set("Resources", resources.clone());
        }
        let mut form = Stream::new(dict, content);
        // Compression that makes the content no shorter leaves it as it was.
        let _ = form.compress();
        let form = over.add_object(form);
        drawn.entry(page).or_default().push((form, view.page_matrix()));
    }
    document.max_id = over.max_id;
    document.objects.append(&mut over.objects);
    Ok(())
}

/// Draws on a page, over what is there.
fn draw_on_page(document: &mut Document, page: ObjectId, drawings: &[PlacedDrawing]) -> Result<(), TaskProblems> {
    let refused = |e: lopdf::Error| vec![Problem::of(format!("a page cannot be changed: {e}"))];
    let own = inherited_entry(document, page, b"Resources").and_then(|r| r.as_dict().ok()).cloned();
    let mut resources = own.unwrap_or_default();
    let mut objects =
        resolve_entry(document, &resources, b"XObject").and_then(|x| x.as_dict().ok()).cloned().unwrap_or_default();
    let mut content = String::from("\nQ\n");
    for (id, matrix) in drawings {
        let free = (0_u32..).map(|n| format!("Cairn{n}")).find(|name| !objects.has(name.as_bytes()));
        let name = free.unwrap_or_default();
        objects.set(name.clone(), *id);
        let [a, b, c, d, e, f] = matrix;
        content.push_str(&format!("q {a:.5} {b:.5} {c:.5} {d:.5} {e:.5} {f:.5} cm /{name} Do Q\n"));
    }
    resources.set("XObject", objects);
    // The page's own content may change the matrix and colours, so it is put between `q` and `Q`.
    let before = document.add_object(Stream::new(Dictionary::new(), b"q\n".to_vec()));
    let after = document.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    let mut contents = vec![Object::Reference(before)];
    contents.extend(document.get_page_contents(page).into_iter().map(Object::Reference));
    contents.push(Object::Reference(after));
    let dict = document.get_dictionary_mut(page).map_err(refused)?;
    dict.set("Resources", resources);
    dict.set("Contents", contents);
    Ok(())
}

/// Takes the fields off a page.
fn without_fields(document: &mut Document, page: ObjectId) {
    let all = list_annotations(document, page);
    let stays = |annotation: &Object| {
        let dict = document.dereference(annotation).ok().and_then(|(_, object)| object.as_dict().ok());
        !dict.is_some_and(is_widget)
    };
    let left: Vec<Object> = all.iter().filter(|annotation| stays(annotation)).cloned().collect();
    if left.len() == all.len() {
        return;
    }
    if let Ok(dict) = document.get_dictionary_mut(page) {
        match left.is_empty() {
            true => drop(dict.remove(b"Annots")),
            false => dict.set("Annots", left),
        }
    }
}

fn real_object(number: f64) -> Object {
    Object::Real(number as f32)
}
