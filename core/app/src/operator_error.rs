//! The error of commands and of the start, as the terminal shows it.

use crate::config::ConfigError;

/// Why a project cannot be opened, for the person who started it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OperatorError(pub String);

impl From<ConfigError> for OperatorError {
    fn from(e: ConfigError) -> Self {
        Self(e.to_string())
    }
}
