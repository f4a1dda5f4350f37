//! The file a plugin comes in: `<id>-<version>.cairnplugin`, zstd of a tar in which nothing is left to choice, so that the same folder
//! gives the same bytes.

mod archive;
mod check;
mod content;
mod digests;
mod paths;

#[cfg(test)]
mod tests;

pub use content::Files;
pub use digests::Digest;
pub use paths::is_packed;

use crate::component::COMPONENT;
use crate::manifest::Manifest;
use crate::problem::{MANIFEST, Problem};
use crate::sign::{Candidate, KeyPair, Signed};
use std::fmt::Write;

/// What a package may be. The default fits every plugin that a guest language makes today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub packed: usize,
    /// Bytes of all files in it together.
    pub unpacked: usize,
    /// Bytes of the component.
    pub component: usize,
    /// Bytes of any other file in it.
    pub file: usize,
    /// Files in it.
    pub files: usize,
    /// How many times larger than itself its content may be. What a compressor makes of real files stays far below.
    pub ratio: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self { packed: 64 * MIB, unpacked: 128 * MIB, component: 64 * MIB, file: 8 * MIB, files: 2_000, ratio: 60 }
    }
}

/// Why a file is no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageProblem {
    /// The file, its content, one file in it, their number or their ratio is over the limit.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// No zstd, cut off, or damaged.
    #[error("the package is damaged or cut off: {0}")]
    Damaged(String),
    /// Something behind its end.
    #[error("there is something behind the end of the package")]
    Trailing,
    /// A path that leads elsewhere, or that systems read differently.
    #[error("the path {path} in the package is refused: {reason}")]
    Path {
        /// The path, in quotes.
        path: String,
        /// Why.
        reason: &'static str,
    },
    /// A link, a device, a folder or an extension of the format.
    #[error("{path} in the package is {kind}; a package holds plain files only")]
    NotAFile {
        /// The path, in quotes.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// Two files of one name, or of names that differ in case only.
    #[error("{0} is in the package twice, or with another case")]
    Twice(String),
    /// Not packed by `cairn plugin pack`: order, times, owners or padding differ.
    #[error("the package was not made by `cairn plugin pack`: {0}")]
    NotCanonical(&'static str),
    /// A file that every package has is not there.
    #[error("there is no {0} in the package")]
    Missing(&'static str),
    /// A file is not what the digest list says.
    #[error("{0}")]
    Digest(String),
    /// The signature's file is not of the form.
    #[error("the file `signature` is not one line with a key and a signature")]
    SignatureForm,
    /// The manifest has problems.
    #[error("{}", listed(.0))]
    Manifest(Vec<Problem>),
    /// It is to be signed with another key than its manifest names.
    #[error(
        "plugin.toml names the publisher {publisher}, but the key to sign with is {key}; write publisher = \"{key}\""
    )]
    OtherPublisher {
        /// The publisher of the manifest.
        publisher: String,
        /// The key's public half.
        key: String,
    },
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let separator = if text.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{problem}");
        text
    })
}

/// A package that was read: its files are those of the digest list, and its manifest has no errors of its own.
#[derive(Debug, Clone)]
pub struct Package {
    files: Files,
    manifest: Manifest,
    digest: Digest,
    signed: Signed,
}

impl Package {
    /// Reads a package. What does not fit its digests, or is not exactly what packing makes, is refused. Its signature is looked at
    /// but not judged: see [`crate::sign::decide`]. Whether its files fit each other: see [`check`](Self::check).
    ///
    /// # Errors
    /// Why it is no package.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, PackageProblem> {
        let mut files = archive::unpack(bytes, limits)?;
        let list = files.take(digests::DIGESTS).ok_or(PackageProblem::Missing(digests::DIGESTS))?;
        let signature = files.take(digests::SIGNATURE);
        digests::check(&list, &files)?;
        let signed = digests::signed(&list, signature.as_deref())?;
        let manifest = manifest(&files)?;
        Ok(Self { files, manifest, digest: Digest::of(&list), signed })
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its files, without `digests` and `signature`.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The component's bytes.
    pub fn component(&self) -> &[u8] {
        self.files.get(COMPONENT).unwrap_or_default()
    }

    /// The digest of the digest list: the same for the same content, signed by whomever.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What its signature says.
    pub fn signed(&self) -> Signed {
        self.signed
    }

    /// What [`crate::sign::decide`] wants to know of it.
    pub fn candidate(&self) -> Candidate<'_> {
        let plugin = &self.manifest.plugin;
        Candidate { version: &plugin.version, signed: self.signed, publisher: plugin.publisher }
    }

    /// Every way in which its files do not fit each other: the component and the manifest, content types, texts, settings, events,
    /// views.
    pub fn check(&self) -> Vec<Problem> {
        check::check(&self.manifest, &self.files)
    }

    /// `<id>-<version>.cairnplugin`
    pub fn file_name(&self) -> String {
        file_name(&self.manifest)
    }
}

/// The name of a plugin's package.
pub fn file_name(manifest: &Manifest) -> String {
    format!("{}-{}.cairnplugin", manifest.plugin.id, manifest.plugin.version)
}

/// Packs a plugin's files; with a key, signs them. The same files give the same bytes.
///
/// # Errors
/// A path or size a package may not have, a file that must be there, problems of the manifest, or another publisher in it than the key.
pub fn pack(files: &Files, key: Option<&KeyPair>) -> Result<Vec<u8>, PackageProblem> {
    let manifest = manifest(files)?;
    if let (Some(publisher), Some(key)) = (manifest.plugin.publisher, key)
        && publisher != key.public()
    {
        return Err(PackageProblem::OtherPublisher { publisher: publisher.to_string(), key: key.public().to_string() });
    }
    archive::check_sizes(files, &Limits::default())?;
    let mut all = files.clone();
    let list = digests::list(files);
    if let Some(key) = key {
        all.add(digests::SIGNATURE, digests::sign(&list, key))?;
    }
    all.add(digests::DIGESTS, list)?;
    archive::pack(&all)
}

/// Every way in which the files of a folder do not make a plugin: what [`pack`] and [`Package::check`] would say. Where there is no
/// component yet, what can be said without it is said all the same.
pub fn check_files(files: &Files) -> Vec<Problem> {
    let problem = |problem: PackageProblem| Problem::error(crate::Place::default(), problem.to_string(), "");
    let missing = files.get(COMPONENT).is_none();
    let mut problems: Vec<Problem> = Vec::new();
    if missing {
        let hint = "`cairn plugin build` makes it";
        problems.push(Problem::error(crate::Place::default(), "is not there", hint).in_file(COMPONENT));
    }
    match parsed(files) {
        Ok(manifest) if missing => problems.extend(check::check_unbuilt(&manifest, files)),
        Ok(manifest) => problems.extend(check::check(&manifest, files)),
        Err(PackageProblem::Manifest(others)) => problems.extend(others),
        Err(other) => problems.push(problem(other)),
    }
    problems
}

/// The manifest, where every package has one and a component.
fn manifest(files: &Files) -> Result<Manifest, PackageProblem> {
    if files.get(MANIFEST).is_some() && files.get(COMPONENT).is_none() {
        return Err(PackageProblem::Missing(COMPONENT));
    }
    parsed(files)
}

/// The manifest.
fn parsed(files: &Files) -> Result<Manifest, PackageProblem> {
    let text = files.get(MANIFEST).ok_or(PackageProblem::Missing(MANIFEST))?;
    let text = std::str::from_utf8(text)
        .map_err(|_| PackageProblem::Manifest(vec![Problem::error(crate::Place::default(), "is not UTF-8", "")]))?;
    Manifest::parse(text).map_err(PackageProblem::Manifest)
}
