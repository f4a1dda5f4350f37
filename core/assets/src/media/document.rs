//! PDFs: their first page as a picture, how many there are, and their title, by `hayro`, which is safe Rust.
//!
//! What `hayro` unpacks has no limit, so that a file of a megabyte may take all memory, and it may take any time. It is
//! therefore run only in a process of its own: [`DocumentHelper`] starts that, [`document_helper`] is what it does.

use super::facts::{MediaFacts, clean_title};
use super::limited_program::{self, ProgramLimits, ProgramOutput};
use crate::{AssetError, EncodedPicture, image};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest side of the picture of a page in pixels.
const PAGE_SIDE: u32 = 1000;

/// Longest PDF that is read, in bytes: all of it is in memory.
const MAX_PDF_BYTES: u64 = 256 << 20;

/// Limits of the helper. Of its address space an allocator may reserve a gigabyte at its start.
const HELPER_LIMITS: ProgramLimits =
    ProgramLimits { memory: 1536 << 20, time: Duration::from_secs(15), output: 16 << 20 };

/// Longest facts in an answer, in bytes.
const MAX_FACTS_BYTES: usize = 64 << 10;

/// A program that reads documents: this one, started with arguments that make it call [`document_helper`].
#[derive(Debug, Clone)]
pub struct DocumentHelper {
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// Facts about a document, and a picture of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentFacts {
    /// How many pages it has, and its title.
    pub facts: MediaFacts,
    /// Its first page on white, as a JPEG of at most 1000 pixels; `None` where it could not be drawn.
    pub first_page: Option<EncodedPicture>,
}

impl DocumentHelper {
    /// A helper that is started with these arguments, and the path of the document behind them. It has no environment,
    /// and its output must be what [`document_helper`] writes and nothing else.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> DocumentHelper {
        DocumentHelper { program, arguments }
    }

    /// Reads the facts of a PDF, which its bytes were found to be; `None` for one that is broken, encrypted or longer than
    /// 256 MiB. One that takes more than it is worth (15 seconds, or one and a half gigabytes of address space) has what
    /// was known by then. Blocks, also until another document is done: two are read at once. Fails with [`AssetError::Io`] if the file
    /// cannot be opened or the helper cannot be started.
    pub fn read_document(&self, path: &Path, content_type: &str) -> Result<Option<DocumentFacts>, AssetError> {
        if content_type != "application/pdf" {
            return Ok(None);
        }
        let path = path.canonicalize().map_err(AssetError::io("open a document"))?;
        let arguments: Vec<_> = self.arguments.iter().cloned().chain([path.into()]).collect();
        let ProgramOutput { output, succeeded } =
            limited_program::run_program(&self.program, &arguments, HELPER_LIMITS)?;
        let Some((facts, page)) = parse_answer(&output) else { return Ok(None) };
        let first_page = if succeeded && !page.is_empty() { image::jpeg_preview(page, PAGE_SIDE)? } else { None };
        Ok(Some(DocumentFacts { facts, first_page }))
    }
}

/// Runs the process of a [`DocumentHelper`]: writes the facts about the PDF at this path to its output. To
/// be called before anything else is started. It may take any time and memory, and may end by a panic or a signal: that
/// is what the process is for.
///
/// # Errors
/// When the file cannot be read or is no PDF, and when nothing can be written. The process has to fail then.
pub fn document_helper(path: &Path, output: &mut dyn Write) -> io::Result<()> {
    if fs::metadata(path)?.len() > MAX_PDF_BYTES {
        return Err(io::Error::other("the document is too long"));
    }
    let pdf = Pdf::new(fs::read(path)?).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let pages = pdf.pages();
    let title = pdf.metadata().title.as_deref().and_then(|bytes| clean_title(&decode_text(bytes)));
    let facts = MediaFacts { pages: u32::try_from(pages.len()).ok(), title, ..MediaFacts::default() };
    let facts = serde_json::to_vec(&facts)?;
    output.write_all(&u32::try_from(facts.len()).map_err(io::Error::other)?.to_le_bytes())?;
    output.write_all(&facts)?;
    // Should drawing fail, this much is known.
    output.flush()?;
    let Some(page) = pages.first() else { return Ok(()) };
    let (width, height) = page.render_dimensions();
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return Ok(());
    }
    let scale = PAGE_SIDE as f32 / width.max(height);
    // Whole pixels and at least one; a little more, because the fraction is cut off.
    let pixels = |side: f32| (side * scale).round().max(1.0) + 0.01;
    let settings = PixmapSettings { x_scale: pixels(width) / width, y_scale: pixels(height) / height, bg_color: WHITE };
    let drawn = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    // On white, nothing shows through, and colours are as they are.
    let rgb: Vec<u8> = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    let png = image::encode_png(u32::from(drawn.width()), u32::from(drawn.height()), rgb);
    output.write_all(&png.ok_or_else(|| io::Error::other("the page could not be encoded"))?)?;
    output.flush()
}

/// The facts and the picture in an answer; what the helper says is believed no more than what the document says.
fn parse_answer(answer: &[u8]) -> Option<(MediaFacts, &[u8])> {
    let (length, rest) = answer.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= MAX_FACTS_BYTES)?;
    let (facts, page) = rest.split_at_checked(length)?;
    let MediaFacts { pages, title: raw_title, .. } = serde_json::from_slice(facts).ok()?;
    Some((MediaFacts { pages, title: raw_title.and_then(|title| clean_title(&title)), ..MediaFacts::default() }, page))
}

/// A text string of a PDF: UTF-16 or UTF-8 where it begins with their mark, else nearly Latin-1.
fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pdf_titles_are_decoded_from_every_encoding() {
        assert_eq!(decode_text(b"caf\xe9"), "café");
        assert_eq!(decode_text(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(decode_text(b"\xfe\xff\0c\0a\0f\0\xe9\xd8"), "café");
    }

    #[test]
    fn helper_responses_are_validated() {
        let answer = |length: u32, rest: &[u8]| [&length.to_le_bytes(), rest].concat();
        let facts = br#"{"pages":3,"title":"a\u0000b","width":5}"#;
        let response = answer(facts.len() as u32, &[facts.as_slice(), b"png"].concat());
        let (found, page) = parse_answer(&response).unwrap();
        assert_eq!(found, MediaFacts { pages: Some(3), title: Some("ab".to_owned()), ..MediaFacts::default() });
        assert_eq!(page, b"png");
        for bad in [answer(2, b"{"), answer(u32::MAX, facts), answer(1, b"x"), vec![1, 2]] {
            assert!(parse_answer(&bad).is_none());
        }
    }
}
