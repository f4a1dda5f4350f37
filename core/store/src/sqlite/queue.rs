//! The queue of the one writer, and whose turn it is.
//!
//! Most writes are short: all that wait run together. A write that may take long has an owner and runs alone, one after the short
//! ones that wait, and of several owners the one whose last turn is longest ago: an owner that writes again and again delays each
//! of the others by one turn.

use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The queue that the module describes.
pub(super) struct WriteQueue<J> {
    state: Mutex<QueueState<J>>,
    arrived: Condvar,
    /// Largest number of short writes that run together.
    max_batch: usize,
}

struct QueueState<J> {
    short: VecDeque<J>,
    long: VecDeque<(Arc<str>, J)>,
    /// When each owner had its last turn, as a counter.
    served: HashMap<Arc<str>, u64>,
    turns: u64,
    /// The owner whose turn it is.
    current: Option<Arc<str>>,
    /// True if the last turn was a long write's: the next is that of the short ones, if any wait.
    was_long: bool,
    closed: bool,
}

/// Number of owners whose turns are stored; above it those that do not wait are dropped.
const MAX_REMEMBERED_OWNERS: usize = 1_000;

impl<J> WriteQueue<J> {
    pub(super) fn new(group: usize) -> Self {
        let state = QueueState {
            short: VecDeque::new(),
            long: VecDeque::new(),
            served: HashMap::new(),
            turns: 0,
            current: None,
            was_long: false,
            closed: false,
        };
        Self { state: Mutex::new(state), arrived: Condvar::new(), max_batch: group }
    }

    /// Adds a job; returns `false` if the queue is closed.
    pub(super) fn push(&self, job: J, owner: Option<Arc<str>>) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        match owner {
            None => state.short.push_back(job),
            Some(owner) => state.long.push_back((owner, job)),
        }
        self.arrived.notify_one();
        true
    }

    /// Takes the jobs whose turn it is, and waits until there are any; returns `false` once there will be none.
    pub(super) fn take_batch(&self, batch: &mut Vec<J>) -> bool {
        let mut state = self.state.lock();
        state.current = None;
        loop {
            if !state.short.is_empty() && (state.was_long || state.long.is_empty()) {
                let n = state.short.len().min(self.max_batch);
                batch.extend(state.short.drain(..n));
                state.was_long = false;
                return true;
            }
            if let Some(job) = state.next_long() {
                batch.push(job);
                return true;
            }
            if state.closed {
                return false;
            }
            self.arrived.wait(&mut state);
        }
    }

    /// True if others than the owner whose turn it is are waiting.
    pub(super) fn others_wait(&self) -> bool {
        let state = self.state.lock();
        !state.short.is_empty() || state.long.iter().any(|(owner, _)| Some(owner) != state.current.as_ref())
    }

    /// Ends the queue: waiting jobs are dropped.
    pub(super) fn drop_waiting(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let dropped = (std::mem::take(&mut state.short), std::mem::take(&mut state.long));
        drop(state);
        drop(dropped);
    }

    /// Closes the queue: waiting jobs still run; no more are accepted.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_all();
    }
}

impl<J> QueueState<J> {
    fn next_long(&mut self) -> Option<J> {
        let served = &self.served;
        let turn = |owner: &Arc<str>| served.get(owner).copied().unwrap_or(0);
        // The first of those that are equal: the one that came first.
        let (at, _) = self.long.iter().enumerate().min_by_key(|(_, (owner, _))| turn(owner))?;
        let (owner, job) = self.long.remove(at)?;
        if self.served.len() >= MAX_REMEMBERED_OWNERS {
            let long = &self.long;
            self.served.retain(|owner, _| long.iter().any(|(waits, _)| waits == owner));
        }
        self.turns += 1;
        self.served.insert(owner.clone(), self.turns);
        self.current = Some(owner);
        self.was_long = true;
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Option<Arc<str>> {
        Some(name.into())
    }

    fn drain_batches(queue: &WriteQueue<&'static str>) -> Vec<Vec<&'static str>> {
        queue.close();
        let mut turns = Vec::new();
        loop {
            let mut batch = Vec::new();
            if !queue.take_batch(&mut batch) {
                return turns;
            }
            turns.push(batch);
        }
    }

    #[test]
    fn waiting_writes_run_between_two_of_one_owner() {
        let queue = WriteQueue::new(2);
        for job in ["a1", "a2", "a3"] {
            assert!(queue.push(job, owner("a")));
        }
        for job in ["s1", "s2", "s3", "s4", "s5"] {
            queue.push(job, None);
        }
        queue.push("b1", owner("b"));
        queue.push("c1", owner("c"));
        let expected: [&[&str]; 8] =
            [&["a1"], &["s1", "s2"], &["b1"], &["s3", "s4"], &["c1"], &["s5"], &["a2"], &["a3"]];
        assert_eq!(drain_batches(&queue), expected);
    }

    #[test]
    fn owners_take_turns_regardless_of_demand() {
        let queue = WriteQueue::new(8);
        let mut batch = Vec::new();
        for n in 0..4 {
            queue.push("a", owner("a"));
            queue.push("b", owner("b"));
            queue.push("a", owner("a"));
            for _ in 0..2 {
                assert!(queue.take_batch(&mut batch), "{n}");
            }
        }
        assert_eq!(batch, ["a", "b", "a", "b", "a", "b", "a", "b"]);
    }

    #[test]
    fn others_wait_reports_writes_of_other_owners() {
        let queue = WriteQueue::new(8);
        let mut batch = Vec::new();
        queue.push("a1", owner("a"));
        queue.push("a2", owner("a"));
        queue.take_batch(&mut batch);
        assert!(!queue.others_wait());
        queue.push("b1", owner("b"));
        assert!(queue.others_wait());
        queue.take_batch(&mut batch);
        assert!(queue.others_wait(), "the other one's second");
        queue.take_batch(&mut batch);
        assert_eq!((batch.as_slice(), queue.others_wait()), (&["a1", "b1", "a2"][..], false));
        queue.push("s", None);
        assert!(queue.others_wait());
    }

    #[test]
    fn queued_writes_run_after_close() {
        let queue = WriteQueue::new(8);
        queue.push("s", None);
        queue.close();
        assert!(!queue.push("late", None));
        assert_eq!(drain_batches(&queue), [["s"]]);
    }
}
