//! Transactions that are never committed: they show what would be, at a time to come.

use super::WriteTx;
use crate::connection::Connection;
use crate::sqlite::deadline::run_until;
use crate::statement_limit::STATEMENT_LIMIT_MS;
use crate::{Result, StoreError};
use std::time::{Duration, Instant};

/// Age from which a rehearsal ends as soon as other writes wait for it, which happens on SQLite only.
const CONTENDED_AFTER: Duration = Duration::from_millis(500);

/// Time and deadline of a rehearsal, which a write has not.
pub(super) struct Rehearsal {
    /// The time that it takes place at, in milliseconds.
    at: i64,
    began: Instant,
    deadline: Instant,
}

impl WriteTx<'_> {
    /// Runs `work` as of another time, within the limits of a rehearsal. The caller rolls the transaction back.
    pub(crate) fn run_rehearsal<T, E: From<StoreError>>(
        &mut self,
        at: i64,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let began = Instant::now();
        let deadline = began + Duration::from_millis(STATEMENT_LIMIT_MS);
        self.rehearsal = Some(Rehearsal { at, began, deadline });
        if let Connection::Postgres(_) = self.conn {
            let limits = format!(
                "SET LOCAL statement_timeout = {STATEMENT_LIMIT_MS}; SET LOCAL lock_timeout = {STATEMENT_LIMIT_MS}"
            );
            self.conn.execute_batch("limiting a rehearsal", &limits)?;
        }
        let result = run_until(Some(deadline), || work(self));
        // The deadline decides, whatever the result: a stopped statement may have returned less than all, and on SQLite a stopped write undoes the
        // transaction, so that all that follows fails for another reason.
        if Instant::now() > deadline {
            return Err(StoreError::RehearsalTooLong(STATEMENT_LIMIT_MS).into());
        }
        result
    }

    /// The time in milliseconds at which this transaction takes place; `None`: now, because it is not a [rehearsal](crate::Store::rehearse).
    pub fn rehearsed_time(&self) -> Option<i64> {
        self.rehearsal.as_ref().map(|rehearsal| rehearsal.at)
    }

    /// Continues a rehearsal at another time. Has no effect on other transactions.
    ///
    /// # Errors
    /// [`StoreError::RehearsalTooLong`] if the rehearsal has lasted for too long, or for long enough while others wait.
    pub fn rehearse_at(&mut self, at: i64) -> Result<()> {
        let others_wait = self.has_waiters();
        let Some(rehearsal) = &mut self.rehearsal else { return Ok(()) };
        let lasted = rehearsal.began.elapsed();
        if Instant::now() > rehearsal.deadline || (others_wait && lasted > CONTENDED_AFTER) {
            return Err(StoreError::RehearsalTooLong(u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX)));
        }
        rehearsal.at = at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::events::{Actor, EventFilter, NewEvent};
    use crate::testing::test_stores;
    use crate::{Result, StoreError, WriteTx};
    use serde_json::{Value as Json, json};

    const ENDLESS_SQL: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    const ENDLESS_WRITE_SQL: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
        INSERT INTO cairn_settings (key, value) SELECT 'rehearsed', '1' FROM n WHERE x < 0";

    fn write_setting_and_event(tx: &mut WriteTx<'_>) -> Result<Option<Json>> {
        let event = NewEvent {
            name: "told".into(),
            key: "k".into(),
            content_type: None,
            document_id: None,
            locale: None,
            status: None,
            data: json!({}),
        };
        tx.events().emit(&Actor::public(), &event, 1)?;
        tx.settings().set("rehearsed", &json!(1))?;
        tx.reader().settings().get("rehearsed")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rehearsal_sees_its_writes_and_its_time_and_leaves_nothing() {
        for store in test_stores() {
            let rehearsed = store.rehearse("preview", 7, |tx| {
                let written = write_setting_and_event(tx)?;
                let began_at = tx.rehearsed_time();
                tx.rehearse_at(9)?;
                Ok::<_, StoreError>((written, began_at, tx.rehearsed_time()))
            });
            assert_eq!(rehearsed.await.unwrap(), (Some(json!(1)), Some(7), Some(9)));
            let refused = store.rehearse("preview", 7, |tx| {
                write_setting_and_event(tx)?;
                Err::<(), _>(StoreError::Unique)
            });
            assert!(matches!(refused.await, Err(StoreError::Unique)));
            assert_eq!(store.read(|r| r.settings().get("rehearsed")).unwrap(), None);
            let filter = EventFilter { name: Some("told".into()), ..EventFilter::default() };
            assert_eq!(store.read(|r| r.events().list(&filter, None, 10)).unwrap().len(), 0);
            // A write is none.
            let write = store.write(|tx| {
                tx.rehearse_at(9)?;
                write_setting_and_event(tx)?;
                Ok::<_, StoreError>(tx.rehearsed_time())
            });
            assert_eq!(write.await.unwrap(), None);
            assert_eq!(store.read(|r| r.settings().get("rehearsed")).unwrap(), Some(json!(1)));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn endless_rehearsal_is_stopped_and_others_write_afterwards() {
        for store in test_stores() {
            let endless = store.rehearse("preview", 7, |tx| {
                write_setting_and_event(tx)?;
                tx.run_nested(|tx| tx.conn.execute("counting without end", ENDLESS_SQL, ()).map(drop))
            });
            assert!(matches!(endless.await, Err(StoreError::RehearsalTooLong(_))));
            // Writes after a stopped one are neither stored nor taken for the result.
            let persistent = store.rehearse("preview", 7, |tx| {
                let stopped =
                    tx.run_nested(|tx| tx.conn.execute("writing without end", ENDLESS_WRITE_SQL, ()).map(drop));
                let afterwards = tx.run_nested(|tx| tx.settings().set("rehearsed", &json!(1)));
                Ok::<_, StoreError>((stopped.is_ok(), afterwards.is_ok()))
            });
            assert!(matches!(persistent.await, Err(StoreError::RehearsalTooLong(_))));
            store.write(|tx| tx.settings().set("other", &json!(2))).await.unwrap();
            let setting = |key| store.read(|r| r.settings().get(key)).unwrap();
            assert_eq!((setting("rehearsed"), setting("other")), (None, Some(json!(2))));
        }
    }
}
