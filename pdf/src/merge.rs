//! PDFs one after another.
//!
//! Pages come with their contents, links and form fields. What speaks of a file as a whole (its outline, its structure for screen readers,
//! what standard it keeps) does not: it would be wrong of the new one.

use crate::document::{
    inherited_entry, list_pages, open_document, renumber_objects, require_unsigned, resolve_entry, save_document,
};
use crate::forms::needs_appearances;
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::Problem;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;

/// Keys that pages inherit from the nodes above them.
const INHERITED_KEYS: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Joins them, and counts the pages.
pub(crate) fn merge_documents(pdfs: &[&[u8]]) -> Result<(Vec<u8>, u32), TaskProblems> {
    let mut whole = Document::with_version("1.7");
    let root = whole.new_object_id();
    let mut kids = Vec::new();
    let mut form = MergedForm::default();
    for (i, bytes) in pdfs.iter().enumerate() {
        let what = format!("files[{i}]");
        let mut one = open_document(bytes, &what)?;
        require_unsigned(&one, &what)?;
        if !renumber_objects(&mut one, whole.max_id) {
            return Err(vec![Problem::of(format!("{what} has object numbers that are too large"))]);
        }
        for page in list_pages(&one) {
            // A file may name a page twice; as an object it has one place.
            let page = detach_page(&mut one, page, root, &kids);
            kids.push(page);
        }
        form.add_fields(&mut one);
        whole.max_id = one.max_id;
        whole.objects.append(&mut one.objects);
    }
    let count = u32::try_from(kids.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Err(vec![Problem::of("at least one PDF is required")]);
    }
    let mut tree = Dictionary::new();
    tree.set("Type", Object::Name(b"Pages".to_vec()));
    tree.set("Kids", kids.into_iter().map(Object::Reference).collect::<Vec<_>>());
    tree.set("Count", i64::from(count));
    whole.objects.insert(root, tree.into());
    let mut catalog = Dictionary::new();
    catalog.set("Type", Object::Name(b"Catalog".to_vec()));
    catalog.set("Pages", root);
    if let Some(form) = form.into_dictionary() {
        let form = whole.add_object(form);
        catalog.set("AcroForm", form);
    }
    let catalog = whole.add_object(catalog);
    whole.trailer.set("Root", catalog);
    Ok((save_document(whole)?, count))
}

/// A page, made to stand by itself below another node.
fn detach_page(document: &mut Document, page: ObjectId, root: ObjectId, taken: &[ObjectId]) -> ObjectId {
    let has: Vec<(&[u8], Object)> =
        INHERITED_KEYS.iter().filter_map(|key| Some((*key, inherited_entry(document, page, key)?.clone()))).collect();
    let id = if taken.contains(&page) { document.new_object_id() } else { page };
    let mut dict = document.get_dictionary(page).cloned().unwrap_or_default();
    for (key, value) in has {
        if !dict.has(key) {
            dict.set(key, value);
        }
    }
    dict.set("Parent", root);
    // The structure that pages belong to is not merged, so references to it are removed.
    for key in [b"StructParents".as_slice(), b"B", b"Tabs"] {
        dict.remove(key);
    }
    document.objects.insert(id, dict.into());
    id
}

/// The fields of all forms.
#[derive(Default)]
struct MergedForm {
    fields: Vec<Object>,
    names: HashSet<Vec<u8>>,
    /// Entries of the first form beside its fields: fonts, and how text looks.
    rest: Option<Dictionary>,
}

impl MergedForm {
    fn add_fields(&mut self, document: &mut Document) {
        let Some(form) = document.catalog().ok().and_then(|c| resolve_entry(document, c, b"AcroForm")?.as_dict().ok())
        else {
            return;
        };
        let mut form = form.clone();
        // A form that only XFA describes is none without it.
        form.remove(b"XFA");
        let fields =
            resolve_entry(document, &form, b"Fields").and_then(|f| f.as_array().ok()).cloned().unwrap_or_default();
        for field in fields {
            if let Ok(id) = field.as_reference() {
                self.rename_field(document, id);
            }
            self.fields.push(field);
        }
        form.remove(b"Fields");
        if needs_appearances(document)
            && let Some(rest) = &mut self.rest
        {
            rest.set("NeedAppearances", true);
        }
        let mine = form.get(b"DR").ok().and_then(|dr| document.dereference(dr).ok()).map(|(_, dr)| dr.clone());
        match (&mut self.rest, mine) {
            (None, mine) => {
                if let Some(mine) = mine {
                    form.set("DR", mine);
                }
                self.rest = Some(form);
            }
            (Some(rest), Some(Object::Dictionary(mine))) => merge_resources(document, rest, &mine),
            (Some(_), _) => {}
        }
    }

    /// Two fields of one name would be one field.
    fn rename_field(&mut self, document: &mut Document, field: ObjectId) {
        let Ok(dict) = document.get_dictionary_mut(field) else { return };
        let Some(name) = dict.get(b"T").ok().and_then(|t| t.as_str().ok()).map(<[u8]>::to_vec) else { return };
        let utf16 = name.starts_with(&[0xfe, 0xff]);
        let numbered = |n: u32| {
            let end = format!("-{n}");
            let end: Vec<u8> = if utf16 { end.bytes().flat_map(|b| [0, b]).collect() } else { end.into_bytes() };
            [name.clone(), end].concat()
        };
        let free = std::iter::once(name.clone()).chain((2..).map(numbered)).find(|n| !self.names.contains(n));
        let free = free.unwrap_or_else(|| name.clone());
        if free != name {
            dict.set("T", Object::string_literal(free.clone()));
        }
        self.names.insert(free);
    }

    fn into_dictionary(self) -> Option<Dictionary> {
        let mut form = self.rest?;
        form.set("Fields", self.fields);
        Some(form)
    }
}

/// Adds to the resources of the first form those of another that it lacks.
fn merge_resources(document: &Document, form: &mut Dictionary, added_resources: &Dictionary) {
    let Ok(all) = form.get_mut(b"DR").and_then(Object::as_dict_mut) else { return };
    for (kind, content) in added_resources.iter() {
        let Ok((_, content)) = document.dereference(content) else { continue };
        if !all.has(kind) {
            all.set(kind.clone(), content.clone());
            continue;
        }
        // A kind that is an object of its own is left as it is: the fields have appearances that name what they need.
        let (Ok(there), Ok(content)) = (all.get_mut(kind).and_then(Object::as_dict_mut), content.as_dict()) else {
            continue;
        };
        let missing: Vec<_> = content.iter().filter(|(name, _)| !there.has(name)).collect();
        missing.into_iter().for_each(|(name, value)| there.set(name.clone(), value.clone()));
    }
}
