//! How a walk through a file ends.

use super::ranges::TooManyRanges;
use std::io;

/// How far a walk came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WalkResult {
    /// To the end: what was made of the file has all of its picture.
    Complete,
    /// There is no picture that could be followed. What was made of the file is of no use.
    NoPicture,
    /// Metadata cannot be told from what is needed, or there is more of it than is looked at.
    Inseparable,
}

/// Why there is no end to come to.
pub(super) enum WalkError {
    Io(io::Error),
    Inseparable,
}

impl From<io::Error> for WalkError {
    fn from(error: io::Error) -> Self {
        WalkError::Io(error)
    }
}

impl From<TooManyRanges> for WalkError {
    fn from(_: TooManyRanges) -> Self {
        WalkError::Inseparable
    }
}
