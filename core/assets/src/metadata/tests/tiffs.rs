//! TIFF, and the parts of EXIF.

use super::*;

/// A tag: its number, kind, how many values, and the value or where it is, as its four bytes read in the file's order.
pub(super) type Tag = (u16, u16, u32, u32);

/// Writes TIFF files in either byte order.
pub(super) struct TiffBuilder {
    bytes: Vec<u8>,
    little: bool,
}

impl TiffBuilder {
    pub(super) fn new(little: bool) -> TiffBuilder {
        let bytes = if little { b"II*\0\0\0\0\0".to_vec() } else { b"MM\0*\0\0\0\0".to_vec() };
        TiffBuilder { bytes, little }
    }

    /// Appends bytes; returns their offset.
    pub(super) fn append(&mut self, bytes: &[u8]) -> u32 {
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(2), 0);
        at
    }

    /// One short value, as a tag has it.
    pub(super) fn short(&self, value: u16) -> u32 {
        if self.little { u32::from(value) } else { u32::from(value) << 16 }
    }

    pub(super) fn longs(&mut self, values: &[u32]) -> u32 {
        let values: Vec<u8> = values.iter().flat_map(|value| self.long(*value)).collect();
        self.append(&values)
    }

    fn long(&self, value: u32) -> [u8; 4] {
        if self.little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    pub(super) fn directory(&mut self, tags: &[Tag], next: u32) -> u32 {
        let half = |value: u16| if self.little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut table = half(tags.len() as u16).to_vec();
        for (tag, kind, count, value) in tags {
            table.extend([half(*tag), half(*kind)].concat());
            table.extend([self.long(*count), self.long(*value)].concat());
        }
        table.extend(self.long(next));
        self.append(&table)
    }

    pub(super) fn finish(mut self, first: &[Tag], next: u32) -> Vec<u8> {
        let at = self.directory(first, next);
        let at = self.long(at);
        self.bytes[4..8].copy_from_slice(&at);
        self.bytes
    }
}

/// A picture of eight by eight grey pixels in two strips, with all metadata about people. `extra_tags` is added to the first directory.
pub(super) fn photograph(little: bool, extra_tags: &[Tag]) -> Vec<u8> {
    let mut file = TiffBuilder::new(little);
    let pixels: Vec<u8> = (0..64).map(|n| n * 3).collect();
    let strips = [file.append(&pixels[..32]), file.append(SECRET), file.append(&pixels[32..])];
    let places = file.longs(&[strips[0], strips[2]]);
    let lengths = file.longs(&[32, 32]);
    let profile = file.append(&profile());
    let text = file.append(SECRET);
    let length = SECRET.len() as u32;
    let degrees = file.append(SECRET);
    let gps = file.directory(&[(2, 5, 3, degrees)], 0);
    let maker = file.append(SECRET);
    let inside = file.directory(&[(34_853, 4, 1, gps), (37_500, 7, length, maker), (42_032, 2, length, text)], 0);
    // A second page, with a text as well.
    let page = [
        (256, 4, 1, 8),
        (257, 4, 1, 4),
        (258, 3, 1, file.short(8)),
        (259, 3, 1, file.short(1)),
        (262, 3, 1, file.short(1)),
        (270, 2, length, text),
        (273, 4, 1, strips[0]),
        (277, 3, 1, file.short(1)),
        (278, 4, 1, 4),
        (279, 4, 1, 32),
    ];
    let second = file.directory(&page, 0);
    let mut first = vec![
        (256, 4, 1, 8),
        (257, 4, 1, 8),
        (258, 3, 1, file.short(8)),
        (259, 3, 1, file.short(1)),
        (262, 3, 1, file.short(1)),
        (273, 4, 2, places),
        (274, 3, 1, file.short(8)),
        (277, 3, 1, file.short(1)),
        (278, 4, 1, 4),
        (279, 4, 2, lengths),
        (315, 2, length, text),
        (700, 1, length, text),
        (33_723, 7, length, text),
        (34_665, 4, 1, inside),
        (34_675, 7, 200, profile),
        (34_853, 4, 1, gps),
    ];
    first.extend_from_slice(extra_tags);
    first.sort_unstable();
    file.finish(&first, second)
}

/// The numbers of the tags of each page.
fn tags(bytes: &[u8], little: bool) -> Vec<Vec<u16>> {
    let number = |at: usize, length: usize| {
        let next = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        let bytes = &bytes[at..at + length];
        if little { bytes.iter().rev().fold(0, next) } else { bytes.iter().fold(0, next) }
    };
    let (mut pages, mut at) = (Vec::new(), number(4, 4));
    while at != 0 {
        let count = number(at, 2);
        pages.push((0..count).map(|n| number(at + 2 + 12 * n, 2) as u16).collect());
        at = number(at + 2 + 12 * count, 4);
    }
    pages
}

#[test]
fn personal_metadata_is_removed_from_tiffs() {
    for little in [true, false] {
        // Between the strips nobody leads to it, so that nobody reads it; it stays, as all does that nobody knows.
        let original = photograph(little, &[]);
        let at = original.windows(SECRET.len()).position(|window| window == SECRET).unwrap();
        let original = [&original[..at], &vec![9; SECRET.len()], &original[at + SECRET.len()..]].concat();
        let new = strip_secrets(&original);
        assert_eq!(new.len(), original.len());
        let (before, after) = (decode(&original, ImageFormat::Tiff).unwrap(), decode(&new, ImageFormat::Tiff).unwrap());
        assert_eq!(before, after);
        assert!(after.1 == Orientation::Rotate270 && contains_bytes(&new, &profile()));
        let tags = tags(&new, little);
        assert_eq!(tags.len(), 2, "both pages stay");
        assert_eq!(tags[0], [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 34_675]);
        assert_eq!(tags[1], [256, 257, 258, 259, 262, 273, 277, 278, 279]);
    }
}

#[test]
fn raw_files_retain_maker_notes_and_lose_iptc() {
    let raw = photograph(true, &[(50_706, 1, 4, 0x0401)]);
    let new = strip(&raw).unwrap().unwrap();
    let directory = |bytes: &[u8], tag: u16| contains_bytes(bytes, &[tag.to_le_bytes(), 7_u16.to_le_bytes()].concat());
    assert!(directory(&new, 37_500), "what the maker wrote stays");
    assert!(directory(&raw, 33_723) && !directory(&new, 33_723), "IPTC goes");
    let secrets = |bytes: &[u8]| bytes.windows(SECRET.len()).filter(|window| *window == SECRET).count();
    // The text of all tags that go, and the place; what is between the strips and the maker's are not known to be of people.
    assert_eq!((secrets(&raw), secrets(&new)), (4, 2));
    assert_eq!(decode(&raw, ImageFormat::Tiff).unwrap(), decode(&new, ImageFormat::Tiff).unwrap());
    assert_eq!(strip(&new).unwrap(), None);
}

#[test]
fn cyclic_or_dangling_directories_do_not_change_pixels() {
    let original = photograph(true, &[]);
    let first = u32::from_le_bytes(original[4..8].try_into().unwrap()) as usize;
    let number = u16::from_le_bytes(original[first..first + 2].try_into().unwrap()) as usize;
    let next = first + 2 + 12 * number;
    for to in [first as u32, next as u32, 8, 3, u32::MAX, original.len() as u32 - 1] {
        let mut bytes = original.clone();
        bytes[next..next + 4].copy_from_slice(&to.to_le_bytes());
        let new = strip(&bytes).unwrap().unwrap();
        assert_eq!(decode(&bytes, ImageFormat::Tiff), decode(&new, ImageFormat::Tiff), "{to}");
    }
    // A directory in the pixels cannot be written without being seen.
    let mut bytes = original.clone();
    let place =
        |tag: u16| first + 2 + 12 * original[first + 2..].chunks(12).position(|e| e[..2] == tag.to_le_bytes()).unwrap();
    let strips = place(273);
    bytes[strips + 4..strips + 8].copy_from_slice(&1_u32.to_le_bytes());
    bytes[strips + 8..strips + 12].copy_from_slice(&(first as u32).to_le_bytes());
    assert!(matches!(strip(&bytes), Err(AssetError::InseparableMetadata)));
    // A file without tags to remove is stored as it is.
    assert_eq!(strip(&encode_picture(ImageFormat::Tiff)).unwrap(), None);
}

/// More directories, tags or places than are looked at, each in little time.
#[test]
fn tiffs_with_too_many_directories_or_tags_are_rejected() {
    let mut file = TiffBuilder::new(true);
    let mut next = 0;
    for _ in 0..20_000 {
        next = file.directory(&[(315, 2, 4, 0)], next);
    }
    assert!(matches!(strip(&file.finish(&[(315, 2, 4, 0)], next)), Err(AssetError::InseparableMetadata)));
    let mut file = TiffBuilder::new(true);
    let tags = vec![(34_853, 4, 1, 8); 60_000];
    let first = file.directory(&tags, 0);
    assert_eq!(first, 8);
    assert!(matches!(strip(&file.finish(&tags, 0)), Err(AssetError::InseparableMetadata)));
    let many = TiffBuilder::new(true).finish(&[(273, 4, u32::MAX, 8), (279, 4, u32::MAX, 8), (315, 2, 40, 0)], 0);
    assert!(matches!(strip(&many), Err(AssetError::InseparableMetadata)));
}
