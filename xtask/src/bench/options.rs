//! Options of `cargo xtask bench`.

use crate::database::Database;
use std::path::PathBuf;

/// Runs per case.
pub(super) const DEFAULT_REPEAT: u32 = 3;
/// Seconds per run.
pub(super) const DEFAULT_DURATION: u32 = 8;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Load cases: a b c d e1 e8, f, g (see the shared bench's README); all but f and g by default
    pub(super) cases: Vec<String>,
    /// Run only the in-process benches, or only the load cases
    #[arg(long, value_enum)]
    pub(super) only: Option<BenchPart>,
    /// Alternate with Strapi, which must be installed in $PEERS (bench/peers.sh install), or with --graphql in $CONTRACT
    #[arg(long)]
    pub(super) compare: bool,
    /// Keep the response cache on; by default CAIRN_RESPONSE_CACHE=off, to measure the work itself
    #[arg(long)]
    pub(super) cached: bool,
    /// Runs per case; the median counts
    #[arg(long, default_value_t = DEFAULT_REPEAT)]
    pub(super) repeat: u32,
    /// Seconds per run
    #[arg(long, default_value_t = DEFAULT_DURATION)]
    pub(super) duration: u32,
    /// Measure files instead: small files served, compared with nginx, and large files uploaded, compared with cp
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale"])]
    pub(super) files: bool,
    /// Measure plugins instead: hooks, events and swaps in the process, then server starts with and without plugins
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files"])]
    pub(super) plugins: bool,
    /// Measure hostile plugins instead, and how they affect other requests; cases are parts of attack names
    #[arg(long, conflicts_with_all = ["only", "compare", "cached", "scale", "files", "plugins"])]
    pub(super) under_attack: bool,
    /// Measure what searches find instead: recall on a judged set of Dutch queries
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack"])]
    pub(super) relevance: bool,
    /// Measure searches and suggestions of a knowledge base with 10,000 articles instead
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance"])]
    pub(super) searches: bool,
    /// Measure the CRM, e-signing and the journey with much in them instead; cases are their ids
    #[arg(long, conflicts_with_all = ["only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches"])]
    pub(super) applications: bool,
    /// Measure the customers' overview with a thousand of them instead, by the API and on the site
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications"])]
    pub(super) portal: bool,
    /// Measure 100,000 timers of a plugin instead, in batches and one by one
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications", "portal"])]
    pub(super) timers: bool,
    /// Compare a list of which each caller sees a part with the same list for the public instead
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications", "portal", "timers"])]
    pub(super) callers: bool,
    /// Measure the requests of others during installations, upgrades and rollbacks of a plugin instead
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications", "portal", "timers", "callers"])]
    pub(super) upgrades: bool,
    /// Measure the cost of requests beside the floor, the binary and its memory instead, and compare them with the last time
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications", "portal", "timers", "callers", "upgrades"])]
    pub(super) budget: bool,
    /// Compare a GraphQL query of four relations with the same REST request instead
    #[arg(long, conflicts_with_all = ["cases", "only", "cached", "scale", "files", "plugins", "under_attack", "relevance", "searches", "applications", "portal", "timers", "callers", "upgrades", "budget"])]
    pub(super) graphql: bool,
    /// Compare 2,000 entries with many entries instead
    #[arg(long, conflicts_with_all = ["cases", "only", "compare", "cached"])]
    pub(super) scale: bool,
    /// With --scale: the larger number of entries
    #[arg(long, default_value_t = 1_000_000, requires = "scale")]
    pub(super) entries: u64,
    /// With --scale: the database to use
    #[arg(long, value_enum, default_value = "sqlite", requires = "scale")]
    pub(super) database: Database,
    /// With --scale, --under-attack, --searches, --applications, --portal, --timers, --callers, --upgrades, --budget or --graphql: use this binary instead of building one
    #[arg(long)]
    pub(super) binary: Option<PathBuf>,
}

/// The halves of the chore.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum BenchPart {
    /// The benchmarks of `cargo bench`
    Inside,
    /// The load cases
    Load,
}
