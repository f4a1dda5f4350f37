//! ID3v2: reads the title, and where the tag ends. `lofty` reads it too, but unpacks whatever claims to be compressed, which makes
//! gigabytes of a file of megabytes. Here nothing is unpacked: a compressed title is ignored.

use super::bounded_reader::BoundedReader;
use super::facts::clean_title;

/// Size of a tag's header, in bytes: its name, version, flags and length.
const HEADER_BYTES: u64 = 10;

/// Longest text of a title that is read, in bytes.
const MAX_TITLE_BYTES: usize = 2048;

/// Largest number of frames before the title, and largest tag that has to be read whole to find its frames.
const MAX_FRAMES: usize = 10_000;
const MAX_UNSYNCHRONIZED_BYTES: u64 = 1 << 20;

/// The parsed tag of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Id3Tag {
    /// Offset of the first byte after it.
    pub(super) end: u64,
    /// Title, if it has one that can be read.
    pub(super) title: Option<String>,
}

/// True if these are the first bytes of a tag.
pub(super) fn is_tag_header(header: &[u8]) -> bool {
    matches!(header, [b'I', b'D', b'3', 2..=4, ..])
}

/// The tag at an offset; `None` where there is none.
pub(super) fn read_tag(file: &mut BoundedReader, at: u64) -> Option<Id3Tag> {
    let header = file.read_at::<10>(at)?;
    if !is_tag_header(&header) {
        return None;
    }
    let [_, _, _, version, _, flags, length @ ..] = header;
    let start = at + HEADER_BYTES;
    let end = start + u64::from(decode_synchsafe(length));
    let footer = if version == 4 && flags & 0x10 != 0 { HEADER_BYTES } else { 0 };
    let mut frames = FrameReader { file, version, at: start, end, unsynchronized: None };
    let title = frames.skip_to_frames(flags).and_then(|()| frames.find_title());
    Some(Id3Tag { end: end + footer, title })
}

/// Decodes a number of seven bits in each byte.
fn decode_synchsafe(bytes: [u8; 4]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 7 | u32::from(byte & 0x7f))
}

/// Removes the zeros that were inserted after each 0xff.
fn remove_unsynchronization(bytes: &[u8]) -> Vec<u8> {
    let mut after = false;
    let filter = bytes.iter().filter(|byte| {
        let is_inserted = after && **byte == 0;
        after = **byte == 0xff;
        !is_inserted
    });
    filter.copied().collect()
}

struct FrameReader<'a> {
    file: &'a mut BoundedReader,
    version: u8,
    at: u64,
    end: u64,
    /// The whole tag, where it cannot be read piece by piece.
    unsynchronized: Option<Vec<u8>>,
}

impl FrameReader<'_> {
    /// Moves to the first frame.
    fn skip_to_frames(&mut self, flags: u8) -> Option<()> {
        if flags & 0x80 != 0 && self.version < 4 {
            let length = self.end.saturating_sub(self.at).min(MAX_UNSYNCHRONIZED_BYTES);
            let all = remove_unsynchronization(&self.file.up_to(self.at, usize::try_from(length).ok()?).ok()?);
            (self.at, self.end) = (0, all.len() as u64);
            self.unsynchronized = Some(all);
        }
        if flags & 0x40 == 0 {
            return Some(());
        }
        // More about the tag; in the older version its length does not count itself.
        let length: [u8; 4] = self.read_bytes(self.at, 4)?.try_into().ok()?;
        self.at += match self.version {
            4 => u64::from(decode_synchsafe(length)),
            3 => u64::from(u32::from_be_bytes(length)) + 4,
            // Compressed as a whole, in a way that nobody ever said.
            _ => return None,
        };
        Some(())
    }

    /// Reads that many bytes, none of them beyond the tag.
    fn read_bytes(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        if at.checked_add(length as u64)? > self.end {
            return None;
        }
        match &self.unsynchronized {
            Some(all) => Some(all.get(usize::try_from(at).ok()?..)?.get(..length)?.to_vec()),
            None => self.file.up_to(at, length).ok().filter(|read| read.len() == length),
        }
    }

    fn find_title(&mut self) -> Option<String> {
        for _ in 0..MAX_FRAMES {
            let (is_title, length, flags) = match self.version {
                2 => {
                    let [id @ .., a, b, c]: [u8; 6] = self.read_bytes(self.at, 6)?.try_into().ok()?;
                    self.at += 6;
                    (&id == b"TT2", u32::from_be_bytes([0, a, b, c]), 0)
                }
                version => {
                    let header: [u8; 10] = self.read_bytes(self.at, 10)?.try_into().ok()?;
                    let [i, d, e, n, length @ .., a, b] = header;
                    // Behind the last there are zeros.
                    if i == 0 {
                        return None;
                    }
                    self.at += 10;
                    let length = if version == 4 { decode_synchsafe(length) } else { u32::from_be_bytes(length) };
                    (&[i, d, e, n] == b"TIT2", length, u16::from_be_bytes([a, b]))
                }
            };
            if is_title {
                let length = usize::try_from(length).ok()?;
                return self.read_text(length, flags);
            }
            self.at = self.at.checked_add(u64::from(length))?;
        }
        None
    }

    /// The text of a frame, unless it is compressed or encrypted.
    fn read_text(&mut self, length: usize, flags: u16) -> Option<String> {
        let (packed, group, counted, unsynchronized) = match self.version {
            4 => (flags & 0x0c != 0, flags & 0x40 != 0, flags & 1 != 0, flags & 2 != 0),
            _ => (flags & 0xc0 != 0, flags & 0x20 != 0, false, false),
        };
        if packed {
            return None;
        }
        let before = usize::from(group) + if counted { 4 } else { 0 };
        let length = length.checked_sub(before)?.min(MAX_TITLE_BYTES);
        let read = self.read_bytes(self.at + before as u64, length)?;
        let read = if unsynchronized { remove_unsynchronization(&read) } else { read };
        clean_title(&decode_text(&read)?)
    }
}

/// Decodes a text after a byte with its encoding, up to the first zero.
fn decode_text(text: &[u8]) -> Option<String> {
    let (encoding, text) = text.split_first()?;
    let wide = |text: &[u8], number: fn([u8; 2]) -> u16| {
        let numbers = text.as_chunks::<2>().0.iter().map(|pair| number(*pair)).take_while(|number| *number != 0);
        char::decode_utf16(numbers).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let narrow = text.split(|byte| *byte == 0).next().unwrap_or_default();
    Some(match (encoding, text) {
        (0, _) => narrow.iter().copied().map(char::from).collect(),
        (1, [0xff, 0xfe, text @ ..]) => wide(text, u16::from_le_bytes),
        (1, [0xfe, 0xff, text @ ..]) | (2, text) => wide(text, u16::from_be_bytes),
        (3, _) => String::from_utf8_lossy(narrow).into_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn parse_tag_bytes(bytes: &[u8]) -> Option<Id3Tag> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read_tag(&mut BoundedReader::open(file.path()).unwrap(), 0)
    }

    fn tag_with_header(version: u8, flags: u8, inside: &[u8]) -> Vec<u8> {
        let length = [21, 14, 7, 0].map(|shift| (inside.len() >> shift & 0x7f) as u8);
        [&[b'I', b'D', b'3', version, 0, flags], length.as_slice(), inside].concat()
    }

    fn frame(name: &[u8; 4], flags: u16, text: &[u8]) -> Vec<u8> {
        [name.as_slice(), &(text.len() as u32).to_be_bytes(), &flags.to_be_bytes(), text].concat()
    }

    fn parse_title(version: u8, flags: u8, inside: &[u8]) -> Option<String> {
        parse_tag_bytes(&tag_with_header(version, flags, inside)).unwrap().title
    }

    #[test]
    fn titles_are_read_in_every_version_and_encoding() {
        let kite = Some("Kite".to_owned());
        for version in [3, 4] {
            let other = frame(b"TPE1", 0, b"\x03somebody");
            for text in [
                b"\0Kite".as_slice(),
                b"\x03Kite\0and more",
                b"\x01\xff\xfeK\0i\0t\0e\0\0\0",
                b"\x01\xfe\xff\0K\0i\0t\0e",
                b"\x02\0K\0i\0t\0e",
            ] {
                assert_eq!(
                    parse_title(version, 0, &[other.clone(), frame(b"TIT2", 0, text)].concat()),
                    kite,
                    "{text:?}"
                );
            }
        }
        assert_eq!(parse_title(2, 0, b"TP1\0\0\x02\0xTT2\0\0\x05\0Kite"), kite);
        assert_eq!(
            parse_title(4, 0x40, &[b"\0\0\0\x06\x01\0".as_slice(), &frame(b"TIT2", 0, b"\0Kite")].concat()),
            kite
        );
        assert_eq!(
            parse_title(3, 0x40, &[b"\0\0\0\x06\0\0\0\0\0\0".as_slice(), &frame(b"TIT2", 0, b"\0Kite")].concat()),
            kite
        );
        // Unsynchronized: the tag as a whole, or the frame.
        let plain = frame(b"TIT2", 0, b"\x01\xff\xfeK\0i\0t\0e\0");
        let unsynchronized: Vec<u8> =
            plain.iter().flat_map(|byte| [*byte, 0].into_iter().take(1 + usize::from(*byte == 0xff))).collect();
        assert_eq!(parse_title(3, 0x80, &unsynchronized), kite);
        assert_eq!(parse_title(4, 0, &frame(b"TIT2", 0x43, b"g\0\0\0\x0b\x01\xff\0\xfeK\0i\0t\0e\0")), kite);
    }

    #[test]
    fn compressed_encrypted_or_broken_titles_are_ignored() {
        for (version, flags) in [(3, 0x80), (3, 0x40), (4, 8), (4, 4), (4, 9)] {
            assert_eq!(parse_title(version, 0, &frame(b"TIT2", flags, b"\0Kite")), None);
        }
        for inside in [b"".as_slice(), b"TIT2", b"TIT2\0\0\0\x05\0\0", b"TIT2\xff\xff\xff\xff\0\0\0Kite", &[0; 100]] {
            assert_eq!(parse_title(3, 0, inside), None, "{inside:?}");
        }
        assert_eq!(parse_title(2, 0x40, b"TT2\0\0\x05\0Kite"), None);
        for bytes in [b"".as_slice(), b"ID3", b"ID3\x05\0\0\0\0\0\0", b"xID3\x04\0\0\0\0\0"] {
            assert_eq!(parse_tag_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn tag_end_includes_header_and_footer() {
        assert_eq!(parse_tag_bytes(&tag_with_header(3, 0, &[0; 300])).unwrap().end, 310);
        assert_eq!(parse_tag_bytes(&tag_with_header(4, 0x10, &[0; 300])).unwrap().end, 320);
    }
}
