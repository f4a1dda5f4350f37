//! `cairn_plugin_usage`: each plugin's usage of what has a quota. The database counts by triggers, in the transaction that writes, so no
//! writer can forget it; only events are counted here.

use crate::connection::{Connection, Row};
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Milliseconds of an hour, the period for which events are counted.
const HOUR_MS: i64 = 3_600_000;

/// The usage of a plugin, changes of the present transaction included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PluginUsage {
    /// Number of key-value entries, expired ones that have not been deleted included.
    pub kv_keys: i64,
    /// Bytes of their keys and values.
    pub kv_bytes: i64,
    /// Number of files that it has added, those in the trash included.
    pub files: i64,
    /// Bytes of these files.
    pub file_bytes: i64,
    /// Number of waiting jobs.
    pub jobs: i64,
    /// Number of events that it has published within this hour of the clock.
    pub events: i64,
    /// Number of responses that are stored for it under idempotency keys, expired ones that have not been deleted included.
    pub responses: i64,
    /// Bytes of these responses and of their keys.
    pub response_bytes: i64,
}

const USAGE_SUMS: &str = "CAST(coalesce(sum(kv_keys), 0) AS BIGINT), CAST(coalesce(sum(kv_bytes), 0) AS BIGINT),
     CAST(coalesce(sum(files), 0) AS BIGINT), CAST(coalesce(sum(file_bytes), 0) AS BIGINT), CAST(coalesce(sum(jobs), 0) AS BIGINT),
     CAST(coalesce(sum(CASE WHEN hour = ?1 THEN events ELSE 0 END), 0) AS BIGINT),
     CAST(coalesce(sum(responses), 0) AS BIGINT), CAST(coalesce(sum(response_bytes), 0) AS BIGINT)";

fn read_usage(r: &Row<'_>) -> Result<PluginUsage> {
    Ok(PluginUsage {
        kv_keys: r.get(0)?,
        kv_bytes: r.get(1)?,
        files: r.get(2)?,
        file_bytes: r.get(3)?,
        jobs: r.get(4)?,
        events: r.get(5)?,
        responses: r.get(6)?,
        response_bytes: r.get(7)?,
    })
}

fn hour_of(now: i64) -> i64 {
    now - now.rem_euclid(HOUR_MS)
}

/// The counters to recompute: name of the column, and SQL for its values by plugin.
fn recount_queries(conn: &Connection) -> [(&'static str, &'static str); 7] {
    match conn {
        Connection::Sqlite(_) => [
            (
                "kv_keys",
                "SELECT plugin, count(*) AS n FROM cairn_plugin_kv WHERE instr(plugin, '/') = 0 GROUP BY plugin",
            ),
            (
                "kv_bytes",
                "SELECT plugin, sum(length(CAST(key AS BLOB)) + length(value)) AS n FROM cairn_plugin_kv WHERE instr(plugin, '/') = 0 GROUP BY plugin",
            ),
            (
                "files",
                "SELECT json_extract(added_by, '$.id') AS plugin, count(*) AS n FROM cairn_assets WHERE added_by LIKE '{\"kind\":\"plugin\",\"id\":%' GROUP BY 1",
            ),
            (
                "file_bytes",
                "SELECT json_extract(added_by, '$.id') AS plugin, sum(bytes) AS n FROM cairn_assets WHERE added_by LIKE '{\"kind\":\"plugin\",\"id\":%' GROUP BY 1",
            ),
            (
                "jobs",
                "SELECT substr(name, 8, instr(substr(name, 8), ':') - 1) AS plugin, count(*) AS n FROM cairn_jobs
                 WHERE state = 'waiting' AND name >= 'plugin:' AND name < 'plugin;' GROUP BY 1",
            ),
            (
                "responses",
                "SELECT substr(plugin, 1, length(plugin) - 8) AS plugin, count(*) AS n FROM cairn_plugin_kv WHERE plugin LIKE '%/answers' GROUP BY 1",
            ),
            (
                "response_bytes",
                "SELECT substr(plugin, 1, length(plugin) - 8) AS plugin, sum(length(CAST(key AS BLOB)) + length(value)) AS n FROM cairn_plugin_kv WHERE plugin LIKE '%/answers' GROUP BY 1",
            ),
        ],
        Connection::Postgres(_) => [
            (
                "kv_keys",
                "SELECT plugin, count(*) AS n FROM cairn_plugin_kv WHERE position('/' IN plugin) = 0 GROUP BY plugin",
            ),
            (
                "kv_bytes",
                "SELECT plugin, sum(octet_length(key) + octet_length(value)) AS n FROM cairn_plugin_kv WHERE position('/' IN plugin) = 0 GROUP BY plugin",
            ),
            (
                "files",
                "SELECT CAST(added_by AS jsonb) ->> 'id' AS plugin, count(*) AS n FROM cairn_assets WHERE added_by LIKE '{\"kind\":\"plugin\",\"id\":%' GROUP BY 1",
            ),
            (
                "file_bytes",
                "SELECT CAST(added_by AS jsonb) ->> 'id' AS plugin, sum(bytes) AS n FROM cairn_assets WHERE added_by LIKE '{\"kind\":\"plugin\",\"id\":%' GROUP BY 1",
            ),
            (
                "jobs",
                "SELECT split_part(name, ':', 2) AS plugin, count(*) AS n FROM cairn_jobs
                 WHERE state = 'waiting' AND name >= 'plugin:' AND name < 'plugin;' GROUP BY 1",
            ),
            (
                "responses",
                "SELECT left(plugin, -8) AS plugin, count(*) AS n FROM cairn_plugin_kv WHERE plugin LIKE '%/answers' GROUP BY 1",
            ),
            (
                "response_bytes",
                "SELECT left(plugin, -8) AS plugin, sum(octet_length(key) + octet_length(value)) AS n FROM cairn_plugin_kv WHERE plugin LIKE '%/answers' GROUP BY 1",
            ),
        ],
    }
}

impl namespaces::PluginUsage<Reader<'_>> {
    /// The usage of a plugin at that time in milliseconds. Returns an error if the database cannot be read.
    pub fn get(&self, plugin: &str, now: i64) -> Result<PluginUsage> {
        let sql = format!("SELECT {USAGE_SUMS} FROM cairn_plugin_usage WHERE plugin = ?2");
        let usage =
            self.tx.conn.query_first("reading the usage of a plugin", &sql, (hour_of(now), plugin), read_usage)?;
        Ok(usage.unwrap_or_default())
    }

    /// Compares the stored usage of each plugin with its data, and lists differences: `crm: jobs: stored 3, counted 2`. Scans everything.
    /// Returns an error if the database cannot be read.
    pub fn find_differences(&self) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        for (column, counted) in recount_queries(self.tx.conn) {
            let sql = format!(
                "SELECT coalesce(k.plugin, c.plugin), CAST(coalesce(k.n, 0) AS BIGINT), CAST(coalesce(c.n, 0) AS BIGINT)
                 FROM (SELECT plugin, sum({column}) AS n FROM cairn_plugin_usage GROUP BY plugin) k FULL JOIN ({counted}) c ON c.plugin = k.plugin
                 WHERE coalesce(k.n, 0) <> coalesce(c.n, 0) ORDER BY 1"
            );
            let rows = self.tx.conn.query_all("counting the data of plugins", &sql, (), |r| {
                let (plugin, stored, actual): (String, i64, i64) = (r.get(0)?, r.get(1)?, r.get(2)?);
                Ok(format!("{plugin}: {column}: stored {stored}, counted {actual}"))
            })?;
            differences.extend(rows);
        }
        Ok(differences)
    }
}

impl namespaces::PluginUsage<&mut WriteTx<'_>> {
    /// Counts events that a plugin publishes. Returns how many it has published within this hour of the clock, these included. Returns an
    /// error if the database cannot be written.
    pub fn count_events(&mut self, plugin: &str, events: i64, now: i64) -> Result<i64> {
        let slot = match self.tx.conn {
            Connection::Sqlite(_) => "0",
            Connection::Postgres(_) => "CAST(pg_backend_pid() % 64 AS SMALLINT)",
        };
        let doing = "counting events of a plugin";
        let sql = format!(
            "INSERT INTO cairn_plugin_usage AS u (plugin, slot, hour, events) VALUES (?1, {slot}, ?2, ?3)
             ON CONFLICT (plugin, slot) DO UPDATE SET
               events = CASE WHEN u.hour = excluded.hour THEN u.events ELSE 0 END + excluded.events, hour = excluded.hour"
        );
        self.tx.conn.execute(doing, &sql, (plugin, hour_of(now), events))?;
        Ok(self.tx.reader().plugin_usage().get(plugin, now)?.events)
    }

    /// Recomputes the usage of all plugins. Blocks other writes on SQLite, and on PostgreSQL those to the counted tables. Returns an error
    /// if the database cannot be written.
    pub fn recount(&mut self) -> Result<()> {
        let doing = "counting the data of plugins";
        if matches!(self.tx.conn, Connection::Postgres(_)) {
            let tables = "cairn_plugin_usage, cairn_plugin_kv, cairn_assets, cairn_jobs";
            self.tx.conn.execute_batch(doing, &format!("LOCK TABLE {tables} IN EXCLUSIVE MODE"))?;
        }
        self.tx.conn.execute(
            doing,
            "UPDATE cairn_plugin_usage
             SET kv_keys = 0, kv_bytes = 0, files = 0, file_bytes = 0, jobs = 0, responses = 0, response_bytes = 0",
            (),
        )?;
        for (column, counted) in recount_queries(self.tx.conn) {
            let sql = format!(
                "INSERT INTO cairn_plugin_usage (plugin, slot, {column}) SELECT c.plugin, 0, c.n FROM ({counted}) c WHERE 1 = 1
                 ON CONFLICT (plugin, slot) DO UPDATE SET {column} = excluded.{column}"
            );
            self.tx.conn.execute(doing, &sql, ())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;
    use crate::assets::{Asset, ImageAppearance};
    use crate::events::{Actor, ActorKind, DuplicatePolicy, NewJob};
    use crate::plugins::KvPut;
    use crate::testing::test_stores;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000_000;

    fn entry(key: &str, bytes: usize) -> KvPut {
        KvPut { key: key.to_owned(), value: vec![7; bytes], expires_at: None, expect: None }
    }

    fn job(name: &str, key: &str, duplicate: DuplicatePolicy) -> NewJob {
        NewJob { name: name.into(), key: Some(key.to_owned()), duplicate, lane: None, payload: json!({}), due: 5 }
    }

    fn file(id: &str, bytes: u64, by: Actor) -> Asset {
        Asset {
            document_id: id.into(),
            number: 1,
            sha256: String::new(),
            bytes,
            kind: "other".into(),
            folder: 0,
            private: true,
            derived_from: None,
            appearance: ImageAppearance::default(),
            facts: None,
            added_at: NOW,
            added_by: by,
            deleted_at: None,
            deleted_by: None,
        }
    }

    fn plugin(id: &str) -> Actor {
        Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_usage_is_counted_for_every_write() {
        for store in test_stores() {
            let usage = || store.read(|r| r.plugin_usage().get("crm", NOW)).unwrap();
            store
                .write(|tx| {
                    tx.plugin_kv().put("crm", &[entry("é", 10), entry("b", 5)], NOW)?;
                    // Later writes of the transaction see it before the commit.
                    assert_eq!(tx.reader().plugin_usage().get("crm", NOW)?.kv_bytes, 12 + 6);
                    tx.plugin_kv().put("crm/rates", &[entry("mails", 100)], NOW)?;
                    tx.plugin_kv().put("crm/answers", &[entry("k1", 40), entry("k2", 50)], NOW)?;
                    tx.plugin_kv().put("crm/answers", &[entry("k2", 70)], NOW)?;
                    tx.plugin_kv().put("crmx", &[entry("a", 1)], NOW)?;
                    tx.plugin_kv().put("crm", &[entry("b", 50)], NOW)?;
                    tx.plugin_kv().increment("crm", "n", 12, Some(NOW + 5), NOW).map(drop)
                })
                .await
                .unwrap();
            assert_eq!((usage().kv_keys, usage().kv_bytes), (3, 12 + 51 + 3));
            assert_eq!((usage().responses, usage().response_bytes), (2, 42 + 72));
            store.write(|tx| tx.plugin_kv().delete("crm/answers", &["k1"], NOW)).await.unwrap();
            assert_eq!((usage().responses, usage().response_bytes), (1, 72));
            store.write(|tx| tx.plugin_kv().purge(NOW + 10, 100)).await.unwrap();
            store.write(|tx| tx.plugin_kv().delete("crm", &["é"], NOW)).await.unwrap();
            assert_eq!((usage().kv_keys, usage().kv_bytes), (1, 51));
            // Undone with the transaction.
            let undone = store.write(|tx| {
                tx.plugin_kv().put("crm", &[entry("z", 50)], NOW)?;
                Err::<(), _>(StoreError::Conflict)
            });
            assert!(undone.await.is_err());
            assert_eq!(usage().kv_keys, 1);

            let name = "plugin:crm:mail";
            store
                .write(move |tx| {
                    tx.jobs().enqueue(&job(name, "a", DuplicatePolicy::Keep), NOW)?;
                    tx.jobs().enqueue(&job(name, "a", DuplicatePolicy::Keep), NOW)?;
                    tx.jobs().enqueue(&job(name, "a", DuplicatePolicy::Replace), NOW)?;
                    tx.jobs().enqueue(&job(name, "b", DuplicatePolicy::Refuse), NOW)?;
                    tx.jobs().enqueue(&job(name, "c", DuplicatePolicy::Refuse), NOW)?;
                    tx.jobs().enqueue(&job("cairn.mail", "a", DuplicatePolicy::Refuse), NOW)?;
                    tx.jobs().enqueue(&job("plugin:kb:x", "a", DuplicatePolicy::Refuse), NOW).map(drop)
                })
                .await
                .unwrap();
            assert_eq!(usage().jobs, 3);
            let claimed = store.write(move |tx| tx.jobs().claim(&[name], "n:1:1", NOW, NOW + 9, 2)).await.unwrap();
            assert_eq!((claimed.len(), usage().jobs), (2, 1));
            let (first, second) = (claimed[0].fence(), claimed[1].fence());
            store.write(move |tx| tx.jobs().reschedule(first, &json!(1), NOW)).await.unwrap();
            store.write(move |tx| tx.jobs().record_failure(second, None, "no", NOW)).await.unwrap();
            assert_eq!(usage().jobs, 2);
            store.write(move |tx| tx.jobs().cancel_by_key(name, "c", NOW)).await.unwrap();
            store.write(move |tx| tx.jobs().retry(second.job, NOW)).await.unwrap();
            assert_eq!(usage().jobs, 2);

            store
                .write(|tx| {
                    tx.assets().save(&file("f1", 70, plugin("crm")))?;
                    tx.assets().save(&file("f2", 7, plugin("kb")))?;
                    tx.assets().save(&file("f3", 7, Actor::admin(1, "Ann")))
                })
                .await
                .unwrap();
            assert_eq!((usage().files, usage().file_bytes), (1, 70));

            assert_eq!(store.write(|tx| tx.plugin_usage().count_events("crm", 4, NOW)).await.unwrap(), 4);
            assert_eq!(store.write(|tx| tx.plugin_usage().count_events("crm", 5, NOW + 1)).await.unwrap(), 9);
            assert_eq!(usage().events, 9);
            assert_eq!(store.write(|tx| tx.plugin_usage().count_events("crm", 1, NOW + HOUR_MS)).await.unwrap(), 1);

            assert_eq!(store.repair_plugin_usage().await.unwrap(), Vec::<String>::new());
            store.write(|tx| tx.plugins().delete_data("crm")).await.unwrap();
            assert_eq!(usage(), PluginUsage { files: 1, file_bytes: 70, events: 0, ..PluginUsage::default() });
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn wrong_usage_counters_are_reported_and_repaired() {
        for store in test_stores() {
            store
                .write(|tx| {
                    tx.plugin_kv().put("crm/answers", &[entry("k", 4)], NOW)?;
                    tx.plugin_kv().put("crm", &[entry("a", 9)], NOW)
                })
                .await
                .unwrap();
            let sql = "UPDATE cairn_plugin_usage
                       SET kv_bytes = kv_bytes + 7, jobs = -2, files = 1, response_bytes = 9, responses = 3";
            store.write(move |tx| tx.conn.execute("preparing a test", sql, ())).await.unwrap();
            let differences = store.repair_plugin_usage().await.unwrap();
            let all = [
                "crm: kv_bytes: stored 17, counted 10",
                "crm: files: stored 1, counted 0",
                "crm: jobs: stored -2, counted 0",
                "crm: responses: stored 3, counted 1",
                "crm: response_bytes: stored 9, counted 5",
            ];
            assert_eq!(differences, all);
            let usage = store.read(|r| r.plugin_usage().get("crm", NOW)).unwrap();
            let counted =
                PluginUsage { kv_keys: 1, kv_bytes: 10, responses: 1, response_bytes: 5, ..PluginUsage::default() };
            assert_eq!(usage, counted);
            assert_eq!(store.repair_plugin_usage().await.unwrap(), Vec::<String>::new());
        }
    }
}
