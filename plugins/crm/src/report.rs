//! The arithmetic of the dashboard. It knows no host.

const WEEK_MS: i64 = 7 * 86_400_000;

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) part: u64,
    pub(crate) all: u64,
}

impl Share {
    /// The share in percent, to a tenth; none of nothing.
    pub(crate) fn percent(self) -> Option<f64> {
        if self.all == 0 {
            return None;
        }
        Some((self.part as f64 / self.all as f64 * 1_000.0).round() / 10.0)
    }

    /// The share as people write it: `35.0%`, `35,0%`.
    pub(crate) fn write(self, locale: &str) -> String {
        let Some(percent) = self.percent() else { return "–".to_owned() };
        let text = format!("{percent:.1}%");
        if locale.to_lowercase().starts_with("nl") { text.replace('.', ",") } else { text }
    }
}

/// Where the median is among so many values in order, counted from 1: one place, or the two in the middle.
pub(crate) fn find_median_positions(count: u64) -> Option<(u32, Option<u32>)> {
    let middle = u32::try_from(count.div_ceil(2)).ok().filter(|middle| *middle > 0)?;
    Some((middle, count.is_multiple_of(2).then(|| middle.saturating_add(1))))
}

/// Spans of seven days that end now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weeks {
    pub(crate) now: i64,
    pub(crate) count: i64,
}

impl Weeks {
    /// The spans, oldest first: from then until before then. The last one includes now.
    pub(crate) fn spans(self) -> impl Iterator<Item = (i64, i64)> {
        let end = self.now.saturating_add(1);
        (0..self.count).rev().map(move |back| {
            let until = end.saturating_sub(back.saturating_mul(WEEK_MS));
            (until.saturating_sub(WEEK_MS), until)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_of_twenty_are_35_percent() {
        let share = Share { part: 7, all: 20 };
        assert_eq!(
            (share.percent(), share.write("en"), share.write("nl-NL")),
            (Some(35.0), "35.0%".into(), "35,0%".into())
        );
        assert_eq!(Share { part: 1, all: 3 }.write("en"), "33.3%");
        assert_eq!(Share { part: 0, all: 0 }.write("nl"), "–");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(find_median_positions(0), None);
        assert_eq!(find_median_positions(1), Some((1, None)));
        assert_eq!(find_median_positions(2), Some((1, Some(2))));
        assert_eq!(find_median_positions(5), Some((3, None)));
        assert_eq!(find_median_positions(6), Some((3, Some(4))));
        assert_eq!(find_median_positions(u64::MAX), None);
    }

    #[test]
    fn weeks_touch_and_the_last_includes_now() {
        let spans: Vec<_> = Weeks { now: 1_800_000_000_000, count: 3 }.spans().collect();
        assert_eq!(spans.len(), 3);
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(spans[2].0 < 1_800_000_000_000 && spans[2].1 > 1_800_000_000_000);
    }
}
