//! Where a use-case looks before it writes.

use cairn_store::{Reader, Store, StoreError, WriteTx};

/// A snapshot of its own, or what a transaction sees.
#[derive(Clone, Copy)]
pub(crate) enum Reads<'a> {
    /// Each look is one snapshot; nothing of a transaction that is not committed is seen.
    Own(&'a Store),
    /// All that the transaction has written is seen.
    Within(&'a WriteTx<'a>),
}

impl Reads<'_> {
    /// One look.
    pub(crate) fn read<T, E: From<StoreError>>(self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        match self {
            Self::Own(store) => store.read(read),
            Self::Within(tx) => read(&tx.reader()),
        }
    }
}
