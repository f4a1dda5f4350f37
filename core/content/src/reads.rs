//! The source from which a use-case reads before it writes.

use cairn_store::{Reader, Store, StoreError, WriteTx};

/// A separate snapshot, or the view of a transaction.
#[derive(Clone, Copy)]
pub(crate) enum Reads<'a> {
    /// Each read is one snapshot, without uncommitted changes of a transaction.
    Own(&'a Store),
    /// Everything that the transaction has written is visible.
    Within(&'a WriteTx<'a>),
}

impl Reads<'_> {
    /// Runs one read.
    pub(crate) fn read<T, E: From<StoreError>>(self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        match self {
            Self::Own(store) => store.read(read),
            Self::Within(tx) => read(&tx.reader()),
        }
    }
}
