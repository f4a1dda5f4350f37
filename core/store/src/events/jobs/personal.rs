//! Jobs that hold a text about a person, such as their address.

use super::{COLUMNS, JobRow, read_job};
use crate::connection::Value;
use crate::dialect::escape_like;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use cairn_model::ColumnType;
use cairn_model::case_fold::fold_case;
use serde_json::Value as Json;

/// The columns of a job that its handlers and their authors fill.
const TEXT_COLUMNS: [&str; 5] = ["unique_key", "lane", "payload", "checkpoint", "error"];

impl namespaces::Jobs<Reader<'_>> {
    /// Lists jobs in any state that contain one of these texts, whatever its case, behind an id.
    pub fn list_containing(&self, texts: &[String], after: i64, limit: i64) -> Result<Vec<JobRow>> {
        let mut values = vec![after.into(), limit.into()];
        let dialect = self.tx.conn.dialect();
        let mut conditions = Vec::new();
        for text in texts {
            let text = fold_case(text);
            // The text is searched as it is, and as it is escaped within JSON.
            let quoted = Json::from(text.as_str()).to_string();
            let written = quoted.get(1..quoted.len() - 1).unwrap_or(&text);
            let [plain, written] = [text.as_str(), written].map(|text| {
                values.push(Value::Text(format!("%{}%", escape_like(text))));
                format!("?{}", values.len())
            });
            let letters = dialect.folding_letters(ColumnType::Text, &text).bind(|text| {
                values.push(text.into());
                format!("?{}", values.len())
            });
            conditions.extend(TEXT_COLUMNS.map(|column| {
                let folded = dialect.folded_expression(column, ColumnType::Text, &letters);
                format!("{folded} LIKE {plain} ESCAPE '\\' OR {folded} LIKE {written} ESCAPE '\\'")
            }));
        }
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_jobs WHERE id > ?1 AND ({}) ORDER BY id LIMIT ?2",
            conditions.join(" OR ")
        );
        self.tx.conn.query_all("finding jobs with a text", &sql, &values[..], read_job)
    }
}

impl namespaces::Jobs<&mut WriteTx<'_>> {
    /// Replaces the texts of a job that has ended by those of `job`: its key, lane, payload, checkpoint and error. Returns `false`, and
    /// nothing is written, if it waits or runs.
    pub fn rewrite_ended(&mut self, job: &JobRow) -> Result<bool> {
        let sql = "UPDATE cairn_jobs SET unique_key = ?2, lane = ?3, payload = ?4, checkpoint = ?5, error = ?6
                   WHERE id = ?1 AND state IN ('done', 'dead', 'cancelled')";
        let checkpoint = job.checkpoint.as_ref().map(Json::to_string);
        let values = (job.id, &job.key, &job.lane, job.payload.to_string(), checkpoint, &job.error);
        Ok(self.tx.conn.execute("erasing a text from a job", sql, values)? > 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::events::{DuplicatePolicy, JobState, NewJob};
    use crate::testing::test_stores;
    use serde_json::json;

    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_are_found_by_a_text_and_only_ended_ones_rewritten() {
        for store in test_stores() {
            let job = |name: &str, payload| NewJob {
                name: name.to_owned(),
                key: None,
                duplicate: DuplicatePolicy::Keep,
                lane: None,
                payload,
                due: 5,
            };
            let jobs = [
                job("ended", json!({ "to": "Jörg_O\"Neill@Example.com" })),
                job("other", json!({ "to": "jörgxo\"neill@example.com" })),
                job("waits", json!({ "to": ["JÖRG_O\"NEILL@example.com"] })),
            ];
            store
                .write(move |tx| {
                    let mut ids = Vec::new();
                    for job in &jobs {
                        ids.extend(tx.jobs().enqueue(job, 1)?);
                    }
                    tx.jobs().cancel(ids[0], 2)
                })
                .await
                .unwrap();
            let found =
                store.read(|r| r.jobs().list_containing(&["jörg_o\"neill@example.com".to_owned()], 0, 9)).unwrap();
            assert_eq!(found.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["ended", "waits"]);
            let later = store
                .read(|r| r.jobs().list_containing(&["jörg_o\"neill@example.com".to_owned()], found[0].id, 9))
                .unwrap();
            assert_eq!(later.len(), 1);
            for (job, rewritten) in found.into_iter().zip([true, false]) {
                let (id, state) = (job.id, job.state);
                let erased = crate::events::JobRow { payload: json!({ "to": "" }), ..job };
                assert_eq!(store.write(move |tx| tx.jobs().rewrite_ended(&erased)).await.unwrap(), rewritten);
                let now = store.read(|r| r.jobs().get(id)).unwrap().unwrap();
                assert_eq!((now.state, now.payload == json!({ "to": "" })), (state, rewritten));
                assert!(state == JobState::Cancelled || state == JobState::Waiting);
            }
        }
    }
}
