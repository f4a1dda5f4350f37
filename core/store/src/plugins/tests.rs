//! The tables of plugins, on both databases.

use super::*;
use crate::events::{Actor, CronRow, DuplicatePolicy, MissedRuns, NewJob};
use crate::testing::test_stores;
use crate::{StoreError, WriteTx};
use serde_json::json;

const NOW: i64 = 1_800_000_000_000;

fn plugin_row(id: &str) -> PluginRow {
    PluginRow {
        id: id.into(),
        current: PluginVersion { version: "1.0.0".into(), digest: "ab".repeat(32) },
        publisher: Some("ed25519:x".into()),
        state: PluginState::Installed,
        grants: json!({ "data": ["api::article.article"] }),
        settings: json!({}),
        choices: json!({ "pages": ["api::page.page"] }),
        checkpoint: None,
        previous: None,
        generation: 0,
        reason: None,
        installed_at: NOW,
        changed_at: NOW,
        changed_by: Actor::admin(3, "Ann"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_changes_require_the_latest_generation() {
    for store in test_stores() {
        let save_plugin = |row: PluginRow, now: i64| {
            let store = &store;
            async move { store.write(move |tx| tx.plugins().save(&row, now)).await.unwrap() }
        };
        let first = save_plugin(plugin_row("crm"), NOW).await.unwrap();
        assert_eq!(save_plugin(plugin_row("crm"), NOW).await, None, "it is there");
        assert_eq!(save_plugin(PluginRow { generation: 7, ..plugin_row("kb") }, NOW).await, None, "it is not there");
        let stored = store.read(|r| r.plugins().get("crm")).unwrap().unwrap();
        assert_eq!(stored, PluginRow { generation: first, ..plugin_row("crm") });
        let changed = PluginRow {
            state: PluginState::Quarantined,
            reason: Some("three traps".into()),
            checkpoint: Some(json!([1, "ü\u{0}"])),
            previous: Some(PreviousVersion {
                version: PluginVersion { version: "0.9.0".into(), digest: "cd".repeat(32) },
                grants: Some(json!([{ "use": "kv" }])),
            }),
            publisher: None,
            ..stored.clone()
        };
        let second = save_plugin(changed.clone(), NOW + 5).await.unwrap();
        assert!(second > first);
        assert_eq!(save_plugin(changed.clone(), NOW + 6).await, None, "of an older generation");
        let stored = store.read(|r| r.plugins().get("crm")).unwrap().unwrap();
        assert_eq!(stored, PluginRow { generation: second, changed_at: NOW + 5, ..changed });
        let set = |generation: i64| {
            let by = Actor::system("apply");
            store.write(move |tx| tx.plugins().set_settings("crm", &json!({"zone": "UTC"}), generation, &by, NOW + 7))
        };
        assert_eq!(set(first).await.unwrap(), None);
        let third = set(second).await.unwrap().unwrap();
        let stored = store.read(|r| r.plugins().list()).unwrap();
        assert_eq!((stored.len(), &stored[0].settings), (1, &json!({"zone": "UTC"})));
        assert_eq!(store.read(|r| r.plugins().list_generations()).unwrap(), [("crm".to_owned(), third)]);
        assert!(!store.write(move |tx| tx.plugins().delete("crm", second)).await.unwrap());
        assert!(store.write(move |tx| tx.plugins().delete("crm", third)).await.unwrap());
        let fourth = save_plugin(plugin_row("crm"), NOW + 8).await.unwrap();
        assert!(fourth > third, "not to be taken for the one before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_concurrent_plugin_changes_succeeds() {
    for store in test_stores() {
        let first = store.write(|tx| tx.plugins().save(&plugin_row("crm"), NOW)).await.unwrap().unwrap();
        let change = |n: i64| {
            let row = PluginRow { generation: first, settings: json!(n), ..plugin_row("crm") };
            store.write(move |tx| tx.plugins().save(&row, NOW))
        };
        let results = futures_util::future::join_all((0..8).map(change)).await;
        assert_eq!(results.into_iter().filter(|d| matches!(d, Ok(Some(_)))).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_stored_plugin_values_are_reported_as_corrupt() {
    for store in test_stores() {
        store.write(|tx| tx.plugins().save(&plugin_row("crm"), NOW)).await.unwrap();
        for (sql, back) in [
            ("UPDATE cairn_plugins SET state = 'dreaming'", "UPDATE cairn_plugins SET state = 'enabled'"),
            ("UPDATE cairn_plugins SET grants = '{'", "UPDATE cairn_plugins SET grants = '{}'"),
        ] {
            store.write(move |tx| tx.conn.execute("preparing a test", sql, ())).await.unwrap();
            assert!(matches!(store.read(|r| r.plugins().get("crm")), Err(StoreError::Corrupt { .. })));
            store.write(move |tx| tx.conn.execute("preparing a test", back, ())).await.unwrap();
        }
        assert!(store.read(|r| r.plugins().get("crm")).unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_listed_by_name_and_read_individually() {
    for store in test_stores() {
        store
            .write(|tx| {
                tx.plugin_secrets().set("crm", "key", "sealed", NOW)?;
                tx.plugin_secrets().set("crm", "key", "sealed again", NOW + 1)?;
                tx.plugin_secrets().set("kb", "key", "another's", NOW)
            })
            .await
            .unwrap();
        let listed = store.read(|r| r.plugin_secrets().list("crm")).unwrap();
        assert_eq!(listed, [SecretRow { name: "key".into(), changed_at: NOW + 1 }]);
        assert_eq!(store.read(|r| r.plugin_secrets().get("crm", "key")).unwrap().as_deref(), Some("sealed again"));
        assert_eq!(store.read(|r| r.plugin_secrets().get("crm", "other")).unwrap(), None);
        assert!(store.write(|tx| tx.plugin_secrets().delete("crm", "key")).await.unwrap());
        assert!(!store.write(|tx| tx.plugin_secrets().delete("crm", "key")).await.unwrap());
        assert!(store.read(|r| r.plugin_secrets().get("kb", "key")).unwrap().is_some());
    }
}

fn put(key: &str, value: &[u8], expect: Option<i64>) -> KvPut {
    KvPut { key: key.into(), value: value.into(), expires_at: None, expect }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_written_atomically_at_expected_revisions() {
    for store in test_stores() {
        let write = |entries: Vec<KvPut>| {
            let store = &store;
            async move { store.write(move |tx| tx.plugin_kv().put("crm", &entries, NOW)).await.unwrap() }
        };
        let get = |keys: &[&str]| store.read(|r| r.plugin_kv().get_entries("crm", keys, NOW)).unwrap();
        assert_eq!(write(vec![put("b", b"1", None), put("a", &[0, 255], Some(0))]).await, None);
        let entry =
            |key: &str, value: &[u8], revision| Some(KvEntry { key: key.into(), value: value.into(), revision });
        assert_eq!(
            get(&["a", "none", "b", "a"]),
            [entry("a", &[0, 255], 1), None, entry("b", b"1", 1), entry("a", &[0, 255], 1)]
        );
        assert_eq!(store.read(|r| r.plugin_kv().get_entries("kb", &["a"], NOW)).unwrap(), [None], "another's");
        // An unexpected revision prevents the whole write.
        let refused = write(vec![put("a", b"2", Some(1)), put("b", b"2", Some(7)), put("c", b"2", None)]).await;
        assert_eq!(refused.as_deref(), Some("b"));
        assert_eq!(write(vec![put("a", b"2", Some(0))]).await.as_deref(), Some("a"));
        assert_eq!(write(vec![put("none", b"2", Some(1))]).await.as_deref(), Some("none"));
        assert_eq!(get(&["a", "c"]), [entry("a", &[0, 255], 1), None]);
        // The same key twice is written twice, in order.
        assert_eq!(write(vec![put("a", b"2", Some(1)), put("a", b"", Some(2)), put("b", b"3", None)]).await, None);
        assert_eq!(get(&["a", "b"]), [entry("a", b"", 3), entry("b", b"3", 2)]);
        assert_eq!(write(vec![]).await, None);
        let deleted = store.write(|tx| tx.plugin_kv().delete("crm", &["a", "none"], NOW)).await.unwrap();
        assert_eq!((deleted, get(&["a"])), (1, vec![None]));
        let big = vec![7; 1 << 20];
        write(vec![put("big", &big, None)]).await;
        assert_eq!(get(&["big"]), [entry("big", &big, 1)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_entries_are_invisible_and_purged() {
    for store in test_stores() {
        let until =
            |key: &str, expires_at: i64, expect| KvPut { expires_at: Some(expires_at), ..put(key, b"1", expect) };
        let entries = vec![until("a", NOW + 10, None), until("b", NOW + 20, None), put("c", b"1", None)];
        store.write(move |tx| tx.plugin_kv().put("crm", &entries, NOW)).await.unwrap();
        let keys = |now: i64| store.read(|r| r.plugin_kv().list_keys("crm", "", None, 9, now)).unwrap();
        assert_eq!(
            (keys(NOW + 9), keys(NOW + 10)),
            (vec!["a".into(), "b".into(), "c".into()], vec!["b".to_owned(), "c".into()])
        );
        assert_eq!(store.read(|r| r.plugin_kv().get_entries("crm", &["a"], NOW + 10)).unwrap(), [None]);
        let later = NOW + 30;
        // Expected not to be there, which it is not; deleted, which it cannot be.
        let puts = vec![until("a", later + 5, Some(0))];
        assert_eq!(store.write(move |tx| tx.plugin_kv().put("crm", &puts, later)).await.unwrap(), None);
        let stale = vec![put("b", b"2", Some(1))];
        let refused = store.write(move |tx| tx.plugin_kv().put("crm", &stale, later)).await.unwrap();
        assert_eq!(refused.as_deref(), Some("b"));
        assert_eq!(store.write(move |tx| tx.plugin_kv().delete("crm", &["b"], later)).await.unwrap(), 0);
        assert_eq!(store.write(move |tx| tx.plugin_kv().purge(later, 9)).await.unwrap(), 0);
        assert_eq!(store.write(move |tx| tx.plugin_kv().purge(later + 5, 9)).await.unwrap(), 1);
        assert_eq!(keys(later + 5), ["c"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oldest_entries_are_deleted_first_and_spared_ones_never() {
    for store in test_stores() {
        let until = |key: &str, expires_at: i64| KvPut { expires_at: Some(expires_at), ..put(key, b"1", None) };
        let running = |key: &str, expires_at: i64| KvPut { value: b"run 1".to_vec(), ..until(key, expires_at) };
        let entries = vec![
            running("gone", NOW - 1),
            running("running", NOW + 10),
            until("first", NOW + 10),
            until("second", NOW + 30),
            until("own", NOW + 15),
            put("for ever", b"1", None),
        ];
        let other = until("old", NOW + 12);
        store
            .write(move |tx| {
                tx.plugin_kv().put("crm", &entries, NOW)?;
                tx.plugin_kv().put("kb", std::slice::from_ref(&other), NOW)
            })
            .await
            .unwrap();
        let delete =
            |limit: i64| store.write(move |tx| tx.plugin_kv().delete_oldest("crm", NOW, b"run", Some("own"), limit));
        let keys = || store.read(|r| r.plugin_kv().list_keys("crm", "", None, 9, NOW - 2)).unwrap();
        assert_eq!(delete(2).await.unwrap(), 2);
        assert_eq!(keys(), ["for ever", "own", "running", "second"]);
        assert_eq!((delete(9).await.unwrap(), delete(9).await.unwrap()), (1, 0));
        assert_eq!(keys(), ["for ever", "own", "running"]);
        let deleted = store.write(|tx| tx.plugin_kv().delete_oldest("crm", NOW, b"run", None, 9)).await.unwrap();
        assert_eq!((deleted, keys()), (1, vec!["for ever".to_owned(), "running".into()]));
        assert_eq!(store.read(|r| r.plugin_kv().list_keys("kb", "", None, 9, NOW)).unwrap(), ["old"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_by_prefix() {
    for store in test_stores() {
        let keys = ["", "a", "a/1", "a/2", "a/\u{10ffff}", "a/\u{10ffff}x", "a0", "b", "é", "\u{d7ff}", "\u{e000}"];
        let entries: Vec<KvPut> = keys.iter().map(|k| put(k, b"", None)).collect();
        store.write(move |tx| tx.plugin_kv().put("crm", &entries, NOW)).await.unwrap();
        let list = |prefix: &str, after: Option<&str>, limit: i64| {
            store.read(|r| r.plugin_kv().list_keys("crm", prefix, after, limit, NOW)).unwrap()
        };
        for prefix in ["", "a", "a/", "a/\u{10ffff}", "\u{10ffff}", "\u{d7ff}", "é", "%", "_"] {
            let mut expected: Vec<&str> = keys.into_iter().filter(|k| k.starts_with(prefix)).collect();
            expected.sort_unstable();
            assert_eq!(list(prefix, None, 99), expected, "{prefix:?}");
            let (mut paged, mut after) = (Vec::new(), None::<String>);
            while let [.., last_key] = &list(prefix, after.as_deref(), 2)[..] {
                paged.extend(list(prefix, after.as_deref(), 2));
                after = Some(last_key.clone());
            }
            assert_eq!(paged, expected, "{prefix:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_atomic_and_reject_overflow() {
    for store in test_stores() {
        let count = |key: &'static str, by: i64, until: Option<i64>, now: i64| {
            store.write(move |tx| tx.plugin_kv().increment("crm", key, by, until, now))
        };
        let all = futures_util::future::join_all((0..20).map(|_| count("n", 2, None, NOW))).await;
        let mut sums: Vec<i64> = all.into_iter().map(|n| n.unwrap().unwrap()).collect();
        sums.sort_unstable();
        assert_eq!(sums, (1..=20).map(|n| n * 2).collect::<Vec<_>>());
        let stored = store.read(|r| r.plugin_kv().get_entries("crm", &["n"], NOW)).unwrap().remove(0).unwrap();
        assert_eq!((stored.value, stored.revision), (b"40".to_vec(), 20));
        assert_eq!(count("n", i64::MAX, None, NOW).await.unwrap(), None, "no room");
        assert_eq!(count("n", -50, None, NOW).await.unwrap(), Some(-10));
        store.write(|tx| tx.plugin_kv().put("crm", &[put("t", b"x", None)], NOW)).await.unwrap();
        assert_eq!(count("t", 1, None, NOW).await.unwrap(), None, "no counter");
        // A window that begins with its first count.
        assert_eq!(count("w", 1, Some(NOW + 10), NOW).await.unwrap(), Some(1));
        assert_eq!(count("w", 1, Some(NOW + 15), NOW + 5).await.unwrap(), Some(2));
        assert_eq!(count("w", 1, Some(NOW + 20), NOW + 10).await.unwrap(), Some(1));
    }
}

fn recorded_call(n: i64) -> RecordedCall {
    let call = FailedCall {
        id: format!("call-{n}"),
        plugin: "crm".into(),
        version: "1.0.0".into(),
        export: "hooks".into(),
        name: "stage".into(),
        at: NOW + n / 2,
        took_us: 12,
        kind: if n % 2 == 0 { CallFailure::Trap } else { CallFailure::Deadline },
        message: "unreachable".into(),
        attempt: 1,
    };
    RecordedCall { call, backtrace: None, input: Some(json!({ "n": n })) }
}

#[tokio::test(flavor = "multi_thread")]
async fn latest_failed_calls_are_retained() {
    for store in test_stores() {
        store
            .write(|tx| {
                let mut other = recorded_call(0);
                other.call.plugin = "kb".into();
                other.call.id = "other".into();
                tx.plugin_calls().record(&other)?;
                (0..MAX_CALLS_PER_PLUGIN + 7).try_for_each(|n| tx.plugin_calls().record(&recorded_call(n)))?;
                tx.plugin_calls().record(&recorded_call(MAX_CALLS_PER_PLUGIN))
            })
            .await
            .unwrap();
        let crm = CallFilter { plugin: Some("crm".into()), ..CallFilter::default() };
        let all = store.read(|r| r.plugin_calls().list(&crm, 1_000)).unwrap();
        assert_eq!(all.len() as i64, MAX_CALLS_PER_PLUGIN);
        assert!(all.iter().all(|c| c.at >= NOW + 3), "the oldest went");
        assert_eq!(store.read(|r| r.plugin_calls().list(&CallFilter::default(), 1_000)).unwrap().len(), all.len() + 1);
        let traps = CallFilter { kind: Some(CallFailure::Trap), ..crm.clone() };
        assert!(
            store.read(|r| r.plugin_calls().list(&traps, 1_000)).unwrap().iter().all(|c| c.kind == CallFailure::Trap)
        );
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = store.read(|r| r.plugin_calls().list(&CallFilter { before, ..crm.clone() }, 101)).unwrap();
            let Some(last_call) = page.last() else { break };
            before = Some((last_call.at, last_call.id.clone()));
            paged.extend(page);
        }
        assert_eq!(paged, all);
        let found = store.read(|r| r.plugin_calls().get("call-300")).unwrap();
        assert_eq!(found, Some(recorded_call(300)));
        let discard = |id: Option<&'static str>| store.write(move |tx| tx.plugin_calls().discard("crm", id));
        assert_eq!(discard(Some("other")).await.unwrap(), 0, "another's");
        assert_eq!(discard(Some("call-300")).await.unwrap(), 1);
        assert_eq!(discard(None).await.unwrap() as i64, MAX_CALLS_PER_PLUGIN - 1);
        // Long texts are cut at a whole character; a long input is left out.
        let mut long = recorded_call(1);
        long.call.message = "ü".repeat(10_000);
        long.backtrace = Some("é€".repeat(50_000));
        long.input = Some(json!("x".repeat(1 << 20)));
        store.write(move |tx| tx.plugin_calls().record(&long)).await.unwrap();
        let stored_call = store.read(|r| r.plugin_calls().get("call-1")).unwrap().unwrap();
        assert!(stored_call.call.message.len() < 5_000 && stored_call.call.message.ends_with('…'));
        assert!(stored_call.backtrace.unwrap().len() < 40_000 && stored_call.input.is_none());
    }
}

fn log_line(plugin: &str, n: i64) -> NewLog {
    NewLog {
        plugin: plugin.into(),
        at: NOW + n,
        level: if n % 10 == 0 { LogLevel::Error } else { LogLevel::Debug },
        message: format!("line {n}"),
        fields: json!({ "n": n }),
        call: (n % 2 == 0).then(|| "c".into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn latest_log_lines_are_retained() {
    for store in test_stores() {
        let append = |lines: Vec<NewLog>| {
            let store = &store;
            async move { store.write(move |tx| tx.plugin_logs().append(&lines)).await.unwrap() }
        };
        append(vec![]).await;
        append(vec![log_line("kb", 0)]).await;
        append((0..MAX_LOGS_PER_PLUGIN - 10).map(|n| log_line("crm", n)).collect()).await;
        append((MAX_LOGS_PER_PLUGIN - 10..MAX_LOGS_PER_PLUGIN + 20).map(|n| log_line("crm", n)).collect()).await;
        let list = |filter: LogFilter, limit: i64| store.read(|r| r.plugin_logs().list(&filter, limit)).unwrap();
        let crm = LogFilter { plugin: Some("crm".into()), ..LogFilter::default() };
        let all = list(crm.clone(), 10_000);
        assert_eq!(all.len() as i64, MAX_LOGS_PER_PLUGIN);
        assert_eq!(
            (&all[0].log, &all.last().unwrap().log),
            (&log_line("crm", MAX_LOGS_PER_PLUGIN + 19), &log_line("crm", 20))
        );
        assert_eq!(list(LogFilter::default(), 10_000).len() as i64, MAX_LOGS_PER_PLUGIN + 1, "another's stay");
        let errors = list(LogFilter { level: Some(LogLevel::Warn), ..crm.clone() }, 10_000);
        assert_eq!(errors.len() as i64, MAX_LOGS_PER_PLUGIN / 10);
        let (newest, tenth) = (all[0].id, all[10].id);
        assert!(list(LogFilter { after: Some(newest), ..crm.clone() }, 9).is_empty());
        assert_eq!(list(LogFilter { after: Some(tenth), ..crm.clone() }, 99), all[..10]);
        assert_eq!(list(LogFilter { before: Some(tenth), ..crm.clone() }, 5), all[11..16]);
        assert!(list(LogFilter { call: Some("c".into()), ..crm.clone() }, 9).iter().all(|l| l.log.call.is_some()));
        // More than one write removes.
        assert_eq!(store.write(|tx| tx.plugin_logs().trim("crm", 100, 3_000)).await.unwrap(), 3_000);
        assert_eq!(
            store.write(|tx| tx.plugin_logs().trim("crm", 100, 3_000)).await.unwrap() as i64,
            MAX_LOGS_PER_PLUGIN - 3_100
        );
        assert_eq!(list(crm, 1_000), all[..100]);
        append(vec![NewLog { message: "ЗАКАЗ 5_% готов".into(), ..log_line("shop", 1) }]).await;
        for (search, expected) in [("заказ 5_%", 1), ("ГОТОВ", 1), ("з_каз", 0), ("LINE 0", 1)] {
            let filter = LogFilter { search: Some(search.into()), ..LogFilter::default() };
            assert_eq!(list(filter, 9).len(), expected, "{search}");
        }
        append(vec![NewLog { message: "ü€".repeat(1 << 20), ..log_line("kb", 1) }]).await;
        assert!(list(LogFilter::default(), 1)[0].log.message.len() < 9_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signing_key_of_a_name_is_current() {
    for store in test_stores() {
        let set = async |kid: String, at: i64| {
            let write = move |tx: &mut WriteTx<'_>| {
                tx.plugin_signing_keys().set("crm", "receipts", &kid, "{}", &format!("sealed {kid}"), at)
            };
            store.write(write).await.unwrap();
        };
        let listed = || {
            let rows = store.read(|r| r.plugin_signing_keys().list("crm", "receipts")).unwrap();
            rows.into_iter().map(|row| (row.kid, row.private_key, row.retired_at)).collect::<Vec<_>>()
        };
        set("a".into(), NOW).await;
        set("b".into(), NOW + 1).await;
        let retired = |kid: &str, at: i64| (kid.to_owned(), None, Some(at));
        assert_eq!(listed(), [("b".into(), Some("sealed b".to_owned()), None), retired("a", NOW + 1)]);
        // The same key may come back.
        set("a".into(), NOW + 2).await;
        assert_eq!(listed(), [("a".into(), Some("sealed a".to_owned()), None), retired("b", NOW + 2)]);
        for n in 0..12 {
            set(format!("key-{n}"), NOW + 10 + n).await;
        }
        // The one that signs and the last ten before it.
        assert_eq!((listed().len(), &listed()[10]), (11, &retired("key-1", NOW + 12)));
        let current = |name: &str| store.read(|r| r.plugin_signing_keys().current("crm", name)).unwrap();
        assert_eq!(current("receipts").map(|row| row.kid).as_deref(), Some("key-11"));
        assert_eq!(current("letters"), None);
        assert_eq!(store.read(|r| r.plugin_signing_keys().names("crm")).unwrap(), ["receipts"]);
        assert!(store.write(|tx| tx.plugin_signing_keys().delete("crm", "receipts")).await.unwrap());
        assert!(!store.write(|tx| tx.plugin_signing_keys().delete("crm", "receipts")).await.unwrap());
        assert_eq!(current("receipts"), None);
    }
}

fn add_every_kind_of_data(tx: &mut WriteTx<'_>, plugin: &str) -> crate::Result<()> {
    let names = name_prefix(plugin);
    tx.plugin_secrets().set(plugin, "key", "sealed", NOW)?;
    tx.plugin_signing_keys().set(plugin, "receipts", "kid", "{}", "sealed", NOW)?;
    tx.plugin_kv().put(plugin, &[put("a", b"", None), put("b", b"", None)], NOW)?;
    let mut failed = recorded_call(1);
    failed.call.plugin = plugin.into();
    failed.call.id = format!("{plugin}-1");
    tx.plugin_calls().record(&failed)?;
    tx.plugin_logs().append(&[log_line(plugin, 1)])?;
    tx.search_indexes().change(plugin, "articles", None, &[SearchChange { id: "a".into(), entry: None }], NOW)?;
    let job = NewJob {
        name: format!("{names}work"),
        key: None,
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({}),
        due: NOW,
    };
    tx.jobs().enqueue(&job, NOW)?;
    tx.recurring_jobs().save(&CronRow {
        name: format!("{names}daily"),
        job: job.name,
        payload: json!({}),
        cron: "0 8 * * *".into(),
        zone: "UTC".into(),
        missed: MissedRuns::Once,
        next: Some(NOW),
        last: None,
        paused: false,
    })?;
    tx.consumers().ensure(&format!("{names}deals"), false, NOW)
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_data_is_counted_and_removed_per_plugin() {
    for store in test_stores() {
        // Ids that begin alike are those of different plugins.
        store
            .write(|tx| ["crm", "crm-two", "cr"].into_iter().try_for_each(|p| add_every_kind_of_data(tx, p)))
            .await
            .unwrap();
        let counts =
            PluginCounts { secrets: 1, entries: 2, calls: 1, logs: 1, indexed: 1, jobs: 1, recurring: 1, consumers: 1 };
        let count = |plugin: &str| store.read(|r| r.plugins().count_data(plugin)).unwrap();
        assert_eq!(count("crm"), counts);
        assert_eq!(store.write(|tx| tx.plugins().delete_data("crm")).await.unwrap(), counts);
        assert_eq!(store.write(|tx| tx.plugins().delete_data("crm")).await.unwrap(), PluginCounts::default());
        assert_eq!((count("crm"), count("crm-two"), count("cr")), (PluginCounts::default(), counts, counts));
        let keys = |plugin: &str| store.read(|r| r.plugin_signing_keys().names(plugin)).unwrap().len();
        assert_eq!((keys("crm"), keys("crm-two")), (0, 1));
    }
}

#[test]
fn texts_are_cut_at_whole_characters() {
    assert_eq!(truncate_text("abc", 3), "abc");
    assert_eq!(truncate_text("abcd", 3), "abc…");
    assert_eq!(truncate_text("aé€", 3), "aé…");
    assert_eq!(truncate_text("aé€", 2), "a…");
    assert_eq!(truncate_text("€", 1), "…");
    assert_eq!(truncate_text("", 0), "");
}
