//! Jobs in batches.

use super::jobs::{Jobs, Outcome, Task};
use crate::{Call, panic};

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world batch-jobs { export cairn:plugin/batch-job-handler@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

use raw::exports::cairn::plugin::batch_job_handler as batch;

/// Does the work of many jobs in one transaction, for jobs whose section of the manifest has `batch`.
pub trait BatchJobs: Jobs {
    /// Due jobs of one name, none of which has failed before; one outcome per task, in their order. The whole call is one transaction, which
    /// also ends the jobs: their effects happen exactly once. With [`Outcome::Retry`] or [`Outcome::Dead`], or if it fails or takes longer
    /// than 40 ms, what it stored is rolled back, and the jobs go to [`Jobs::run`] one by one. Requests to other hosts are denied.
    ///
    /// By default, each is run by [`Jobs::run`], up to the first that fails.
    fn run_many(call: &Call, tasks: &[Task]) -> Vec<Outcome> {
        let mut failed = false;
        tasks
            .iter()
            .map(|task| {
                if failed {
                    return Outcome::Retry(("a job before it failed".to_owned(), None));
                }
                let outcome = Outcome::of(Self::run(call, task));
                failed = matches!(outcome, Outcome::Retry(_) | Outcome::Dead(_));
                outcome
            })
            .collect()
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: BatchJobs> batch::Guest for Adapter<T> {
    fn run_many(call: Call, tasks: Vec<batch::Task>) -> Vec<batch::Outcome> {
        panic::report();
        let tasks: Vec<Task> = tasks.into_iter().map(Task::from).collect();
        T::run_many(&call, &tasks).into_iter().map(batch::Outcome::from).collect()
    }
}

impl From<batch::Task> for Task {
    fn from(task: batch::Task) -> Self {
        let batch::Task { id, name, key, payload, due, checkpoint } = task;
        Self { id, name, key, payload, due, checkpoint }
    }
}

impl From<Outcome> for batch::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done(value) => Self::Done(value),
            Outcome::Again(progress) => Self::Again(progress),
            Outcome::Retry(failure) => Self::Retry(failure),
            Outcome::Dead(why) => Self::Dead(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Result};

    struct Picky;

    impl Jobs for Picky {
        fn run(_call: &Call, task: &Task) -> Result<Outcome> {
            match task.id.as_str() {
                "2" => Err(Error::Exhausted("rows".to_owned())),
                _ => Ok(Outcome::DONE),
            }
        }
    }

    impl BatchJobs for Picky {}

    #[test]
    fn jobs_behind_one_that_failed_are_not_tried() {
        let call = Call {
            id: "c".into(),
            idempotency_key: "job-1".into(),
            actor: crate::Actor::System,
            locale: "en".into(),
            attempt: 1,
            deadline: 0,
        };
        let task = |id: &str| Task {
            id: id.into(),
            name: "n".into(),
            key: None,
            payload: "null".into(),
            due: 0,
            checkpoint: None,
        };
        let outcomes = Picky::run_many(&call, &["1", "2", "3"].map(task));
        assert_eq!(outcomes[0], Outcome::DONE);
        assert!(matches!(&outcomes[1], Outcome::Retry((why, None)) if why.contains("rows")), "{outcomes:?}");
        assert!(matches!(&outcomes[2], Outcome::Retry((why, None)) if why.contains("before it")), "{outcomes:?}");
        assert_eq!(outcomes.len(), 3);
    }
}
