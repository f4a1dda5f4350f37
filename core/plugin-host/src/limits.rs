//! What one call of a plugin may use up, and what it has used.

use std::time::{Duration, Instant};

/// What a plugin is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Export {
    /// `hooks.prepare`
    Prepare,
    /// `hooks.before`
    Before,
    /// `event-handler.handle`
    Event,
    /// `job-handler.run`
    Job,
    /// `http-handler.handle`
    Route,
}

impl Export {
    /// As records and metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Before => "before",
            Self::Event => "event",
            Self::Job => "job",
            Self::Route => "route",
        }
    }

    /// Whether it runs inside a transaction, on the thread of that.
    pub(crate) fn is_inside(self) -> bool {
        matches!(self, Self::Before | Self::Event)
    }
}

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time from its beginning to its end, host calls included.
    pub deadline: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
    /// Calls of the host.
    pub host_calls: u32,
    /// Documents read, those of related types included.
    pub rows_read: u32,
    /// Documents written.
    pub rows_written: u32,
    /// Bytes that it answers, and that one value it hands to the host may have.
    pub output: usize,
    /// For how long a transaction that it opens may be open: on SQLite nobody else writes meanwhile.
    pub transaction: Duration,
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const MS: Duration = Duration::from_millis(1);

impl Limits {
    /// The defaults, which are also the ceilings that an operator has not moved.
    pub fn of(export: Export) -> Self {
        let transaction = 500 * MS;
        let limits = |deadline, host_calls, (rows_read, rows_written), output| Self {
            deadline,
            memory: 64 * MIB,
            host_calls,
            rows_read,
            rows_written,
            output,
            transaction,
        };
        match export {
            Export::Prepare => limits(10 * MS, 16, (0, 0), 256 * KIB),
            Export::Before => limits(20 * MS, 64, (1_000, 200), MIB),
            // In a transaction as a whole, as hooks are: what one may be open for.
            Export::Event => limits(transaction, 1_024, (10_000, 2_000), MIB),
            Export::Job => Self { memory: 256 * MIB, ..limits(30_000 * MS, 10_000, (100_000, 10_000), MIB) },
            Export::Route => limits(5_000 * MS, 512, (10_000, 1_000), 8 * MIB),
        }
    }
}

/// Something of a call's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    HostCalls,
    RowsRead,
    RowsWritten,
    Output,
    Transaction,
}

impl Measure {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::HostCalls => "host-calls",
            Self::RowsRead => "rows-read",
            Self::RowsWritten => "rows-written",
            Self::Output => "output",
            Self::Transaction => "transaction-time",
        }
    }
}

/// Why a call is stopped by the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    /// Its time is over.
    #[error("the deadline has passed")]
    Deadline,
    /// It was told that this is used up, and went on.
    #[error("went on after its budget of {} was used up", .0.as_str())]
    Exhausted(Measure),
}

/// Whether a host call goes on.
pub(crate) type Charged = Result<Result<(), Measure>, Stop>;

/// What a call has left.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    until: Instant,
    host_calls: u32,
    rows_read: u32,
    rows_written: u32,
    /// What it was told of.
    told: Option<Measure>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        let until = Instant::now() + limits.deadline;
        Self { limits, until, host_calls: 0, rows_read: 0, rows_written: 0, told: None }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// A call of the host begins.
    pub(crate) fn host_call(&mut self) -> Charged {
        if Instant::now() >= self.until {
            return Err(Stop::Deadline);
        }
        if let Some(told) = self.told {
            return Err(Stop::Exhausted(told));
        }
        self.host_calls += 1;
        self.within(self.host_calls <= self.limits.host_calls, Measure::HostCalls)
    }

    /// How many rows may still be read.
    pub(crate) fn readable(&self) -> u32 {
        self.limits.rows_read.saturating_sub(self.rows_read)
    }

    /// Rows were read.
    pub(crate) fn read(&mut self, rows: usize) -> Charged {
        self.rows_read = self.rows_read.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        self.within(self.rows_read <= self.limits.rows_read, Measure::RowsRead)
    }

    /// Rows are about to be written.
    pub(crate) fn write(&mut self, rows: usize) -> Charged {
        self.rows_written = self.rows_written.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        self.within(self.rows_written <= self.limits.rows_written, Measure::RowsWritten)
    }

    /// A value of so many bytes is handed over.
    pub(crate) fn output(&mut self, bytes: usize) -> Charged {
        self.within(bytes <= self.limits.output, Measure::Output)
    }

    /// A transaction was open for too long.
    pub(crate) fn too_long(&mut self) -> Measure {
        self.told = Some(Measure::Transaction);
        Measure::Transaction
    }

    fn within(&mut self, fits: bool, measure: Measure) -> Charged {
        if fits {
            return Ok(Ok(()));
        }
        self.told = Some(measure);
        Ok(Err(measure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_is_told_once_and_then_stops_the_call() {
        let mut budget = Budget::new(Limits { host_calls: 2, ..Limits::of(Export::Route) });
        assert_eq!(budget.host_call(), Ok(Ok(())));
        assert_eq!(budget.host_call(), Ok(Ok(())));
        assert_eq!(budget.host_call(), Ok(Err(Measure::HostCalls)));
        assert_eq!(budget.host_call(), Err(Stop::Exhausted(Measure::HostCalls)));
    }

    #[test]
    fn time_that_is_over_stops_the_call() {
        let mut budget = Budget::new(Limits { deadline: Duration::ZERO, ..Limits::of(Export::Route) });
        assert_eq!(budget.host_call(), Err(Stop::Deadline));
    }

    #[test]
    fn rows_are_counted_over_the_whole_call() {
        let mut budget = Budget::new(Limits { rows_read: 3, rows_written: 1, ..Limits::of(Export::Route) });
        assert_eq!((budget.read(2), budget.readable()), (Ok(Ok(())), 1));
        assert_eq!(budget.write(1), Ok(Ok(())));
        assert_eq!(budget.write(usize::MAX), Ok(Err(Measure::RowsWritten)));
        assert_eq!(budget.read(2), Ok(Err(Measure::RowsRead)));
    }
}
