//! The difference between a version of a PDF that was signed and the file as it is.
//!
//! What readers do with a changed object depends on the object, so everything is suspect but what a further signature needs: its field, the
//! entry in the form and on the page, and the data to verify signatures later (`DSS`).

use crate::document::resolve_entry;
use crate::signature_fields::is_signature_field;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{BTreeSet, HashSet};

/// How deep the data to verify signatures is nested.
const MAX_VALIDATION_DEPTH: usize = 4;

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

/// Compares a signed version with the file as it is.
pub(crate) fn compare_revisions(signed: &Document, now: &Document) -> LaterChanges {
    Comparison::new(signed, now).run()
}

struct Comparison<'a> {
    signed: &'a Document,
    now: &'a Document,
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
    fn new(signed: &'a Document, now: &'a Document) -> Self {
        let root = root_id(signed);
        let catalog = signed.catalog().ok();
        let form = catalog.and_then(|catalog| final_id(signed, catalog.get(b"AcroForm").ok()?));
        let form_dict = catalog.and_then(|catalog| resolve_entry(signed, catalog, b"AcroForm")?.as_dict().ok());
        let fields = form_dict.and_then(|form| final_id(signed, form.get(b"Fields").ok()?));
        let info = signed.trailer.get(b"Info").ok().and_then(|info| info.as_reference().ok());
        let validation = validation_ids(signed);
        Self { signed, now, root, form, fields, info, validation, signatures: false, validated: false }
    }

    fn run(mut self) -> LaterChanges {
        if root_id(self.now) != self.root {
            return LaterChanges::Other("it has another catalog".to_owned());
        }
        let dangling = self.dangling_references();
        for (id, object) in &self.now.objects {
            let before = self.signed.objects.get(id);
            let permitted = match before {
                Some(before) if before == object || is_structure(before) && is_structure(object) => true,
                Some(before) => self.permit_change(*id, before, object),
                // What is new is reached by what was changed, or by a reference that led nowhere before.
                None => !dangling.contains(id),
            };
            if !permitted {
                return LaterChanges::Other(format!("object {}", id.0));
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
        let is_new_signature = |object: &Object| {
            let Ok(id) = object.as_reference() else { return false };
            // One that was there, outside the form or the page, may be put there when it is signed.
            let known = self.signed.objects.contains_key(&id) && !is_signature_field(self.signed, id);
            !known && is_signature_field(self.now, id)
        };
        let permitted = added.iter().all(is_new_signature);
        self.signatures |= permitted && !added.is_empty();
        permitted
    }

    /// A signature field may have been signed.
    fn permit_signing(&mut self, id: ObjectId, before: &Dictionary, after: &Dictionary) -> bool {
        let permitted = is_signature_field(self.signed, id)
            && crate::read_seals::is_absent(before.get(b"V").ok())
            && same_but(before, after, &[b"V", b"AP", b"F", b"M", b"DA"]);
        self.signatures |= permitted;
        permitted
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
    // What is led to by something that is not among them any more is not either.
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
