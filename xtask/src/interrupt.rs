//! Cleanup of what must not outlive a chore, whatever ends it: Ctrl-C, SIGTERM, SIGHUP.
//!
//! Processes that a chore starts stand in process groups of their own, so that a Ctrl-C reaches the chore alone; it is
//! the chore that ends them. An ordinary end and a panic do so by `Drop`; a signal does it here. After SIGKILL nobody
//! does, which is why `postgres` looks for leftovers.

use anyhow::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The exit status of a shell's child that Ctrl-C ended.
const INTERRUPTED_STATUS: i32 = 130;

type Cleanup = Box<dyn FnOnce() + Send>;

/// Plan for a signal.
struct SignalPlan {
    cleanups: Vec<(u64, Cleanup)>,
    /// A chore that ends by itself when told; it does its own cleaning then.
    listener: Option<Sender<()>>,
}

static SIGNAL_PLAN: Mutex<SignalPlan> = Mutex::new(SignalPlan { cleanups: Vec::new(), listener: None });
static NEXT_GUARD_ID: AtomicU64 = AtomicU64::new(0);
static INSTALL_HANDLER: Once = Once::new();

/// Holds a cleanup; dropped, the cleanup is forgotten (whoever held it has cleaned up).
#[derive(Debug)]
pub(crate) struct CleanupGuard(u64);

impl Drop for CleanupGuard {
    fn drop(&mut self) {
        lock_plan().cleanups.retain(|(number, _)| *number != self.0);
    }
}

/// Has `cleanup` run if a signal ends the chore while the guard lives. The newest runs first. Returns an error if no
/// handler can be installed.
pub(crate) fn on_end(cleanup: impl FnOnce() + Send + 'static) -> Result<CleanupGuard> {
    install_handler()?;
    let number = NEXT_GUARD_ID.fetch_add(1, Ordering::Relaxed);
    lock_plan().cleanups.push((number, Box::new(cleanup)));
    Ok(CleanupGuard(number))
}

/// From now on a first signal is only reported here, and the chore ends by itself. A second one ends it at once. Returns an error if no
/// handler can be installed.
pub(crate) fn listen_for_signal() -> Result<Receiver<()>> {
    install_handler()?;
    let (sender, receiver) = mpsc::channel();
    lock_plan().listener = Some(sender);
    Ok(receiver)
}

fn install_handler() -> Result<()> {
    let mut result = Ok(());
    INSTALL_HANDLER.call_once(|| result = ctrlc::set_handler(on_signal));
    Ok(result?)
}

/// Runs on a thread of its own.
fn on_signal() {
    let mut plan = lock_plan();
    if plan.listener.take().is_some_and(|listener| listener.send(()).is_ok()) {
        return;
    }
    let cleanups = std::mem::take(&mut plan.cleanups);
    // A cleanup may wait for somebody who drops a guard.
    drop(plan);
    cleanups.into_iter().rev().for_each(|(_, cleanup)| cleanup());
    std::process::exit(INTERRUPTED_STATUS);
}

fn lock_plan() -> MutexGuard<'static, SignalPlan> {
    SIGNAL_PLAN.lock().unwrap_or_else(PoisonError::into_inner)
}
