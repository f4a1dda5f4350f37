//! The files of a package that everybody may load: those in its `public/`.

use bytes::Bytes;
use cairn_plugin_package::package::{PUBLIC_FOLDER, PackageFiles, public_media_type};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Number of bytes of a file's digest in its address: enough that two contents never share one by chance.
const DIGEST_BYTES: usize = 10;

/// A file that everybody may load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicFile {
    /// Its content.
    pub content: Bytes,
    /// Its media type, as a header says it.
    pub media_type: &'static str,
    /// Beginning of its SHA-256, in hexadecimal digits: another content has another one.
    pub digest: String,
}

/// All of a package's, by their path in the folder.
#[derive(Debug, Default)]
pub(crate) struct PublicFiles(BTreeMap<String, PublicFile>);

impl PublicFiles {
    /// Takes the files that can be served; a package with others is refused when it is checked.
    pub(crate) fn from_files(files: &PackageFiles) -> Self {
        let served = files.iter_below(PUBLIC_FOLDER).filter_map(|(path, content)| {
            let media_type = public_media_type(path)?;
            let digest = Sha256::digest(content).iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
            Some((path.to_owned(), PublicFile { content: Bytes::copy_from_slice(content), media_type, digest }))
        });
        Self(served.collect())
    }

    /// A file by its path in the folder.
    pub(crate) fn get(&self, path: &str) -> Option<&PublicFile> {
        self.0.get(path)
    }

    /// The paths of all files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
