//! Why a test did not pass.

/// Why a test could not be run, or what it found: in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(pub String);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

pub(crate) fn broken(e: impl std::fmt::Display) -> Broken {
    Broken(e.to_string())
}
