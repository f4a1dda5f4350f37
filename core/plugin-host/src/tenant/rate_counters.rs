//! How often a route may be called.

use cairn_access::ClientNetwork;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

/// Callers that are counted at a time, of all routes: some 1 MB.
const MAX_COUNTED_CALLERS: usize = 20_000;
/// The part of them that is forgotten at a time where there are more: one of so many.
const FORGOTTEN_PARTS: usize = 16;

/// A plugin, its route, and who is counted.
type RateKey<'a> = (&'a str, &'a str, &'a CountedCaller);

/// Caller or callers whose requests count together.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum CountedCaller {
    /// All requests to the route.
    Everybody,
    /// A user or a token, by its key.
    Known(String),
    /// The addresses that one client can choose from.
    Network(ClientNetwork),
    /// Whoever has no address: requests that came over no connection.
    Unknown,
    /// An admin who sees pages as somebody else.
    Viewer(i64),
}

impl CountedCaller {
    /// The caller with an address, together with those who have the rest of its network.
    pub(crate) fn from_address(address: Option<&str>) -> Self {
        let address = address.and_then(|address| address.parse::<IpAddr>().ok());
        address.map_or(Self::Unknown, |address| Self::Network(ClientNetwork::from_address(address)))
    }
}

/// Requests by who made them. Nobody is refused because of others: a full table forgets callers, it does not turn new ones away.
#[derive(Default)]
pub(crate) struct RateCounters {
    hasher: RandomState,
    windows: Mutex<HashMap<u64, CountWindow>>,
}

/// Requests of one caller since a moment.
struct CountWindow {
    /// In milliseconds of the server's clock.
    began: i64,
    every: Duration,
    requests: u32,
    limit: u32,
    /// True if anybody can make as many such callers as they have addresses.
    is_network: bool,
}

impl CountWindow {
    /// Time until it ends; `None` if it has. One that began later than now is of a clock that was set back since.
    fn remaining(&self, now: i64) -> Option<Duration> {
        let since = Duration::from_millis(u64::try_from(now.checked_sub(self.began)?).ok()?);
        self.every.checked_sub(since).filter(|remaining| !remaining.is_zero())
    }

    /// How much it holds back, to compare: whether it counts more than a network, the used part of the limit in millionths, then the time that
    /// it still has. A flood from many networks does not start the counts of routes and users anew.
    fn usefulness(&self, now: i64) -> Option<(bool, u64, Duration)> {
        let used = u64::from(self.requests) * 1_000_000 / u64::from(self.limit.max(1));
        self.remaining(now).map(|remaining| (!self.is_network, used, remaining))
    }
}

impl RateCounters {
    /// Counts a request at a time in milliseconds. Returns the time to wait where there were too many.
    pub(crate) fn count_request(
        &self,
        key: RateKey<'_>,
        limit: u32,
        every: Duration,
        now: i64,
    ) -> Result<(), Duration> {
        let is_network = matches!(key.2, CountedCaller::Network(_) | CountedCaller::Unknown);
        let key = self.hasher.hash_one(key);
        let mut windows = self.windows.lock();
        if windows.len() >= MAX_COUNTED_CALLERS && !windows.contains_key(&key) {
            forget_least_useful(&mut windows, now);
        }
        let window = windows.entry(key).or_insert(CountWindow { began: now, every, requests: 0, limit, is_network });
        let remaining = match window.remaining(now) {
            Some(remaining) => remaining,
            None => {
                *window = CountWindow { began: now, every, requests: 0, limit, is_network };
                every
            }
        };
        if window.requests >= limit {
            return Err(remaining);
        }
        window.requests += 1;
        Ok(())
    }
}

/// Forgets windows that are over, and where that makes too little room, those that have counted the smallest part of their limit: whoever is
/// at theirs stays there. It forgets many at a time, so that a flood of new callers costs each of them little.
fn forget_least_useful(windows: &mut HashMap<u64, CountWindow>, now: i64) {
    let room = MAX_COUNTED_CALLERS / FORGOTTEN_PARTS;
    let mut ranked: Vec<_> = windows.iter().map(|(key, window)| (window.usefulness(now), *key)).collect();
    let over = ranked.iter().filter(|(usefulness, _)| usefulness.is_none()).count();
    // Windows that are over come first in the order.
    let forgotten = over.max(room).min(ranked.len());
    if forgotten < ranked.len() {
        ranked.select_nth_unstable(forgotten);
    }
    for (_, key) in &ranked[..forgotten] {
        windows.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn address(text: &str) -> CountedCaller {
        CountedCaller::from_address(Some(text))
    }

    fn count(rates: &RateCounters, caller: &CountedCaller, limit: u32, now: i64) -> Result<(), Duration> {
        rates.count_request(("crm", "intake", caller), limit, MINUTE, now)
    }

    #[test]
    fn rate_window_limits_each_caller_then_resets() {
        let (rates, now) = (RateCounters::default(), 1_767_323_045_678);
        let count = |caller: &str, at| count(&rates, &CountedCaller::Known(caller.to_owned()), 2, at);
        assert_eq!((count("a", now), count("a", now)), (Ok(()), Ok(())));
        assert_eq!(count("a", now + 30_000), Err(MINUTE / 2));
        assert_eq!(count("b", now), Ok(()));
        assert_eq!(count("a", now + 60_000), Ok(()));
        // A clock that was set back by an hour does not make callers wait for that hour.
        assert_eq!((count("b", now), count("b", now)), (Ok(()), Err(MINUTE)));
        assert_eq!(count("b", now - 3_600_000), Ok(()));
    }

    #[test]
    fn addresses_of_one_network_count_as_one_caller() {
        let rates = RateCounters::default();
        let from_one_network = (0..20_200).map(|n| count(&rates, &address(&format!("2001:db8:0:7::{n:x}")), 30, 0));
        assert_eq!(from_one_network.filter(Result::is_ok).count(), 30);
        assert_eq!(rates.windows.lock().len(), 1);
        assert_eq!(count(&rates, &address("2001:db8:0:8::1"), 30, 0), Ok(()));
        // IPv4 is the same caller however it is written, and each of its addresses is one.
        let ipv4 = ["192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"];
        assert_eq!(ipv4.map(|a| count(&rates, &address(a), 2, 0)), [Ok(()), Ok(()), Err(MINUTE), Ok(())]);
    }

    #[test]
    fn full_table_admits_new_callers_and_holds_back_who_was_at_the_limit() {
        let rates = RateCounters::default();
        let (abuser, visitor) = (address("198.51.100.9"), address("203.0.113.7"));
        assert_eq!([0, 0, 0].map(|at| count(&rates, &abuser, 2, at)), [Ok(()), Ok(()), Err(MINUTE)]);
        for n in 0..3 * MAX_COUNTED_CALLERS {
            let stranger = address(&format!("2001:db8:{:x}:{:x}::1", n >> 16, n & 0xffff));
            assert_eq!(count(&rates, &stranger, 2, 1), Ok(()), "stranger {n}");
        }
        assert!(rates.windows.lock().len() <= MAX_COUNTED_CALLERS);
        assert_eq!([2, 2, 2].map(|at| count(&rates, &visitor, 2, at)), [Ok(()), Ok(()), Err(MINUTE)]);
        assert_eq!(count(&rates, &abuser, 2, 2), Err(MINUTE - Duration::from_millis(2)));
    }

    #[test]
    fn full_table_admits_new_callers_though_all_others_are_at_the_limit() {
        let rates = RateCounters::default();
        for n in 0..MAX_COUNTED_CALLERS {
            assert_eq!(count(&rates, &address(&format!("2001:db8:0:{n:x}::1")), 1, 0), Ok(()));
        }
        let visitor = address("203.0.113.7");
        assert_eq!((count(&rates, &visitor, 1, 1), count(&rates, &visitor, 1, 1)), (Ok(()), Err(MINUTE)));
        let forgotten =
            (0..MAX_COUNTED_CALLERS).filter(|n| count(&rates, &address(&format!("2001:db8:0:{n:x}::1")), 1, 1).is_ok());
        // Forgotten callers are counted again when they return, and other callers are forgotten for them.
        assert!(forgotten.count() >= MAX_COUNTED_CALLERS / FORGOTTEN_PARTS);
        assert!(rates.windows.lock().len() <= MAX_COUNTED_CALLERS);
    }

    #[test]
    fn full_table_forgets_windows_by_their_own_length() {
        let rates = RateCounters::default();
        let count = |route: &str, caller: usize, every, at| {
            rates.count_request(("crm", route, &CountedCaller::Known(caller.to_string())), 1, every, at)
        };
        assert_eq!(count("ask", 0, MINUTE * 10, 0), Ok(()));
        for caller in 1..MAX_COUNTED_CALLERS {
            assert_eq!(count("read", caller, MINUTE, 0), Ok(()));
        }
        assert_eq!(count("read", 1, MINUTE, 59_999), Err(Duration::from_millis(1)));
        assert_eq!(count("read", 0, MINUTE, 60_000), Ok(()));
        assert_eq!(rates.windows.lock().len(), 2, "all windows that are over went at once");
        assert_eq!(count("ask", 0, MINUTE * 10, 60_000), Err(MINUTE * 9), "the longer window is not over");
    }
}
