//! The error of a wrong configuration.

/// An error in the configuration; names the file or variable and the key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);
