//! What a client says about a write beside its values.

/// The terms of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteTerms {
    /// The version token that the document's version must have: somebody else's changes are not written over.
    pub expected: Option<i64>,
    /// The editor saves by itself: drafts only, and a few minutes of it are one entry of the history.
    pub autosave: bool,
    /// A remark for the history.
    pub note: Option<String>,
    /// What the history calls it, where it is neither `created` nor `updated`.
    pub(crate) action: Option<&'static str>,
}

impl From<Option<i64>> for WriteTerms {
    fn from(expected: Option<i64>) -> Self {
        Self { expected, ..Self::default() }
    }
}
