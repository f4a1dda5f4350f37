//! A PDF that somebody sent, as objects.

use crate::reading_cost::{check_nesting, check_page_tree, too_complex};
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, ProblemCode};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::HashSet;

/// Longest that one stream of objects may be unpacked, in bytes.
const MAX_UNPACKED_BYTES: usize = 16 << 20;
/// How many nodes of a tree are above each other.
const MAX_TREE_DEPTH: usize = 64;
/// Most pages of one PDF.
const MAX_PAGES: usize = 5_000;
/// Why a PDF that needs a password is refused.
const ENCRYPTED: &str = "is encrypted and needs a password: save it without one first";

/// Reads one. What everybody can open without a password but is protected against changes is read as any other. `what`: how it is called where
/// it is refused.
pub(crate) fn open_document(bytes: &[u8], what: &str) -> Result<Document, TaskProblems> {
    let refused = |code, why: &str| vec![Problem::of_pdf(code, format!("{what} {why}"))];
    check_nesting(bytes, what)?;
    let options = LoadOptions::with_max_decompressed_size(MAX_UNPACKED_BYTES);
    let document = Document::load_mem_with_options(bytes, options);
    let document = document.map_err(|e| match e {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => refused(ProblemCode::Encrypted, ENCRYPTED),
        lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
            too_complex(what, "its objects unpack to too many bytes")
        }
        e => refused(ProblemCode::Damaged, &format!("cannot be read: {e}")),
    })?;
    if document.is_encrypted() {
        return Err(refused(ProblemCode::Encrypted, ENCRYPTED));
    }
    if document.catalog().is_err() {
        return Err(refused(ProblemCode::Damaged, "cannot be read: it has no catalog"));
    }
    check_page_tree(&document, what)?;
    match document.page_iter().take(MAX_PAGES + 1).count() {
        0 => Err(refused(ProblemCode::NoPages, "has no pages")),
        count if count > MAX_PAGES => {
            Err(refused(ProblemCode::TooManyPages, &format!("has more than {MAX_PAGES} pages")))
        }
        _ => Ok(document),
    }
}

/// Reads one whose bytes have to stay as they are. `why`: what cannot be done with one that is protected against changes.
pub(crate) fn open_unprotected(bytes: &[u8], what: &str, why: &str) -> Result<Document, TaskProblems> {
    let document = open_document(bytes, what)?;
    match document.was_encrypted() {
        true => Err(vec![Problem::of_pdf(
            ProblemCode::Encrypted,
            format!("{what} is protected against changes, so {why}: save it without protection first"),
        )]),
        false => Ok(document),
    }
}

/// Refuses one that is signed: what is done here would break its signatures.
pub(crate) fn require_unsigned(document: &Document, what: &str) -> Result<(), TaskProblems> {
    match document.objects.values().any(is_signature) {
        true => Err(vec![Problem::of_pdf(
            ProblemCode::Signed,
            format!("{what} is signed: changing it would invalidate its signatures"),
        )]),
        false => Ok(()),
    }
}

/// True if an object is a signature.
pub(crate) fn is_signature(object: &Object) -> bool {
    object.as_dict().is_ok_and(|dict| dict.has(b"ByteRange") && dict.has(b"Contents"))
}

/// To a hundredth of a point, so that nobody takes noise for a difference.
pub(crate) fn round_points(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// The pages, from the first to the last.
pub(crate) fn list_pages(document: &Document) -> Vec<ObjectId> {
    document.page_iter().take(MAX_PAGES).collect()
}

/// Resolves an entry of a dictionary; `None` where it is missing or null.
pub(crate) fn resolve_entry<'a>(document: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let (_, object) = document.dereference(dict.get(key).ok()?).ok()?;
    (!object.is_null()).then_some(object)
}

/// An entry of a node, or of the nearest one above it that has one.
pub(crate) fn inherited_entry<'a>(document: &'a Document, node: ObjectId, key: &[u8]) -> Option<&'a Object> {
    let (mut node, mut seen) = (node, HashSet::new());
    while seen.len() < MAX_TREE_DEPTH && seen.insert(node) {
        let dict = document.get_dictionary(node).ok()?;
        if let Some(found) = resolve_entry(document, dict, key) {
            return Some(found);
        }
        node = dict.get(b"Parent").ok()?.as_reference().ok()?;
    }
    None
}

/// Numbers, as many as are asked for.
pub(crate) fn read_numbers<const N: usize>(document: &Document, object: &Object) -> Option<[f64; N]> {
    let array = object.as_array().ok()?;
    let mut numbers = [0.0; N];
    for (place, object) in numbers.iter_mut().zip(array.get(..N)?) {
        let (_, object) = document.dereference(object).ok()?;
        *place = f64::from(object.as_float().ok()?);
    }
    numbers.iter().all(|n| n.is_finite()).then_some(numbers)
}

/// Moves the numbers of all objects, so that they can be put beside those of another.
pub(crate) fn renumber_objects(document: &mut Document, by: u32) -> bool {
    let Some(max) = document.max_id.checked_add(by) else { return false };
    let objects = std::mem::take(&mut document.objects);
    for ((number, generation), mut object) in objects {
        let Some(number) = number.checked_add(by) else { return false };
        shift_references(&mut object, by);
        document.objects.insert((number, generation), object);
    }
    for (_, object) in document.trailer.iter_mut() {
        shift_references(object, by);
    }
    document.max_id = max.max(document.objects.keys().next_back().map_or(0, |id| id.0));
    true
}

fn shift_references(object: &mut Object, by: u32) {
    match object {
        Object::Reference((number, _)) => *number = number.saturating_add(by),
        Object::Array(array) => array.iter_mut().for_each(|object| shift_references(object, by)),
        Object::Dictionary(dict) => dict.iter_mut().for_each(|(_, object)| shift_references(object, by)),
        Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, object)| shift_references(object, by)),
        _ => {}
    }
}

/// Its bytes, without what nothing leads to.
pub(crate) fn save_document(mut document: Document) -> Result<Vec<u8>, TaskProblems> {
    document.prune_objects();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|e| vec![Problem::of(format!("the PDF cannot be written: {e}"))])?;
    Ok(bytes)
}
