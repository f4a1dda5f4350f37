//! Files that stay as they are while an entry needs them.

use crate::ids::AttributeId;

/// Entries whose files stay as they are: those that have one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLock {
    /// Position of the enumeration.
    pub attribute: AttributeId,
    /// Its values with which the files of an entry are locked.
    pub values: Vec<String>,
}
