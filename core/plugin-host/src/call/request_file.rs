//! The body of a request as a file of the call that it is for.

use tempfile::TempPath;

/// A body that was received as a file, which is deleted when this is dropped.
#[derive(Debug)]
pub struct RequestFile {
    /// Where it is.
    pub temp: TempPath,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Media type that the client declared; may be empty.
    pub media_type: String,
}

/// The file of a call, with the id under which only this call sees it.
#[derive(Debug)]
pub(crate) struct CallFile {
    pub(crate) id: String,
    pub(crate) file: RequestFile,
}
