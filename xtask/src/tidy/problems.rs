//! Problems that a rule finds.

/// Problems that break a rule, one line each; empty when nothing does.
pub(super) type TidyProblems = Vec<String>;
