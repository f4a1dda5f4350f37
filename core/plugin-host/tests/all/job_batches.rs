//! Jobs of a plugin in batches: the job `many` of the guest that behaves.

use crate::test_project::{TestProject, guest_with_manifest, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_store::WriteTx;
use cairn_store::events::{DuplicatePolicy, JobFilter, JobRow, JobState, NewJob};
use cairn_store::plugins::CallFilter;
use chrono::TimeDelta;
use serde_json::json;

const JOB: &str = "plugin:allow:many";

impl TestProject {
    /// Enqueues due jobs with these numbers; `end` says how one is to end.
    async fn enqueue_many(&self, count: u32, end: impl Fn(u32) -> &'static str) {
        let due = self.now_ms();
        let new_job = |n: u32| NewJob {
            name: JOB.into(),
            key: None,
            duplicate: DuplicatePolicy::Keep,
            // A few jobs have to run one after another.
            lane: n.is_multiple_of(50).then(|| "lane".to_owned()),
            payload: json!({ "n": n, "end": end(n) }),
            due,
        };
        let jobs: Vec<NewJob> = (0..count).map(new_job).collect();
        let enqueue = move |tx: &mut WriteTx<'_>| jobs.iter().try_for_each(|job| tx.jobs().enqueue(job, due).map(drop));
        self.content.store().write(enqueue).await.unwrap();
    }

    /// Number of times that each of these numbers was counted.
    fn counts(&self, count: u32) -> Vec<u32> {
        let count_of = |n| self.kv_value("allow", &format!("many/{n}")).map_or(0, |text| text.parse().unwrap());
        (0..count).map(count_of).collect()
    }

    /// Number of calls in batches, and alone.
    fn calls(&self) -> (u32, u32) {
        let calls = |by| self.kv_value("allow", &format!("many-calls/{by}")).map_or(0, |text| text.parse().unwrap());
        (calls("batch"), calls("alone"))
    }

    fn many_jobs(&self) -> Vec<JobRow> {
        let filter = JobFilter { name: Some(JOB.into()), ..JobFilter::default() };
        self.content.store().read(|r| r.jobs().list(&filter, 10_000)).unwrap()
    }

    fn count_many(&self, state: JobState) -> usize {
        self.many_jobs().iter().filter(|job| job.state == state).count()
    }

    /// Lets a job that failed come again, until it is given up.
    async fn run_retries(&self) {
        for _ in 0..3 {
            self.clock.advance(TimeDelta::minutes(10));
            self.engine.run_until_idle().await.unwrap();
        }
    }

    fn replace_plugins(&self, plugins: Vec<InstalledPlugin>) {
        self.plugins.replace_running(plugins).into_iter().for_each(|answer| answer.unwrap());
        self.engine.set_handlers("plugins", self.plugins.job_handlers());
    }
}

fn ones(count: u32) -> Vec<u32> {
    vec![1; count as usize]
}

#[tokio::test(flavor = "multi_thread")]
async fn many_jobs_run_in_few_calls() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.enqueue_many(1_000, |_| "").await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.counts(1_000), project.count_many(JobState::Done)), (ones(1_000), 1_000));
    let (batches, alone) = project.calls();
    assert!(batches + alone < 250, "{batches} {alone}");
    assert!(project.many_jobs().iter().all(|job| job.attempt == 1));
}

/// One among 200 is poisoned: the others are done once, and it by its own policy, whatever it does.
#[tokio::test(flavor = "multi_thread")]
async fn poisoned_jobs_leave_the_others_done_once() {
    for end in ["trap", "retry", "dead"] {
        let project = TestProject::with_guests(&["allow"]).await;
        project.enqueue_many(200, |n| if n == 7 { end } else { "" }).await;
        project.engine.run_until_idle().await.unwrap();
        let expected: Vec<u32> = (0..200).map(|n| u32::from(n != 7)).collect();
        assert_eq!((project.counts(200), project.count_many(JobState::Done)), (expected.clone(), 199), "{end}");
        let first: Vec<(i64, JobState)> = failed_jobs(&project);
        let state = if end == "dead" { JobState::Dead } else { JobState::Waiting };
        assert_eq!(first, [(1, state)], "{end}: in a batch and alone, as one attempt");
        project.run_retries().await;
        let attempts = if end == "dead" { 1 } else { 2 };
        assert_eq!((failed_jobs(&project), project.counts(200)), (vec![(attempts, JobState::Dead)], expected), "{end}");
    }
}

fn failed_jobs(project: &TestProject) -> Vec<(i64, JobState)> {
    let failed = project.many_jobs().into_iter().filter(|job| job.state != JobState::Done);
    failed.map(|job| (job.attempt, job.state)).collect()
}

/// The batch itself is at fault: alone, all of them are done.
#[tokio::test(flavor = "multi_thread")]
async fn batches_that_fail_are_done_one_by_one() {
    for (end, recorded) in [("few", 1), ("broken", 1), ("endless", 0)] {
        let project = TestProject::with_guests(&["allow"]).await;
        project.enqueue_many(100, |n| if n == 3 { end } else { "" }).await;
        project.engine.run_until_idle().await.unwrap();
        assert_eq!((project.counts(100), project.count_many(JobState::Done)), (ones(100), 100), "{end}");
        assert!(project.calls().1 >= 1, "{end}");
        assert!(project.many_jobs().iter().all(|job| job.attempt == 1), "{end}");
        // Too many jobs for the time are no failure of the plugin.
        project.plugins.write_logs().await.unwrap();
        let calls = project.content.store().read(|r| r.plugin_calls().list(&CallFilter::default(), 100)).unwrap();
        let batches = calls.iter().filter(|call| call.export == "job-batch").count();
        assert_eq!((batches, calls.len()), (recorded, recorded), "{end}: {calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_continue_in_batches() {
    let project = TestProject::with_guests(&["allow"]).await;
    project.enqueue_many(60, |n| if n % 2 == 0 { "again" } else { "" }).await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.counts(60), project.count_many(JobState::Done)), (ones(60), 60));
    let continued = project.many_jobs().iter().filter(|job| job.checkpoint == Some(json!(1))).count();
    assert_eq!(continued, 30);
}

/// Jobs of a plugin that is switched off wait, and run as the next version does them.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_wait_while_the_plugin_is_disabled() {
    let project = TestProject::with_guests(&["allow"]).await;
    let handlers = project.plugins.job_handlers();
    project.replace_plugins(Vec::new());
    project.enqueue_many(100, |_| "").await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.calls(), project.count_many(JobState::Waiting)), ((0, 0), 100));
    // Switched off after the engine had learnt of its jobs: each waits by its own policy.
    project.engine.set_handlers("plugins", handlers);
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.calls(), project.count_many(JobState::Waiting)), ((0, 0), 100));
    project.replace_plugins(vec![InstalledPlugin { number: 2, ..installed_guest("allow") }]);
    project.run_retries().await;
    assert_eq!((project.counts(100), project.count_many(JobState::Done)), (ones(100), 100));
}

/// The next version has no batches any more.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_without_batches_run_one_by_one() {
    let project = TestProject::with_guests(&["allow"]).await;
    let handlers = project.plugins.job_handlers();
    let upgraded = guest_with_manifest("allow", |manifest| manifest.jobs.iter_mut().for_each(|job| job.batch = None));
    project.replace_plugins(vec![upgraded]);
    project.enqueue_many(40, |_| "").await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.counts(40), project.calls()), (ones(40), (0, 40)));
    // The engine may still have the handlers of the version before.
    project.engine.set_handlers("plugins", handlers);
    project.enqueue_many(40, |_| "").await;
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((project.counts(40), project.calls()), (vec![2; 40], (0, 80)));
}
