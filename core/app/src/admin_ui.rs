//! The files of the admin UI: those built into the binary, or those of a folder (`server.admin_ui`). Read once, kept in memory.

use crate::config::{Config, ConfigError};
use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/admin_ui.rs"));

/// The page that every address below `/admin` gets; the application reads the address.
const INDEX_PAGE: &str = "index.html";

/// Bytes that are decompressed at a time.
const DECOMPRESSION_BUFFER_BYTES: usize = 16 * 1024;

/// Placeholder in the page, in whose place each answer puts a nonce of its own.
pub const NONCE_PLACEHOLDER: &str = "CAIRN_CSP_NONCE";

/// The files of the admin UI by their names, `assets/index-B3x.js`.
#[derive(Debug, Default)]
pub struct AdminUi {
    files: BTreeMap<String, AdminUiFile>,
    page: Option<String>,
}

/// A file in the forms that clients take. Those that the build of the UI did not leave are made of the Brotli one when they are first asked for, and
/// kept.
#[derive(Debug, Default)]
pub struct AdminUiFile {
    plain: OnceLock<Bytes>,
    brotli: Option<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl AdminUiFile {
    /// Bytes of the file as they are. Returns an error if its Brotli form is broken.
    pub fn plain(&self) -> io::Result<Bytes> {
        if let (None, Some(brotli)) = (self.plain.get(), &self.brotli) {
            let mut plain = Vec::new();
            Decompressor::new(&brotli[..], DECOMPRESSION_BUFFER_BYTES).read_to_end(&mut plain)?;
            let _ = self.plain.set(plain.into());
        }
        Ok(self.plain.get().cloned().unwrap_or_default())
    }

    /// Bytes compressed with Brotli; `None` where the build found nothing to gain.
    pub fn brotli(&self) -> Option<Bytes> {
        self.brotli.clone()
    }

    /// Bytes compressed with gzip; `None` where the build found nothing to gain. Returns the same errors as [`AdminUiFile::plain`].
    pub fn gzip(&self) -> io::Result<Option<Bytes>> {
        if self.gzip.get().is_none() && self.brotli.is_some() {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&self.plain()?)?;
            let _ = self.gzip.set(encoder.finish()?.into());
        }
        Ok(self.gzip.get().cloned())
    }
}

impl AdminUi {
    /// As the configuration says. Returns an error if the folder it names has no built admin UI.
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        let Some(folder) = &config.server.admin_ui else {
            return Ok(Self::new(EMBEDDED.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes)))));
        };
        let folder = config.project.join(folder);
        let config_error =
            |e: String| ConfigError(format!("server.admin_ui (CAIRN_ADMIN_UI): {}: {e}", folder.display()));
        let mut files = Vec::new();
        read_folder(&folder, "", &mut files).map_err(|e| config_error(e.to_string()))?;
        let admin_ui = Self::new(files);
        if admin_ui.page.is_none() {
            return Err(config_error(format!("{INDEX_PAGE} not found; build it with `cargo xtask build`")));
        }
        Ok(admin_ui)
    }

    /// Of files by name; those that end in `.br` and `.gz` belong to the file without it.
    fn new(named_files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut files: BTreeMap<String, AdminUiFile> = BTreeMap::new();
        for (name, bytes) in named_files {
            if let Some(plain_name) = name.strip_suffix(".br") {
                files.entry(plain_name.to_owned()).or_default().brotli = Some(bytes);
            } else if let Some(plain_name) = name.strip_suffix(".gz") {
                files.entry(plain_name.to_owned()).or_default().gzip = bytes.into();
            } else {
                files.entry(name).or_default().plain = bytes.into();
            }
        }
        let page = files.remove(INDEX_PAGE).and_then(|file| file.plain().ok());
        let page = page.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Self { files, page }
    }

    /// The page, with that nonce in it; `None` where the UI was not built.
    pub fn page_with_nonce(&self, nonce: &str) -> Option<String> {
        self.page.as_ref().map(|page| page.replace(NONCE_PLACEHOLDER, nonce))
    }

    /// A file by its name.
    pub fn find_file(&self, name: &str) -> Option<&AdminUiFile> {
        self.files.get(name)
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<(String, Bytes)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, std::fs::read(entry.path())?.into()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_variants_are_attached_to_their_plain_file() {
        let files = ["a.js", "a.js.br", "a.js.gz", "index.html", "index.html.br"];
        let ui =
            AdminUi::new(files.map(|name| (name.to_owned(), Bytes::from(format!("<{NONCE_PLACEHOLDER}> {name}")))));
        let file = ui.find_file("a.js").unwrap();
        assert!(file.plain().unwrap().ends_with(b"a.js"));
        assert!(file.brotli().unwrap().ends_with(b".br"));
        assert!(file.gzip().unwrap().unwrap().ends_with(b".gz"));
        assert!(ui.find_file("a.js.br").is_none() && ui.find_file("index.html").is_none());
        assert_eq!(ui.page_with_nonce("7").unwrap(), "<7> index.html");
        assert!(AdminUi::new([]).page_with_nonce("7").is_none());
    }

    /// The line `const cairn = 1;` 64 times, as Brotli compresses it.
    const COMPRESSED: [u8; 40] = [
        27, 63, 4, 248, 157, 9, 118, 44, 100, 42, 112, 83, 226, 35, 43, 199, 122, 98, 90, 97, 39, 236, 77, 131, 184,
        205, 209, 205, 52, 55, 185, 104, 48, 64, 56, 189, 219, 201, 89, 2,
    ];

    #[test]
    fn other_forms_are_made_of_the_brotli_one() {
        let ui = AdminUi::new([("a.js.br".to_owned(), Bytes::from_static(&COMPRESSED))]);
        let file = ui.find_file("a.js").unwrap();
        let plain = "const cairn = 1;\n".repeat(64);
        for _ in 0..2 {
            let mut unpacked = String::new();
            let gzip = file.gzip().unwrap().unwrap();
            flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut unpacked).unwrap();
            assert_eq!(unpacked, plain);
            assert_eq!(file.plain().unwrap(), plain);
        }
    }

    #[test]
    fn a_broken_file_is_an_error() {
        let ui = AdminUi::new([("a.js.br".to_owned(), Bytes::from_static(&COMPRESSED[..20]))]);
        let file = ui.find_file("a.js").unwrap();
        assert!(file.plain().is_err() && file.gzip().is_err());
    }

    #[test]
    fn what_was_not_compressed_has_one_form() {
        let ui = AdminUi::new([("a.woff2".to_owned(), Bytes::from_static(b"wOF2"))]);
        let file = ui.find_file("a.woff2").unwrap();
        assert_eq!(file.plain().unwrap(), "wOF2");
        assert!(file.brotli().is_none() && file.gzip().unwrap().is_none());
    }
}
