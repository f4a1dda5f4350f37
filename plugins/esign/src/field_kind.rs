//! Kinds of fields that signers fill in.

use serde::{Deserialize, Serialize};

/// Kind of value that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FieldKind {
    /// The signature.
    #[default]
    Signature,
    Initials,
    /// The signer's name.
    Name,
    /// The day on which they sign; nobody fills it in.
    Date,
    Text,
    Number,
    Checkbox,
}

impl FieldKind {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 7] =
        [Self::Signature, Self::Initials, Self::Name, Self::Date, Self::Text, Self::Number, Self::Checkbox];

    /// Its name in content, marks and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Initials => "initials",
            Self::Name => "name",
            Self::Date => "date",
            Self::Text => "text",
            Self::Number => "number",
            Self::Checkbox => "checkbox",
        }
    }
}
