//! Options of a write: what a client says about it besides its values.

use crate::ContentError;
use cairn_model::ContentType;
use cairn_model::validate::CastRules;

/// Precondition on the version that a write is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precondition {
    /// No precondition: it is written in any case.
    #[default]
    None,
    /// It has this version token: changes by others are not overwritten.
    Version(i64),
    /// It does not exist yet: if two create it, one succeeds.
    Absent,
}

impl Precondition {
    /// The version token that the client has.
    pub(crate) fn expected_version(self) -> Option<i64> {
        match self {
            Self::Version(token) => Some(token),
            Self::None | Self::Absent => None,
        }
    }

    /// True if it holds if the version has the token `current`; `None`: there is no version.
    pub(crate) fn is_met(self, current: Option<i64>) -> bool {
        match self {
            Self::None => true,
            Self::Version(token) => current == Some(token),
            Self::Absent => current.is_none(),
        }
    }

    /// Returns 409 if it does not hold, without saying who changed what.
    pub(crate) fn check(self, current: Option<i64>) -> Result<(), ContentError> {
        if self.is_met(current) { Ok(()) } else { Err(ContentError::stale_version(self.expected_version(), current)) }
    }
}

impl From<Option<i64>> for Precondition {
    fn from(token: Option<i64>) -> Self {
        token.map_or(Self::None, Self::Version)
    }
}

/// The terms of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The state of the written version that the client expects.
    pub precondition: Precondition,
    /// True if the editor saves by itself: drafts only, and a few minutes of such saves are one entry of the history.
    pub autosave: bool,
    /// True if a draft stores values that break rules of the content type, as far as they are values of their attribute's kind. The response
    /// names them, and publishing refuses them.
    pub keep_invalid: bool,
    /// A remark for the history.
    pub note: Option<String>,
    /// The action in the history, if it is neither `created` nor `updated`.
    pub(crate) action: Option<&'static str>,
    /// How many amendments of hooks led to this write, which is one of them; 0: it is none.
    pub(crate) amendment_depth: u8,
}

impl WriteOptions {
    /// The options of the write of a new draft.
    pub fn of_new_draft(keep_invalid: bool) -> Self {
        Self { keep_invalid, ..Self::default() }
    }

    /// Refuses options that only a write of a draft can have.
    pub(crate) fn check(&self, draft_only: bool) -> Result<(), ContentError> {
        let refuse = |what: &str| {
            Err(ContentError::validation(format!(
                "{what}: send it with status=draft, to a content type with draft & publish"
            )))
        };
        match self {
            _ if draft_only => Ok(()),
            Self { autosave: true, .. } => refuse("An autosave never publishes"),
            Self { keep_invalid: true, .. } => refuse("Only drafts keep invalid values"),
            _ => Ok(()),
        }
    }

    /// The rules of the first pass of validation.
    pub(crate) fn cast_rules(&self, ct: &ContentType) -> CastRules {
        if self.keep_invalid { CastRules::Kind } else { CastRules::of_type(ct) }
    }
}

impl From<Precondition> for WriteOptions {
    fn from(precondition: Precondition) -> Self {
        Self { precondition, ..Self::default() }
    }
}

impl From<Option<i64>> for WriteOptions {
    fn from(expected: Option<i64>) -> Self {
        Precondition::from(expected).into()
    }
}
