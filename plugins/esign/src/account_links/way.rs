//! Ways in which signers who are signed in on the site come to the document.

use serde::{Deserialize, Serialize};

/// Way to the document for somebody who is signed in on the site; each way proves less than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SigningWay {
    /// A link that is mailed again.
    #[default]
    Mail,
    /// A code that is mailed.
    Code,
    /// Nothing more than the account.
    Direct,
}

impl SigningWay {
    /// Name in settings, events and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Code => "code",
            Self::Direct => "direct",
        }
    }

    /// True if the setting still lets in who came by the way `used`: the same way, or one that proves more.
    pub(crate) fn admits(self, used: Self) -> bool {
        used <= self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stricter_setting_ends_what_a_looser_one_let_in() {
        use SigningWay::{Code, Direct, Mail};
        for (setting, used) in [(Direct, Direct), (Direct, Code), (Code, Code)] {
            assert!(setting.admits(used), "{setting:?} {used:?}");
        }
        for (setting, used) in [(Code, Direct), (Mail, Direct), (Mail, Code)] {
            assert!(!setting.admits(used), "{setting:?} {used:?}");
        }
    }

    #[test]
    fn names_are_those_of_the_settings() {
        for way in [SigningWay::Mail, SigningWay::Code, SigningWay::Direct] {
            assert_eq!(serde_json::to_value(way).unwrap(), way.name());
        }
    }
}
