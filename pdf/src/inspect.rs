//! Inspection of a PDF: the sizes of its pages, its form and its signatures.

use crate::boxes::PageView;
use crate::document::{is_signature, list_pages, open_document, resolve_entry, round_points};
use crate::reading_cost::check_drawing_cost;
use crate::signature_fields::{document_permissions, has_xfa, list_signature_fields};
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{FormKind, Inspection};
use lopdf::Document;

/// Reads the sizes of the pages, rounded to a hundredth of a point, the form and the signatures.
pub(crate) fn inspect_document(bytes: &[u8]) -> Result<Inspection, TaskProblems> {
    let document = open_document(bytes, "file")?;
    let pages = list_pages(&document);
    check_drawing_cost(&document, &pages, "file")?;
    let size = |page| {
        let (width, height) = PageView::for_page(&document, page).shown_size();
        (round_points(width), round_points(height))
    };
    Ok(Inspection {
        pages: pages.into_iter().map(size).collect(),
        form: form_kind(&document),
        signatures: count_signatures(&document),
        final_seal: document_permissions(&document) == Some(1),
    })
}

fn form_kind(document: &Document) -> FormKind {
    if has_xfa(document) {
        return FormKind::Xfa;
    }
    let form =
        document.catalog().ok().and_then(|catalog| resolve_entry(document, catalog, b"AcroForm")?.as_dict().ok());
    let fields = form.and_then(|form| resolve_entry(document, form, b"Fields")?.as_array().ok());
    match fields.is_some_and(|fields| !fields.is_empty()) {
        true => FormKind::AcroForm,
        false => FormKind::None,
    }
}

/// Those of fields, and those that belong to no field: each of them hinders a change.
fn count_signatures(document: &Document) -> u32 {
    let of_fields = list_signature_fields(document).iter().filter(|field| field.signature.is_some()).count();
    let objects = document.objects.values().filter(|object| is_signature(object)).count();
    u32::try_from(of_fields.max(objects)).unwrap_or(u32::MAX)
}
