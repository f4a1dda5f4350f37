//! Why a test did not pass.

/// Why a test could not be run, or what it found: in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestError(pub String);

impl std::fmt::Display for TestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TestError {}

pub(crate) fn to_test_error(e: impl std::fmt::Display) -> TestError {
    TestError(e.to_string())
}
