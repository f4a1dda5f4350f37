//! How the contract of an accepted quote stands, and what an event of the plugin that has it signed changes about that. It knows no host.

use serde::{Deserialize, Serialize};

/// How the contract of a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContractState {
    /// Its document is being made.
    Pending,
    /// Somebody else is to have it signed.
    Requested,
    /// Those who sign have it.
    Sent,
    /// Everybody has signed.
    Signed,
    /// Somebody did not want to sign.
    Declined,
    /// It was taken back.
    Voided,
    /// Nobody signed in time. Whoever sent it can give more time.
    Expired,
    /// It could not be sent.
    Failed,
}

impl ContractState {
    /// True if nobody can sign it as it stands, so that another one may be sent.
    pub(crate) const fn has_ended(self) -> bool {
        matches!(self, Self::Declined | Self::Voided | Self::Expired | Self::Failed)
    }

    /// Its name in content and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Signed => "signed",
            Self::Declined => "declined",
            Self::Voided => "voided",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Returns the state that an event of e-signing gives the contract; none for events that say nothing.
    pub(crate) fn of_event(name: &str) -> Option<Self> {
        Some(match name {
            "esign.envelope.sent" => Self::Sent,
            "esign.envelope.completed" => Self::Signed,
            "esign.envelope.declined" => Self::Declined,
            "esign.envelope.voided" => Self::Voided,
            "esign.envelope.expired" => Self::Expired,
            "esign.request.failed" => Self::Failed,
            _ => return None,
        })
    }

    /// The state after an event; none where it changes nothing. `is_latest`: it is about the contract that was sent last.
    pub(crate) fn after(self, reported: Self, is_latest: bool) -> Option<Self> {
        let changes = match (self, reported) {
            // Signed is final, and no event reports the states that the CRM sets itself.
            (Self::Signed, _) | (_, Self::Pending | Self::Requested) => false,
            // A signature counts also on an earlier contract that had expired and was given more time.
            (_, Self::Signed) => true,
            (_, _) if !is_latest => false,
            (now, Self::Sent) => matches!(now, Self::Pending | Self::Requested),
            // An expired contract can still be voided, or get more time and then be declined; the other ends are final.
            (Self::Expired, Self::Voided | Self::Declined) => true,
            (now, _) => !now.has_ended(),
        };
        changes.then_some(reported)
    }
}

/// How the other plugin knows the contract of a quote. Nobody can name one that was not asked for: its end is random.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContractReference<'a> {
    pub(crate) quote: &'a str,
}

const PREFIX: &str = "crm/quote/";

/// Writes a reference.
pub(crate) fn build_reference(quote: &str, attempt: i64, secret: &str) -> String {
    format!("{PREFIX}{quote}/{attempt}/{secret}")
}

/// Reads the quote of a reference; none of a text that is no reference of this plugin.
pub(crate) fn parse_reference(text: &str) -> Option<ContractReference<'_>> {
    let mut parts = text.strip_prefix(PREFIX)?.split('/');
    let quote = parts.next().filter(|quote| !quote.is_empty())?;
    parts.next()?.parse::<i64>().ok()?;
    let secret = parts.next().filter(|secret| !secret.is_empty());
    (secret.is_some() && parts.next().is_none()).then_some(ContractReference { quote })
}

#[cfg(test)]
mod tests {
    use super::ContractState::*;
    use super::*;

    const ALL: [ContractState; 8] = [Pending, Requested, Sent, Signed, Declined, Voided, Expired, Failed];

    #[test]
    fn what_is_signed_stays_signed_and_an_event_counts_once() {
        for reported in ALL {
            assert_eq!(Signed.after(reported, true), None, "{reported:?}");
            assert_eq!(reported.after(reported, true), None, "{reported:?}");
        }
        for now in ALL.into_iter().filter(|now| *now != Signed) {
            assert_eq!(now.after(Signed, false), Some(Signed), "{now:?}");
        }
    }

    #[test]
    fn only_the_latest_contract_can_end() {
        for reported in [Sent, Declined, Voided, Expired, Failed] {
            assert_eq!(Requested.after(reported, false), None);
            assert_eq!(Requested.after(reported, true), Some(reported));
        }
        assert_eq!(Sent.after(Expired, true), Some(Expired));
        assert_eq!((Expired.after(Voided, true), Voided.after(Expired, true)), (Some(Voided), None));
        assert_eq!((Declined.after(Sent, true), Sent.after(Declined, true)), (None, Some(Declined)));
    }

    #[test]
    fn names_are_those_of_the_content() {
        for state in ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
            assert_eq!(state.has_ended(), [Declined, Voided, Expired, Failed].contains(&state));
        }
        assert_eq!(ContractState::of_event("esign.envelope.completed"), Some(Signed));
        assert_eq!(ContractState::of_event("esign.envelope.viewed"), None);
    }

    #[test]
    fn references_name_their_quote() {
        let reference = build_reference("abc123", 2, "f00d");
        assert_eq!(parse_reference(&reference), Some(ContractReference { quote: "abc123" }));
        for other in [
            "",
            "crm/quote/",
            "crm/quote/a",
            "crm/quote/a/1",
            "crm/quote/a/x/y",
            "crm/quote/a/1/y/z",
            "shop/quote/a/1/y",
        ] {
            assert_eq!(parse_reference(other), None, "{other}");
        }
    }
}
