//! The functions that plugins export.

/// The exported function of a plugin that is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PluginExport {
    /// Function `hooks.prepare`.
    Prepare,
    /// Function `hooks.before`.
    Before,
    /// Function `event-handler.handle`.
    Event,
    /// Function `job-handler.run`.
    Job,
    /// Function `batch-job-handler.run-many`.
    JobBatch,
    /// Function `http-handler.handle`.
    Route,
    /// Function `read-policy.evaluate`.
    Policy,
    /// Function `admin.view`.
    View,
    /// Function `admin.act`.
    Act,
    /// A step of `lifecycle` that stores something, in one transaction.
    Step,
    /// One slice of `lifecycle.migrate`.
    Migrate,
    /// `lifecycle.check-settings` and `lifecycle.health`, which store nothing.
    Check,
    /// Function `privacy.report`.
    Report,
    /// Function `privacy.erase`, one step in one transaction.
    Erase,
}

impl PluginExport {
    /// The name in records and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Before => "before",
            Self::Event => "event",
            Self::Job => "job",
            Self::JobBatch => "job-batch",
            Self::Route => "route",
            Self::Policy => "policy",
            Self::View => "view",
            Self::Act => "act",
            Self::Step => "lifecycle",
            Self::Migrate => "migrate",
            Self::Check => "check",
            Self::Report => "report",
            Self::Erase => "erase",
        }
    }

    /// True if it runs inside a transaction, on that transaction's thread.
    pub(crate) fn runs_in_transaction(self) -> bool {
        matches!(self, Self::Before | Self::Event | Self::JobBatch | Self::Step | Self::Migrate | Self::Erase)
    }
}
