//! How an envelope and its recipients stand, and what may be done then. It knows no host.

use serde::{Deserialize, Serialize};

/// How far an envelope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EnvelopeStatus {
    /// It can be changed.
    #[default]
    Draft,
    /// The first signers have their links.
    Sent,
    /// Somebody has begun to read it.
    InProgress,
    /// Everybody has signed; the document is being sealed.
    Completing,
    /// The sealed document has been sent to everybody.
    Completed,
    /// A signer declined.
    Declined,
    /// Nobody signed in time. It can be extended.
    Expired,
    /// The sender took it back.
    Voided,
}

impl EnvelopeStatus {
    /// True if signers can still answer, as far as the time allows.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::InProgress)
    }

    /// True if the sender can take it back.
    pub(crate) const fn can_be_voided(self) -> bool {
        matches!(self, Self::Sent | Self::InProgress | Self::Completing | Self::Expired)
    }

    /// True if signers can get more time.
    pub(crate) const fn can_be_extended(self) -> bool {
        matches!(self, Self::Sent | Self::InProgress | Self::Expired)
    }

    /// Its name in content, events and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::InProgress => "inProgress",
            Self::Completing => "completing",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Voided => "voided",
        }
    }
}

/// How far a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RecipientStatus {
    /// Those before them have not signed yet; who gets a copy waits for the end.
    #[default]
    Waiting,
    /// They have their link.
    Notified,
    /// They opened the document.
    Viewed,
    Signed,
    Declined,
    /// The time was over before they signed.
    Expired,
    /// The mail with the link came back.
    Bounced,
}

impl RecipientStatus {
    /// Its name in content and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Notified => "notified",
            Self::Viewed => "viewed",
            Self::Signed => "signed",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Bounced => "bounced",
        }
    }
}

/// Part that somebody has in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    #[default]
    Signer,
    /// Gets a copy of the sealed document.
    Cc,
}

impl Role {
    /// Its name in content and texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Cc => "cc",
        }
    }
}

/// How an envelope stands for a signer who has a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningPageState {
    /// Others sign first: they see nothing of the document.
    NotYet,
    /// They can open the document.
    Invited,
    /// They have opened the document and can sign.
    Open,
    Signed,
    Declined,
    Expired,
    Voided,
    /// Everybody has signed, and the sealed document is there.
    Completed,
}

impl SigningPageState {
    /// How it stands. `is_turn`: all before them have signed. `is_over`: the time to sign is over, whatever a timer has noted.
    pub(crate) const fn find(
        envelope: EnvelopeStatus,
        recipient: RecipientStatus,
        is_turn: bool,
        is_over: bool,
    ) -> Self {
        match (envelope, recipient) {
            (EnvelopeStatus::Completed, _) => Self::Completed,
            (EnvelopeStatus::Voided, _) => Self::Voided,
            (EnvelopeStatus::Declined, _) => Self::Declined,
            (_, RecipientStatus::Signed) => Self::Signed,
            (EnvelopeStatus::Expired, _) | (_, RecipientStatus::Expired) => Self::Expired,
            _ if is_over => Self::Expired,
            (_, RecipientStatus::Waiting) => Self::NotYet,
            _ if !is_turn => Self::NotYet,
            (_, RecipientStatus::Viewed) => Self::Open,
            _ => Self::Invited,
        }
    }

    /// Its name in texts and for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotYet => "notYet",
            Self::Invited => "invited",
            Self::Open => "open",
            Self::Signed => "signed",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Voided => "voided",
            Self::Completed => "completed",
        }
    }

    /// Status of the page that says so.
    pub(crate) const fn page_status(self) -> u16 {
        match self {
            Self::Declined | Self::Expired | Self::Voided => 410,
            _ => 200,
        }
    }

    /// True if the signer sees the document.
    pub(crate) const fn shows_document(self) -> bool {
        matches!(self, Self::Open | Self::Signed | Self::Completed)
    }

    /// True if a signer can open the document now: it is their turn, in time, and they have not answered.
    pub(crate) const fn can_open(self) -> bool {
        matches!(self, Self::Invited | Self::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [EnvelopeStatus; 8] = [
        EnvelopeStatus::Draft,
        EnvelopeStatus::Sent,
        EnvelopeStatus::InProgress,
        EnvelopeStatus::Completing,
        EnvelopeStatus::Completed,
        EnvelopeStatus::Declined,
        EnvelopeStatus::Expired,
        EnvelopeStatus::Voided,
    ];

    #[test]
    fn what_has_ended_stays_as_it_is() {
        for ended in [EnvelopeStatus::Completed, EnvelopeStatus::Declined, EnvelopeStatus::Voided] {
            assert!(!ended.is_open() && !ended.can_be_voided() && !ended.can_be_extended(), "{ended:?}");
        }
        assert!(EnvelopeStatus::Expired.can_be_extended() && !EnvelopeStatus::Expired.is_open());
        assert!(EnvelopeStatus::Completing.can_be_voided() && !EnvelopeStatus::Completing.can_be_extended());
        assert!(!EnvelopeStatus::Draft.can_be_voided());
    }

    #[test]
    fn names_are_those_of_the_content() {
        for status in ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        assert_eq!(serde_json::to_value(RecipientStatus::Bounced).unwrap(), RecipientStatus::Bounced.name());
        assert_eq!(serde_json::to_value(Role::Cc).unwrap(), Role::Cc.name());
    }

    #[test]
    fn nobody_sees_the_document_before_their_turn() {
        use RecipientStatus as R;
        let open = EnvelopeStatus::InProgress;
        assert_eq!(SigningPageState::find(open, R::Waiting, false, false), SigningPageState::NotYet);
        // A link that was sent early leads nowhere either.
        assert_eq!(SigningPageState::find(open, R::Notified, false, false), SigningPageState::NotYet);
        assert_eq!(SigningPageState::find(open, R::Notified, true, false), SigningPageState::Invited);
        assert_eq!(SigningPageState::find(open, R::Bounced, true, false), SigningPageState::Invited);
        assert_eq!(SigningPageState::find(open, R::Viewed, true, false), SigningPageState::Open);
        assert!(!SigningPageState::NotYet.shows_document() && !SigningPageState::Invited.shows_document());
    }

    #[test]
    fn the_time_counts_and_not_the_timer() {
        use RecipientStatus as R;
        assert_eq!(SigningPageState::find(EnvelopeStatus::Sent, R::Viewed, true, true), SigningPageState::Expired);
        assert_eq!(SigningPageState::find(EnvelopeStatus::InProgress, R::Signed, true, true), SigningPageState::Signed);
        assert_eq!(
            SigningPageState::find(EnvelopeStatus::Expired, R::Notified, true, false),
            SigningPageState::Expired
        );
        for status in ALL {
            let over = SigningPageState::find(status, R::Expired, true, true);
            assert!(!matches!(over, SigningPageState::Open | SigningPageState::Invited), "{status:?}");
        }
    }

    #[test]
    fn after_the_end_links_say_so() {
        use RecipientStatus as R;
        for (status, page_state) in [
            (EnvelopeStatus::Voided, SigningPageState::Voided),
            (EnvelopeStatus::Declined, SigningPageState::Declined),
            (EnvelopeStatus::Completed, SigningPageState::Completed),
        ] {
            for recipient in [R::Waiting, R::Notified, R::Viewed, R::Signed] {
                assert_eq!(SigningPageState::find(status, recipient, true, false), page_state);
            }
        }
        assert_eq!((SigningPageState::Voided.page_status(), SigningPageState::Completed.page_status()), (410, 200));
    }
}
