//! Limits on guessing: failures per account and client network, requests per client network. Memory is bounded.

use crate::{ClientNetwork, Clock};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

/// Failures allowed for one account from one network, within [`FAILURE_WINDOW_S`].
const MAX_FAILURES: u32 = 5;
const FAILURE_WINDOW_S: i64 = 15 * 60;

/// Failures allowed for one account from one network in that time, by whatever it was called: as many for its name as for its address.
const MAX_ACCOUNT_FAILURES: u32 = 2 * MAX_FAILURES;

/// Requests allowed from one network, within [`REQUEST_WINDOW_S`].
const MAX_REQUESTS: u32 = 30;
const REQUEST_WINDOW_S: i64 = 60;

/// Number of windows in each half of a table (a few MB at most, all tables together).
const TABLE_CAPACITY: usize = 20_000;

/// Too many requests: retry after that many seconds (1 or more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitExceeded {
    /// Seconds for `Retry-After`.
    pub retry_after_s: u64,
}

/// The rate limits of one tenant.
pub struct RateLimits {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    requests: Mutex<CountWindows>,
    failures: Mutex<CountWindows>,
}

impl RateLimits {
    /// Creates limits without any counts.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, hasher: RandomState::new(), requests: Mutex::default(), failures: Mutex::default() }
    }

    /// Counts a request to `route` from a client.
    pub fn count_request(&self, route: &str, client: IpAddr) -> Result<(), RateLimitExceeded> {
        let key = self.hasher.hash_one((route, guesser_network(client)));
        self.requests.lock().count(key, self.now(), REQUEST_WINDOW_S, MAX_REQUESTS)
    }

    /// Begins an attempt on an account; `account` is what the client calls it, or a document id where that tells nothing new. It counts as a
    /// failure until it has succeeded, so that simultaneous attempts count too; and after too many failures even a correct password is
    /// not checked.
    pub fn begin_attempt(
        &self,
        route: &str,
        client: IpAddr,
        account: &str,
    ) -> Result<SignInAttempt<'_>, RateLimitExceeded> {
        let key = self.hasher.hash_one((route, guesser_network(client), account));
        self.failures.lock().count(key, self.now(), FAILURE_WINDOW_S, MAX_FAILURES)?;
        Ok(SignInAttempt { limits: self, key })
    }

    /// Begins an attempt on an account by its document id, whatever it was called. `None` after too many failures: the client is told that the
    /// password is wrong, since anything else would tell which names are the same account.
    pub fn begin_account_attempt(&self, route: &str, client: IpAddr, document_id: &str) -> Option<SignInAttempt<'_>> {
        let key = self.account_key(route, client, document_id);
        self.failures.lock().count(key, self.now(), FAILURE_WINDOW_S, MAX_ACCOUNT_FAILURES).ok()?;
        Some(SignInAttempt { limits: self, key })
    }

    /// Forgets the failures of an account, as [`Self::begin_attempt`] counts them.
    pub fn forget_failures(&self, route: &str, client: IpAddr, account: &str) {
        let key = self.hasher.hash_one((route, guesser_network(client), account));
        self.failures.lock().remove_key(key);
    }

    /// Forgets the failures of an account, as [`Self::begin_account_attempt`] counts them.
    pub fn forget_account_failures(&self, route: &str, client: IpAddr, document_id: &str) {
        let key = self.account_key(route, client, document_id);
        self.failures.lock().remove_key(key);
    }

    fn account_key(&self, route: &str, client: IpAddr, document_id: &str) -> u64 {
        self.hasher.hash_one((route, guesser_network(client), "account", document_id))
    }

    /// Frees the memory of expired windows, for a tenant that is not open.
    pub fn prune(&self) {
        let now = self.now();
        self.requests.lock().prune(now, REQUEST_WINDOW_S);
        self.failures.lock().prune(now, FAILURE_WINDOW_S);
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }
}

/// An attempt in progress: a failure if dropped.
#[must_use]
pub struct SignInAttempt<'a> {
    limits: &'a RateLimits,
    key: u64,
}

impl SignInAttempt<'_> {
    /// Marks the attempt as successful: earlier failures are forgotten.
    pub fn mark_succeeded(self) {
        self.limits.failures.lock().remove_key(self.key);
    }

    /// Marks the attempt as undecided (the server was too busy): it does not count.
    pub fn mark_undecided(self) {
        self.limits.failures.lock().give_back(self.key);
    }
}

/// The network whose guesses count together: addresses of IPv4 are rented in blocks, so it is a /24 there.
fn guesser_network(client: IpAddr) -> ClientNetwork {
    let network = ClientNetwork::from_address(client);
    if network.is_ipv4() { network.widen() } else { network }
}

#[derive(Clone, Copy)]
struct CountWindow {
    start_s: i64,
    count: u32,
}

/// Counts by key, in two halves: when the newer one is full the older one is dropped, and with it the keys seen longest ago.
#[derive(Default)]
struct CountWindows {
    newer: HashMap<u64, CountWindow>,
    older: HashMap<u64, CountWindow>,
}

impl CountWindows {
    fn count(&mut self, key: u64, now: i64, length_s: i64, max: u32) -> Result<(), RateLimitExceeded> {
        let window = self.newer.get(&key).or_else(|| self.older.get(&key)).copied();
        let mut window = match window {
            // A clock that was set back must not lock anybody out for longer than a window.
            Some(w) if (0..length_s).contains(&(now - w.start_s)) => w,
            _ => CountWindow { start_s: now, count: 0 },
        };
        if window.count >= max {
            let remaining = window.start_s + length_s - now;
            return Err(RateLimitExceeded { retry_after_s: u64::try_from(remaining).unwrap_or(1).max(1) });
        }
        window.count += 1;
        if self.newer.len() >= TABLE_CAPACITY && !self.newer.contains_key(&key) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, window);
        Ok(())
    }

    fn prune(&mut self, now: i64, length_s: i64) {
        for half in [&mut self.newer, &mut self.older] {
            half.retain(|_, w| (0..length_s).contains(&(now - w.start_s)));
            half.shrink_to_fit();
        }
    }

    fn remove_key(&mut self, key: u64) {
        self.newer.remove(&key);
        self.older.remove(&key);
    }

    fn give_back(&mut self, key: u64) {
        for half in [&mut self.newer, &mut self.older] {
            if let Some(w) = half.get_mut(&key) {
                w.count = w.count.saturating_sub(1);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use chrono::{DateTime, TimeDelta};

    const HOME: &str = "192.0.2.7";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn limits() -> (RateLimits, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        (RateLimits::new(clock.clone()), clock)
    }

    fn is_attempt_allowed(l: &RateLimits, client: &str, account: &str) -> bool {
        l.begin_attempt("local", ip(client), account).is_ok()
    }

    #[test]
    fn five_failures_lock_the_account_for_one_network() {
        let (l, clock) = limits();
        for _ in 0..5 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        assert_eq!(l.begin_attempt("local", ip(HOME), "ann").err(), Some(RateLimitExceeded { retry_after_s: 900 }));
        assert!(!is_attempt_allowed(&l, "192.0.2.250", "ann"), "the same network");
        assert!(!is_attempt_allowed(&l, "::ffff:192.0.2.7", "ann"), "the same network, written as IPv6");
        assert!(is_attempt_allowed(&l, "192.0.3.7", "ann"), "another network is not locked out");
        assert!(is_attempt_allowed(&l, HOME, "bob"));
        clock.advance(TimeDelta::seconds(899));
        assert_eq!(l.begin_attempt("local", ip(HOME), "ann").err(), Some(RateLimitExceeded { retry_after_s: 1 }));
        clock.advance(TimeDelta::seconds(1));
        assert!(is_attempt_allowed(&l, HOME, "ann"));
    }

    #[test]
    fn success_resets_failures_and_undecided_attempts_do_not_count() {
        let (l, _) = limits();
        for _ in 0..4 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        for _ in 0..20 {
            l.begin_attempt("local", ip(HOME), "ann").ok().unwrap().mark_undecided();
        }
        l.begin_attempt("local", ip(HOME), "ann").ok().unwrap().mark_succeeded();
        for _ in 0..5 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        assert!(!is_attempt_allowed(&l, HOME, "ann"));
    }

    #[test]
    fn one_account_has_a_limit_of_its_own_whatever_it_is_called() {
        let (l, clock) = limits();
        let begin = || l.begin_account_attempt("local", ip(HOME), "d1");
        for _ in 0..10 {
            assert!(begin().is_some());
        }
        assert!(begin().is_none());
        assert!(is_attempt_allowed(&l, HOME, "d1"), "not told to the client");
        clock.advance(TimeDelta::seconds(FAILURE_WINDOW_S));
        begin().unwrap().mark_succeeded();
        for _ in 0..5 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        l.forget_failures("local", ip(HOME), "ann");
        assert!(is_attempt_allowed(&l, HOME, "ann"));
    }

    #[test]
    fn requests_are_limited_per_network_and_minute() {
        let (l, clock) = limits();
        for i in 0..30 {
            assert!(l.count_request("local", ip(&format!("2001:db8::{i:x}"))).is_ok());
        }
        assert!(l.count_request("local", ip("2001:db8::ffff")).is_err());
        assert!(l.count_request("local", ip("2001:db8:0:1::1")).is_ok());
        clock.advance(TimeDelta::seconds(60));
        assert!(l.count_request("local", ip("2001:db8::ffff")).is_ok());
    }

    #[test]
    fn tables_are_bounded_and_recent_locks_survive_eviction() {
        let (l, _) = limits();
        for _ in 0..5 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        for i in 0..TABLE_CAPACITY {
            assert!(is_attempt_allowed(&l, HOME, &format!("nobody-{i}")));
        }
        assert!(!is_attempt_allowed(&l, HOME, "ann"), "still in the older half");
        for i in 0..3 * TABLE_CAPACITY {
            assert!(is_attempt_allowed(&l, HOME, &format!("nobody-else-{i}")));
        }
        let windows = l.failures.lock();
        assert!(windows.newer.len() + windows.older.len() <= 2 * TABLE_CAPACITY);
    }

    #[test]
    fn pruning_removes_only_expired_failures() {
        let (l, clock) = limits();
        for _ in 0..5 {
            assert!(is_attempt_allowed(&l, HOME, "ann"));
        }
        l.prune();
        assert!(!is_attempt_allowed(&l, HOME, "ann"));
        clock.advance(TimeDelta::seconds(FAILURE_WINDOW_S));
        l.prune();
        assert_eq!(l.failures.lock().newer.capacity(), 0);
    }
}
