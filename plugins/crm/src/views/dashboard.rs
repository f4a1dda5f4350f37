//! The numbers: leads, conversion, response time and revenue, as [`crate::figures`] has them.

use super::filters::build_condition;
use super::pipelines::list_pipelines;
use crate::figures::{Figures, MonthlyRevenue, find_monthly_revenue};
use crate::local_date::find_today;
use crate::model::Lead;
use crate::period::Period;
use crate::report::{Share, Weeks};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, translate};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The periods that are offered, in days, and the one that is shown first.
const PERIODS: [u64; 3] = [30, 90, 365];
const DEFAULT_PERIOD: u64 = 90;
/// Weeks of the chart.
const WEEKS: i64 = 12;
/// Months of the chart of revenue.
const MONTHS: u32 = 12;
/// The aim for leads that become projects, in percent.
const CONVERSION_AIM: f64 = 35.0;

pub(super) fn describe(call: &Call, pipeline: &str, days: &str) -> Result<Value> {
    let pipelines = list_pipelines()?;
    let chosen = pipelines.iter().find(|known| known.key == pipeline);
    let days = days.parse().ok().filter(|days| PERIODS.contains(days)).unwrap_or(DEFAULT_PERIOD);
    let now = time::now();
    let zone = Settings::load()?.timezone;
    let today = find_today(now, &zone)?;
    let pipeline = chosen.map(|known| known.document_id.as_str());
    let scope = Scope { pipeline, locale: &call.locale, zone: &zone };
    let period = Period::of_days(days, today).ok_or_else(|| Error::Internal("a day beyond the calendar".to_owned()))?;
    let figures = Figures::of_period(period, &zone, pipeline)?;
    let conversion = figures.find_conversion()?;
    let all = json!({ "value": "", "label": "t:dashboard.allPipelines" });
    let choices = pipelines.iter().map(|known| json!({ "value": known.key, "label": known.name }));
    let options: Vec<Value> = [all].into_iter().chain(choices).collect();
    let days_label = |days: u64| translate("dashboard.days", &call.locale, Some(&json!({ "days": days })));
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
            "show": [
                scope.describe_stats(&figures, conversion)?,
                describe_funnel(conversion, figures.count_converted()?),
                scope.describe_revenue(today)?,
                scope.describe_weeks(now)?,
                scope.describe_statuses(figures.since),
            ],
        },
    ] }))
}

/// How many of the leads of a period got a deal, and how many of these were won.
fn describe_funnel(conversion: Share, converted: u64) -> Value {
    json!({
        "kind": "chart", "mark": "funnel", "label": "t:chart.funnel",
        "x": ["t:stat.leads", "t:funnel.deals", "t:funnel.won"],
        "series": [{ "label": "t:stat.leads", "values": [conversion.all, converted, conversion.part] }],
    })
}

/// Pipeline, locale and time zone of the numbers.
struct Scope<'a> {
    pipeline: Option<&'a str>,
    locale: &'a str,
    zone: &'a str,
}

impl Scope<'_> {
    fn describe_stats(&self, figures: &Figures<'_>, conversion: Share) -> Result<Value> {
        let response = figures.find_response()?;
        let tone = match conversion.percent() {
            Some(percent) if percent >= CONVERSION_AIM => "success",
            Some(_) => "warning",
            None => "neutral",
        };
        let median = response.median_seconds.map_or_else(|| "–".to_owned(), |seconds| self.write_span(seconds));
        let late = response.breached;
        Ok(json!({ "kind": "stats", "items": [
            { "label": "t:stat.leads", "value": conversion.all },
            { "label": "t:stat.conversion", "value": conversion.write(self.locale), "tone": tone, "hint": "t:stat.conversion.hint" },
            { "label": "t:stat.median", "value": median, "hint": "t:stat.median.hint" },
            { "label": "t:stat.fast", "value": response.fast.write(self.locale), "hint": "t:stat.fast.hint" },
            { "label": "t:stat.breached", "value": late, "tone": if late > 0 { "danger" } else { "neutral" } },
        ] }))
    }

    /// A span of time as people write it, to the minute.
    fn write_span(&self, seconds: i64) -> String {
        let (hours, minutes) = (seconds / 3_600, (seconds % 3_600) / 60);
        let key = match (hours, minutes) {
            (0, 0) => "dashboard.lessThanAMinute",
            (0, _) => "dashboard.minutes",
            _ => "dashboard.hours",
        };
        translate(key, self.locale, Some(&json!({ "hours": hours, "minutes": minutes })))
    }

    /// The revenue of the last months, a series per currency.
    fn describe_revenue(&self, today: NaiveDate) -> Result<Value> {
        let revenue = match Period::last_months(MONTHS, today) {
            Some(period) => find_monthly_revenue(period, self.zone, self.pipeline)?,
            None => Vec::new(),
        };
        let mut currencies: BTreeSet<&str> =
            revenue.iter().flat_map(|(_, month)| month.keys().map(String::as_str)).collect();
        if currencies.is_empty() {
            currencies.insert("EUR");
        }
        let net = |currency: &str| -> Vec<f64> {
            let of_month =
                |month: &MonthlyRevenue| month.get(currency).map_or(0.0, |revenue| revenue.net as f64 / 100.0);
            revenue.iter().map(|(_, month)| of_month(month)).collect()
        };
        let series: Vec<Value> =
            currencies.iter().take(10).map(|currency| json!({ "label": currency, "values": net(currency) })).collect();
        let labels: Vec<String> = revenue.iter().map(|(month, _)| month.first.format("%Y-%m").to_string()).collect();
        let mut chart = json!({ "kind": "chart", "mark": "bar", "label": "t:chart.revenue", "format": "money", "x": labels, "series": series });
        // An axis has one currency; with several, the label of each series names its own.
        if let (1, Some(currency)) = (currencies.len(), currencies.first()) {
            chart["currency"] = json!(currency);
        }
        Ok(chart)
    }

    fn describe_weeks(&self, now: Instant) -> Result<Value> {
        let weeks = Weeks { now, count: WEEKS };
        let mut labels = Vec::new();
        let mut values = Vec::new();
        for (from, until) in weeks.spans() {
            values.push(Figures { since: from, until, pipeline: self.pipeline }.count_leads()?);
            let day = format_instant(from, self.locale, self.zone, "medium")?;
            labels.push(day.rsplit_once(',').map_or(day.clone(), |(day, _)| day.to_owned()));
        }
        Ok(
            json!({ "kind": "chart", "mark": "bar", "label": "t:chart.weeks", "x": labels, "series": [{ "label": "t:stat.leads", "values": values }] }),
        )
    }

    fn describe_statuses(&self, since: Instant) -> Value {
        let mut filters = vec![build_condition("createdAt", "$gte", time::format(since))];
        if let Some(pipeline) = self.pipeline {
            filters.push(build_condition("pipeline.documentId", "$eq", pipeline));
        }
        json!({ "kind": "chart", "mark": "pie", "label": "t:chart.statuses", "type": Lead::TYPE, "groupBy": "status", "filters": { "and": filters } })
    }
}
