//! HeifItems of HEIC and AVIF: the picture, its parts, and EXIF and XMP beside it, each somewhere in the file.

use super::boxes::{BoxRange, BoxWalker};
use super::edits::Edits;
use super::ranges::Ranges;
use super::walk::WalkError;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most items, and most pieces of all of them.
const MAX_ITEMS: u64 = 1 << 17;

/// Longest description of an item that is read, in bytes.
const MAX_INFO_BYTES: usize = 1024;

/// EXIF in an item that says nothing: how far it is to the header, the header, and a directory without a tag.
const EMPTY_EXIF: &[u8] = b"\0\0\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0";

/// XMP that says nothing.
const EMPTY_XMP: &[u8] = b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>";

/// Longest XMP that is replaced by [`EMPTY_XMP`] and not by zeros.
const MAX_REPLACED_XMP: u64 = 64 << 10;

#[derive(Clone, Copy)]
enum MetadataKind {
    Exif,
    Xmp,
}

/// Items of a file and where they are.
#[derive(Default)]
pub(super) struct HeifItems {
    /// Where items are that stay.
    pub(super) needed: Ranges,
    /// Where others are, and whether they begin there.
    go: Vec<(Range<u64>, MetadataKind, bool)>,
    pieces: u64,
}

impl HeifItems {
    /// Reads the items of a `meta` whose boxes are there.
    pub(super) fn read_items(&mut self, boxes: &mut BoxWalker<'_>, within: Range<u64>) -> Result<(), WalkError> {
        let (mut infos, mut places, mut data) = (None, None, None);
        let mut at = within.start;
        while let Some(part) = boxes.next_box(&mut at, within.end)? {
            match &part.name {
                b"iinf" => infos = infos.or(Some(part)),
                b"iloc" => places = places.or(Some(part)),
                b"idat" => data = data.or(Some(part)),
                _ => {}
            }
        }
        let Some(infos) = infos else { return Ok(()) };
        let kinds = read_item_kinds(boxes, infos)?;
        match places {
            Some(places) if !kinds.is_empty() => self.locate_items(boxes, places, data, &kinds),
            _ => Ok(()),
        }
    }

    /// Finds where the items are.
    fn locate_items(
        &mut self,
        boxes: &mut BoxWalker<'_>,
        part: BoxRange,
        data: Option<BoxRange>,
        kinds: &BTreeMap<u64, MetadataKind>,
    ) -> Result<(), WalkError> {
        let mut fields = FieldReader { boxes, end: part.end };
        fields.boxes.file.seek_to(part.content)?;
        let version = fields.read_number(1)?;
        fields.read_number(3)?;
        let sizes = fields.read_number(2)?;
        let width = |shift: u32| (sizes >> shift & 15) as usize;
        let (offset, length, base, index) = (width(12), width(8), width(4), if version > 0 { width(0) } else { 0 });
        let wide = if version < 2 { 2 } else { 4 };
        for _ in 0..fields.read_number(wide)? {
            let kind = kinds.get(&fields.read_number(wide)?).copied();
            let method = if version > 0 { fields.read_number(2)? & 15 } else { 0 };
            let elsewhere = fields.read_number(2)? != 0;
            let start = fields.read_number(base)?;
            for piece in 0..fields.read_number(2)? {
                self.pieces += 1;
                if self.pieces > MAX_ITEMS {
                    return Err(WalkError::Inseparable);
                }
                fields.read_number(index)?;
                let start = start.saturating_add(fields.read_number(offset)?);
                let length = fields.read_number(length)?;
                let (from, limit) = match (method, data) {
                    (0, _) => (0, fields.boxes.file.length()),
                    (1, Some(data)) => (data.content, data.end),
                    // Made of other items, or of nothing.
                    _ if kind.is_none() => continue,
                    _ => return Err(WalkError::Inseparable),
                };
                let start = start.saturating_add(from).min(limit);
                let range = start..start.saturating_add(length).min(limit);
                match kind {
                    _ if elsewhere => {}
                    // A length of zero stands for the whole file: metadata cannot be meant by that.
                    Some(_) if length == 0 => return Err(WalkError::Inseparable),
                    Some(kind) => self.go.push((range, kind, piece == 0)),
                    None => self.needed.add(range)?,
                }
            }
        }
        Ok(())
    }

    /// Notes what is to be done, once all items are known.
    pub(super) fn plan_edits(&mut self, edits: &mut Edits) -> Result<(), WalkError> {
        for (range, kind, begins) in std::mem::take(&mut self.go) {
            edits.blank(range.clone())?;
            if self.needed.overlaps(&range) {
                continue;
            }
            let length = range.end - range.start;
            match kind {
                MetadataKind::Exif if begins && length >= EMPTY_EXIF.len() as u64 => {
                    edits.patch(range.start, EMPTY_EXIF.to_vec())?
                }
                MetadataKind::Xmp if length <= MAX_REPLACED_XMP => {
                    let begins = begins && length >= EMPTY_XMP.len() as u64;
                    let mut xmp = if begins { EMPTY_XMP.to_vec() } else { Vec::new() };
                    xmp.resize(length as usize, b' ');
                    edits.patch(range.start, xmp)?;
                }
                MetadataKind::Exif | MetadataKind::Xmp => {}
            }
        }
        Ok(())
    }
}

/// The numbers of items that are EXIF or XMP.
fn read_item_kinds(boxes: &mut BoxWalker<'_>, infos: BoxRange) -> Result<BTreeMap<u64, MetadataKind>, WalkError> {
    let mut kinds = BTreeMap::new();
    boxes.file.seek_to(infos.content)?;
    let version = boxes.file.read_array()?.map_or(0, |[version]: [u8; 1]| version);
    // Version, flags, and how many there are.
    let mut at = infos.content + if version == 0 { 6 } else { 8 };
    let mut number = 0;
    while let Some(part) = boxes.next_box(&mut at, infos.end)? {
        number += 1;
        if number > MAX_ITEMS {
            return Err(WalkError::Inseparable);
        }
        if &part.name != b"infe" {
            continue;
        }
        boxes.file.seek_to(part.content)?;
        let length = usize::try_from(part.end - part.content).unwrap_or(MAX_INFO_BYTES).min(MAX_INFO_BYTES);
        let info = boxes.file.read_up_to(length)?;
        if let Some((item, kind)) = parse_item_info(&info) {
            kinds.insert(item, kind);
        }
    }
    Ok(kinds)
}

/// The number of an item and what it is, of those that tell of people.
fn parse_item_info(info: &[u8]) -> Option<(u64, MetadataKind)> {
    let version = *info.first()?;
    // Behind version and flags, with two bytes about its protection.
    let (item, rest) = match version {
        3 => (u64::from(u32::from_be_bytes(*info.get(4..)?.first_chunk()?)), info.get(10..)?),
        _ => (u64::from(u16::from_be_bytes(*info.get(4..)?.first_chunk()?)), info.get(8..)?),
    };
    let (is_exif, texts) = match version {
        0 | 1 => (false, rest),
        _ => (rest.starts_with(b"Exif"), rest.get(4..)?),
    };
    if is_exif {
        return Some((item, MetadataKind::Exif));
    }
    // A name, and what type it is of.
    let content_type = texts.split(|byte| *byte == 0).nth(1)?;
    (content_type == b"application/rdf+xml").then_some((item, MetadataKind::Xmp))
}

/// Numbers of several widths.
struct FieldReader<'a, 'b> {
    boxes: &'a mut BoxWalker<'b>,
    end: u64,
}

impl FieldReader<'_, '_> {
    /// The next number, of so many bytes; of none it is nought.
    fn read_number(&mut self, bytes: usize) -> Result<u64, WalkError> {
        let read = self.boxes.file.read_up_to(bytes)?;
        // A table that breaks off leaves unknown where the items are.
        if read.len() < bytes || bytes > 8 || self.boxes.file.position() > self.end {
            return Err(WalkError::Inseparable);
        }
        Ok(read.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}
