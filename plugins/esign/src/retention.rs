//! How long envelopes have to be retained: a signed document is evidence for seven years after the year in which it was signed. It knows no
//! host.

use crate::envelope_state::EnvelopeStatus;
use cairn_plugin::Instant;
use cairn_plugin::prelude::time;

/// Years for which evidence is retained, after the year that it is of.
const EVIDENCE_YEARS: i64 = 7;

/// Fate of an envelope when the data of one of its recipients are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvelopeFate {
    /// The recipient is taken out of the draft.
    LosesRecipient,
    /// It is not over: somebody has to end it first.
    StaysOpen,
    /// It is evidence until then.
    IsEvidence(Instant),
    /// It is deleted with all its parts.
    Goes,
}

/// Decides what becomes of an envelope. `signed_at`: when people signed it.
pub(crate) fn decide_fate<'a>(
    status: EnvelopeStatus,
    signed_at: impl Iterator<Item = &'a str>,
    now: Instant,
) -> EnvelopeFate {
    match status {
        EnvelopeStatus::Draft => EnvelopeFate::LosesRecipient,
        EnvelopeStatus::Sent | EnvelopeStatus::InProgress | EnvelopeStatus::Completing => EnvelopeFate::StaysOpen,
        EnvelopeStatus::Completed | EnvelopeStatus::Declined | EnvelopeStatus::Expired | EnvelopeStatus::Voided => {
            match signed_at.filter_map(find_evidence_end).max() {
                Some(until) if until > now => EnvelopeFate::IsEvidence(until),
                // An envelope that nobody signed is no agreement, and evidence is retained only until its end.
                _ => EnvelopeFate::Goes,
            }
        }
    }
}

/// When what was signed at a time need no longer be retained; none for a text that is no time.
fn find_evidence_end(signed_at: &str) -> Option<Instant> {
    let year: i64 = signed_at.get(..4)?.parse().ok()?;
    time::parse(&format!("{}-01-01T00:00:00.000Z", year + EVIDENCE_YEARS + 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_signed_is_evidence() {
        let at = |text: &str| time::parse(text).unwrap();
        let now = at("2026-06-01T10:00:00.000Z");
        let fate = |status, signed: &[&str], now| decide_fate(status, signed.iter().copied(), now);
        let signed = ["2025-03-01T10:00:00.000Z", "2026-01-19T09:00:00.000Z"];
        let until = at("2034-01-01T00:00:00.000Z");
        for status in [EnvelopeStatus::Completed, EnvelopeStatus::Declined, EnvelopeStatus::Voided] {
            assert_eq!(fate(status, &signed, now), EnvelopeFate::IsEvidence(until), "{status:?}");
            assert_eq!(fate(status, &[], now), EnvelopeFate::Goes, "{status:?}");
            assert_eq!(fate(status, &signed, until), EnvelopeFate::Goes, "{status:?}");
        }
    }

    #[test]
    fn what_is_not_over_stays_and_drafts_lose_their_recipient() {
        let fate = |status| decide_fate(status, std::iter::empty(), 0);
        assert_eq!(fate(EnvelopeStatus::Draft), EnvelopeFate::LosesRecipient);
        for status in [EnvelopeStatus::Sent, EnvelopeStatus::InProgress, EnvelopeStatus::Completing] {
            assert_eq!(fate(status), EnvelopeFate::StaysOpen, "{status:?}");
        }
    }
}
