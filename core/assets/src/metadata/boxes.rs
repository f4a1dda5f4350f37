//! BoxWalker in boxes: MP4 and MOV, HEIC and AVIF, JPEG XL and JPEG 2000. Everything stays where it is, since places of films and pictures are
//! written down: a box that goes becomes an empty one of the same length (`free`, which every reader steps over), and of items the bytes
//! are overwritten.
//!
//! Of films only what is known to tell of people goes: where it was taken, with which device, by whom. What was recorded along with the
//! film, in a track of its own, stays.

use super::edits::Edits;
use super::items::HeifItems;
use super::output::RewriteOutput;
use super::source::FileReader;
use super::walk::{WalkError, WalkResult};
use std::io;

/// Most boxes that are looked at in one file.
const MAX_BOXES: u32 = 1_000_000;

/// Type that a box gets when its content is removed.
const FREE_BOX: &[u8] = b"free";

/// UUIDs of `uuid` boxes with metadata: XMP, EXIF in JPEG 2000, where and by whom a file was made (C2PA).
const METADATA_UUIDS: [[u8; 16]; 3] = [
    *b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac",
    *b"JpgTiffExif->JP2",
    *b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81",
];

/// In the user data of a film: where it was taken; author, artists, make, model, software and remarks; numbers of devices and of what
/// they recorded; XMP.
const USER_DATA_BOXES: [&[u8; 4]; 22] = [
    b"\xa9xyz", b"loci", b"gps ", b"GPMF", b"\xa9aut", b"\xa9ART", b"auth", b"perf", b"\xa9mak", b"\xa9mod",
    b"\xa9swr", b"\xa9cmt", b"manu", b"modl", b"slno", b"CAME", b"MUID", b"GUMI", b"FIRM", b"LENS", b"smta", b"XMP_",
];

/// The same in lists of iTunes.
const ITUNES_ITEMS: [&[u8; 4]; 2] = [b"\xa9xyz", b"loci"];

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    let mut boxes =
        BoxWalker { file: &mut *file, remaining: MAX_BOXES, edits: Edits::default(), items: HeifItems::default() };
    let result = boxes.walk_file().and_then(|()| boxes.items.plan_edits(&mut boxes.edits));
    let (edits, needed) = (boxes.edits, boxes.items.needed);
    match result {
        Err(WalkError::Io(error)) => Err(error),
        Err(WalkError::Inseparable) => Ok(WalkResult::Inseparable),
        Ok(()) if edits.has_overlapping_patches() => Ok(WalkResult::Inseparable),
        Ok(()) => {
            edits.write(file, out, &needed)?;
            Ok(WalkResult::Complete)
        }
    }
}

/// A box: its name, where it begins, where what it holds begins, and where it ends.
#[derive(Clone, Copy)]
pub(super) struct BoxRange {
    pub(super) name: [u8; 4],
    start: u64,
    pub(super) content: u64,
    pub(super) end: u64,
}

pub(super) struct BoxWalker<'a> {
    pub(super) file: &'a mut FileReader,
    remaining: u32,
    edits: Edits,
    items: HeifItems,
}

impl BoxWalker<'_> {
    /// The box that begins at `at`, which then is where the next one begins. `None` at the end, and where there is no box.
    pub(super) fn next_box(&mut self, at: &mut u64, end: u64) -> Result<Option<BoxRange>, WalkError> {
        self.remaining = self.remaining.checked_sub(1).ok_or(WalkError::Inseparable)?;
        let start = *at;
        self.file.seek_to(start)?;
        if start.saturating_add(8) > end {
            return Ok(None);
        }
        let Some(size) = self.file.read_array()?.map(u32::from_be_bytes) else { return Ok(None) };
        let Some(name) = self.file.read_array()? else { return Ok(None) };
        let (header, size) = match size {
            // To the end.
            0 => (8, end - start),
            1 => match self.file.read_array()? {
                Some(size) => (16, u64::from_be_bytes(size)),
                None => return Ok(None),
            },
            size => (8, u64::from(size)),
        };
        if size < header {
            return Ok(None);
        }
        // A file that breaks off says what it says all the same.
        let next = start.saturating_add(size).min(end);
        *at = next;
        Ok(Some(BoxRange { name, start, content: (start + header).min(next), end: next }))
    }

    /// Calls `each` with every box between two places.
    fn for_each_box(
        &mut self,
        start: u64,
        end: u64,
        mut each: impl FnMut(&mut Self, BoxRange) -> Result<(), WalkError>,
    ) -> Result<(), WalkError> {
        let mut at = start;
        while let Some(part) = self.next_box(&mut at, end)? {
            each(self, part)?;
        }
        Ok(())
    }

    /// It becomes an empty box.
    fn blank_box(&mut self, part: BoxRange) -> Result<(), WalkError> {
        self.edits.patch(part.start + 4, FREE_BOX.to_vec())?;
        Ok(self.edits.blank(part.content..part.end)?)
    }

    fn walk_file(&mut self) -> Result<(), WalkError> {
        let end = self.file.length();
        self.for_each_box(0, end, |boxes, part| match &part.name {
            b"moov" => boxes.walk_movie(part),
            b"meta" => boxes.walk_meta(part),
            b"udta" => boxes.walk_user_data(part),
            b"uuid" => boxes.blank_metadata_uuid(part),
            // Of JPEG XL, where `brob` is any of the others packed, and JPEG 2000.
            b"Exif" | b"xml " | b"jumb" | b"brob" => boxes.blank_box(part),
            _ => Ok(()),
        })
    }

    fn walk_movie(&mut self, film: BoxRange) -> Result<(), WalkError> {
        self.for_each_box(film.content, film.end, |boxes, part| match &part.name {
            b"trak" => boxes.for_each_box(part.content, part.end, |boxes, part| boxes.walk_sibling(part)),
            _ => boxes.walk_sibling(part),
        })
    }

    /// Walks a box beside a film or a track, if it holds metadata.
    fn walk_sibling(&mut self, part: BoxRange) -> Result<(), WalkError> {
        match &part.name {
            b"meta" => self.walk_meta(part),
            b"udta" => self.walk_user_data(part),
            b"uuid" => self.blank_metadata_uuid(part),
            _ => Ok(()),
        }
    }

    fn walk_user_data(&mut self, part: BoxRange) -> Result<(), WalkError> {
        self.for_each_box(part.content, part.end, |boxes, part| match &part.name {
            b"meta" => boxes.walk_meta(part),
            b"uuid" => boxes.blank_metadata_uuid(part),
            name if USER_DATA_BOXES.contains(&name) => boxes.blank_box(part),
            _ => Ok(()),
        })
    }

    fn blank_metadata_uuid(&mut self, part: BoxRange) -> Result<(), WalkError> {
        self.file.seek_to(part.content)?;
        let of_people = self.file.read_array()?.is_some_and(|uuid| METADATA_UUIDS.contains(&uuid));
        if of_people { self.blank_box(part) } else { Ok(()) }
    }

    /// A `meta`, of which there are as many kinds as there are handlers.
    fn walk_meta(&mut self, part: BoxRange) -> Result<(), WalkError> {
        // In MP4 four bytes stand before the first box, in MOV none.
        self.file.seek_to(part.content + 4)?;
        let plain = self.file.read_array()? == Some(*b"hdlr");
        let start = if plain { part.content } else { part.content.saturating_add(4).min(part.end) };
        let mut handler = None;
        self.for_each_box(start, part.end, |boxes, part| {
            if &part.name == b"hdlr" && handler.is_none() {
                boxes.file.seek_to(part.content + 8)?;
                handler = boxes.file.read_array::<4>()?;
            }
            Ok(())
        })?;
        match handler.as_ref() {
            // Keys of Apple's and Android's cameras; what Sony's write about a recording.
            Some(b"mdta" | b"nrtm") => self.blank_box(part),
            Some(b"mdir") => self.for_each_box(start, part.end, |boxes, part| match &part.name {
                b"ilst" => boxes.for_each_box(part.content, part.end, |boxes, part| match &part.name {
                    name if ITUNES_ITEMS.contains(&name) => boxes.blank_box(part),
                    _ => Ok(()),
                }),
                _ => Ok(()),
            }),
            _ => {
                let mut items = std::mem::take(&mut self.items);
                items.read_items(self, start..part.end)?;
                self.items = items;
                Ok(())
            }
        }
    }
}
