//! Transactions that are never committed.

use crate::{Result, Store, StoreError, WriteTx};

/// Ends the transaction of a rehearsal, whatever came of it: as an error, which no transaction survives.
enum RehearsalEnd<T, E> {
    Finished(T),
    Failed(E),
}

impl<T, E: From<StoreError>> From<StoreError> for RehearsalEnd<T, E> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Store {
    /// Runs `work` in a transaction that takes place at another time and is always rolled back: only `work` sees what it writes, and nothing
    /// of it is stored, announced or sent. It waits for its turn as [`Store::write_long`] does, on behalf of `owner`. `at`: the time in
    /// milliseconds, for what asks [`WriteTx::rehearsed_time`].
    ///
    /// # Errors
    /// Returns that of `work`. [`StoreError::RehearsalTooLong`] if it takes longer than a statement may: on SQLite nobody else can write
    /// meanwhile, and on PostgreSQL nobody what it has locked.
    pub async fn rehearse<T, E, F>(&self, owner: &str, at: i64, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        let ended = self
            .write_long(owner, false, move |tx| -> Result<(), RehearsalEnd<T, E>> {
                Err(match tx.run_rehearsal(at, work) {
                    Ok(value) => RehearsalEnd::Finished(value),
                    Err(error) => RehearsalEnd::Failed(error),
                })
            })
            .await;
        match ended {
            Err(RehearsalEnd::Finished(value)) => Ok(value),
            Err(RehearsalEnd::Failed(error)) => Err(error),
            Ok(()) => Err(StoreError::Closed.into()),
        }
    }
}
