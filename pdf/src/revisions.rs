//! The difference between a version of a PDF that was signed and the file as it is.
//!
//! What readers do with a changed object depends on the object, so everything is suspect but what a further signature needs: its field, the
//! entry in the form and on the page, and the data to verify signatures later (`DSS`). A field shows whatever its signer likes, so it may
//! only be seen where the signed version has a place for it: an empty signature field, or a mark.

use crate::boxes::{PageView, order_corners};
use crate::document::{inherited_entry, list_pages, read_numbers, resolve_entry};
use crate::forms::is_widget;
use crate::marks::{TextMark, find_marks};
use crate::read_seals::is_absent;
use crate::signature_fields::is_signature_field;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{BTreeSet, HashSet};

/// How deep the data to verify signatures is nested.
const MAX_VALIDATION_DEPTH: usize = 4;
/// How deep a widget is below its field.
const MAX_FIELD_DEPTH: usize = 32;
/// The flags of an annotation that may be shown outside its rectangle: not zoomed, not rotated.
const MOVING_FLAGS: i64 = 0b1_1000;
/// How far a field may reach beyond its mark, in points: positions are rounded.
const MARK_TOLERANCE: f64 = 0.5;

/// Changes after a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LaterChanges {
    /// Nothing that changes the document.
    None,
    /// Data to verify signatures.
    Validation,
    /// Further signatures, and perhaps data to verify them.
    Signatures,
    /// Something else: an example of it.
    Other(String),
}

/// Compares a signed version with the file as it is. `bytes`: those of the signed version. `later`: the fields whose signatures cover more
/// than that version and do not contradict themselves.
pub(crate) fn compare_revisions(
    signed: &Document,
    bytes: &[u8],
    now: &Document,
    later: &HashSet<ObjectId>,
) -> LaterChanges {
    Comparison::new(signed, bytes, now, later).run()
}

struct Comparison<'a> {
    signed: &'a Document,
    bytes: &'a [u8],
    now: &'a Document,
    later: &'a HashSet<ObjectId>,
    /// The marks of the signed version, once they are needed.
    marks: Option<Vec<TextMark>>,
    /// Why something is not permitted, where its number says too little.
    reason: Option<String>,
    /// The catalog, the form and its list of fields, as they were.
    root: Option<ObjectId>,
    form: Option<ObjectId>,
    fields: Option<ObjectId>,
    /// The facts about the document: title, author, times.
    info: Option<ObjectId>,
    /// Lists of data to verify signatures, as they were.
    validation: HashSet<ObjectId>,
    signatures: bool,
    validated: bool,
}

impl<'a> Comparison<'a> {
    fn new(signed: &'a Document, bytes: &'a [u8], now: &'a Document, later: &'a HashSet<ObjectId>) -> Self {
        let root = root_id(signed);
        let catalog = signed.catalog().ok();
        let form = catalog.and_then(|catalog| final_id(signed, catalog.get(b"AcroForm").ok()?));
        let form_dict = catalog.and_then(|catalog| resolve_entry(signed, catalog, b"AcroForm")?.as_dict().ok());
        let fields = form_dict.and_then(|form| final_id(signed, form.get(b"Fields").ok()?));
        let info = signed.trailer.get(b"Info").ok().and_then(|info| info.as_reference().ok());
        let validation = validation_ids(signed);
        Self {
            signed,
            bytes,
            now,
            later,
            marks: None,
            reason: None,
            root,
            form,
            fields,
            info,
            validation,
            signatures: false,
            validated: false,
        }
    }

    fn run(mut self) -> LaterChanges {
        if root_id(self.now) != self.root {
            return LaterChanges::Other("it has another catalog".to_owned());
        }
        if !self.has_same_info() {
            return LaterChanges::Other("it has other document information".to_owned());
        }
        let dangling = self.dangling_references();
        for (id, object) in &self.now.objects {
            let before = self.signed.objects.get(id);
            let permitted = match before {
                Some(before) if before == object || is_structure(before) && is_structure(object) => true,
                Some(before) => self.permit_change(*id, before, object),
                // A new object is reached through a changed one, or through a reference that led nowhere before.
                None => !dangling.contains(id),
            };
            if !permitted {
                return LaterChanges::Other(self.reason.unwrap_or_else(|| format!("object {}", id.0)));
            }
        }
        let removed = self
            .signed
            .objects
            .iter()
            .find(|(id, object)| !self.now.objects.contains_key(*id) && !is_structure(object));
        match (removed, self.signatures, self.validated) {
            (Some((id, _)), ..) => LaterChanges::Other(format!("object {} was removed", id.0)),
            (None, true, _) => LaterChanges::Signatures,
            (None, false, true) => LaterChanges::Validation,
            (None, false, false) => LaterChanges::None,
        }
    }

    /// True if the trailer leads to the same facts about the document, but for when and with what it was written.
    fn has_same_info(&self) -> bool {
        let info = |document: &Document| match resolve_entry(document, &document.trailer, b"Info") {
            None => Some(Dictionary::new()),
            Some(info) => info.as_dict().ok().cloned(),
        };
        match (info(self.signed), info(self.now)) {
            (Some(before), Some(after)) => same_but(&before, &after, &[b"ModDate", b"Producer"]),
            (before, after) => before == after,
        }
    }

    /// References of the signed version to objects that it does not have.
    fn dangling_references(&self) -> BTreeSet<ObjectId> {
        let mut found = BTreeSet::new();
        let mut queue: Vec<&Object> = self.signed.objects.values().collect();
        queue.extend(self.signed.trailer.iter().map(|(_, value)| value));
        while let Some(object) = queue.pop() {
            match object {
                Object::Reference(id) if !self.signed.objects.contains_key(id) => drop(found.insert(*id)),
                Object::Array(array) => queue.extend(array),
                Object::Dictionary(dict) => queue.extend(dict.iter().map(|(_, value)| value)),
                Object::Stream(stream) => queue.extend(stream.dict.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        found
    }

    fn permit_change(&mut self, id: ObjectId, before: &Object, after: &Object) -> bool {
        if self.validation.contains(&id) {
            self.validated = true;
            return true;
        }
        if Some(id) == self.fields || self.is_annotation_list(id) {
            let (Ok(before), Ok(after)) = (before.as_array(), after.as_array()) else { return false };
            return self.permit_list(before, after);
        }
        let (Object::Dictionary(before), Object::Dictionary(after)) = (before, after) else { return false };
        if Some(id) == self.root {
            self.permit_catalog(before, after)
        } else if Some(id) == self.form {
            self.permit_form(before, after)
        } else if Some(id) == self.info {
            same_but(before, after, &[b"ModDate", b"Producer"])
        } else if is_page(before) {
            same_but(before, after, &[b"Annots"]) && self.permit_entry(before, after, b"Annots")
        } else {
            self.permit_signing(id, before, after)
        }
    }

    fn permit_catalog(&mut self, before: &Dictionary, after: &Dictionary) -> bool {
        // The versions of PDF that additions are written in, which change nothing that is shown.
        if !same_but(before, after, &[b"AcroForm", b"DSS", b"Extensions", b"Version"]) {
            return false;
        }
        if before.get(b"DSS").ok() != after.get(b"DSS").ok() {
            self.validated = true;
        }
        let none = Dictionary::new();
        match (before.get(b"AcroForm").ok(), after.get(b"AcroForm").ok()) {
            (before, after) if before == after => true,
            (None | Some(Object::Null), Some(after)) => {
                let after = self.now.dereference(after).ok().and_then(|(_, form)| form.as_dict().ok());
                after.is_some_and(|after| self.permit_form(&none, &after.clone()))
            }
            (Some(Object::Dictionary(before)), Some(after)) => {
                let after = self.now.dereference(after).ok().and_then(|(_, form)| form.as_dict().ok());
                after.is_some_and(|after| self.permit_form(before, &after.clone()))
            }
            _ => false,
        }
    }

    fn permit_form(&mut self, before: &Dictionary, after: &Dictionary) -> bool {
        same_but(before, after, &[b"Fields", b"SigFlags", b"DR", b"DA"])
            // Defaults for fields that there were none of.
            && [b"DR", b"DA"].iter().all(|key| !before.has(*key) || before.get(*key).ok() == after.get(*key).ok())
            && self.permit_entry(before, after, b"Fields")
    }

    /// A list in an entry may be the same, or longer.
    fn permit_entry(&mut self, before: &Dictionary, after: &Dictionary, key: &[u8]) -> bool {
        if before.get(key).ok() == after.get(key).ok() {
            return true;
        }
        let list = |document: &Document, dict: &Dictionary| match resolve_entry(document, dict, key) {
            None => Some(Vec::new()),
            Some(Object::Array(array)) => Some(array.clone()),
            Some(_) => None,
        };
        match (list(self.signed, before), list(self.now, after)) {
            (Some(before), Some(after)) => self.permit_list(&before, &after),
            _ => false,
        }
    }

    /// A list of fields or annotations may have got signature fields at its end.
    fn permit_list(&mut self, before: &[Object], after: &[Object]) -> bool {
        let Some(added) = after.strip_prefix(before) else { return false };
        let permitted = added.iter().all(|object| object.as_reference().is_ok_and(|id| self.permit_field(id)));
        self.signatures |= permitted && !added.is_empty();
        permitted
    }

    /// The field of a later signature, which shows nothing but in the place of a mark.
    fn permit_field(&mut self, id: ObjectId) -> bool {
        let Ok(dict) = self.now.get_dictionary(id) else { return false };
        let entry = |key| resolve_entry(self.now, dict, key);
        let is_field = entry(b"FT".as_slice()).and_then(|kind| kind.as_name().ok()) == Some(b"Sig")
            && entry(b"T".as_slice()).is_some_and(|name| name.as_str().is_ok())
            && [&b"A"[..], b"AA", b"Kids", b"Parent"].iter().all(|key| is_absent(dict.get(key).ok()));
        // An existing field outside the form or the page may be added there when it is signed.
        let known = self.signed.objects.contains_key(&id) && !is_signature_field(self.signed, id);
        if known || !is_field || !is_widget(dict) || !self.later.contains(&id) {
            self.reason = Some(format!("object {} was added to the form or a page and is not a later signature", id.0));
            return false;
        }
        let rectangle = entry(b"Rect".as_slice()).and_then(|rectangle| read_numbers(self.now, rectangle));
        // An empty rectangle is how a field shows nothing: without an appearance, some readers draw one of their own.
        if rectangle.is_some_and(|[left, bottom, right, top]| left == right || bottom == top) {
            return true;
        }
        let before: Vec<ObjectId> =
            list_pages(self.signed).into_iter().filter(|page| has_annotation(self.signed, *page, id)).collect();
        let pages = list_pages(self.now).into_iter().enumerate();
        let pages = pages.filter(|(_, page)| has_annotation(self.now, *page, id));
        let added: Vec<(usize, ObjectId)> = pages.filter(|(_, page)| !before.contains(page)).collect();
        let moved = flags_of(self.now, dict) & MOVING_FLAGS != 0;
        let Some((number, _)) = added.first().copied() else {
            // On a page already, and now in the form.
            self.reason = before.is_empty().then(|| "a visible signature field was added".to_owned());
            return !before.is_empty();
        };
        let in_marks = rectangle.is_some_and(|rectangle| added.iter().all(|page| self.is_in_mark(*page, rectangle)));
        if in_marks && !moved {
            return true;
        }
        self.reason = Some(format!("a visible signature field was added on page {}", number + 1));
        false
    }

    /// True if a rectangle is within a mark of the signed version.
    fn is_in_mark(&mut self, (number, page): (usize, ObjectId), rectangle: [f64; 4]) -> bool {
        let (left, top, width, height) = PageView::for_page(self.signed, page).shown_rect(order_corners(rectangle));
        let marks = self.marks.get_or_insert_with(|| find_marks(self.bytes, "the signed version").unwrap_or_default());
        marks.iter().filter(|mark| mark.page == number).any(|mark| {
            let (x, y, w, h) = mark.place;
            left >= x - MARK_TOLERANCE
                && top >= y - MARK_TOLERANCE
                && left + width <= x + w + MARK_TOLERANCE
                && top + height <= y + h + MARK_TOLERANCE
        })
    }

    /// A signature field that was empty may have been signed, in its place.
    fn permit_signing(&mut self, id: ObjectId, before: &Dictionary, after: &Dictionary) -> bool {
        let permitted = is_signature_field(self.signed, id)
            && inherited_entry(self.signed, id, b"V").is_none()
            && same_but(before, after, &[b"V", b"AP", b"F", b"M", b"DA"])
            && (flags_of(self.signed, before) ^ flags_of(self.now, after)) & MOVING_FLAGS == 0
            && self.field_of(id).is_some_and(|field| self.later.contains(&field));
        self.signatures |= permitted;
        permitted
    }

    /// The field that a widget belongs to; the widget itself, mostly.
    fn field_of(&self, widget: ObjectId) -> Option<ObjectId> {
        let mut node = widget;
        for _ in 0..MAX_FIELD_DEPTH {
            let dict = self.now.get_dictionary(node).ok()?;
            if dict.has(b"T") {
                return Some(node);
            }
            node = dict.get(b"Parent").ok()?.as_reference().ok()?;
        }
        None
    }

    /// True if an object is the list of annotations of a page that has it apart.
    fn is_annotation_list(&self, id: ObjectId) -> bool {
        self.signed.page_iter().take(5_000).any(|page| {
            let list = self.signed.get_dictionary(page).ok().and_then(|page| page.get(b"Annots").ok());
            list.is_some_and(|list| list.as_reference().ok() == Some(id))
        })
    }
}

/// Objects that hold others together, which readers see nothing of.
fn is_structure(object: &Object) -> bool {
    let kind = object.as_stream().ok().and_then(|stream| stream.dict.get(b"Type").ok()?.as_name().ok());
    matches!(kind, Some(b"XRef" | b"ObjStm"))
}

fn is_page(dict: &Dictionary) -> bool {
    dict.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"Page")
}

/// True if a page has an annotation, however many others it has.
fn has_annotation(document: &Document, page: ObjectId, annotation: ObjectId) -> bool {
    let page = document.get_dictionary(page).ok();
    let list = page.and_then(|page| resolve_entry(document, page, b"Annots")?.as_array().ok());
    list.is_some_and(|list| list.contains(&Object::Reference(annotation)))
}

/// The flags of an annotation.
fn flags_of(document: &Document, annotation: &Dictionary) -> i64 {
    resolve_entry(document, annotation, b"F").and_then(|flags| flags.as_i64().ok()).unwrap_or(0)
}

/// True if all but some entries are the same.
fn same_but(before: &Dictionary, after: &Dictionary, keys: &[&[u8]]) -> bool {
    let rest = |dict: &Dictionary| {
        let mut rest: Vec<(Vec<u8>, Object)> = dict
            .iter()
            .filter(|(key, _)| !keys.contains(&key.as_slice()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        rest.sort_by(|a, b| a.0.cmp(&b.0));
        rest
    };
    rest(before) == rest(after)
}

fn root_id(document: &Document) -> Option<ObjectId> {
    document.trailer.get(b"Root").ok()?.as_reference().ok()
}

/// The number of the object that an entry leads to.
fn final_id(document: &Document, object: &Object) -> Option<ObjectId> {
    document.dereference(object).ok()?.0
}

/// The objects of a `DSS` that hold its data together: itself, its lists, and what it has for each signature. One that something else leads
/// to as well is not among them: changing it could change what is shown.
fn validation_ids(document: &Document) -> HashSet<ObjectId> {
    let mut found = HashSet::new();
    let catalog = document.catalog().ok();
    let Some(entry) = catalog.and_then(|catalog| catalog.get(b"DSS").ok()) else { return found };
    let mut queue = vec![(entry, 0)];
    while let Some((object, depth)) = queue.pop() {
        let Ok((id, object)) = document.dereference(object) else { continue };
        let is_container = matches!(object, Object::Dictionary(_) | Object::Array(_));
        if depth > MAX_VALIDATION_DEPTH || !is_container || id.is_some_and(|id| !found.insert(id)) {
            continue;
        }
        match object {
            Object::Dictionary(dict) => queue.extend(dict.iter().map(|(_, value)| (value, depth + 1))),
            Object::Array(array) => queue.extend(array.iter().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    // Objects that are also referred to from outside the set are removed from it, which may expose others.
    loop {
        let before = found.len();
        exclude_shared(document, &mut found);
        if found.len() == before {
            return found;
        }
    }
}

/// Takes out what an object outside leads to; the catalog may lead to it as its `DSS`.
fn exclude_shared(document: &Document, found: &mut HashSet<ObjectId>) {
    let root = root_id(document);
    let outside: Vec<_> = document.objects.iter().filter(|(id, _)| !found.contains(*id)).collect();
    for (id, object) in outside {
        let mut queue = vec![object];
        while let Some(object) = queue.pop() {
            match object {
                Object::Reference(id) => drop(found.remove(id)),
                Object::Array(array) => queue.extend(array),
                Object::Dictionary(dict) | Object::Stream(lopdf::Stream { dict, .. }) => {
                    let of_root = Some(*id) == root;
                    queue.extend(dict.iter().filter(|(key, _)| !(of_root && *key == b"DSS")).map(|(_, value)| value));
                }
                _ => {}
            }
        }
    }
}
