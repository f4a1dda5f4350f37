//! Transactions that a guest opens.

use crate::ambient::{Broken, Conversation, NotCommitted, Span, inside};
use crate::bindings::host::data::HostTransaction;
use crate::bindings::types::Error;
use crate::faults::{conflict, internal, of_content};
use crate::state::{Ambient, State};
use cairn_store::Savepoint;
use parking_lot::Mutex;
use std::sync::Arc;
use wasmtime::component::Resource;

/// One that is open.
#[expect(unreachable_pub, reason = "the bindings name it in public")]
pub enum Transaction {
    /// A part of one that was open before.
    Part(Arc<Mutex<Option<Savepoint>>>),
    /// One of its own.
    Own,
}

impl HostTransaction for State {
    async fn begin(&mut self) -> wasmtime::Result<Result<Resource<Transaction>, Error>> {
        if let Err(error) = self.host_call()? {
            return Ok(Err(error));
        }
        let opened = match &self.ambient {
            Ambient::None => {
                let limits = self.budget.limits();
                let span = Span::new(limits.others_wait, limits.transaction);
                match Conversation::open(self.content().store(), self.generation.id(), span).await {
                    Ok(conversation) => {
                        self.ambient = Ambient::Open(Arc::new(conversation));
                        Transaction::Own
                    }
                    Err(error) => return Ok(Err(of_content(error))),
                }
            }
            Ambient::Inside | Ambient::Open(_) => {
                let opened = self.at_once(|tx| tx.savepoint().map_err(|e| of_content(e.into()))).await;
                match opened {
                    Ok(savepoint) => Transaction::Part(Arc::new(Mutex::new(Some(savepoint)))),
                    Err(error) => return Ok(Err(error)),
                }
            }
        };
        Ok(Ok(self.table.push(opened)?))
    }

    async fn commit(&mut self, this: Resource<Transaction>) -> wasmtime::Result<Result<(), Error>> {
        let transaction = self.table.delete(this)?;
        if let Err(error) = self.host_call()? {
            self.undo(transaction).await;
            return Ok(Err(error));
        }
        Ok(match transaction {
            Transaction::Own => match std::mem::replace(&mut self.ambient, Ambient::None) {
                Ambient::Open(conversation) => match Arc::into_inner(conversation) {
                    Some(conversation) => conversation.commit().await.map_err(|not| match not {
                        NotCommitted::TooLong => self.broken(Broken::TooLong),
                        NotCommitted::Failed(error) => of_content(error),
                    }),
                    None => Err(internal("a transaction is used by two calls at the same time")),
                },
                other => {
                    self.ambient = other;
                    Err(conflict("state", "this transaction has already ended"))
                }
            },
            Transaction::Part(savepoint) => {
                let held = savepoint.lock().take();
                match held {
                    Some(savepoint) => {
                        let held = Mutex::new(Some(savepoint));
                        self.at_once(move |tx| match held.lock().take() {
                            Some(savepoint) => tx.release(savepoint).map_err(|e| of_content(e.into())),
                            None => Ok(()),
                        })
                        .await
                    }
                    None => Err(conflict("state", "this transaction has already ended")),
                }
            }
        })
    }

    async fn drop(&mut self, this: Resource<Transaction>) -> wasmtime::Result<()> {
        let transaction = self.table.delete(this)?;
        self.undo(transaction).await;
        Ok(())
    }
}

impl State {
    async fn undo(&mut self, transaction: Transaction) {
        match transaction {
            // Dropped, a conversation undoes what was said in it.
            Transaction::Own => {
                if matches!(self.ambient, Ambient::Open(_)) {
                    self.ambient = Ambient::None;
                }
            }
            Transaction::Part(savepoint) => {
                let Some(savepoint) = savepoint.lock().take() else { return };
                let held = Mutex::new(Some(savepoint));
                let undone = self
                    .at_once(move |tx| match held.lock().take() {
                        Some(savepoint) => tx.rollback_to(savepoint).map_err(|e| of_content(e.into())),
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
    async fn at_once<R: Send + 'static>(
        &mut self,
        op: impl FnOnce(&mut cairn_store::WriteTx<'_>) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            Ambient::Inside => inside(op).unwrap_or_else(|| Err(internal("no transaction is open here"))),
            Ambient::Open(conversation) => {
                let done = conversation.clone().run(op).await;
                done.unwrap_or_else(|broken| Err(self.broken(broken)))
            }
            Ambient::None => Err(conflict("state", "no transaction is open")),
        }
    }
}
