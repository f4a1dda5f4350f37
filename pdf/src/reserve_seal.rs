//! Room for a signature: a signature field with its dictionary, as an incremental update.

use crate::boxes::PageView;
use crate::document::{inherited_entry, list_pages, open_unprotected, renumber_objects, resolve_entry};
use crate::forms::needs_appearances;
use crate::incremental::{IncrementalUpdate, RawObject};
use crate::locate::{FillableField, find_fields};
use crate::overlay::{OverlayContent, OverlayItem, make_overlay};
use crate::signature_fields::{document_permissions, has_xfa, is_signature_field, list_signature_fields};
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, SealPlace};
use chrono::DateTime;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, Writer};
use std::collections::BTreeSet;

/// Smallest and largest room for a signature, in bytes.
const ROOM: std::ops::RangeInclusive<u32> = 1_000..=200_000;
/// Largest file, in bytes: the numbers of a `ByteRange` get ten digits.
const MAX_FILE_BYTES: usize = 1 << 30;
/// Longest content of the page that shows a signature, in bytes.
const MAX_CONTENT_BYTES: usize = 1 << 20;
/// Room for the numbers of the `ByteRange`.
const BYTE_RANGE_DIGITS: &str = "[0 0000000000 0000000000 0000000000]";
/// Flags of an annotation: printed, and locked.
const PRINTED_AND_LOCKED: i64 = 4 | 128;

/// Adds the field. Returns the file, and where the room begins and ends in it: its `ByteRange` is all the rest.
pub(crate) fn reserve_seal(bytes: &[u8], place: &SealPlace) -> Result<(Vec<u8>, (u64, u64)), TaskProblems> {
    let refused = |why: &str| Err(vec![Problem::of(why)]);
    if bytes.len() > MAX_FILE_BYTES || !ROOM.contains(&place.room) {
        return refused("file or signature is too large");
    }
    let document = open_unprotected(bytes, "file", "it cannot be sealed as it is")?;
    if has_xfa(&document) {
        return refused("file has an XFA form: readers may show other content than what is signed");
    }
    if needs_appearances(&document) {
        return refused(
            "file has a form whose fields readers draw anew (NeedAppearances), so they may show other content than what is signed: \
             flatten it with fill first",
        );
    }
    if document_permissions(&document) == Some(1) {
        return refused("file has a final seal: changes are not permitted (DocMDP 1)");
    }
    let fields = list_signature_fields(&document);
    if place.final_seal && fields.iter().any(|field| field.signature.is_some()) {
        return refused("file is signed already: a final seal must be its first signature");
    }
    let mut update = IncrementalUpdate::new(bytes, &document)?;
    let signature = update.new_id();
    let named = place.field.as_deref().map(|name| (name, fields.iter().find(|field| field.name == name)));
    match named {
        Some((name, Some(field))) if field.signature.is_some() => {
            return refused(&format!("the field {name} is signed already"));
        }
        Some((_, Some(field))) => {
            let mut dict = update.dictionary(field.id).unwrap_or_default();
            dict.set("V", signature);
            update.set(field.id, dict);
            add_to_form(&document, &mut update, None)?;
        }
        Some((name, None)) => {
            let places = find_fields(&document, bytes)?;
            let at =
                places.iter().find(|field| field.name == name).ok_or_else(|| vec![unknown_field(name, &places)])?;
            let taken = fields.iter().map(|field| field.name.as_str()).chain(places.iter().map(|f| f.name.as_str()));
            let name = free_name(taken);
            let visible = visible_widget(&document, &mut update, at, place)?;
            add_field(&document, &mut update, at.page, visible, &name, signature)?;
        }
        None => {
            let name = free_name(all_field_names(&document, &fields).iter().map(String::as_str));
            let mut invisible = Dictionary::new();
            invisible.set("Rect", vec![0.into(), 0.into(), 0.into(), 0.into()]);
            add_field(&document, &mut update, 0, invisible, &name, signature)?;
        }
    }
    if place.final_seal {
        certify(&document, &mut update, signature)?;
    }
    let (dictionary, range_at, room_at) = signature_dictionary(place)?;
    let room = place.room as usize * 2 + 2;
    let (mut file, at) = update.write(RawObject { id: signature, bytes: dictionary })?;
    let (start, end) = (at + room_at, at + room_at + room);
    let range = format!("[0 {start} {end} {}]", file.len() - end);
    let range = format!("{range:<width$}", width = BYTE_RANGE_DIGITS.len());
    let hole = file.get_mut(at + range_at..at + range_at + range.len());
    hole.ok_or_else(|| vec![Problem::of("the PDF cannot be written")])?.copy_from_slice(range.as_bytes());
    Ok((file, (start as u64, end as u64)))
}

/// The dictionary of the signature, and where in it the `ByteRange` and the room begin.
fn signature_dictionary(place: &SealPlace) -> Result<(Vec<u8>, usize, usize), TaskProblems> {
    let failed = |e: std::io::Error| vec![Problem::of(format!("the PDF cannot be written: {e}"))];
    let at = DateTime::from_timestamp_millis(place.at).ok_or_else(|| vec![Problem::of("the time is not one")])?;
    let mut bytes = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached".to_vec();
    let time = Object::string_literal(at.format("D:%Y%m%d%H%M%SZ").to_string());
    let texts = [
        ("/M", Some(time)),
        ("/Name", Some(text_string(&place.name))),
        ("/Reason", Some(text_string(&place.reason))),
        ("/Location", place.location.as_deref().map(text_string)),
    ];
    for (key, value) in texts {
        let Some(value) = value else { continue };
        bytes.extend_from_slice(key.as_bytes());
        Writer::write_object(&mut bytes, &value).map_err(failed)?;
    }
    if place.final_seal {
        bytes.extend_from_slice(
            b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]",
        );
    }
    bytes.extend_from_slice(b"/ByteRange");
    let range_at = bytes.len();
    bytes.extend_from_slice(BYTE_RANGE_DIGITS.as_bytes());
    bytes.extend_from_slice(b"/Contents");
    let room_at = bytes.len();
    bytes.push(b'<');
    bytes.resize(bytes.len() + place.room as usize * 2, b'0');
    bytes.extend_from_slice(b">>>");
    Ok((bytes, range_at, room_at))
}

/// A text as a PDF has it: ASCII as it is, anything else as UTF-16.
fn text_string(text: &str) -> Object {
    match text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        true => Object::string_literal(text),
        false => {
            let units = text.encode_utf16().flat_map(u16::to_be_bytes);
            Object::String([0xfe, 0xff].into_iter().chain(units).collect(), StringFormat::Hexadecimal)
        }
    }
}

/// Adds a new field with its widget to the form and to a page.
fn add_field(
    document: &Document,
    update: &mut IncrementalUpdate<'_>,
    page: usize,
    mut widget: Dictionary,
    name: &str,
    signature: ObjectId,
) -> Result<(), TaskProblems> {
    let page = list_pages(document).get(page).copied().ok_or_else(|| vec![Problem::of("file has no pages")])?;
    widget.set("Type", Object::Name(b"Annot".to_vec()));
    widget.set("Subtype", Object::Name(b"Widget".to_vec()));
    widget.set("FT", Object::Name(b"Sig".to_vec()));
    widget.set("T", Object::string_literal(name));
    widget.set("F", PRINTED_AND_LOCKED);
    widget.set("P", page);
    widget.set("V", signature);
    let widget = update.add(widget);
    let mut dict = update.dictionary(page).ok_or_else(|| vec![Problem::of("file has a page that is not one")])?;
    if !update.append(&mut dict, "Annots", widget) {
        return Err(vec![Problem::of("file has a page whose annotations cannot be read")]);
    }
    update.set(page, dict);
    add_to_form(document, update, Some(widget))
}

/// Has the form say that there are signatures, and adds a new field to it.
fn add_to_form(
    document: &Document,
    update: &mut IncrementalUpdate<'_>,
    field: Option<ObjectId>,
) -> Result<(), TaskProblems> {
    let damaged = || vec![Problem::of("file has a form that cannot be read")];
    let (root, mut catalog) = root_dictionary(document, update)?;
    let (id, mut form) = match catalog.get(b"AcroForm") {
        Err(_) | Ok(Object::Null) => (None, Dictionary::new()),
        Ok(Object::Dictionary(form)) => (None, form.clone()),
        Ok(Object::Reference(id)) => (Some(*id), update.dictionary(*id).ok_or_else(damaged)?),
        Ok(_) => return Err(damaged()),
    };
    if let Some(field) = field
        && !update.append(&mut form, "Fields", field)
    {
        return Err(damaged());
    }
    form.set("SigFlags", 3);
    match id {
        Some(id) => update.set(id, form),
        None => {
            catalog.set("AcroForm", form);
            update.set(root, catalog);
        }
    }
    Ok(())
}

/// Has the document forbid later changes.
fn certify(document: &Document, update: &mut IncrementalUpdate<'_>, signature: ObjectId) -> Result<(), TaskProblems> {
    let (root, mut catalog) = root_dictionary(document, update)?;
    let known = resolve_entry(document, &catalog, b"Perms").and_then(|perms| perms.as_dict().ok()).cloned();
    let mut permissions = known.unwrap_or_default();
    permissions.set("DocMDP", signature);
    catalog.set("Perms", permissions);
    update.set(root, catalog);
    Ok(())
}

fn root_dictionary(
    document: &Document,
    update: &IncrementalUpdate<'_>,
) -> Result<(ObjectId, Dictionary), TaskProblems> {
    let root = document.trailer.get(b"Root").ok().and_then(|root| root.as_reference().ok());
    let found = root.and_then(|root| Some((root, update.dictionary(root)?)));
    found.ok_or_else(|| vec![Problem::of("file cannot be read: it has no catalog")])
}

fn all_field_names(document: &Document, fields: &[crate::signature_fields::SignatureField]) -> Vec<String> {
    let widgets = crate::forms::list_widgets(document).into_iter().map(|widget| widget.name);
    widgets.chain(fields.iter().map(|field| field.name.clone())).collect()
}

/// A name that no field has: `Seal1`, `Seal2`, ….
fn free_name<'a>(taken: impl Iterator<Item = &'a str>) -> String {
    let taken: BTreeSet<&str> = taken.collect();
    (1_u32..).map(|n| format!("Seal{n}")).find(|name| !taken.contains(name.as_str())).unwrap_or_default()
}

fn unknown_field(name: &str, places: &[FillableField]) -> Problem {
    let known: BTreeSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
    let known: Vec<&str> = known.into_iter().take(30).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Problem { hints: vec![format!("available fields: {known}")], ..Problem::of(format!("the PDF has no field {name}")) }
}

/// A widget in the place of a field, which shows the signer, the reason and the time.
fn visible_widget(
    document: &Document,
    update: &mut IncrementalUpdate<'_>,
    at: &FillableField,
    place: &SealPlace,
) -> Result<Dictionary, TaskProblems> {
    if at.widget.as_ref().is_some_and(|widget| is_signature_field(document, widget.id)) {
        return Err(vec![Problem::of(format!("the signature field {} is not part of the form", at.name))]);
    }
    let page = list_pages(document).get(at.page).copied().ok_or_else(|| vec![Problem::of("file has no pages")])?;
    let view = PageView::for_page(document, page);
    let (left, top, width, height) = at.place;
    let time = DateTime::from_timestamp_millis(place.at).map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let text = [Some(place.name.as_str()), Some(place.reason.as_str()), time.as_deref()];
    let text = text.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let item = OverlayItem {
        page: 0,
        place: (0.0, 0.0, width, height),
        shown: OverlayContent::Text(&text),
        cover: true,
        path: String::new(),
    };
    let mut drawn = make_overlay(&[(width.max(1.0), height.max(1.0))], &[item])?;
    if !renumber_objects(&mut drawn, update.next_number()) {
        return Err(vec![Problem::of("file has object numbers that are too large")]);
    }
    let sheet = list_pages(&drawn).first().copied().ok_or_else(|| vec![Problem::of("the seal cannot be drawn")])?;
    let content = drawn.get_page_content_with_limit(sheet, MAX_CONTENT_BYTES);
    let content = content.map_err(|e| vec![Problem::of(format!("the seal cannot be drawn: {e}"))])?;
    let mut form = Dictionary::new();
    form.set("Type", Object::Name(b"XObject".to_vec()));
    form.set("Subtype", Object::Name(b"Form".to_vec()));
    form.set("BBox", [0.0, 0.0, width, height].map(|n| Object::Real(n as f32)).to_vec());
    if let Some(resources) = inherited_entry(&drawn, sheet, b"Resources") {
        form.set("Resources", resources.clone());
    }
    let form = Object::Stream(Stream::new(form, content));
    let mut wanted = references_of(&form);
    let mut taken = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        let Ok(object) = drawn.get_object(id) else { continue };
        // The page that the drawing was on is not copied.
        if id != sheet && taken.insert(id) {
            wanted.extend(references_of(object));
            update.set(id, object.clone());
        }
    }
    let form = update.add(form);
    let rectangle = view.page_rect((left, top, width, height));
    let mut appearance = Dictionary::new();
    appearance.set("N", form);
    let mut widget = Dictionary::new();
    widget.set("Rect", rectangle.map(|n| Object::Real(n as f32)).to_vec());
    widget.set("AP", appearance);
    Ok(widget)
}

fn references_of(object: &Object) -> Vec<ObjectId> {
    let (mut queue, mut found) = (vec![object], Vec::new());
    while let Some(object) = queue.pop() {
        match object {
            Object::Reference(id) => found.push(*id),
            Object::Array(array) => queue.extend(array),
            Object::Dictionary(dict) => queue.extend(dict.iter().map(|(_, value)| value)),
            Object::Stream(stream) => queue.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found
}
