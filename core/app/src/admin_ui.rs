//! The files of the admin UI: those built into the binary, or those of a folder (`server.admin_ui`). Read once, kept in memory.

use crate::config::{Config, ConfigError};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/admin_ui.rs"));

/// The page that every address below `/admin` gets; the application reads the address.
const INDEX_PAGE: &str = "index.html";

/// Placeholder in the page, in whose place each answer puts a nonce of its own.
pub const NONCE_PLACEHOLDER: &str = "CAIRN_CSP_NONCE";

/// The files of the admin UI by their names, `assets/index-B3x.js`.
#[derive(Debug, Default)]
pub struct AdminUi {
    files: BTreeMap<String, AdminUiFile>,
    page: Option<String>,
}

/// A file, and what was made of it when the UI was built.
#[derive(Debug, Default)]
pub struct AdminUiFile {
    /// As a client gets it that takes no compression.
    pub plain: Bytes,
    /// `None` where the build left no `.br` beside it.
    pub brotli: Option<Bytes>,
    /// `None` where the build left no `.gz` beside it.
    pub gzip: Option<Bytes>,
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
                files.entry(plain_name.to_owned()).or_default().gzip = Some(bytes);
            } else {
                files.entry(name).or_default().plain = bytes;
            }
        }
        let page = files.remove(INDEX_PAGE).map(|file| String::from_utf8_lossy(&file.plain).into_owned());
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
        assert!(file.plain.ends_with(b"a.js"));
        assert!(file.brotli.as_ref().unwrap().ends_with(b".br"));
        assert!(file.gzip.as_ref().unwrap().ends_with(b".gz"));
        assert!(ui.find_file("a.js.br").is_none() && ui.find_file("index.html").is_none());
        assert_eq!(ui.page_with_nonce("7").unwrap(), "<7> index.html");
        assert!(AdminUi::new([]).page_with_nonce("7").is_none());
    }
}
