//! Limits on packages, and why a file is not one.

use crate::problem::PluginProblem;
use std::fmt::Write;

/// Limits on a package. The default fits every plugin that a guest language produces today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Size of the file itself, in bytes.
    pub packed: usize,
    /// Size of all files in it together, in bytes.
    pub unpacked: usize,
    /// Size of the component, in bytes.
    pub component: usize,
    /// Size of any other file in it, in bytes.
    pub file: usize,
    /// Number of files in it.
    pub files: usize,
    /// How many times larger than the package its content may be. What a compressor makes of real files stays far below.
    pub ratio: usize,
}

impl Default for PackageLimits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self { packed: 64 * MIB, unpacked: 128 * MIB, component: 64 * MIB, file: 8 * MIB, files: 2_000, ratio: 60 }
    }
}

/// Why a file is not a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageProblem {
    /// The file, its content, one file in it, their number or their ratio exceeds the limit.
    #[error("{what} exceeds the limit of {limit}")]
    TooLarge {
        /// Part that is too large, as a phrase.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// It is not zstd, or is cut off or damaged.
    #[error("the package is damaged or incomplete: {0}")]
    Damaged(String),
    /// There are bytes behind its end.
    #[error("the package has extra data after its end")]
    Trailing,
    /// A path leads out of the package, or systems read it differently.
    #[error("the package contains an invalid path {path}: {reason}")]
    Path {
        /// The path, in quotes.
        path: String,
        /// Reason why the path is refused.
        reason: &'static str,
    },
    /// An entry is a link, a device, a folder or an extension of the format.
    #[error("{path} in the package is {kind}; a package can only contain regular files")]
    NotAFile {
        /// The path, in quotes.
        path: String,
        /// Kind of the entry.
        kind: &'static str,
    },
    /// Two files have the same name, or names that differ in case only.
    #[error("{0} is in the package twice, or differs from another file only in upper and lower case")]
    Twice(String),
    /// It was not packed by `cairn plugin pack`: order, times, owners or padding differ.
    #[error("the package was not created by `cairn plugin pack`: {0}")]
    NotCanonical(&'static str),
    /// A file that every package must have is missing.
    #[error("the package has no {0}")]
    Missing(&'static str),
    /// A file does not match the digest list.
    #[error("{0}")]
    Digest(String),
    /// The file of the signature is malformed.
    #[error("the file `signature` must be one line with a key and a signature")]
    SignatureForm,
    /// The manifest has problems.
    #[error("{}", format_problems(.0))]
    Manifest(Vec<PluginProblem>),
    /// It is to be signed with another key than its manifest names.
    #[error("plugin.toml names the publisher {publisher}, but the signing key is {key}; write publisher = \"{key}\"")]
    OtherPublisher {
        /// Publisher that the manifest names.
        publisher: String,
        /// Public half of the key.
        key: String,
    },
}

fn format_problems(problems: &[PluginProblem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let separator = if text.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{problem}");
        text
    })
}
