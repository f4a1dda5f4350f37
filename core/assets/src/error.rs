//! Errors of assets. The first six are the sender's doing, the others are ours.

use std::io;

/// Why a file was not taken, not found or not removed.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// The file is larger than the configured maximum.
    #[error("the file has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// Size of the file in bytes.
        bytes: u64,
        /// The configured maximum in bytes.
        limit: u64,
    },
    /// The picture would need too much memory to be decoded, as its header tells.
    #[error("the image has {pixels} pixels; at most {limit} are allowed")]
    TooManyPixels {
        /// Width times height.
        pixels: u64,
        /// How many pixels are allowed; fewer where a pixel takes more than four bytes.
        limit: u64,
    },
    /// The animation has too many frames or pixels, or is damaged: it can be shown in its own size only.
    #[error("the animation is too large, or too damaged, to be resized")]
    UnresizableAnimation,
    /// The name cannot be used, neither for display nor as a key.
    #[error("{name:?} is not a valid file name")]
    BadName {
        /// The name as given; printed with escapes, because it may hold anything.
        name: String,
    },
    /// A file would be replaced by one of another type, which its address would lie about.
    #[error("a {old} file can only be replaced by another {old} file, not by {new}; upload it as a new file instead")]
    OtherType {
        /// The extension it has.
        old: String,
        /// The extension of what it would be replaced by.
        new: String,
    },
    /// The metadata of a picture or film about people is to be removed, and cannot be told from what is needed.
    #[error(
        "the file is damaged, so metadata about people (locations, names, devices) cannot be removed: save the \
         file again with another program, or upload it to a folder that retains metadata"
    )]
    InseparableMetadata,
    /// The disk (or whatever holds the files) failed.
    #[error("could not {action}")]
    Io {
        /// Action that failed, in the infinitive.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Whatever holds the files did not answer; it may in a moment.
    #[error("could not {action}: {why}")]
    Unavailable {
        /// Action that failed, in the infinitive.
        action: &'static str,
        /// Known reason of the failure.
        why: String,
    },
    /// As many pictures wait to be made as may; there will be room in a moment.
    #[error("too many renditions are being created; try again in a few seconds")]
    Busy,
}

impl AssetError {
    /// Wraps an I/O error with what was being done; for `map_err`.
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> AssetError {
        move |source| AssetError::Io { action, source }
    }

    /// An error that says the same, for another who asked for the same.
    pub(crate) fn to_copy(&self) -> AssetError {
        match self {
            &AssetError::TooLarge { bytes, limit } => AssetError::TooLarge { bytes, limit },
            &AssetError::TooManyPixels { pixels, limit } => AssetError::TooManyPixels { pixels, limit },
            AssetError::UnresizableAnimation => AssetError::UnresizableAnimation,
            AssetError::BadName { name } => AssetError::BadName { name: name.clone() },
            AssetError::OtherType { old, new } => AssetError::OtherType { old: old.clone(), new: new.clone() },
            AssetError::InseparableMetadata => AssetError::InseparableMetadata,
            AssetError::Io { action, source } => {
                AssetError::Io { action, source: io::Error::new(source.kind(), source.to_string()) }
            }
            AssetError::Unavailable { action, why } => AssetError::Unavailable { action, why: why.clone() },
            AssetError::Busy => AssetError::Busy,
        }
    }
}
