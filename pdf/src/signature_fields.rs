//! The signature fields of a PDF, and what it permits to be changed.

use crate::document::{inherited_entry, list_pages, resolve_entry};
use crate::forms::{field_name, list_annotations};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;

/// Most fields of a form that are looked at.
const MAX_FIELDS: usize = 20_000;

/// A signature field.
#[derive(Debug, Clone)]
pub(crate) struct SignatureField {
    pub(crate) id: ObjectId,
    /// Its whole name.
    pub(crate) name: String,
    /// Its signature, if it is signed.
    pub(crate) signature: Option<Dictionary>,
}

/// All of them, of the form and of the pages.
pub(crate) fn list_signature_fields(document: &Document) -> Vec<SignatureField> {
    let mut queue: Vec<ObjectId> = Vec::new();
    let form =
        document.catalog().ok().and_then(|catalog| resolve_entry(document, catalog, b"AcroForm")?.as_dict().ok());
    queue.extend(form.map(|form| references(document, form, b"Fields")).unwrap_or_default());
    for page in list_pages(document) {
        queue.extend(list_annotations(document, page).iter().filter_map(|annotation| annotation.as_reference().ok()));
    }
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let mut next = 0;
    while let Some(id) = queue.get(next).copied() {
        next += 1;
        if seen.len() >= MAX_FIELDS || !seen.insert(id) {
            continue;
        }
        let Ok(dict) = document.get_dictionary(id) else { continue };
        queue.extend(references(document, dict, b"Kids"));
        if is_signature_field(document, id) && dict.has(b"T") {
            let signature = resolve_entry(document, dict, b"V").and_then(|value| value.as_dict().ok()).cloned();
            found.push(SignatureField { id, name: field_name(document, id), signature });
        }
    }
    found
}

/// True if an object is a field for signatures.
pub(crate) fn is_signature_field(document: &Document, id: ObjectId) -> bool {
    inherited_entry(document, id, b"FT").and_then(|kind| kind.as_name().ok()) == Some(b"Sig")
}

fn references(document: &Document, dict: &Dictionary, key: &[u8]) -> Vec<ObjectId> {
    let array = resolve_entry(document, dict, key).and_then(|array| array.as_array().ok());
    array.into_iter().flatten().take(MAX_FIELDS).filter_map(|object| object.as_reference().ok()).collect()
}

/// The changes that a certified document permits: 1 none, 2 filling in and signing, 3 comments too. `None`: it is not certified.
pub(crate) fn document_permissions(document: &Document) -> Option<i64> {
    let catalog = document.catalog().ok()?;
    let permissions = resolve_entry(document, catalog, b"Perms")?.as_dict().ok()?;
    let signature = resolve_entry(document, permissions, b"DocMDP")?.as_dict().ok()?;
    signature_permissions(document, signature).or(Some(2))
}

/// The changes that a signature permits, if it says so.
pub(crate) fn signature_permissions(document: &Document, signature: &Dictionary) -> Option<i64> {
    let references = resolve_entry(document, signature, b"Reference")?.as_array().ok()?;
    references.iter().take(10).find_map(|reference| {
        let reference = document.dereference(reference).ok()?.1.as_dict().ok()?;
        let method = resolve_entry(document, reference, b"TransformMethod")?.as_name().ok()?;
        if method != b"DocMDP" {
            return None;
        }
        let parameters = resolve_entry(document, reference, b"TransformParams").and_then(|p| p.as_dict().ok());
        Some(parameters.and_then(|p| resolve_entry(document, p, b"P")?.as_i64().ok()).unwrap_or(2))
    })
}

/// True if a document has a form in XFA, beside which a signature says little about what readers show.
pub(crate) fn has_xfa(document: &Document) -> bool {
    let form =
        document.catalog().ok().and_then(|catalog| resolve_entry(document, catalog, b"AcroForm")?.as_dict().ok());
    form.is_some_and(|form| form.get(b"XFA").is_ok_and(|xfa| !matches!(xfa, Object::Null)))
}
