//! The source from which a use-case reads before it writes.

use cairn_store::{Reader, Store, StoreError, WriteTx};

/// A separate snapshot, or the view of a transaction.
#[derive(Clone, Copy)]
pub(crate) enum ReadScope<'a> {
    /// Each read is one snapshot, without uncommitted changes of a transaction.
    Snapshot(&'a Store),
    /// Everything that the transaction has written is visible.
    Transaction(&'a WriteTx<'a>),
}

impl ReadScope<'_> {
    /// Runs one read.
    pub(crate) fn read<T, E: From<StoreError>>(self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        match self {
            Self::Snapshot(store) => store.read(read),
            Self::Transaction(tx) => read(&tx.reader()),
        }
    }
}
