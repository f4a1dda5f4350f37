//! What must not outlive a chore, whatever ends it: Ctrl-C, SIGTERM, SIGHUP.
//!
//! Processes that a chore starts stand in process groups of their own, so that a Ctrl-C reaches the chore alone; it is
//! the chore that ends them. An ordinary end and a panic do so by `Drop`; a signal does it here. After SIGKILL nobody
//! does, which is why `postgres` looks for leftovers.

use anyhow::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The exit status of a shell's child that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

type Cleanup = Box<dyn FnOnce() + Send>;

/// What to do at a signal.
struct Plan {
    cleanups: Vec<(u64, Cleanup)>,
    /// A chore that ends by itself when told; it does its own cleaning then.
    listener: Option<Sender<()>>,
}

static PLAN: Mutex<Plan> = Mutex::new(Plan { cleanups: Vec::new(), listener: None });
static NEXT: AtomicU64 = AtomicU64::new(0);
static HANDLER: Once = Once::new();

/// Holds a cleanup; dropped, the cleanup is forgotten (whoever held it has cleaned up).
pub(crate) struct Guard(u64);

impl Drop for Guard {
    fn drop(&mut self) {
        plan().cleanups.retain(|(number, _)| *number != self.0);
    }
}

/// Has `cleanup` run if a signal ends the chore while the guard lives. The newest runs first.
///
/// # Errors
/// When no handler can be installed.
pub(crate) fn on_end(cleanup: impl FnOnce() + Send + 'static) -> Result<Guard> {
    install()?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    plan().cleanups.push((number, Box::new(cleanup)));
    Ok(Guard(number))
}

/// From now on a first signal is only reported here, and the chore ends by itself. A second one ends it at once.
///
/// # Errors
/// When no handler can be installed.
pub(crate) fn listen() -> Result<Receiver<()>> {
    install()?;
    let (sender, receiver) = mpsc::channel();
    plan().listener = Some(sender);
    Ok(receiver)
}

fn install() -> Result<()> {
    let mut result = Ok(());
    HANDLER.call_once(|| result = ctrlc::set_handler(signalled));
    Ok(result?)
}

/// Runs on a thread of its own.
fn signalled() {
    let mut plan = plan();
    if plan.listener.take().is_some_and(|listener| listener.send(()).is_ok()) {
        return;
    }
    let cleanups = std::mem::take(&mut plan.cleanups);
    // A cleanup may wait for somebody who drops a guard.
    drop(plan);
    cleanups.into_iter().rev().for_each(|(_, cleanup)| cleanup());
    std::process::exit(INTERRUPTED);
}

fn plan() -> MutexGuard<'static, Plan> {
    PLAN.lock().unwrap_or_else(PoisonError::into_inner)
}
