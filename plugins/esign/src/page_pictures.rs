//! Pictures of the pages of an envelope's document, drawn when somebody looks at them first and kept until the envelope ends.

use crate::draft_document::refuse_document;
use crate::model::{Envelope, PagePicture};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, files, pdf};
use serde_json::{Value, json};

/// Width of a picture, in pixels.
const WIDTH: u32 = 1_000;
/// Largest picture that is served, in bytes.
pub(crate) const MAX_PICTURE: usize = 8 << 20;

/// The picture of a page of a document with that digest.
///
/// # Errors
/// `NotFound` for a page that there is not, `Invalid` for one that takes too long to draw.
pub(crate) fn find_picture(envelope: &Row<Envelope>, sha256: &str, number: u32) -> Result<FileId> {
    let document = envelope.document.as_ref().ok_or_else(|| Error::NotFound(String::new()))?;
    let key = json!({ "envelope": envelope.document_id, "number": number });
    let known = find_page(&envelope.document_id, number)?;
    let picture = known.as_ref().filter(|page| page.sha256 == sha256).and_then(|page| page.picture.as_ref());
    if let Some(picture) = picture {
        return Ok(picture.document_id.clone());
    }
    let drawn = match pdf::draw_page(&document.document_id, number, WIDTH) {
        Err(Error::Invalid(fields)) if fields.iter().any(|field| field.code == "page") => {
            return Err(Error::NotFound(String::new()));
        }
        Err(Error::Invalid(_) | Error::Exhausted(_)) => {
            return Err(refuse_document("too-complex", envelope.language.as_deref().unwrap_or("en")));
        }
        drawn => drawn?,
    };
    let values = json!({ "sha256": sha256, "picture": { "documentId": drawn } });
    let mut fields = key.clone();
    merge(&mut fields, &values);
    data::upsert::<PagePicture>(&key, &fields, &values)?;
    Ok(drawn)
}

fn find_page(envelope: &str, number: u32) -> Result<Option<Row<PagePicture>>> {
    let filter = json!({ "envelope": { "documentId": envelope }, "number": number });
    data::find::<PagePicture>().filter(filter).populate(json!({ "picture": true })).first()
}

fn merge(into: &mut Value, from: &Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from.clone());
    }
}

/// Deletes the pictures of an envelope.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_pictures(envelope: &str) -> Result<()> {
    let of_envelope = json!({ "envelope": { "documentId": envelope } });
    let pages = data::find::<PagePicture>().filter(of_envelope).populate(json!({ "picture": true })).all(500)?;
    let pictures: Vec<FileId> =
        pages.iter().filter_map(|page| page.picture.as_ref()).map(|file| file.document_id.clone()).collect();
    let batch = pages.iter().fold(Batch::new(), |batch, page| batch.delete::<PagePicture>(&page.document_id));
    // The documents are deleted last: they lead to the pictures if this is interrupted.
    if !pictures.is_empty() {
        files::delete(&pictures)?;
    }
    batch.write().map(drop)
}
