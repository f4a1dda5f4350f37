//! What a client says about a write beside its values.

use crate::ContentError;

/// What has to be true of the version that a write is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: it is written whatever is there.
    #[default]
    None,
    /// It has this version token: somebody else's changes are not written over.
    Version(i64),
    /// It does not exist yet: of two who create it, one does.
    Absent,
}

impl Precondition {
    /// The version token that the client has seen.
    pub(crate) fn version(self) -> Option<i64> {
        match self {
            Self::Version(token) => Some(token),
            Self::None | Self::Absent => None,
        }
    }

    /// Whether it holds where the version has the token `current`; `None`: there is no version.
    pub(crate) fn holds(self, current: Option<i64>) -> bool {
        match self {
            Self::None => true,
            Self::Version(token) => current == Some(token),
            Self::Absent => current.is_none(),
        }
    }

    /// 409 where it does not hold, without saying who changed what.
    pub(crate) fn check(self, current: Option<i64>) -> Result<(), ContentError> {
        if self.holds(current) { Ok(()) } else { Err(ContentError::stale(self.version(), current)) }
    }
}

impl From<Option<i64>> for Precondition {
    fn from(token: Option<i64>) -> Self {
        token.map_or(Self::None, Self::Version)
    }
}

/// The terms of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteTerms {
    /// What the client has seen of the version that is written.
    pub precondition: Precondition,
    /// The editor saves by itself: drafts only, and a few minutes of it are one entry of the history.
    pub autosave: bool,
    /// A remark for the history.
    pub note: Option<String>,
    /// What the history calls it, where it is neither `created` nor `updated`.
    pub(crate) action: Option<&'static str>,
}

impl From<Precondition> for WriteTerms {
    fn from(precondition: Precondition) -> Self {
        Self { precondition, ..Self::default() }
    }
}

impl From<Option<i64>> for WriteTerms {
    fn from(expected: Option<i64>) -> Self {
        Precondition::from(expected).into()
    }
}
