//! Transactions that a guest opens.

use crate::call::ambient::{
    CommitError, InteractiveTransaction, TransactionStepError, TransactionTimeouts, in_current_transaction,
};
use crate::call::state::{AmbientTransaction, CallState};
use crate::contract::bindings::Transaction;
use crate::contract::bindings::host::data::HostTransaction;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{conflict_error, from_content_error, internal_error};
use crate::contract::host_error::HostResult;
use parking_lot::Mutex;
use std::sync::Arc;
use wasmtime::component::Resource;

impl HostTransaction for CallState {
    async fn begin(&mut self) -> HostResult<Resource<Transaction>> {
        self.host_call()?;
        let opened = match &self.ambient {
            AmbientTransaction::None => {
                let limits = self.budget.limits();
                let span = TransactionTimeouts::new(limits.others_wait, limits.transaction);
                match InteractiveTransaction::open(self.content().store(), self.definition.id(), span).await {
                    Ok(conversation) => {
                        self.ambient = AmbientTransaction::Open(Arc::new(conversation));
                        Transaction::Own
                    }
                    Err(error) => return Err(from_content_error(error).into()),
                }
            }
            AmbientTransaction::Inside | AmbientTransaction::Open(_) => {
                let opened = self.run_in_transaction(|tx| tx.savepoint().map_err(|e| from_content_error(e.into())));
                Transaction::Part(Arc::new(Mutex::new(Some(opened.await?))))
            }
        };
        Ok(self.table.push(opened)?)
    }

    async fn commit(&mut self, this: Resource<Transaction>) -> HostResult<()> {
        let transaction = self.table.delete(this)?;
        if let Err(error) = self.host_call() {
            self.undo_transaction(transaction).await;
            return Err(error);
        }
        let committed = match transaction {
            Transaction::Own => match std::mem::replace(&mut self.ambient, AmbientTransaction::None) {
                AmbientTransaction::Open(conversation) => match Arc::into_inner(conversation) {
                    Some(conversation) => conversation.commit().await.map_err(|not| match not {
                        CommitError::TimedOut => self.transaction_step_error(TransactionStepError::TimedOut),
                        CommitError::Failed(error) => from_content_error(error),
                    }),
                    None => Err(internal_error("a transaction is used by two calls at the same time")),
                },
                other => {
                    self.ambient = other;
                    Err(conflict_error("state", "this transaction has already ended"))
                }
            },
            Transaction::Part(savepoint) => {
                let open_savepoint = savepoint.lock().take();
                match open_savepoint {
                    Some(savepoint) => {
                        let savepoint = Mutex::new(Some(savepoint));
                        self.run_in_transaction(move |tx| match savepoint.lock().take() {
                            Some(savepoint) => tx.release(savepoint).map_err(|e| from_content_error(e.into())),
                            None => Ok(()),
                        })
                        .await
                    }
                    None => Err(conflict_error("state", "this transaction has already ended")),
                }
            }
        };
        Ok(committed?)
    }

    async fn drop(&mut self, this: Resource<Transaction>) -> wasmtime::Result<()> {
        let transaction = self.table.delete(this)?;
        self.undo_transaction(transaction).await;
        Ok(())
    }
}

impl CallState {
    async fn undo_transaction(&mut self, transaction: Transaction) {
        match transaction {
            // Dropped, a conversation undoes what was said in it.
            Transaction::Own => {
                if matches!(self.ambient, AmbientTransaction::Open(_)) {
                    self.ambient = AmbientTransaction::None;
                }
            }
            Transaction::Part(savepoint) => {
                let Some(savepoint) = savepoint.lock().take() else { return };
                let savepoint = Mutex::new(Some(savepoint));
                let undone = self
                    .run_in_transaction(move |tx| match savepoint.lock().take() {
                        Some(savepoint) => tx.rollback_to(savepoint).map_err(|e| from_content_error(e.into())),
                        None => Ok(()),
                    })
                    .await;
                if undone.is_err() {
                    tracing::debug!("a savepoint could not be rolled back: the whole transaction is rolled back");
                }
            }
        }
    }

    /// Does something in the transaction there is, without a savepoint around it.
    async fn run_in_transaction<R: Send + 'static>(
        &mut self,
        op: impl FnOnce(&mut cairn_store::WriteTx<'_>) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            AmbientTransaction::Inside => {
                in_current_transaction(op).unwrap_or_else(|| Err(internal_error("no transaction is open here")))
            }
            AmbientTransaction::Open(conversation) => {
                let result = conversation.clone().run(op).await;
                result.unwrap_or_else(|broken| Err(self.transaction_step_error(broken)))
            }
            AmbientTransaction::None => Err(conflict_error("state", "no transaction is open")),
        }
    }
}
