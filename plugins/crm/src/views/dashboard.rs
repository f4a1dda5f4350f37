//! The numbers: leads, conversion and response time. All of them are counted by the database; none is a sample.

use super::list_pipelines;
use crate::model::Lead;
use crate::report::{Share, Weeks, find_median_positions};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, translate};
use serde::Deserialize;
use serde_json::{Value, json};

/// The periods that are offered, in days, and the one that is shown first.
const PERIODS: [i64; 3] = [30, 90, 365];
const DEFAULT_PERIOD: i64 = 90;
/// Weeks of the chart.
const WEEKS: i64 = 12;
const DAY_MS: i64 = 86_400_000;
/// What counts as fast, in seconds: the aim is beside the deadline, not the deadline.
const FAST_SECONDS: i64 = 15 * 60;
/// The aim for leads that become projects, in percent.
const CONVERSION_AIM: f64 = 35.0;

/// The response time of a lead.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseTime {
    response_seconds: i64,
}

impl Document for ResponseTime {
    const TYPE: &'static str = Lead::TYPE;
}

pub(super) fn describe(call: &Call, pipeline: &str, days: &str) -> Result<Value> {
    let pipelines = list_pipelines()?;
    let chosen = pipelines.iter().find(|known| known.key == pipeline);
    let days = days.parse().ok().filter(|days| PERIODS.contains(days)).unwrap_or(DEFAULT_PERIOD);
    let now = time::now();
    let scope = Scope { pipeline: chosen.map(|known| known.document_id.as_str()), locale: &call.locale };
    let since = now.saturating_sub(days.saturating_mul(DAY_MS));
    let all = json!({ "value": "", "label": "t:dashboard.allPipelines" });
    let choices = pipelines.iter().map(|known| json!({ "value": known.key, "label": known.name }));
    let options: Vec<Value> = [all].into_iter().chain(choices).collect();
    let days_label = |days: i64| translate("dashboard.days", &call.locale, Some(&json!({ "days": days })));
    let periods: Vec<Value> =
        PERIODS.into_iter().map(|days| json!({ "value": days.to_string(), "label": days_label(days) })).collect();
    Ok(json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.dashboard" },
        {
            "kind": "filter-bar",
            "parameters": [
                { "name": "pipeline", "label": "t:field.pipeline", "value": chosen.map_or("", |known| known.key.as_str()), "options": options },
                { "name": "days", "label": "t:dashboard.period", "value": days.to_string(), "options": periods },
            ],
            "show": [scope.describe_stats(since)?, scope.describe_weeks(now)?, scope.describe_statuses(since)],
        },
    ] }))
}

/// What the numbers are about.
struct Scope<'a> {
    pipeline: Option<&'a str>,
    locale: &'a str,
}

impl Scope<'_> {
    /// Leads that came in between, as reports count them: no spam, and no one twice.
    fn cohort(&self, since: Instant, until: Option<Instant>) -> data::Find<ResponseTime> {
        let mut created = json!({ "$gte": time::format(since) });
        if let Some(until) = until {
            created["$lt"] = json!(time::format(until));
        }
        let counted = json!({ "createdAt": created, "status": { "$ne": "spam" }, "duplicateOf": { "documentId": { "$null": true } } });
        let leads = data::find::<ResponseTime>().filter(counted);
        match self.pipeline {
            Some(pipeline) => leads.filter(json!({ "pipeline": { "documentId": pipeline } })),
            None => leads,
        }
    }

    fn describe_stats(&self, since: Instant) -> Result<Value> {
        let leads = self.cohort(since, None).count()?;
        let won =
            self.cohort(since, None).filter(json!({ "convertedDeal": { "wonAt": { "$notNull": true } } })).count()?;
        let late = self.cohort(since, None).filter(json!({ "slaState": "breached" })).count()?;
        let answered = || {
            self.cohort(since, None)
                .filter(json!({ "responseSeconds": { "$notNull": true }, "slaDueAt": { "$notNull": true } }))
        };
        let count = answered().count()?;
        let fast = answered().filter(json!({ "responseSeconds": { "$lt": FAST_SECONDS } })).count()?;
        let conversion = Share { part: won, all: leads };
        let tone = match conversion.percent() {
            Some(percent) if percent >= CONVERSION_AIM => "success",
            Some(_) => "warning",
            None => "neutral",
        };
        Ok(json!({ "kind": "stats", "items": [
            { "label": "t:stat.leads", "value": leads },
            { "label": "t:stat.conversion", "value": conversion.write(self.locale), "tone": tone, "hint": "t:stat.conversion.hint" },
            { "label": "t:stat.median", "value": self.write_median(&answered, count)?, "hint": "t:stat.median.hint" },
            { "label": "t:stat.fast", "value": Share { part: fast, all: count }.write(self.locale), "hint": "t:stat.fast.hint" },
            { "label": "t:stat.breached", "value": late, "tone": if late > 0 { "danger" } else { "neutral" } },
        ] }))
    }

    /// The median: the lead in the middle, found by its place in the order. Of an even number the mean of the two in the middle.
    fn write_median(&self, answered: &impl Fn() -> data::Find<ResponseTime>, count: u64) -> Result<String> {
        let Some((page, second)) = find_median_positions(count) else { return Ok("–".to_owned()) };
        let at = |position: u32| -> Result<Option<i64>> {
            let page = answered()
                .fields(&["responseSeconds"])
                .sort("responseSeconds:asc")
                .sort("documentId:asc")
                .page(position, 1)?;
            Ok(page.rows.first().map(|row| row.response_seconds))
        };
        let Some(first) = at(page)? else { return Ok("–".to_owned()) };
        let seconds = match second {
            Some(second) => at(second)?.map_or(first, |second| (first + second) / 2),
            None => first,
        };
        let (hours, minutes) = (seconds / 3_600, (seconds % 3_600) / 60);
        let arguments = json!({ "hours": hours, "minutes": minutes });
        let key = match (hours, minutes) {
            (0, 0) => "dashboard.lessThanAMinute",
            (0, _) => "dashboard.minutes",
            _ => "dashboard.hours",
        };
        Ok(translate(key, self.locale, Some(&arguments)))
    }

    fn describe_weeks(&self, now: Instant) -> Result<Value> {
        let zone = Settings::load()?.timezone;
        let weeks = Weeks { now, count: WEEKS };
        let mut labels = Vec::new();
        let mut values = Vec::new();
        for (from, until) in weeks.spans() {
            values.push(self.cohort(from, Some(until)).count()?);
            let day = format_instant(from, self.locale, &zone, "medium")?;
            labels.push(day.rsplit_once(',').map_or(day.clone(), |(day, _)| day.to_owned()));
        }
        Ok(
            json!({ "kind": "chart", "mark": "bar", "label": "t:chart.weeks", "x": labels, "series": [{ "label": "t:stat.leads", "values": values }] }),
        )
    }

    fn describe_statuses(&self, since: Instant) -> Value {
        let mut filters = vec![super::build_condition("createdAt", "$gte", time::format(since))];
        if let Some(pipeline) = self.pipeline {
            filters.push(super::build_condition("pipeline.documentId", "$eq", pipeline));
        }
        json!({ "kind": "chart", "mark": "pie", "label": "t:chart.statuses", "type": Lead::TYPE, "groupBy": "status", "filters": { "and": filters } })
    }
}
