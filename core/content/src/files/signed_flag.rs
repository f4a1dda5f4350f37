//! `isUrlSigned` of files in responses.

use crate::{ContentError, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The beginning of a private file's address in JSON.
const PRIVATE_URL: &str = "\"/uploads/private/";

/// Key that upload routes add to every file: whether its URLs are signed.
const SIGNED_FLAG_KEY: &str = "\"isUrlSigned\":";

/// Appends `isUrlSigned` to a JSON object.
pub(super) fn with_signature(object: &[u8]) -> Result<Vec<u8>> {
    let object: &RawValue = serde_json::from_slice(object).map_err(invalid_file_json)?;
    let mut out = Vec::with_capacity(object.get().len() + SIGNED_FLAG_KEY.len() + 1);
    write_signed_flag(object, &mut out)?;
    Ok(out)
}

/// Appends `isUrlSigned` to each object of a JSON list. All else stays byte for byte: numbers retain their digits.
pub(super) fn with_signature_each(list: &[u8]) -> Result<Vec<u8>> {
    let objects: Vec<&RawValue> = serde_json::from_slice(list).map_err(invalid_file_json)?;
    let mut out = Vec::with_capacity(list.len() + objects.len() * (SIGNED_FLAG_KEY.len() + 1));
    out.push(b'[');
    for (i, object) in objects.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_signed_flag(object, &mut out)?;
    }
    out.push(b']');
    Ok(out)
}

/// The values of a file that contain addresses.
#[derive(Deserialize)]
struct Addresses<'a> {
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow)]
    formats: Option<&'a RawValue>,
}

fn write_signed_flag(object: &RawValue, out: &mut Vec<u8>) -> Result<()> {
    let text = object.get().trim();
    let Some(members) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        return Err(ContentError::Files("a file was serialized as something other than an object".into()));
    };
    out.push(b'{');
    out.extend_from_slice(members.as_bytes());
    if !members.trim().is_empty() {
        out.push(b',');
    }
    out.extend_from_slice(SIGNED_FLAG_KEY.as_bytes());
    // Addresses of private files are signed where they are written. Entries that show the file may show others.
    let own: Addresses<'_> = serde_json::from_str(text).map_err(invalid_file_json)?;
    let signed = [own.url, own.formats].into_iter().flatten().any(|own| own.get().contains(PRIVATE_URL));
    out.extend_from_slice(if signed { b"true}" } else { b"false}" });
    Ok(())
}

fn invalid_file_json(e: serde_json::Error) -> ContentError {
    ContentError::Files(format!("a list of files is not valid JSON: {e}"))
}
