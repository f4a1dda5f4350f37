//! The levels at which people are notified.

use serde::{Deserialize, Serialize};

/// How a user wants to hear of a kind on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NotificationLevel)]
pub enum NotificationLevel {
    /// No notification.
    Off,
    /// A notification at once.
    Now,
    /// Together with others, once a day.
    Digest,
}

impl NotificationLevel {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Now => "now",
            Self::Digest => "digest",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Now, Self::Digest].into_iter().find(|l| l.as_str() == text)
    }
}
