//! Fewer points than rows: each stands for as many rows as the others, and twice as many as soon as there are too many points. So every row counts
//! in one of them, and memory does not depend on the number of rows. It knows no host.

use serde::{Deserialize, Serialize};

/// Values of a channel, without the values themselves.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "(u64, f64, f64, f64)", into = "(u64, f64, f64, f64)")]
pub(crate) struct Spread {
    pub(crate) count: u64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
}

impl From<(u64, f64, f64, f64)> for Spread {
    fn from((count, min, max, mean): (u64, f64, f64, f64)) -> Self {
        Self { count, min, max, mean }
    }
}

impl From<Spread> for (u64, f64, f64, f64) {
    fn from(spread: Spread) -> Self {
        (spread.count, spread.min, spread.max, spread.mean)
    }
}

impl Spread {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: f64) {
        self.merge(&Self { count: 1, min: value, max: value, mean: value });
    }

    /// Adds what another one has.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let count = self.count + other.count;
        #[expect(clippy::cast_precision_loss, reason = "a part of the mean")]
        let part = other.count as f64 / count as f64;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        // Rounding errors must not put the mean beyond the values.
        self.mean = (self.mean + (other.mean - self.mean) * part).clamp(self.min, self.max);
        self.count = count;
    }

    /// The least, the greatest and the mean value; none without values.
    pub(crate) fn figures(&self) -> Option<[f64; 3]> {
        (self.count > 0).then(|| [self.min, self.max, self.mean].map(round))
    }
}

/// The six digits of a number that count. The order of numbers stays.
fn round(value: f64) -> f64 {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    // A zero has no sign.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// Points of all channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Points {
    /// Even.
    most: usize,
    /// Rows of a point.
    rows: u64,
    /// Rows of the last point.
    filled: u64,
    /// The time of each point's first row.
    times: Vec<f64>,
    /// Of each point the channels, in their order.
    spreads: Vec<Spread>,
}

impl Points {
    /// None yet, and never more than so many, which is an even number.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, rows: 1, filled: 0, times: Vec::new(), spreads: Vec::new() }
    }

    /// Adds a row; a value that is not there is none.
    pub(crate) fn add(&mut self, time: f64, values: &[Option<f64>]) {
        if self.times.is_empty() || self.filled == self.rows {
            if self.times.len() == self.most {
                self.halve(values.len());
            }
            self.times.push(time);
            self.spreads.extend(std::iter::repeat_n(Spread::default(), values.len()));
            self.filled = 0;
        }
        self.filled += 1;
        let first = self.spreads.len() - values.len();
        for (spread, value) in self.spreads[first..].iter_mut().zip(values) {
            if let Some(value) = value {
                spread.add(*value);
            }
        }
    }

    /// Makes one point of each two.
    fn halve(&mut self, channels: usize) {
        let mut merged = Vec::with_capacity(self.spreads.len() / 2);
        for pair in self.spreads.chunks(channels * 2) {
            let (first, second) = pair.split_at(channels);
            merged.extend(first.iter().zip(second).map(|(first, second)| {
                let mut both = *first;
                both.merge(second);
                both
            }));
        }
        self.spreads = merged;
        self.times = self.times.iter().copied().step_by(2).collect();
        self.rows *= 2;
    }

    /// The time of each point, in seconds from the beginning.
    pub(crate) fn times(&self) -> Vec<f64> {
        self.times.iter().map(|time| (time * 1e6).round() / 1e6).collect()
    }

    /// Values that each point has of a channel.
    pub(crate) fn of_channel(&self, channel: usize) -> impl Iterator<Item = &Spread> {
        let channels = self.spreads.len() / self.times.len().max(1);
        self.spreads.iter().skip(channel).step_by(channels.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_cover_all_rows_and_are_never_too_many() {
        for rows in [1_u64, 2, 9, 10, 11, 19, 20, 21, 1_000, 12_345] {
            let mut points = Points::new(10);
            for row in 0..rows {
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let time = row as f64;
                points.add(time, &[Some(time), None, (row % 3 != 0).then_some(-time)]);
            }
            let times = points.times();
            assert!(times.len() <= 10 && (rows <= 10 || times.len() > 5), "{rows}: {}", times.len());
            assert!(times[0] == 0.0 && times.windows(2).all(|two| two[0] < two[1]), "{rows}: {times:?}");
            let count = |channel: usize| points.of_channel(channel).map(|spread| spread.count).sum::<u64>();
            assert_eq!((count(0), count(1), count(2)), (rows, 0, rows - rows.div_ceil(3)), "{rows}");
            let first: Vec<f64> = points.of_channel(0).map(|spread| spread.min).collect();
            assert_eq!(first, times, "{rows}");
            let last = points.of_channel(0).last().unwrap();
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let expected = (rows - 1) as f64;
            assert!((last.max - expected).abs() < f64::EPSILON, "{rows}");
        }
    }

    #[test]
    fn a_mean_is_never_beyond_the_values() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let value = (seed >> 11) as f64;
            value
        };
        for scale in [1e-300, 1e-9, 1.0, 1e130] {
            let mut all = Spread::default();
            let mut parts = [Spread::default(); 3];
            for n in 0..3_000 {
                let value = (next() - 4e15) * scale;
                all.add(value);
                parts[n % 3].add(value);
            }
            let mut merged = Spread::default();
            parts.iter().for_each(|part| merged.merge(part));
            assert_eq!((all.count, all.min, all.max), (merged.count, merged.min, merged.max));
            let [min, max, mean] = all.figures().unwrap();
            assert!(min <= mean && mean <= max && min < max, "{min} {mean} {max}");
        }
        let mut same = Spread::default();
        (0..10).for_each(|_| same.add(0.1));
        assert_eq!(same.figures(), Some([0.1; 3]));
        assert_eq!(Spread::default().figures(), None);
    }

    #[test]
    fn numbers_keep_six_digits() {
        let pairs: [(f64, f64); 5] = [(123.456_789, 123.457), (-0.0, 0.0), (1.0, 1.0), (1e-7, 1e-7), (999_999.5, 1e6)];
        for (value, rounded) in pairs {
            assert_eq!(round(value).to_bits(), rounded.to_bits(), "{value}");
        }
    }
}
