//! Steps that have the data of a person reported and erased.

use super::ScenarioStep;
use super::steps::{ScenarioRun, check_count};
use crate::TestError;
use cairn_access::format_iso;
use cairn_plugin_host::privacy::{PersonalRecord, RetainedRecord};
use chrono::DateTime;
use serde_json::{Value as Json, json};

impl ScenarioRun<'_> {
    /// Has the data of a person reported.
    pub(super) async fn run_report_step(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let records = self.world.report_person(&self.names.fill_text(word)?).await?;
        check_count(step, records.len())?;
        let to_json =
            |record: PersonalRecord| json!({ "kind": record.kind, "title": record.title, "data": record.data });
        self.check_answer(step, records.into_iter().map(to_json).collect())
    }

    /// Has the data of a person erased.
    pub(super) async fn run_erase_step(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let erased = self.world.erase_person(&self.names.fill_text(word)?).await?;
        let to_json = |record: RetainedRecord| {
            let until = record.until.and_then(DateTime::from_timestamp_millis).map(format_iso);
            json!({ "kind": record.kind, "title": record.title, "reason": record.reason, "until": until })
        };
        let retained: Vec<Json> = erased.retained.into_iter().map(to_json).collect();
        self.check_answer(step, json!({ "erased": erased.erased, "retained": retained }))
    }
}
