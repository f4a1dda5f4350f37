use super::*;
use crate::NoticeSubject;
use crate::testing::nodes::{EditorialProject, build_engine, expect_refusal, local_when};
use cairn_events::Engine;
use cairn_events::zone::Fold;
use cairn_store::editorial::ScheduleFilter;
use cairn_store::events::{ActorKind, JobFilter, JobState};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::HashMap;
use tokio::task::JoinSet;

const AMSTERDAM: &str = "Europe/Amsterdam";

fn schedules(p: &EditorialProject) -> Schedules {
    Schedules::new(p.content.clone(), p.clock())
}

fn note_schedule(p: &EditorialProject, id: &str, action: PublishAction, local: &str) -> ScheduleInput {
    let (content_type, document_id) = (p.type_id("notes"), id.to_owned());
    let target = ScheduleTarget { content_type, document_id, locale: String::new(), action };
    ScheduleInput { target, when: local_when(local, AMSTERDAM) }
}

fn schedule_row(p: &EditorialProject, id: i64) -> ScheduleRow {
    p.store().read(|r| r.schedules().get(id)).unwrap().unwrap()
}

use PublishAction::{Publish, Unpublish};

#[tokio::test(flavor = "multi_thread")]
async fn schedules_run_once_at_their_time() {
    for p in EditorialProject::on_every_database().await {
        let s = schedules(&p);
        let engine = p.engine_with(vec![Arc::new(s.clone())]);
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        let (row, checks) = s.create(note_schedule(&p, &id, Publish, "2026-03-30T09:30"), &p.actor).await.unwrap();
        assert!(checks[0].problems.is_empty());
        // Summer time began the day before.
        assert_eq!(row.schedule.due, "2026-03-30T07:30:00Z".parse::<DateTime<Utc>>().unwrap().timestamp_millis());
        p.set_time("2026-03-30T07:29:59.999Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!((p.get("notes", &id), schedule_row(&p, row.id).state), (Json::Null, ScheduleState::Waiting));
        p.set_time("2026-03-30T07:30:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.get("notes", &id)["text"], "a");
        let finished = schedule_row(&p, row.id);
        assert_eq!((finished.state, finished.ended_at), (ScheduleState::Done, Some(row.schedule.due)));
        p.advance_by(TimeDelta::days(-1));
        engine.run_until_idle().await.unwrap();
        p.advance_by(TimeDelta::days(3));
        engine.run_until_idle().await.unwrap();
        let published = p.events_named("cairn.document.published");
        assert_eq!(published.len(), 1);
        assert_eq!(
            (published[0].actor.kind, published[0].actor.name.as_deref()),
            (ActorKind::System, Some("anna@example.com"))
        );
        let names: Vec<String> = p.events_named("cairn.schedule").into_iter().map(|e| e.event.name).collect();
        assert_eq!(names, ["cairn.schedule.created", "cairn.schedule.done"]);

        // The note is unpublished late: no engine ran for a month.
        let (row, _) = s.create(note_schedule(&p, &id, Unpublish, "2026-04-10T12:00"), &p.actor).await.unwrap();
        p.advance_by(TimeDelta::days(40));
        engine.run_until_idle().await.unwrap();
        assert_eq!((p.get("notes", &id), schedule_row(&p, row.id).state), (Json::Null, ScheduleState::Done));
        assert_eq!(p.get("notes?status=draft", &id)["text"], "a");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_schedules_are_rejected() {
    let p = EditorialProject::new().await;
    let s = schedules(&p);
    let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
    let refusal_message = async |input| expect_refusal(s.create(input, &p.actor).await).message;
    assert!(refusal_message(note_schedule(&p, &id, Publish, "2026-03-20T12:00")).await.contains("is in the past"));
    assert!(refusal_message(note_schedule(&p, &id, Publish, "2026-03-29T02:30")).await.contains("does not exist"));
    assert!(refusal_message(note_schedule(&p, &id, Publish, "2026-10-25T02:30")).await.contains("occurs twice"));
    assert!(refusal_message(note_schedule(&p, "nowhere", Publish, "2026-04-01T02:30")).await.contains("not found"));
    assert!(
        refusal_message(note_schedule(&p, &id, PublishAction::DiscardDraft, "2026-04-01T02:30"))
            .await
            .contains("cannot be scheduled")
    );
    let page = p.create("pages?status=draft", json!({ "title": "a" })).await;
    let of_page = |locale: &str| {
        let mut input = note_schedule(&p, &page, Publish, "2026-04-01T02:30");
        input.target.content_type = p.type_id("pages");
        input.target.locale = locale.into();
        input
    };
    assert!(refusal_message(of_page("nl")).await.contains("in locale \"nl\" not found"));
    assert!(refusal_message(of_page("")).await.contains("specify a locale"));
    let mut localised = note_schedule(&p, &id, Publish, "2026-04-01T02:30");
    localised.target.locale = "nl".into();
    assert!(refusal_message(localised).await.contains("not localised"));
    s.create(of_page("*"), &p.actor).await.unwrap();
    assert!(refusal_message(of_page("*")).await.contains("already"));
    let fold = RequestedTime { fold: Some(Fold::Later), ..local_when("2026-10-25T02:30", AMSTERDAM) };
    s.create(ScheduleInput { when: fold, ..of_page("en") }, &p.actor).await.unwrap();
    // Refused schedules leave nothing behind.
    assert_eq!(p.store().read(|r| r.schedules().list(&ScheduleFilter::default(), 10)).unwrap().len(), 2);
    assert_eq!(p.store().read(|r| r.jobs().list(&JobFilter::default(), 10)).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_can_be_changed_and_cancelled() {
    for p in EditorialProject::on_every_database().await {
        let s = schedules(&p);
        let engine = p.engine_with(vec![Arc::new(s.clone())]);
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        let (row, _) = s.create(note_schedule(&p, &id, Publish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        let (other, _) = s.create(note_schedule(&p, &id, Unpublish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        assert!(expect_refusal(s.change(row.id, None, Some(Unpublish), &p.actor).await).message.contains("already"));
        let later = Some(local_when("2026-03-22T09:00", AMSTERDAM));
        let changed = s.change(row.id, later, None, &p.actor).await.unwrap();
        assert_eq!(changed.schedule.local_time, "2026-03-22T09:00");
        assert_eq!(s.cancel(other.id, &p.actor).await.unwrap().state, ScheduleState::Cancelled);
        p.set_time("2026-03-21T23:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.get("notes", &id), Json::Null);
        p.set_time("2026-03-22T23:00:00Z");
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.get("notes", &id)["text"], "a");
        for id in [row.id, other.id] {
            assert!(expect_refusal(s.change(id, None, Some(Publish), &p.actor).await).message.contains("already"));
            assert!(expect_refusal(s.cancel(id, &p.actor).await).message.contains("already"));
        }
        assert_eq!(expect_refusal(s.cancel(999, &p.actor).await).kind, RefusalKind::NotFound);
        let filter = JobFilter { state: Some(JobState::Waiting), ..JobFilter::default() };
        assert_eq!(p.store().read(|r| r.jobs().list(&filter, 10)).unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_schedules_report_the_reason() {
    for p in EditorialProject::on_every_database().await {
        let s = schedules(&p);
        let engine = p.engine_with(vec![Arc::new(s.clone())]);
        let empty = p.create("notes?status=draft", json!({})).await;
        let deleted = p.create("notes?status=draft", json!({ "text": "a" })).await;
        let (one, checks) = s.create(note_schedule(&p, &empty, Publish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        assert_eq!(checks[0].problems[0].message, "text must be a `string` type, but the final value was: `null`.");
        let (two, _) = s.create(note_schedule(&p, &deleted, Publish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        p.delete("notes", &deleted).await;
        p.advance_by(TimeDelta::days(2));
        engine.run_until_idle().await.unwrap();
        let failed = schedule_row(&p, one.id);
        assert_eq!(failed.state, ScheduleState::Failed);
        assert_eq!(failed.problem.unwrap()["details"]["errors"][0]["path"][0], "text");
        let failed = schedule_row(&p, two.id);
        assert!(failed.problem.unwrap()["message"].as_str().unwrap().contains("not found"));
        let events = p.events_named("cairn.schedule.failed");
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].event.data["requestedBy"]["id"], "7");
        let heard = p.collect_notices().await;
        assert_eq!((heard.len(), &heard[0].to), (2, &vec![7]));
        assert_eq!((heard[0].about, &heard[0].data["action"]), (NoticeSubject::ScheduleFailed, &json!("publish")));
        assert!(heard[0].data["reason"].is_string() && heard[0].document.is_some());
        // A failed schedule is not tried again, though it would succeed now.
        p.update("notes?status=draft", &empty, json!({ "text": "late" })).await;
        p.advance_by(TimeDelta::days(2));
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.get("notes", &empty), Json::Null);
    }
}

/// A process that was away for longer than its lease finds that another one ran it, and writes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn schedule_job_with_a_lost_lease_writes_nothing() {
    for p in EditorialProject::on_every_database().await {
        let s = schedules(&p);
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        let (row, _) = s.create(note_schedule(&p, &id, Publish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        p.advance_by(TimeDelta::days(2));
        let now = unix_millis(p.now());
        let claim = |at: i64| p.store().write(move |tx| tx.jobs().claim(&[RUN_SCHEDULE_JOB], "x", at, at + 30_000, 10));
        let first = claim(now).await.unwrap().remove(0);
        let second = claim(now + 30_000).await.unwrap().remove(0);
        assert_eq!((first.id, first.fence + 1), (second.id, second.fence));
        assert!(matches!(s.run(row.id, first.fence()).await, Err(ContentError::Store(StoreError::Lost))));
        assert!(matches!(s.fail(row.id, first.fence(), json!({})).await, Err(ContentError::Store(StoreError::Lost))));
        assert_eq!((p.get("notes", &id), schedule_row(&p, row.id).state), (Json::Null, ScheduleState::Waiting));
        assert!(matches!(JobHandler::run(&s, &second).await, JobOutcome::AlreadyFinished));
        assert_eq!(p.get("notes", &id)["text"], "a");
        assert!(matches!(JobHandler::run(&s, &first).await, JobOutcome::AlreadyFinished));
        assert!(matches!(JobHandler::run(&s, &second).await, JobOutcome::AlreadyFinished));
        p.engine_with(Vec::new()).run_until_idle().await.unwrap();
        assert_eq!(p.events_named("cairn.schedule.done").len(), 1);
    }
}

/// The clock was set back after the job was claimed.
#[tokio::test(flavor = "multi_thread")]
async fn early_jobs_are_released_until_their_time() {
    for p in EditorialProject::on_every_database().await {
        let s = schedules(&p);
        let engine = p.engine_with(vec![Arc::new(s.clone())]);
        let id = p.create("notes?status=draft", json!({ "text": "a" })).await;
        let (row, _) = s.create(note_schedule(&p, &id, Publish, "2026-03-21T09:00"), &p.actor).await.unwrap();
        let due = row.schedule.due;
        let claimed =
            p.store().write(move |tx| tx.jobs().claim(&[RUN_SCHEDULE_JOB], "x", due, due + 30_000, 10)).await.unwrap();
        assert!(matches!(JobHandler::run(&s, &claimed[0]).await, JobOutcome::AlreadyFinished));
        assert_eq!(p.get("notes", &id), Json::Null);
        let job = p.store().read(|r| r.jobs().get(claimed[0].id)).unwrap().unwrap();
        assert_eq!((job.state, job.due), (JobState::Waiting, due));
        p.advance_by(TimeDelta::days(2));
        engine.run_until_idle().await.unwrap();
        assert_eq!(p.get("notes", &id)["text"], "a");
    }
}

/// 1,000 schedules in zones whose clocks change meanwhile, run by three nodes while the clock jumps a day ahead and a day back, and while
/// processes die: each runs once, none early.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousand_schedules_run_once_despite_clock_jumps() {
    for p in EditorialProject::on_every_database().await {
        run_thousand_schedules(&p).await;
    }
}

fn all_schedules(p: &EditorialProject) -> Vec<ScheduleRow> {
    let (mut rows, mut before) = (Vec::new(), None);
    loop {
        let filter = ScheduleFilter { before, ..ScheduleFilter::default() };
        let page = p.store().read(|r| r.schedules().list(&filter, 500)).unwrap();
        before = page.last().map(|row| row.id);
        rows.extend(page);
        if before.is_none() {
            return rows;
        }
    }
}

#[expect(clippy::print_stdout, reason = "what a failure has to be repeated with")]
async fn run_thousand_schedules(p: &EditorialProject) {
    const N: usize = 1_000;
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // Nights in which clocks change, and where.
    let nights = [
        (AMSTERDAM, "2026-03-29"),
        (AMSTERDAM, "2026-10-25"),
        ("America/New_York", "2026-11-01"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("Africa/Cairo", "2026-04-24"),
        ("America/Santiago", "2026-09-06"),
        ("UTC", "2026-06-30"),
    ];
    let s = schedules(p);
    let started = p.now();
    // Half in those nights, half at any time.
    let mut local_times = Vec::new();
    for n in 0..N {
        let (zone, night) = nights[n / 2 % nights.len()];
        let (days, minutes) = if n / 16 % 2 == 0 { (1, 240) } else { (15, 1_440) };
        let night: chrono::NaiveDateTime = format!("{night}T00:00:00").parse().unwrap();
        let day = night + TimeDelta::days(random.random_range(0..days));
        let local = day + TimeDelta::minutes(random.random_range(0..minutes));
        local_times.push((local.format("%Y-%m-%dT%H:%M").to_string(), zone));
    }
    let mut making = JoinSet::new();
    let (all, p_create) = (Arc::new(local_times), Arc::new((p.content.clone(), s.clone(), p.actor.clone())));
    let notes = p.type_id("notes");
    for worker in 0..8 {
        let (all, shared) = (all.clone(), p_create.clone());
        making.spawn(async move {
            let (content, s, actor) = &*shared;
            let access = Arc::new(cairn_query::Access::full());
            let (mut created, mut gaps, mut twice) = (Vec::new(), 0, 0);
            for (n, (local, zone)) in all.iter().enumerate().skip(worker).step_by(8) {
                // Half are published, half unpublished.
                let (query, action) = if n % 2 == 0 { ("status=draft", Publish) } else { ("", Unpublish) };
                let query = cairn_query::Query::from_text(query);
                let context = cairn_content::RequestContext {
                    access: &access,
                    content_type: notes,
                    query: &query,
                    default_locale: "en",
                    actor,
                };
                let data = json!({ "data": { "text": format!("{n}") } });
                let document_id = content.create(context, Some(data)).await.unwrap().document_id;
                let mut chosen = local_when(local, zone);
                let row = loop {
                    let target = ScheduleTarget {
                        content_type: notes,
                        document_id: document_id.clone(),
                        locale: String::new(),
                        action,
                    };
                    let input = ScheduleInput { target, when: chosen.clone() };
                    match s.create(input, actor).await {
                        Ok((row, _)) => break row,
                        Err(ContentError::Refused(r)) if r.message.contains("occurs twice") => {
                            twice += 1;
                            chosen.fold = Some(if n % 4 < 2 { Fold::Earlier } else { Fold::Later });
                        }
                        Err(ContentError::Refused(r)) if r.message.contains("does not exist") => {
                            gaps += 1;
                            let time: chrono::NaiveDateTime = format!("{}:00", chosen.local_time).parse().unwrap();
                            chosen.local_time = (time + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M").to_string();
                        }
                        Err(other) => panic!("{other}"),
                    }
                };
                created.push((document_id, row));
            }
            (created, gaps, twice)
        });
    }
    let (mut created, mut gaps, mut twice) = (Vec::new(), 0, 0);
    while let Some(part) = making.join_next().await {
        let (some, g, t) = part.unwrap();
        created.extend(some);
        gaps += g;
        twice += t;
    }
    println!("{} schedules, {gaps} in gaps, {twice} twice", created.len());
    assert_eq!((created.len(), p.now()), (N, started));
    assert!(gaps > 0 && twice > 0);
    p.engine_with(Vec::new()).run_until_idle().await.unwrap();
    let before: HashMap<&'static str, usize> = HashMap::from([
        ("cairn.document.published", p.events_named("cairn.document.published").len()),
        ("cairn.document.unpublished", 0),
    ]);

    let mut nodes: Vec<Arc<Engine>> = Vec::new();
    for _ in 0..3 {
        let content = p.another_node().await;
        let handler = Schedules::new(content.clone(), p.clock());
        nodes.push(build_engine(&content, &p.clock, vec![Arc::new(handler)]));
    }
    let mut furthest = p.now();
    let mut deaths = 0;
    while furthest < "2026-11-25T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
        let step = match random.random_range(0..12) {
            0 => TimeDelta::days(1),
            1 => TimeDelta::days(-1),
            _ => TimeDelta::minutes(random.random_range(1..3_000)),
        };
        p.advance_by(step);
        furthest = furthest.max(p.now());
        // A node dies in the middle of a pass, every few steps.
        if random.random_range(0..6) == 0 {
            deaths += 1;
            let mut running = JoinSet::new();
            let _ = nodes[0].run_pass(&mut running).await;
            tokio::time::sleep(Duration::from_micros(random.random_range(0..3_000))).await;
            running.shutdown().await;
            let content = p.another_node().await;
            let handler = Schedules::new(content.clone(), p.clock());
            nodes[0] = build_engine(&content, &p.clock, vec![Arc::new(handler)]);
        }
        let back = random.random_range(0..6) == 0;
        let running: Vec<_> = nodes
            .iter()
            .map(|node| {
                let node = node.clone();
                tokio::spawn(async move { node.run_until_idle().await })
            })
            .collect();
        if back {
            // While they are at it.
            tokio::time::sleep(Duration::from_micros(random.random_range(0..2_000))).await;
            p.advance_by(TimeDelta::days(-1));
        }
        for node in running {
            node.await.unwrap().unwrap();
        }
        if back {
            p.advance_by(TimeDelta::days(1));
        }
        // Jobs of the dead node are taken over when its lease ends; those that the database refused for a moment are retried.
        let mut forgotten = Vec::new();
        for _ in 0..4 {
            p.advance_by(TimeDelta::seconds(31));
            furthest = furthest.max(p.now());
            for node in &nodes {
                node.run_until_idle().await.unwrap();
            }
            let (now, latest) = (unix_millis(p.now()), unix_millis(furthest));
            forgotten.clear();
            for row in all_schedules(p) {
                match row.state {
                    ScheduleState::Done => assert!(row.schedule.due <= latest, "early: {row:?}"),
                    ScheduleState::Waiting if row.schedule.due <= now => forgotten.push(row),
                    ScheduleState::Waiting => {}
                    other => panic!("{other:?}: {row:?}"),
                }
            }
            if forgotten.is_empty() {
                break;
            }
            let filter = JobFilter { key: Some(forgotten[0].id.to_string()), ..JobFilter::default() };
            println!("not yet: {:?}", p.store().read(|r| r.jobs().list(&filter, 10)).unwrap());
        }
        assert!(forgotten.is_empty(), "forgotten: {forgotten:?}");
    }
    p.advance_by(TimeDelta::days(2));
    for node in &nodes {
        node.run_until_idle().await.unwrap();
    }
    println!("{deaths} deaths");
    for (document_id, row) in &created {
        let row = schedule_row(p, row.id);
        assert_eq!(row.state, ScheduleState::Done);
        assert!(row.ended_at.unwrap() >= row.schedule.due, "early: {row:?}");
        assert_eq!(p.get("notes", document_id).is_null(), row.schedule.action == "unpublish");
    }
    for (name, before) in before {
        let events = p.events_named(name);
        assert_eq!(events.len() - before, N / 2, "{name}");
        let documents: std::collections::HashSet<_> = events[before..].iter().map(|e| &e.event.document_id).collect();
        assert_eq!(documents.len(), N / 2, "{name}");
    }
    assert_eq!(p.events_named("cairn.schedule.done").len(), N);
    assert_eq!(p.store().check_integrity().unwrap(), Vec::<String>::new());
}
