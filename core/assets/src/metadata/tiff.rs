//! TIFF: directories of tags, of which those stay that the pixels need. Everything stays where it is, since all places are written down:
//! a directory is written again without the tags that go, and what these led to becomes zeros.
//!
//! Raw files of cameras are TIFFs whose pixels nobody can develop without what their makers wrote. Of these only what is known to tell
//! of people goes.

mod directory;
mod layout;
mod tags;

use super::edits::Edits;
use super::output::RewriteOutput;
use super::ranges::Ranges;
use super::source::FileReader;
use super::walk::{WalkError, WalkResult};
use directory::{Directory, TagEntry, TiffReader};
use layout::PixelLayout;
use std::collections::{HashSet, VecDeque};
use std::io;

/// Most directories that are looked at: pages, smaller forms of them, and what tags lead to.
const MAX_DIRECTORIES: usize = 16_384;

/// Most strips, tiles and the like.
const MAX_PIXEL_RANGES: u64 = 1 << 24;

/// How many of them are read at a time.
const RANGES_PER_READ: u64 = 4096;

/// How deep directories that go may lead to others.
const MAX_DEPTH: u32 = 4;

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    match TiffEdits::read(file) {
        Ok(None) => Ok(WalkResult::NoPicture),
        Ok(Some(TiffEdits { edits, needed })) => {
            edits.write(file, out, &needed)?;
            Ok(WalkResult::Complete)
        }
        Err(WalkError::Inseparable) => Ok(WalkResult::Inseparable),
        Err(WalkError::Io(error)) => Err(error),
    }
}

/// Edits of a file, and the ranges that they must leave alone.
struct TiffEdits {
    edits: Edits,
    needed: Ranges,
}

/// By what a directory was found: if it is none, that goes.
#[derive(Clone, Copy)]
enum PageLink {
    /// It is the first.
    First,
    /// It follows that one.
    NextOf(usize),
    /// A tag of that one leads to it.
    SubDirectoryOf(usize),
}

/// The pages of a file, with all that their pixels need.
#[derive(Default)]
struct TiffPages {
    pages: Vec<Directory>,
    /// Where pixels are, and values of tags that stay.
    pixels: Ranges,
    /// Where directories are that stay.
    tables: Ranges,
    range_count: u64,
    /// The pixels cannot be told from all else: nobody said where they end, or there are more ranges of them than are remembered.
    unbounded: bool,
}

impl TiffEdits {
    fn read(file: &mut FileReader) -> Result<Option<TiffEdits>, WalkError> {
        let Some((mut reader, first)) = TiffReader::open(file)? else { return Ok(None) };
        let Some(mut pages) = TiffPages::read(&mut reader, first)? else { return Ok(None) };
        let raw = reader.is_canon_raw() || pages.pages.iter().any(|page| page.is_raw(&reader));
        let mut edits = Edits::default();
        for page in std::mem::take(&mut pages.pages) {
            pages.edit_directory(&mut reader, page, raw, &mut edits)?;
        }
        // A patch over pixels would be visible in the picture.
        let unbounded = pages.unbounded && !edits.is_empty();
        if unbounded
            || edits.patch_ranges().any(|range| pages.pixels.overlaps(&range))
            || edits.has_overlapping_patches()
        {
            return Err(WalkError::Inseparable);
        }
        let mut needed = pages.pixels;
        for range in pages.tables.iter() {
            needed.add(range)?;
        }
        Ok(Some(TiffEdits { edits, needed }))
    }
}

impl TiffPages {
    /// `None` where there is no first page.
    fn read(reader: &mut TiffReader<'_>, first: u64) -> Result<Option<TiffPages>, WalkError> {
        let mut pages = TiffPages::default();
        // The header is needed by every reader, wherever tags lead.
        pages.tables.add(0..reader.header_bytes())?;
        let mut visited = HashSet::new();
        let mut pending = VecDeque::from([(first, PageLink::First)]);
        while let Some((at, by)) = pending.pop_front() {
            // A circle: it is there already.
            if !visited.insert(at) {
                continue;
            }
            if visited.len() > MAX_DIRECTORIES {
                return Err(WalkError::Inseparable);
            }
            let page = reader.read_directory(at)?.filter(|page| {
                let table = page.table();
                page.is_whole && !pages.pixels.overlaps(&table) && !pages.tables.overlaps(&table)
            });
            let Some(page) = page else {
                match by {
                    PageLink::First => return Ok(None),
                    // The link leads to no page: a reader that follows it could take any bytes for one.
                    PageLink::NextOf(page) => pages.pages[page].unlink_next(),
                    PageLink::SubDirectoryOf(page) => pages.pages[page].remove_tag(tags::SUB_DIRECTORIES),
                }
                continue;
            };
            pages.tables.add(page.table())?;
            pages.note_pixels(reader, &page)?;
            let number = pages.pages.len();
            if page.next != 0 {
                pending.push_front((page.next, PageLink::NextOf(number)));
            }
            if let Some(inside) = page.entry(tags::SUB_DIRECTORIES) {
                let inside = reader.read_values(inside, 0, MAX_DIRECTORIES as u64)?;
                pending.extend(inside.into_iter().map(|at| (at, PageLink::SubDirectoryOf(number))));
            }
            pages.pages.push(page);
        }
        Ok(Some(pages))
    }

    /// Notes where the pixels of a page are.
    fn note_pixels(&mut self, reader: &mut TiffReader<'_>, page: &Directory) -> Result<(), WalkError> {
        let layout = PixelLayout::read(reader, page)?;
        for (tag, lengths) in tags::PIXEL_TAGS {
            let Some(places) = page.entry(tag) else { continue };
            let lengths = page.entry(lengths);
            self.range_count = self.range_count.saturating_add(places.count);
            self.unbounded |= self.range_count > MAX_PIXEL_RANGES;
            let mut at = 0;
            while at < places.count && !self.unbounded {
                let starts = reader.read_values(places, at, RANGES_PER_READ)?;
                let lengths = match lengths {
                    Some(lengths) => reader.read_values(lengths, at, RANGES_PER_READ)?,
                    None => Vec::new(),
                };
                if starts.is_empty() {
                    break;
                }
                self.unbounded |= lengths.len() < starts.len();
                for (start, length) in starts.into_iter().zip(lengths) {
                    let length = length.max(layout.as_ref().map_or(0, |layout| layout.bytes_of(tag, at)));
                    at += 1;
                    let end = start.saturating_add(length).min(reader.length());
                    self.unbounded |= self.pixels.add(start..end).is_err();
                }
            }
        }
        for (tables, length) in tags::TABLE_TAGS {
            let Some(tables) = page.entry(tables) else { continue };
            for start in reader.read_values(tables, 0, 16)? {
                self.pixels.add(start..start.saturating_add(length).min(reader.length()))?;
            }
        }
        Ok(())
    }

    /// Takes out of a directory what goes.
    fn edit_directory(
        &mut self,
        reader: &mut TiffReader<'_>,
        page: Directory,
        raw: bool,
        edits: &mut Edits,
    ) -> Result<(), WalkError> {
        let (stay, go): (Vec<_>, Vec<_>) = page.entries.iter().partition(|entry| match raw {
            true => tags::is_kept_in_raw(entry.tag),
            false => tags::is_kept(entry.tag),
        });
        for entry in &stay {
            if let Some(data) = &entry.elsewhere {
                self.pixels.add(data.clone())?;
            }
            if entry.tag == tags::EXIF {
                for at in reader.read_values(entry, 0, 1)? {
                    self.edit_raw_exif(reader, at, edits)?;
                }
            }
        }
        for entry in &go {
            blank_value(reader, entry, edits, 0)?;
        }
        if !go.is_empty() || page.has_changed() {
            edits.patch(page.at, reader.encode_table(&page, &stay))?;
        }
        Ok(())
    }

    /// The same for the EXIF of a raw file.
    fn edit_raw_exif(&mut self, reader: &mut TiffReader<'_>, at: u64, edits: &mut Edits) -> Result<(), WalkError> {
        let inside = reader.read_directory(at)?;
        let Some(inside) = inside.filter(|inside| inside.is_whole && !self.tables.overlaps(&inside.table())) else {
            return Ok(());
        };
        self.tables.add(inside.table())?;
        self.edit_directory(reader, inside, true, edits)
    }
}

/// Blanks with zeros everything that a tag leads to.
fn blank_value(reader: &mut TiffReader<'_>, entry: &TagEntry, edits: &mut Edits, deep: u32) -> Result<(), WalkError> {
    if let Some(data) = &entry.elsewhere {
        edits.blank(data.clone())?;
    }
    if !tags::leads_to_directory(entry.tag) || deep > MAX_DEPTH {
        return Ok(());
    }
    for at in reader.read_values(entry, 0, 1)? {
        // A directory that breaks off is blanked as far as it goes.
        let Some(directory) = reader.read_directory(at)? else { continue };
        edits.blank(directory.table())?;
        for entry in &directory.entries {
            blank_value(reader, entry, edits, deep + 1)?;
        }
    }
    Ok(())
}
