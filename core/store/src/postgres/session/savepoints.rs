//! Savepoints: parts of a transaction that are rolled back alone, and whether it can continue.

use super::{Session, SessionState};
use crate::{Result, StoreError};

impl Session {
    /// Returns an error if the transaction cannot continue.
    pub(super) fn usable(&self, doing: &'static str) -> Result<()> {
        match self.aborted.get() {
            false => Ok(()),
            true if self.has_conflict() => Err(StoreError::Conflict),
            true => {
                let source = "an earlier statement of the transaction failed and was not rolled back".into();
                Err(StoreError::Database { doing, source })
            }
        }
    }

    /// Begins a savepoint, and the transaction if that is due.
    pub(crate) fn savepoint(&self, name: &str) -> Result<()> {
        let doing = "beginning a savepoint";
        self.usable(doing)?;
        // A statement that was to stand alone was not sent.
        if self.state.get() == SessionState::Alone {
            self.state.set(SessionState::Beginning);
        }
        if self.state.get() == SessionState::Beginning {
            return self.execute_batch(doing, &format!("SAVEPOINT {name}"));
        }
        // A savepoint cannot fail in a transaction that can go on, so its response is not awaited.
        self.send_owned(format!("SAVEPOINT {name}"));
        Ok(())
    }

    /// Releases the savepoint: what was done since stays part of the transaction.
    pub(crate) fn release_savepoint(&self, name: &str) -> Result<()> {
        self.usable("releasing a savepoint")?;
        self.send_owned(format!("RELEASE SAVEPOINT {name}"));
        Ok(())
    }

    /// Rolls back to the savepoint, failed statements included. Fails if the transaction lost against another: the whole must be retried,
    /// and must not be committed without a part that was refused for no fault of its own.
    pub(crate) fn rollback_savepoint(&self, name: &str) -> Result<()> {
        if self.has_conflict() {
            return Err(StoreError::Conflict);
        }
        self.simple("rolling back a savepoint", &format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"))?;
        self.aborted.set(false);
        Ok(())
    }
}
