//! World that a template can see: the files it was given, the fonts of Typst and its own, a day. No disk, no network, no packages.

use chrono::{DateTime, Datelike, TimeDelta};
use std::collections::HashMap;
use std::sync::Mutex;
use typst::diag::{FileError, FileResult, PackageError};
use typst::foundations::{Bytes, Datetime, Dict, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// Why there are no packages.
const NO_PACKAGES: &str =
    "packages are not downloaded; put the files you need into templates/ and import them from there";

/// See the module.
pub(crate) struct TemplateWorld {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: FileId,
    /// By absolute path.
    files: HashMap<String, Bytes>,
    /// Those that were parsed.
    sources: Mutex<HashMap<FileId, Source>>,
    /// In milliseconds since 1970.
    at: i64,
}

impl TemplateWorld {
    /// `files`: by absolute path. `None` where `main` is no path.
    pub(crate) fn new(main: &str, files: Vec<(String, Bytes)>, inputs: Dict, at: i64) -> Option<Self> {
        let main = FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(main).ok()?));
        let built_in = typst_assets::fonts().flat_map(|font| Font::iter(Bytes::new(font)));
        let own = files.iter().filter(|(path, _)| is_font(path)).flat_map(|(_, bytes)| Font::iter(bytes.clone()));
        let fonts: Vec<Font> = own.chain(built_in).collect();
        Some(Self {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main,
            files: files.into_iter().collect(),
            sources: Mutex::default(),
            at,
        })
    }

    fn file_bytes(&self, id: FileId) -> FileResult<Bytes> {
        if let VirtualRoot::Package(_) = id.root() {
            return Err(FileError::Package(PackageError::Other(Some(NO_PACKAGES.into()))));
        }
        let path = id.vpath();
        let found = self.files.get(path.get_with_slash());
        found.cloned().ok_or_else(|| FileError::NotFound(path.get_without_slash().into()))
    }
}

fn is_font(path: &str) -> bool {
    [".ttf", ".otf", ".ttc"].iter().any(|end| path.to_ascii_lowercase().ends_with(end))
}

impl World for TemplateWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let Ok(mut sources) = self.sources.lock() else { return Err(FileError::Other(None)) };
        if let Some(source) = sources.get(&id) {
            return Ok(source.clone());
        }
        let text = self.file_bytes(id)?.as_str().map_err(|_| FileError::InvalidUtf8)?.to_owned();
        let source = Source::new(id, text);
        sources.insert(id, source.clone());
        Ok(source)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.file_bytes(id)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, offset: Option<Duration>) -> Option<Datetime> {
        let seconds = offset.map_or(0.0, |offset| offset.seconds());
        let there = DateTime::from_timestamp_millis(self.at)?.checked_add_signed(TimeDelta::seconds(seconds as i64))?;
        Datetime::from_ymd(there.year(), there.month() as u8, there.day() as u8)
    }
}
