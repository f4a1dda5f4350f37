//! Limits of one call of a plugin, and what it has used of them.

use crate::call::interrupt::Interruption;
use crate::call::scheduling_delay::SchedulingDelay;
use crate::contract::plugin_export::PluginExport;
use std::time::{Duration, Instant};

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Time from the beginning of a call to its end, host calls included.
    pub deadline: Duration,
    /// Linear memory, in bytes.
    pub memory: usize,
    /// Number of calls of the host.
    pub host_calls: u32,
    /// Number of documents read, those of related types included.
    pub rows_read: u32,
    /// Number of documents written.
    pub rows_written: u32,
    /// Size of its result, and of one value that it hands to the host, in bytes.
    pub output: usize,
    /// How long a transaction that it opens may be open: on SQLite nobody else can write meanwhile.
    pub transaction: Duration,
    /// Age from which such a transaction is rolled back as soon as others wait for it.
    pub others_wait: Duration,
    /// Number of requests to other hosts; 0 permits none.
    pub requests: u32,
    /// Size of the files that it stores, together, in bytes.
    pub file_bytes: u64,
}

/// Longest time that a call may wait for other transactions, beyond its own time.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// How long a transaction that a call opens may make others wait, where its plugin did not ask for more.
const DEFAULT_OTHERS_WAIT: Duration = Duration::from_millis(50);
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const MS: Duration = Duration::from_millis(1);

impl CallLimits {
    /// The defaults, which are also the ceilings unless an operator has changed them.
    pub fn for_export(export: PluginExport) -> Self {
        let transaction = 500 * MS;
        let limits = |deadline, host_calls, (rows_read, rows_written), output| Self {
            deadline,
            memory: 64 * MIB,
            host_calls,
            rows_read,
            rows_written,
            output,
            transaction,
            others_wait: DEFAULT_OTHERS_WAIT,
            requests: 0,
            file_bytes: 0,
        };
        match export {
            PluginExport::Prepare => limits(50 * MS, 16, (0, 0), 256 * KIB),
            PluginExport::Before => limits(20 * MS, 64, (1_000, 200), MIB),
            // In a transaction as a whole, as hooks are: what one may be open for.
            PluginExport::Event => limits(transaction, 1_024, (10_000, 2_000), MIB),
            PluginExport::Job => Self {
                memory: 256 * MIB,
                requests: 100,
                file_bytes: 64 << 20,
                ..limits(30_000 * MS, 10_000, (100_000, 10_000), MIB)
            },
            // On SQLite everybody who writes waits for it, and then for its jobs to be ended: 50 ms together.
            PluginExport::JobBatch => limits(40 * MS, 4_096, (10_000, 5_000), MIB),
            PluginExport::Route => {
                Self { requests: 8, file_bytes: 16 << 20, ..limits(5_000 * MS, 512, (10_000, 1_000), 8 * MIB) }
            }
            // A request waits for it before it reads, and is refused without it, on a busy machine too; the result is cached.
            PluginExport::Policy => limits(1_000 * MS, 64, (1_000, 0), 64 * KIB),
            PluginExport::View => limits(2_000 * MS, 128, (5_000, 0), MIB),
            PluginExport::Act => Self { requests: 8, ..limits(5_000 * MS, 512, (10_000, 1_000), MIB) },
            // An operator waits for it, and on SQLite everybody who writes.
            PluginExport::Step => limits(2_000 * MS, 10_000, (10_000, 10_000), 64 * KIB),
            PluginExport::Migrate => {
                Self { memory: 256 * MIB, ..limits(2_000 * MS, 10_000, (100_000, 50_000), 64 * KIB) }
            }
            PluginExport::Check => limits(2_000 * MS, 64, (1_000, 0), 64 * KIB),
            // A page of a report is held in memory.
            PluginExport::Report => limits(10_000 * MS, 1_024, (20_000, 0), 4 * MIB),
            // In a transaction as a whole: on SQLite everybody who writes waits for it.
            PluginExport::Erase => limits(2_000 * MS, 4_096, (20_000, 5_000), MIB),
        }
    }
}

/// A measured part of a call's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum BudgetMeasure {
    HostCalls,
    RowsRead,
    RowsWritten,
    Output,
    Transaction,
    Requests,
    FileBytes,
}

impl BudgetMeasure {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::HostCalls => "host-calls",
            Self::RowsRead => "rows-read",
            Self::RowsWritten => "rows-written",
            Self::Output => "output",
            Self::Transaction => "transaction-time",
            Self::Requests => "http-requests",
            Self::FileBytes => "file-bytes",
        }
    }
}

/// Why the host stops a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StopReason {
    /// The deadline has passed.
    #[error("the deadline has passed")]
    Deadline,
    /// The call continued after the error that this limit is exhausted.
    #[error("continued after it exceeded its budget of {}", .0.as_str())]
    Exhausted(BudgetMeasure),
    /// A test interrupts the call here.
    #[error("it was interrupted")]
    CutOff,
}

/// Outcome of charging a budget: the host call may continue, a limit is exhausted, or the host stops the call.
pub(crate) type ChargeResult = Result<Result<(), BudgetMeasure>, StopReason>;

/// The remaining budget of a call.
#[derive(Debug)]
pub(crate) struct CallBudget {
    limits: CallLimits,
    until: Instant,
    host_calls: u32,
    rows_read: u32,
    rows_written: u32,
    requests: u32,
    file_bytes: u64,
    /// Time that it has waited for other transactions, or for a processor.
    waited: Duration,
    /// How long its thread waits for a processor; `None` for calls that are not bound to one thread.
    delay: Option<SchedulingDelay>,
    /// The exhausted limit that was reported to it.
    reported: Option<BudgetMeasure>,
    /// In tests: the point at which it is interrupted.
    interruption: Option<Interruption>,
}

impl CallBudget {
    pub(crate) fn new(limits: CallLimits) -> Self {
        let until = Instant::now() + limits.deadline;
        Self {
            limits,
            until,
            host_calls: 0,
            rows_read: 0,
            rows_written: 0,
            requests: 0,
            file_bytes: 0,
            waited: Duration::ZERO,
            delay: None,
            reported: None,
            interruption: Interruption::current(),
        }
    }

    /// From now on, the time in which this thread is ready to run and others run is not the call's own. For calls that stay on this thread.
    pub(crate) fn count_running_time(&mut self) {
        self.delay = Some(SchedulingDelay::start());
    }

    pub(crate) fn limits(&self) -> &CallLimits {
        &self.limits
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.until
    }

    /// Adds time spent waiting for other transactions, which is not the call's own: its deadline moves on, by [`MAX_WAIT`] at most.
    pub(crate) fn add_wait(&mut self, time: Duration) {
        let time = time.min(MAX_WAIT.saturating_sub(self.waited));
        self.waited += time;
        self.until += time;
    }

    /// The remaining time; `None` where the deadline has passed.
    pub(crate) fn remaining_time(&mut self) -> Option<Duration> {
        let now = Instant::now();
        if now >= self.until
            && let Some(delay) = self.delay.as_mut().map(SchedulingDelay::take)
        {
            self.add_wait(delay);
        }
        Some(self.until.saturating_duration_since(now)).filter(|time| !time.is_zero())
    }

    /// The time spent waiting for other transactions, or for a processor.
    pub(crate) fn time_waited(&self) -> Duration {
        self.waited
    }

    /// Charges a call of the host.
    pub(crate) fn charge_host_call(&mut self) -> ChargeResult {
        if self.interruption.as_ref().is_some_and(|planned| planned.strikes_at(self.host_calls + 1)) {
            return Err(StopReason::CutOff);
        }
        if self.remaining_time().is_none() {
            return Err(StopReason::Deadline);
        }
        if let Some(measure) = self.reported {
            return Err(StopReason::Exhausted(measure));
        }
        self.host_calls += 1;
        self.check_measure(self.host_calls <= self.limits.host_calls, BudgetMeasure::HostCalls)
    }

    /// The number of host calls so far.
    pub(crate) fn host_calls(&self) -> u32 {
        self.host_calls
    }

    /// The number of rows that may still be read.
    pub(crate) fn remaining_reads(&self) -> u32 {
        self.limits.rows_read.saturating_sub(self.rows_read)
    }

    /// Charges rows that were read.
    pub(crate) fn charge_reads(&mut self, rows: usize) -> ChargeResult {
        self.rows_read = self.rows_read.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        self.check_measure(self.rows_read <= self.limits.rows_read, BudgetMeasure::RowsRead)
    }

    /// Charges rows that are about to be written.
    pub(crate) fn charge_writes(&mut self, rows: usize) -> ChargeResult {
        self.rows_written = self.rows_written.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        self.check_measure(self.rows_written <= self.limits.rows_written, BudgetMeasure::RowsWritten)
    }

    /// Charges a value of that many bytes that is handed over.
    pub(crate) fn check_output(&mut self, bytes: usize) -> ChargeResult {
        self.check_measure(bytes <= self.limits.output, BudgetMeasure::Output)
    }

    /// Charges requests that are about to be sent to other hosts.
    pub(crate) fn charge_requests(&mut self, requests: usize) -> ChargeResult {
        self.requests = self.requests.saturating_add(u32::try_from(requests).unwrap_or(u32::MAX));
        self.check_measure(self.requests <= self.limits.requests, BudgetMeasure::Requests)
    }

    /// Charges a file of that many bytes that is about to be stored.
    pub(crate) fn charge_file(&mut self, bytes: usize) -> ChargeResult {
        self.file_bytes = self.file_bytes.saturating_add(bytes as u64);
        self.check_measure(self.file_bytes <= self.limits.file_bytes, BudgetMeasure::FileBytes)
    }

    /// Records that a transaction was open for too long.
    pub(crate) fn expire_transaction(&mut self) -> BudgetMeasure {
        self.reported = Some(BudgetMeasure::Transaction);
        BudgetMeasure::Transaction
    }

    fn check_measure(&mut self, fits: bool, measure: BudgetMeasure) -> ChargeResult {
        if fits {
            return Ok(Ok(()));
        }
        self.reported = Some(measure);
        Ok(Err(measure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exhausted_budget_is_reported_once_then_stops_the_call() {
        let mut budget = CallBudget::new(CallLimits { host_calls: 2, ..CallLimits::for_export(PluginExport::Route) });
        assert_eq!(budget.charge_host_call(), Ok(Ok(())));
        assert_eq!(budget.charge_host_call(), Ok(Ok(())));
        assert_eq!(budget.charge_host_call(), Ok(Err(BudgetMeasure::HostCalls)));
        assert_eq!(budget.charge_host_call(), Err(StopReason::Exhausted(BudgetMeasure::HostCalls)));
    }

    #[test]
    fn expired_deadline_stops_the_call() {
        let mut budget =
            CallBudget::new(CallLimits { deadline: Duration::ZERO, ..CallLimits::for_export(PluginExport::Route) });
        assert_eq!(budget.charge_host_call(), Err(StopReason::Deadline));
    }

    #[test]
    fn waits_extend_the_deadline_up_to_a_limit() {
        let mut budget = CallBudget::new(CallLimits::for_export(PluginExport::Before));
        let until = budget.deadline();
        budget.add_wait(Duration::from_secs(3));
        assert_eq!(budget.deadline(), until + Duration::from_secs(3));
        budget.add_wait(Duration::from_secs(3_600));
        assert_eq!((budget.deadline(), budget.time_waited()), (until + MAX_WAIT, MAX_WAIT));
    }

    #[test]
    fn rows_are_counted_over_the_whole_call() {
        let mut budget = CallBudget::new(CallLimits {
            rows_read: 3,
            rows_written: 1,
            ..CallLimits::for_export(PluginExport::Route)
        });
        assert_eq!((budget.charge_reads(2), budget.remaining_reads()), (Ok(Ok(())), 1));
        assert_eq!(budget.charge_writes(1), Ok(Ok(())));
        assert_eq!(budget.charge_writes(usize::MAX), Ok(Err(BudgetMeasure::RowsWritten)));
        assert_eq!(budget.charge_reads(2), Ok(Err(BudgetMeasure::RowsRead)));
    }
}
