//! Jobs with keys, lanes and recurring jobs of plugins.

use super::*;
use crate::RecurringSchedule;

async fn claim_jobs_at(tenant: &TestTenant, names: &'static [&'static str], now: i64) -> Vec<JobRow> {
    tenant.store.write(move |tx| tx.jobs().claim(names, "x", now, now + 10, 9)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_jobs_do_not_abort_the_transaction() {
    let tenant = TestTenant::new();
    let due = tenant.engine(vec![], vec![]).now();
    tenant.enqueue(new_job("work", Some("k"), due)).await.unwrap();
    let refused = NewJob { duplicate: DuplicatePolicy::Refuse, ..new_job("work", Some("k"), due) };
    let write = tenant.store.write(move |tx| {
        tx.settings().set("before", &json!(1))?;
        let refused = tx.jobs().enqueue(&refused, due);
        assert!(matches!(refused, Err(StoreError::Unique)), "{refused:?}");
        tx.jobs().enqueue(&NewJob { duplicate: DuplicatePolicy::Refuse, ..new_job("work", Some("other"), due) }, due)
    });
    assert!(write.await.unwrap().is_some());
    assert_eq!(tenant.store.read(|r| r.settings().get("before")).unwrap(), Some(json!(1)));
    assert_eq!(tenant.count_jobs(JobState::Waiting), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_found_and_cancelled_by_name_and_key() {
    let tenant = TestTenant::new();
    let due = tenant.engine(vec![], vec![]).now();
    tenant.enqueue(new_job("work", Some("a"), due)).await.unwrap();
    tenant.enqueue(new_job("work", Some("b"), due)).await.unwrap();
    tenant.enqueue(new_job("other", Some("a"), due)).await.unwrap();
    let running = claim_jobs_at(&tenant, &["other"], due).await.remove(0);
    let second = tenant.enqueue(new_job("other", Some("a"), due + 7)).await.unwrap().unwrap();
    let targets = [("work", "a"), ("work", "none"), ("other", "a"), ("work", "b"), ("work", "a")];
    let states = |targets: &[(&str, &str)]| tenant.store.read(|r| r.jobs().find_newest_by_key(targets)).unwrap();
    let rows = states(&targets);
    assert_eq!(rows[1], None);
    assert_eq!(rows[0], rows[4]);
    // The newest of its name and key.
    assert_eq!(rows[2].as_ref().map(|j| (j.id, j.state, j.due)), Some((second, JobState::Waiting, due + 7)));
    assert!(states(&[]).is_empty());
    let cancel = |targets: &'static [(&'static str, &'static str)]| {
        tenant.store.write(move |tx| tx.jobs().cancel_waiting(targets, due))
    };
    assert_eq!(cancel(&[]).await.unwrap(), 0);
    assert_eq!(cancel(&[("work", "a"), ("work", "none"), ("other", "a"), ("work", "a")]).await.unwrap(), 2);
    assert_eq!(cancel(&[("work", "a"), ("other", "a")]).await.unwrap(), 0, "the other one runs");
    let of_a = states(&targets)[0].clone().unwrap();
    assert_eq!((of_a.state, of_a.ended_at), (JobState::Cancelled, Some(due)));
    assert_eq!(tenant.store.read(|r| r.jobs().get(running.id)).unwrap().unwrap().state, JobState::Running);
    // More than one statement takes.
    let keys: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let all: Vec<(String, String)> = keys.iter().map(|k| ("many".to_owned(), k.clone())).collect();
    let n = tenant
        .store
        .write(move |tx| {
            for key in &keys {
                tx.jobs().enqueue(&new_job("many", Some(key), due), due)?;
            }
            let targets: Vec<(&str, &str)> = all.iter().map(|(n, k)| (n.as_str(), k.as_str())).collect();
            assert!(tx.reader().jobs().find_newest_by_key(&targets)?.iter().all(Option::is_some));
            tx.jobs().cancel_waiting(&targets, due)
        })
        .await;
    assert_eq!(n.unwrap(), 450);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_jobs_restart_without_a_checkpoint() {
    let tenant = TestTenant::new();
    let due = tenant.engine(vec![], vec![]).now();
    tenant.enqueue(new_job("work", Some("k"), due)).await.unwrap();
    let first = claim_jobs_at(&tenant, &["work"], due).await.remove(0).fence();
    tenant.store.write(move |tx| tx.jobs().reschedule(first, &json!(3), due)).await.unwrap();
    let replace = || NewJob {
        duplicate: DuplicatePolicy::Replace,
        payload: json!({"new": 1}),
        ..new_job("work", Some("k"), due)
    };
    tenant.enqueue(replace()).await.unwrap();
    let row = claim_jobs_at(&tenant, &["work"], due).await.remove(0);
    assert_eq!((row.checkpoint.clone(), row.payload.clone(), row.attempt), (None, json!({"new": 1}), 1));
    // Replaced while it runs: the newer one waits beside it, and takes its place when it is not done.
    let newer = tenant.enqueue(replace()).await.unwrap().unwrap();
    assert_ne!(newer, row.id);
    let (fence, states) =
        (row.fence(), || tenant.store.read(|r| r.jobs().find_newest_by_key(&[("work", "k")])).unwrap().remove(0));
    let failed = tenant.store.write(move |tx| {
        match tx.jobs().record_failure(fence, Some(due), "no", due) {
            Err(StoreError::Unique) => tx.jobs().supersede(fence, due)?,
            other => other?,
        }
        tx.settings().set("went on", &json!(true))
    });
    failed.await.unwrap();
    assert_eq!(states().map(|j| (j.id, j.state)), Some((newer, JobState::Waiting)));
    assert_eq!(tenant.store.read(|r| r.jobs().get(row.id)).unwrap().unwrap().state, JobState::Cancelled);
}

/// Counts enqueued and started jobs, in any order of events.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_replaced_or_cancelled_while_claimed_run_once_each() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engines: Vec<_> = (0..2).map(|_| tenant.engine(vec![], vec![worker.clone()])).collect();
    let now = engines[0].now();
    let askers = (0..4).map(|asker: i64| {
        let tenant = &tenant;
        async move {
            let (mut enqueued, mut cancelled) = (0, 0);
            for n in 0..25 {
                let due = if (asker + n) % 2 == 0 { now } else { now + 1_000_000 };
                let job = NewJob { duplicate: DuplicatePolicy::Replace, ..new_job("work", Some("k"), due) };
                if tenant.enqueue(job).await.unwrap().is_some() {
                    enqueued += 1;
                }
                if n % 5 == asker {
                    cancelled +=
                        tenant.store.write(move |tx| tx.jobs().cancel_waiting(&[("work", "k")], now)).await.unwrap();
                }
            }
            (enqueued, cancelled)
        }
    });
    let run = |engine: Arc<Engine>| async move {
        for _ in 0..30 {
            engine.run_until_idle().await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let (counts, (), ()) =
        tokio::join!(futures_util::future::join_all(askers), run(engines[0].clone()), run(engines[1].clone()));
    tenant.advance_seconds(2_000);
    engines[0].run_until_idle().await.unwrap();
    let cancelled: usize = counts.iter().map(|(_, n)| n).sum();
    assert_eq!(counts.iter().map(|(n, _)| n).sum::<usize>(), 100, "no replacement is lost");
    assert_eq!(tenant.count_jobs(JobState::Waiting) + tenant.count_jobs(JobState::Running), 0);
    assert_eq!(tenant.count_jobs(JobState::Cancelled), cancelled);
    assert_eq!(tenant.count_jobs(JobState::Done), worker.ran.load(Ordering::SeqCst), "each that was begun ended, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_run_by_due_time_and_skip_jobs_without_a_handler() {
    let tenant = TestTenant::new();
    let now = tenant.engine(vec![], vec![]).now();
    let in_lane = |name: &str, due: i64| NewJob { lane: Some("l".into()), ..new_job(name, None, due) };
    let late = tenant.enqueue(in_lane("work", now + 20)).await.unwrap().unwrap();
    let soon = tenant.enqueue(in_lane("work", now + 10)).await.unwrap().unwrap();
    tenant.enqueue(in_lane("nobody does this", now)).await.unwrap().unwrap();
    let first = claim_jobs_at(&tenant, &["work"], now + 30).await;
    assert_eq!(first.iter().map(|j| j.id).collect::<Vec<_>>(), [soon]);
    assert!(claim_jobs_at(&tenant, &["work"], now + 30).await.is_empty(), "one at a time");
    // The process dies, and an earlier job becomes due: the interrupted one continues first, and the lane does not stop.
    let earlier = tenant.enqueue(in_lane("work", now - 5)).await.unwrap().unwrap();
    let rows = claim_jobs_at(&tenant, &["work"], now + 50).await;
    assert_eq!(rows.iter().map(|j| j.id).collect::<Vec<_>>(), [soon]);
    for (fence, next) in [(rows[0].fence(), earlier), (JobFence { job: earlier, fence: 1 }, late)] {
        tenant.store.write(move |tx| tx.jobs().finish(fence, now)).await.unwrap();
        let claimed = claim_jobs_at(&tenant, &["work"], now + 55).await;
        assert_eq!(claimed.iter().map(|j| j.id).collect::<Vec<_>>(), [next]);
    }
}

fn schedule(name: &str, cron: &str) -> RecurringSchedule {
    RecurringSchedule {
        name: format!("plugin:crm:{name}"),
        job: "work".into(),
        payload: json!({ "schedule": name }),
        cron: cron.into(),
        zone: "Europe/Amsterdam".into(),
        missed: MissedRuns::Once,
        spread: Duration::ZERO,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_jobs_are_declared_and_removed_as_a_set() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engine = tenant.engine(vec![], vec![]);
    let declare = |schedules: Vec<RecurringSchedule>| {
        let (tenant, now) = (&tenant, tenant.clock.now());
        async move {
            let declared: Vec<NewRecurring> = schedules.iter().map(|s| s.from_now(now).unwrap()).collect();
            tenant.store.write(move |tx| tx.recurring_jobs().declare("plugin:crm:", &declared)).await
        }
    };
    let rows = || tenant.store.read(|r| r.recurring_jobs().list()).unwrap();
    let other = CronRow {
        name: "plugin:crm-two:daily".into(),
        ..schedule("x", "0 8 * * *").from_now(tenant.clock.now()).unwrap().row
    };
    tenant.store.write(move |tx| tx.recurring_jobs().save(&other)).await.unwrap();
    declare(vec![schedule("hourly", "0 * * * *"), schedule("daily", "0 8 * * *")]).await.unwrap();
    assert_eq!(rows().len(), 3);
    // A paused schedule stays paused when it is declared again, and keeps its next run.
    let mut paused = rows().remove(1);
    assert_eq!(paused.name, "plugin:crm:daily");
    paused.paused = true;
    tenant.store.write(move |tx| tx.recurring_jobs().save(&paused)).await.unwrap();
    let before = rows();
    tenant.advance_seconds(60);
    declare(vec![schedule("daily", "0 8 * * *"), schedule("hourly", "0 * * * *")]).await.unwrap();
    assert_eq!(rows(), before);
    let misnamed = schedule("daily", "0 8 * * *");
    let refused = declare(vec![RecurringSchedule { name: "plugin:crmx:daily".into(), ..misnamed }]).await;
    assert!(matches!(refused, Err(StoreError::Schema(_))));
    // No handler exists: the run waits, no job is enqueued, and the engine has nothing due.
    tenant.advance_seconds(5 * 3_600);
    engine.run_until_idle().await.unwrap();
    assert_eq!((rows(), tenant.count_jobs(JobState::Waiting), engine.next_due()), (before, 0, i64::MAX));
    engine.set_handlers("plugin:crm", vec![worker.clone()]);
    engine.run_until_idle().await.unwrap();
    assert_eq!(worker.ran.load(Ordering::SeqCst), 1, "once for all that were missed");
    declare(vec![]).await.unwrap();
    assert_eq!(rows().len(), 1, "another's stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_runs_are_spread_by_a_constant_pause() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engine = tenant.engine(vec![], vec![worker]);
    let spread = RecurringSchedule { spread: Duration::from_secs(300), ..schedule("hourly", "0 * * * *") };
    let mut pauses = Vec::new();
    for _ in 0..3 {
        let declared = vec![spread.from_now(tenant.clock.now()).unwrap()];
        tenant.store.write(move |tx| tx.recurring_jobs().declare("plugin:crm:", &declared)).await.unwrap();
        tenant.advance_seconds(3_600);
        engine.run_until_idle().await.unwrap();
        let newest = tenant.store.read(|r| r.jobs().list(&JobFilter::default(), 1)).unwrap().remove(0);
        pauses.push(newest.due - newest.payload["scheduledFor"].as_i64().unwrap());
    }
    assert!((0..300_000).contains(&pauses[0]));
    assert!(pauses.iter().all(|p| *p == pauses[0]) || pauses[0] == 0, "{pauses:?}");
    assert!(schedule("x", "0 0 30 2 *").from_now(tenant.clock.now()).is_err());
}
