//! Errors and panics of decoders and encoders.

use crate::AssetError;
use image::ImageError;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An error of a library that is none of `image`'s own.
pub(super) fn library_error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::IoError(std::io::Error::other(error))
}

/// Runs a decoder over bytes that anybody may have sent; `None` when they are not a whole picture.
///
/// The decoders return errors for all bad input that is known. Should one panic all the same, that is a fault of the
/// decoder and not of the server: the upload is kept as a plain file. Nothing outlives the closure half-changed, which
/// is what makes asserting unwind safety sound here.
pub(super) fn catch_decoder_panics<T>(decode: impl FnOnce() -> Result<T, ImageError>) -> Result<Option<T>, AssetError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(Some(decoded)),
        Ok(Err(error)) => {
            tracing::info!(%error, "an image cannot be decoded; storing it without dimensions and renditions");
            Ok(None)
        }
        Err(_) => {
            tracing::error!("an image decoder panicked; storing the file without dimensions and renditions");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoder_panics_yield_no_picture() {
        assert!(catch_decoder_panics::<()>(|| panic!("decoder")).unwrap().is_none());
    }
}
