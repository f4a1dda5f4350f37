//! A store that follows the changes of other nodes, for those who learn of them.

use crate::Result;
use crate::connection::Connection;

/// An open store whose counters follow what other nodes change.
pub(crate) trait ChangeFollower: Send + Sync {
    /// Name of its schema.
    fn schema(&self) -> &str;

    /// Compares the counters of changes with those last seen, on a connection to its schema.
    fn compare_changes(&self, conn: &Connection) -> Result<()>;

    /// Handles a notice of another node about what it changed; `None`: anything.
    fn apply_notice(&self, types: Option<&[&str]>);
}
