//! The file format of plugins: `<id>-<version>.cairnplugin`, zstd of a tar that is fully determined by its content, so that the
//! same folder gives the same bytes.

mod archive;
mod check;
mod digests;
mod files;
mod media_types;
mod paths;
mod problem;

#[cfg(test)]
mod tests;

pub use digests::PackageDigest;
pub use files::PackageFiles;
pub use media_types::{PUBLIC_FOLDER, RUNTIME_FOLDERS, frame_media_type, public_media_type};
pub use paths::is_packed;
pub use problem::{PackageLimits, PackageProblem};

use crate::component::COMPONENT;
use crate::content_texts;
use crate::manifest::Manifest;
use crate::problem::{MANIFEST, PluginProblem};
use crate::sign::{KeyPair, SignatureStatus, TrustCandidate};

/// A parsed package: its files match the digest list, and its manifest has no errors of its own.
#[derive(Debug, Clone)]
pub struct Package {
    files: PackageFiles,
    manifest: Manifest,
    digest: PackageDigest,
    signature_status: SignatureStatus,
}

impl Package {
    /// Reads a package. One that does not match its digests, or is not exactly what packing produces, is refused. Its signature is read but
    /// not judged: see [`crate::sign::decide_trust`]. For whether its files fit each other, see [`check`](Self::check). The error
    /// says why it is not a package.
    pub fn read(bytes: &[u8], limits: &PackageLimits) -> Result<Self, PackageProblem> {
        let mut files = archive::unpack_archive(bytes, limits)?;
        let list = files.take(digests::DIGESTS).ok_or(PackageProblem::Missing(digests::DIGESTS))?;
        let signature = files.take(digests::SIGNATURE);
        digests::check_digests(&list, &files)?;
        let signed = digests::verify_signature(&list, signature.as_deref())?;
        let manifest = require_manifest(&files)?;
        Ok(Self { files, manifest, digest: PackageDigest::of_bytes(&list), signature_status: signed })
    }

    /// The parsed `plugin.toml`.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The files, without `digests` and `signature`.
    pub fn files(&self) -> &PackageFiles {
        &self.files
    }

    /// Content of the component.
    pub fn component(&self) -> &[u8] {
        self.files.get(COMPONENT).unwrap_or_default()
    }

    /// Digest of the digest list: the same for the same content, whoever signed it.
    pub fn digest(&self) -> PackageDigest {
        self.digest
    }

    /// Status of the signature of the content.
    pub fn signature_status(&self) -> SignatureStatus {
        self.signature_status
    }

    /// The facts that [`crate::sign::decide_trust`] needs.
    pub fn candidate(&self) -> TrustCandidate<'_> {
        let plugin = &self.manifest.plugin;
        TrustCandidate { version: &plugin.version, signed: self.signature_status, publisher: plugin.publisher }
    }

    /// Every way in which its files do not fit each other: the component and the manifest, content types, texts, settings, events, views.
    pub fn check(&self) -> Vec<PluginProblem> {
        check::check_package(&self.manifest, &self.files)
    }

    /// Name of the package's file, `<id>-<version>.cairnplugin`.
    pub fn file_name(&self) -> String {
        file_name(&self.manifest)
    }
}

/// Name of the file of a plugin's package.
pub fn file_name(manifest: &Manifest) -> String {
    format!("{}-{}.cairnplugin", manifest.plugin.id, manifest.plugin.version)
}

/// Packs a plugin's files and, with a key, signs them. The same files give the same bytes.
///
/// # Errors
/// A path or size that a package may not have, a missing file, problems of the manifest, or another publisher in it than the key.
pub fn pack(files: &PackageFiles, key: Option<&KeyPair>) -> Result<Vec<u8>, PackageProblem> {
    let manifest = require_manifest(files)?;
    if let (Some(publisher), Some(key)) = (manifest.plugin.publisher, key)
        && publisher != key.public()
    {
        return Err(PackageProblem::OtherPublisher { publisher: publisher.to_string(), key: key.public().to_string() });
    }
    archive::check_sizes(files, &PackageLimits::default())?;
    let mut all = files.clone();
    let list = digests::digest_list(files);
    if let Some(key) = key {
        all.add(digests::SIGNATURE, digests::sign_list(&list, key))?;
    }
    all.add(digests::DIGESTS, list)?;
    archive::pack_archive(&all)
}

/// Every way in which the files of a folder are not a valid plugin: the findings of [`pack`] and [`Package::check`]. Where there is no
/// component yet, everything that can be checked without it is checked.
pub fn check_files(files: &PackageFiles) -> Vec<PluginProblem> {
    let problem =
        |problem: PackageProblem| PluginProblem::error(crate::SourceLocation::default(), problem.to_string(), "");
    let missing = files.get(COMPONENT).is_none();
    let mut problems: Vec<PluginProblem> = Vec::new();
    if missing {
        let hint = "run `cairn plugin build` to create it";
        problems.push(PluginProblem::error(crate::SourceLocation::default(), "not found", hint).in_file(COMPONENT));
    }
    match parse_manifest(files) {
        Ok(manifest) if missing => problems.extend(check::check_unbuilt(&manifest, files)),
        Ok(manifest) => problems.extend(check::check_package(&manifest, files)),
        Err(PackageProblem::Manifest(others)) => problems.extend(others),
        Err(other) => problems.push(problem(other)),
    }
    problems
}

/// Hints for the author of a plugin that are no problems of its package: fields of pages for one document that have no label. None where
/// the manifest cannot be read.
pub fn author_hints(files: &PackageFiles) -> Vec<PluginProblem> {
    parse_manifest(files).map_or_else(|_| Vec::new(), |manifest| content_texts::missing_labels(&manifest, files))
}

/// The manifest; every package must have one, and a component.
fn require_manifest(files: &PackageFiles) -> Result<Manifest, PackageProblem> {
    if files.get(MANIFEST).is_some() && files.get(COMPONENT).is_none() {
        return Err(PackageProblem::Missing(COMPONENT));
    }
    parse_manifest(files)
}

/// Parses `plugin.toml`, whether there is a component or not.
fn parse_manifest(files: &PackageFiles) -> Result<Manifest, PackageProblem> {
    let text = files.get(MANIFEST).ok_or(PackageProblem::Missing(MANIFEST))?;
    let text = std::str::from_utf8(text).map_err(|_| {
        PackageProblem::Manifest(vec![PluginProblem::error(crate::SourceLocation::default(), "is not valid UTF-8", "")])
    })?;
    Manifest::parse(text).map_err(PackageProblem::Manifest)
}
