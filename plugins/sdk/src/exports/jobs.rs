//! Durable work: jobs, timers and schedules.

use crate::{Call, Error, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world jobs { export cairn:plugin/job-handler@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::job_handler::{Outcome, Task};

/// Does the work of jobs, timers and schedules.
pub trait Jobs {
    /// One slice of a job. An error is turned into an [`Outcome`] by [`Outcome::of`].
    ///
    /// # Errors
    /// Whatever kept the job from being done.
    fn run(call: &Call, task: &Task) -> Result<Outcome>;
}

impl Outcome {
    /// Finished, with nothing to tell.
    pub const DONE: Self = Self::Done(None);

    /// Part done: the next call gets `checkpoint` and comes after `delay`.
    ///
    /// # Errors
    /// Where `checkpoint` is no JSON.
    pub fn again(checkpoint: &impl Serialize, delay: Duration) -> Result<Self> {
        Ok(Self::Again((serde_json::to_string(checkpoint)?, crate::time::millis(delay))))
    }

    /// Returns the outcome for a result: faults that a repetition cannot cure end the job, all others come again, by the manifest's policy
    /// or after the time the host named.
    #[must_use]
    pub fn of(result: Result<Self>) -> Self {
        match result {
            Ok(outcome) => outcome,
            Err(Error::Unavailable(after)) => Self::Retry(("unavailable".to_owned(), after)),
            Err(error @ (Error::Invalid(_) | Error::Denied(_))) => Self::Dead(error.describe()),
            Err(error) => Self::Retry((error.describe(), None)),
        }
    }
}

impl Task {
    /// Parses the payload that the job was enqueued with.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.payload)?)
    }

    /// Parses the checkpoint that the slice before left with [`Outcome::again`]; none on the first.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.checkpoint.as_deref().map(serde_json::from_str).transpose().map_err(Error::from)
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Jobs> raw::exports::cairn::plugin::job_handler::Guest for Adapter<T> {
    fn run(call: Call, task: Task) -> Outcome {
        panic::report();
        Outcome::of(T::run(&call, &task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_repetition_cures_is_not_repeated() {
        assert_eq!(Outcome::of(Ok(Outcome::DONE)), Outcome::Done(None));
        assert!(matches!(Outcome::of(Err(Error::field("a", "b", "c"))), Outcome::Dead(_)));
        assert!(matches!(Outcome::of(Err(Error::Unavailable(None))), Outcome::Retry((_, None))));
        assert!(matches!(Outcome::of(Err(Error::Exhausted("rows".into()))), Outcome::Retry(_)));
    }

    #[test]
    fn a_checkpoint_comes_back_as_it_was_left() {
        let left = Outcome::again(&("position", 7), Duration::from_secs(2));
        let Ok(Outcome::Again((checkpoint, 2_000))) = left else { panic!("{left:?}") };
        let task = |checkpoint: Option<String>| Task {
            id: "1".into(),
            name: "n".into(),
            key: None,
            payload: "null".into(),
            due: 0,
            checkpoint,
        };
        assert_eq!(task(Some(checkpoint)).checkpoint(), Ok(Some(("position".to_owned(), 7))));
        assert_eq!(task(None).checkpoint::<u32>(), Ok(None));
        assert!(task(Some("{".into())).checkpoint::<u32>().is_err());
        assert!(task(None).payload::<u32>().is_err());
    }
}
