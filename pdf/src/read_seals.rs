//! The signatures of a PDF: where they are, what they cover, and whether the document is still what was signed.

use crate::document::{open_document, open_unprotected, resolve_entry};
use crate::revisions::{LaterChanges, compare_revisions};
use crate::signature_fields::{SignatureField, has_xfa, list_signature_fields, signature_permissions};
use crate::task_problems::TaskProblems;
use crate::text_strings::decode_text;
use cairn_pdf_protocol::{Problem, ReadSeal};
use chrono::{FixedOffset, NaiveDate, TimeZone};
use lopdf::{Dictionary, Document, Object, ObjectId};

/// Most signatures of one PDF.
const MAX_SEALS: usize = 50;
/// Longest text that is passed on, in characters.
const MAX_TEXT_CHARS: usize = 1_000;

/// Reads them, by the end of what they cover.
pub(crate) fn read_seals(bytes: &[u8]) -> Result<Vec<ReadSeal>, TaskProblems> {
    let document = open_unprotected(bytes, "file", "its signatures cannot be checked")?;
    let mut doubts = Vec::new();
    if !bytes.starts_with(b"%PDF-") {
        doubts.push("the file has other bytes before its PDF header, so readers may show different content".to_owned());
    }
    if document.xref_recovery.is_some() {
        doubts.push("the cross-reference table is damaged, so readers may show different content".to_owned());
    }
    if has_xfa(&document) {
        doubts.push("the file has an XFA form, so readers may show other content than what is signed".to_owned());
    }
    let mut signed = Vec::new();
    for field in list_signature_fields(&document) {
        let Some(signature) = &field.signature else { continue };
        if signed.len() >= MAX_SEALS {
            return Err(vec![Problem::of(format!("file has more than {MAX_SEALS} signatures"))]);
        }
        let covers = check_byte_range(bytes, &document, signature);
        signed.push((field, covers));
    }
    signed.sort_by_key(|(_, covers)| covers.as_ref().map_or(0, |covers| covers.2));
    // The last first: what was added after a signature is judged by the signatures after it.
    let (mut seals, mut later) = (Vec::new(), Vec::new());
    for (field, covers) in signed.iter().rev() {
        let Some(signature) = &field.signature else { continue };
        let mut seal = describe_seal(&document, &field.name, signature);
        let is_shared = signed.iter().filter(|(_, other)| other.is_ok() && other == covers).count() > 1;
        match covers {
            Err(problem) => seal.problems.push(problem.clone()),
            Ok((start, end, covered_end)) => {
                seal.covers = Some((*start as u64, *end as u64, *covered_end as u64));
                seal.covers_whole_file = *covered_end == bytes.len();
                if is_shared {
                    seal.problems.push("another field has the same signature".to_owned());
                } else if check_version(bytes, &document, field, *covered_end, &later, &mut seal) {
                    later.push((field.id, *covered_end));
                }
            }
        }
        seal.doubts.extend(doubts.iter().cloned());
        seals.push(seal);
    }
    seals.reverse();
    Ok(seals)
}

/// Says what the signature of a field says about itself.
fn describe_seal(document: &Document, field: &str, signature: &Dictionary) -> ReadSeal {
    let entry = |key| resolve_entry(document, signature, key);
    let text = |key| entry(key).and_then(|value| value.as_str().ok()).map(decode_text).map(shorten_text);
    let name = |key| entry(key).and_then(|value| value.as_name().ok()).map(|n| String::from_utf8_lossy(n).into_owned());
    ReadSeal {
        field: shorten_text(field.to_owned()),
        sub_filter: name(b"SubFilter".as_slice()).map(shorten_text).unwrap_or_default(),
        covers: None,
        covers_whole_file: false,
        claimed_at: entry(b"M").and_then(|value| parse_date(value.as_str().ok()?)),
        claimed_name: text(b"Name".as_slice()),
        reason: text(b"Reason".as_slice()),
        final_seal: signature_permissions(document, signature) == Some(1),
        problems: Vec::new(),
        doubts: Vec::new(),
        notes: Vec::new(),
    }
}

/// Returns true if the version of the file that a signature covers has it, and says what follows that version. `covered_end`: where it ends.
/// `later`: the fields of the signatures after it, with the end of what they cover.
fn check_version(
    bytes: &[u8],
    document: &Document,
    field: &SignatureField,
    covered_end: usize,
    later: &[(ObjectId, usize)],
    seal: &mut ReadSeal,
) -> bool {
    if seal.covers_whole_file {
        return true;
    }
    let signed = bytes.get(..covered_end).unwrap_or_default();
    let Ok(revision) = open_document(signed, "the signed version") else {
        let changes = LaterChanges::Other("the signed version cannot be read by itself".to_owned());
        note_later_changes(bytes.len() - covered_end, changes, seal);
        return false;
    };
    let own = list_signature_fields(&revision).into_iter().find(|own| own.id == field.id);
    if own.is_none_or(|own| own.name != field.name || own.signature != field.signature) {
        seal.problems
            .push("the version of the file that it signs does not have this signature in this field".to_owned());
        return false;
    }
    let later = later.iter().filter(|(_, end)| *end > covered_end).map(|(id, _)| *id).collect();
    note_later_changes(bytes.len() - covered_end, compare_revisions(&revision, signed, document, &later), seal);
    true
}

/// The beginning and end of the room with the signature, and the end of what is signed. The error names the contradiction.
fn check_byte_range(
    bytes: &[u8],
    document: &Document,
    signature: &Dictionary,
) -> Result<(usize, usize, usize), String> {
    let range = resolve_entry(document, signature, b"ByteRange").and_then(|range| range.as_array().ok());
    let numbers: Option<Vec<usize>> = range.filter(|range| range.len() == 4).and_then(|range| {
        range.iter().map(|number| usize::try_from(document.dereference(number).ok()?.1.as_i64().ok()?).ok()).collect()
    });
    let Some([first, length, second, rest]) = numbers.as_deref().and_then(<[usize]>::first_chunk).copied() else {
        return Err("its ByteRange is not four positive numbers".to_owned());
    };
    let covered_end = second.checked_add(rest).filter(|covered_end| *covered_end <= bytes.len());
    let Some(covered_end) = covered_end else { return Err("its ByteRange reaches beyond the file".to_owned()) };
    if first != 0 {
        return Err("its ByteRange leaves out the beginning of the file".to_owned());
    }
    if length >= second {
        return Err("the parts of its ByteRange overlap".to_owned());
    }
    let hole = bytes.get(length..second).unwrap_or_default();
    let digits = hole.strip_prefix(b"<").and_then(|hole| hole.strip_suffix(b">"));
    let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
        return Err("its ByteRange leaves out more, or less, than the signature".to_owned());
    };
    let contents = resolve_entry(document, signature, b"Contents").and_then(|contents| contents.as_str().ok());
    let same = contents.is_some_and(|contents| {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
        let mut pairs = digits.chunks(2).map(|pair| digit(&pair[0]) << 4 | pair.get(1).map_or(0, digit));
        contents.len() == digits.len().div_ceil(2) && contents.iter().all(|byte| pairs.next() == Some(*byte))
    });
    if !same {
        return Err("its ByteRange leaves out something else than its signature".to_owned());
    }
    // A version of a file ends with its mark. Beyond that, readers would read what is not signed as if it belonged to it.
    let signed = bytes.get(..covered_end).unwrap_or_default().trim_ascii_end();
    if !signed.ends_with(b"%%EOF") {
        return Err("what it signs does not end where a version of the file ends".to_owned());
    }
    Ok((length, second, covered_end))
}

/// Says what follows the part of the file that was signed: how many bytes, and what they change.
fn note_later_changes(later: usize, changes: LaterChanges, seal: &mut ReadSeal) {
    match changes {
        LaterChanges::None => seal.notes.push(format!("{later} bytes were added later, which change nothing")),
        LaterChanges::Signatures if seal.final_seal => {
            seal.problems.push("signatures were added, though it forbids all later changes (DocMDP 1)".to_owned());
        }
        LaterChanges::Signatures => {
            seal.notes.push("later additions are further signatures and data to verify them only".to_owned());
        }
        LaterChanges::Validation => {
            seal.notes.push("later additions are data to verify signatures only".to_owned());
        }
        LaterChanges::Other(what) if seal.final_seal => seal
            .problems
            .push(format!("the document was changed later, though it forbids all later changes (DocMDP 1): {what}")),
        LaterChanges::Other(what) => {
            seal.doubts.push(format!("the document was changed after this signature: {what}"));
        }
    }
}

fn shorten_text(text: String) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT_CHARS).collect()
}

/// A date of a PDF, `D:20250101100000+01'00'`, in milliseconds since 1970.
fn parse_date(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix("D:")?;
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let year = text.get(..4)?.parse::<i32>().ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(4, 6).unwrap_or(1), number(6, 8).unwrap_or(1))?;
    let [hour, minute, second] = [8, 10, 12].map(|at| number(at, at + 2).unwrap_or(0));
    let at = date.and_hms_opt(hour, minute, second)?;
    let zone = text.get(14..).unwrap_or_default();
    let offset = match zone.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            let part = |from: usize| zone.get(from..from + 2).and_then(|part| part.parse::<i32>().ok());
            let seconds = part(1)? * 3_600 + part(4).unwrap_or(0) * 60;
            FixedOffset::east_opt(if *sign == b'-' { -seconds } else { seconds })?
        }
        _ => FixedOffset::east_opt(0)?,
    };
    Some(offset.from_local_datetime(&at).single()?.timestamp_millis())
}

/// An entry that says nothing.
pub(crate) fn is_absent(entry: Option<&Object>) -> bool {
    entry.is_none_or(|object| matches!(object, Object::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_a_zone_or_none() {
        assert_eq!(parse_date(b"D:20250101100000Z"), Some(1_735_725_600_000));
        assert_eq!(parse_date(b"D:20250101110000+01'00'"), Some(1_735_725_600_000));
        assert_eq!(parse_date(b"D:20250101043000-05'30"), Some(1_735_725_600_000));
        assert_eq!(parse_date(b"D:2025"), Some(1_735_689_600_000));
        for wrong in [&b"20250101"[..], b"D:", b"D:20251301", b"D:20250101250000", b"D:20250101100000+99'00", b"\xff"] {
            assert_eq!(parse_date(wrong), None, "{wrong:?}");
        }
    }
}
