//! Codes and links that a signer has had on the site, and what they allow now. It knows no host.

use super::signing_code::{CodePurpose, HashedCode};
use super::way::SigningWay;
use cairn_plugin::Instant;
use serde::{Deserialize, Serialize};

/// Time in which a code, and a link, has to be used, in milliseconds.
pub(crate) const LINK_LIFE_MS: i64 = 10 * 60_000;
/// Time in which a page that was opened by a link can be read and signed, in milliseconds.
pub(crate) const VISIT_LIFE_MS: i64 = 60 * 60_000;
/// Wrong codes after which a new one is needed.
const MAX_WRONG_CODES: u32 = 5;

/// How often something may be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// Shortest time between two, in milliseconds.
    pub(crate) pause_ms: i64,
    /// Most in an hour.
    pub(crate) hourly: usize,
}

/// Codes of a signer.
pub(crate) const CODES_OF_SIGNER: Rate = Rate { pause_ms: 60_000, hourly: 5 };
/// Codes of an account, over all of its envelopes.
pub(crate) const CODES_OF_ACCOUNT: Rate = Rate { pause_ms: 0, hourly: 20 };
/// Links that a signer opens.
pub(crate) const OPENINGS_OF_SIGNER: Rate = Rate { pause_ms: 0, hourly: 20 };

const HOUR_MS: i64 = 3_600_000;

/// Times of the last hour at which something was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RecentTimes(Vec<Instant>);

impl RecentTimes {
    /// Time to wait until the next one, in milliseconds; none where it can be now.
    pub(crate) fn find_wait(&self, rate: Rate, now: Instant) -> Option<i64> {
        let of_hour: Vec<Instant> = self.0.iter().copied().filter(|at| now.saturating_sub(*at) < HOUR_MS).collect();
        let after_last = of_hour.iter().max().map(|at| at.saturating_add(rate.pause_ms));
        let in_hour = of_hour.len().checked_sub(rate.hourly).and_then(|first| of_hour.get(first));
        let free_at = after_last.max(in_hour.map(|at| at.saturating_add(HOUR_MS)))?;
        (free_at > now).then(|| free_at.saturating_sub(now))
    }

    /// Notes one that is done now.
    pub(crate) fn note(&mut self, now: Instant) {
        self.0.retain(|at| now.saturating_sub(*at) < HOUR_MS);
        self.0.push(now);
    }
}

/// The newest code of a signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SentCode {
    hashed: HashedCode,
    ends_at: Instant,
    wrong: u32,
}

/// Outcome of entering a code that is not the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeFinding {
    /// Nothing was entered.
    Missing,
    /// The text is not six digits.
    Malformed,
    /// The code is another one; so many may still be tried.
    Wrong { left: u32 },
    /// No code could be entered: the last one has expired or was used, or there never was one.
    Expired,
    /// Too many wrong ones were entered. `is_new`: by this one.
    UsedUp { is_new: bool },
}

/// A link that a signer was given on the site, or the visit that it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GivenLink {
    /// Hash of its token.
    pub(crate) hash: String,
    /// Account that it was given to.
    pub(crate) account: String,
    pub(crate) way: SigningWay,
    pub(crate) ends_at: Instant,
}

/// Codes and links of a signer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignerAccess {
    code: Option<SentCode>,
    pub(crate) codes: RecentTimes,
    pub(crate) openings: RecentTimes,
    link: Option<GivenLink>,
    visit: Option<GivenLink>,
}

impl SignerAccess {
    /// Notes a code that is mailed now: the one before opens nothing any more.
    pub(crate) fn set_code(&mut self, hashed: HashedCode, now: Instant) -> Instant {
        let ends_at = now.saturating_add(LINK_LIFE_MS);
        self.code = Some(SentCode { hashed, ends_at, wrong: 0 });
        self.codes.note(now);
        ends_at
    }

    /// Checks a code that somebody enters, and counts it if it is wrong. A right one is used up.
    pub(crate) fn take_code(
        &mut self,
        entered: &str,
        purpose: CodePurpose<'_>,
        now: Instant,
    ) -> Result<(), CodeFinding> {
        let code = self.code.as_mut().filter(|code| now < code.ends_at).ok_or(CodeFinding::Expired)?;
        if code.wrong >= MAX_WRONG_CODES {
            return Err(CodeFinding::UsedUp { is_new: false });
        }
        if code.hashed.is_of(entered, purpose) {
            self.code = None;
            return Ok(());
        }
        code.wrong = code.wrong.saturating_add(1);
        match MAX_WRONG_CODES.saturating_sub(code.wrong) {
            0 => Err(CodeFinding::UsedUp { is_new: true }),
            left => Err(CodeFinding::Wrong { left }),
        }
    }

    /// Notes a link that is given now: the one before opens nothing any more.
    pub(crate) fn set_link(&mut self, hash: String, account: String, way: SigningWay, now: Instant) -> Instant {
        let ends_at = now.saturating_add(LINK_LIFE_MS);
        self.link = Some(GivenLink { hash, account, way, ends_at });
        self.openings.note(now);
        ends_at
    }

    /// The link of that hash, if it was not used and its time is not over.
    pub(crate) fn find_link(&self, hash: &str, now: Instant) -> Option<&GivenLink> {
        self.link.as_ref().filter(|link| link.hash == hash && now < link.ends_at)
    }

    /// The visit of that hash, if its time is not over.
    pub(crate) fn find_visit(&self, hash: &str, now: Instant) -> Option<&GivenLink> {
        self.visit.as_ref().filter(|visit| visit.hash == hash && now < visit.ends_at)
    }

    /// Uses a link up: whoever did visits the page by another token. The visit before ends.
    pub(crate) fn redeem_link(&mut self, hash: &str, visit_hash: String, now: Instant) -> bool {
        let Some(link) = self.link.take_if(|link| link.hash == hash && now < link.ends_at) else { return false };
        self.visit = Some(GivenLink { hash: visit_hash, ends_at: now.saturating_add(VISIT_LIFE_MS), ..link });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSE: CodePurpose<'static> = CodePurpose { envelope: "e", recipient: "r", account: "a" };
    const NOW: Instant = 1_800_000_000_000;

    fn with_code(code: &str, now: Instant) -> SignerAccess {
        let mut access = SignerAccess::default();
        access.set_code(HashedCode::new(code, vec![7], PURPOSE), now);
        access
    }

    #[test]
    fn a_code_is_used_once_and_in_time() {
        let mut access = with_code("123456", NOW);
        assert_eq!(access.clone().take_code("123456", PURPOSE, NOW + LINK_LIFE_MS), Err(CodeFinding::Expired));
        assert_eq!(access.clone().take_code("123456", PURPOSE, NOW + LINK_LIFE_MS - 1), Ok(()));
        assert_eq!(access.take_code("123456", PURPOSE, NOW), Ok(()));
        assert_eq!(access.take_code("123456", PURPOSE, NOW), Err(CodeFinding::Expired));
        assert_eq!(SignerAccess::default().take_code("123456", PURPOSE, NOW), Err(CodeFinding::Expired));
    }

    #[test]
    fn five_wrong_codes_end_it_for_the_right_one_too() {
        let mut access = with_code("123456", NOW);
        for left in [4, 3, 2, 1] {
            assert_eq!(access.take_code("000000", PURPOSE, NOW), Err(CodeFinding::Wrong { left }));
        }
        assert_eq!(access.take_code("000000", PURPOSE, NOW), Err(CodeFinding::UsedUp { is_new: true }));
        for code in ["123456", "000000"] {
            assert_eq!(access.take_code(code, PURPOSE, NOW), Err(CodeFinding::UsedUp { is_new: false }));
        }
        // A new code ends the one before, and begins anew.
        access.set_code(HashedCode::new("654321", vec![8], PURPOSE), NOW);
        assert_eq!(access.take_code("123456", PURPOSE, NOW), Err(CodeFinding::Wrong { left: 4 }));
        assert_eq!(access.take_code("654321", PURPOSE, NOW), Ok(()));
    }

    #[test]
    fn a_code_of_another_envelope_is_wrong() {
        let mut access = with_code("123456", NOW);
        let other = CodePurpose { envelope: "f", ..PURPOSE };
        assert_eq!(access.take_code("123456", other, NOW), Err(CodeFinding::Wrong { left: 4 }));
    }

    #[test]
    fn one_a_minute_and_five_an_hour() {
        let mut times = RecentTimes::default();
        assert_eq!(times.find_wait(CODES_OF_SIGNER, NOW), None);
        times.note(NOW);
        assert_eq!(times.find_wait(CODES_OF_SIGNER, NOW + 1_000), Some(59_000));
        assert_eq!(times.find_wait(CODES_OF_SIGNER, NOW + 60_000), None);
        for minute in 1..5 {
            times.note(NOW + minute * 60_000);
        }
        assert_eq!(times.find_wait(CODES_OF_SIGNER, NOW + 10 * 60_000), Some(50 * 60_000));
        assert_eq!(times.find_wait(CODES_OF_SIGNER, NOW + HOUR_MS), None);
        times.note(NOW + HOUR_MS);
        assert_eq!(times.0.len(), 5);
        // A clock that was set back frees nobody, and locks nobody out for longer than an hour.
        assert!(times.find_wait(CODES_OF_SIGNER, NOW - HOUR_MS).is_some());
    }

    #[test]
    fn a_link_is_used_once_and_a_newer_one_ends_it() {
        let mut access = SignerAccess::default();
        access.set_link("one".into(), "a".into(), SigningWay::Code, NOW);
        assert!(access.find_link("one", NOW + LINK_LIFE_MS - 1).is_some());
        assert!(access.find_link("one", NOW + LINK_LIFE_MS).is_none() && access.find_link("two", NOW).is_none());
        access.set_link("two".into(), "a".into(), SigningWay::Direct, NOW);
        assert!(access.find_link("one", NOW).is_none() && !access.redeem_link("one", "v".into(), NOW));
        assert!(!access.redeem_link("two", "v".into(), NOW + LINK_LIFE_MS));
        access.set_link("three".into(), "a".into(), SigningWay::Direct, NOW);
        assert!(access.redeem_link("three", "v".into(), NOW) && !access.redeem_link("three", "w".into(), NOW));
        let visit = access.find_visit("v", NOW + VISIT_LIFE_MS - 1).unwrap();
        assert_eq!((visit.way, visit.account.as_str()), (SigningWay::Direct, "a"));
        assert!(access.find_visit("v", NOW + VISIT_LIFE_MS).is_none() && access.find_visit("three", NOW).is_none());
        // The next visit ends this one.
        access.set_link("four".into(), "a".into(), SigningWay::Direct, NOW);
        assert!(access.find_visit("v", NOW).is_some());
        assert!(access.redeem_link("four", "w".into(), NOW) && access.find_visit("v", NOW).is_none());
    }
}
