//! The figures of reports and of the dashboard: conversion, response time and revenue. All of them are counted by the database; none is a
//! sample.

use crate::local_date::{find_start, find_today};
use crate::model::{Lead, Pipeline, Quote, QuoteStatus};
use crate::period::Period;
use crate::report::{Share, find_median_positions};
use crate::settings::Settings;
use cairn_plugin::data::Measure;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Response time that counts as fast, in seconds: the aim is beside the deadline, not the deadline.
const FAST_SECONDS: i64 = 15 * 60;
/// The period of a report that names none.
const DEFAULT_PERIOD: &str = "90d";
/// Most currencies that are told apart.
const MAX_CURRENCIES: u32 = 50;
/// Months that one question is about: with all their currencies no more groups than an answer can have.
const MONTHS_AT_ONCE: usize = 20;

/// The response time of a lead.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseTime {
    response_seconds: i64,
}

impl Document for ResponseTime {
    const TYPE: &'static str = Lead::TYPE;
}

/// Period and pipeline that figures are about.
pub(crate) struct Figures<'a> {
    pub(crate) since: Instant,
    pub(crate) until: Instant,
    /// Id of a pipeline; none for all.
    pub(crate) pipeline: Option<&'a str>,
}

/// The figures of response times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResponseFigures {
    pub(crate) answered: u64,
    /// Leads that were answered fast, of all that were or should have been: one that nobody answers is not fast.
    pub(crate) fast: Share,
    pub(crate) median_seconds: Option<i64>,
    pub(crate) breached: u64,
}

/// Revenue of a month, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revenue {
    pub(crate) quotes: u64,
    /// Without VAT, in minor units.
    pub(crate) net: i64,
}

impl Figures<'_> {
    /// The figures of a period, in days of a time zone.
    ///
    /// # Errors
    /// `Invalid` where the host does not know the zone.
    pub(crate) fn of_period<'a>(period: Period, zone: &str, pipeline: Option<&'a str>) -> Result<Figures<'a>> {
        Ok(Figures { since: find_start(period.first, zone)?, until: find_start(period.end, zone)?, pipeline })
    }

    /// Leads that came in between, as reports count them: no spam, and no one twice.
    fn cohort(&self) -> data::Find<ResponseTime> {
        let created = json!({ "$gte": time::format(self.since), "$lt": time::format(self.until) });
        let counted = json!({ "createdAt": created, "status": { "$ne": "spam" }, "duplicateOf": { "documentId": { "$null": true } } });
        let leads = data::find::<ResponseTime>().filter(counted);
        match self.pipeline {
            Some(pipeline) => leads.filter(json!({ "pipeline": { "documentId": pipeline } })),
            None => leads,
        }
    }

    /// Number of leads.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn count_leads(&self) -> Result<u64> {
        self.cohort().count()
    }

    /// Number of leads that a deal was made of.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn count_converted(&self) -> Result<u64> {
        let converted = json!({ "convertedDeal": { "documentId": { "$notNull": true } } });
        self.cohort().filter(converted).count()
    }

    /// Leads whose deal has been won by now.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find_conversion(&self) -> Result<Share> {
        let won = json!({ "convertedDeal": { "wonAt": { "$notNull": true } } });
        Ok(Share { part: self.cohort().filter(won).count()?, all: self.count_leads()? })
    }

    /// How fast leads were answered.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find_response(&self) -> Result<ResponseFigures> {
        let answered = json!({ "responseSeconds": { "$notNull": true }, "slaDueAt": { "$notNull": true } });
        let answered = || self.cohort().filter(answered.clone());
        let count = answered().count()?;
        let fast = answered().filter(json!({ "responseSeconds": { "$lt": FAST_SECONDS } })).count()?;
        let breached = self.cohort().filter(json!({ "slaState": "breached" })).count()?;
        // Leads without a response that are older than the limit count as well: their response can no longer be fast.
        let latest = time::now().saturating_sub(FAST_SECONDS.saturating_mul(1_000));
        let unanswered = json!({
            "responseSeconds": { "$null": true }, "slaState": { "$in": ["running", "breached"] },
            "$and": [{ "createdAt": { "$lte": time::format(latest) } }],
        });
        let fast = Share { part: fast, all: count.saturating_add(self.cohort().filter(unanswered).count()?) };
        Ok(ResponseFigures { answered: count, fast, median_seconds: find_median(&answered, count)?, breached })
    }
}

/// The revenue of a month, by currency.
pub(crate) type MonthlyRevenue = BTreeMap<String, Revenue>;

/// Finds the revenue of each month of a period: the accepted quotes of deals that were won in it. One question for so many months that all
/// their currencies fit into an answer.
///
/// # Errors
/// What the host says; `Invalid` where it does not know the zone.
pub(crate) fn find_monthly_revenue(
    period: Period,
    zone: &str,
    pipeline: Option<&str>,
) -> Result<Vec<(Period, MonthlyRevenue)>> {
    let month_key = format!("deal.wonAt@month@{zone}");
    let group_by = [month_key.as_str(), "currency"];
    let measures = [(Measure::Count, ""), (Measure::Sum, "net")];
    let mut all = Vec::new();
    for months in period.months().chunks(MONTHS_AT_ONCE) {
        let (Some(first), Some(last)) = (months.first(), months.last()) else { continue };
        let since = time::format(find_start(first.first, zone)?);
        let until = time::format(find_start(last.end, zone)?);
        let mut deal = json!({ "wonAt": { "$gte": since, "$lt": until } });
        if let Some(pipeline) = pipeline {
            deal["pipeline"] = json!({ "documentId": pipeline });
        }
        let sold = json!({ "status": QuoteStatus::Accepted, "deal": deal });
        let limit = MAX_CURRENCIES * u32::try_from(months.len()).unwrap_or_default();
        let groups = data::find::<Quote>().filter(sold).aggregate(&group_by, &measures, limit)?;
        let mut by_month: BTreeMap<&str, MonthlyRevenue> = BTreeMap::new();
        for group in &groups {
            let values = &group["group"];
            let currency = values["currency"].as_str().unwrap_or_default().to_owned();
            let quotes = group["count"].as_u64().unwrap_or_default();
            let revenue = Revenue { quotes, net: read_whole(&group["sum"]["net"]) };
            let month = values[&month_key].as_str().unwrap_or_default();
            by_month.entry(month).or_default().insert(currency, revenue);
        }
        all.extend(months.iter().map(|month| {
            let start = month.first.format("%Y-%m-01").to_string();
            (*month, by_month.remove(start.as_str()).unwrap_or_default())
        }));
    }
    Ok(all)
}

/// A sum of whole numbers, which large ones may have as a text.
fn read_whole(value: &Value) -> i64 {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .unwrap_or_default()
}

/// The median: the lead in the middle, found by its place in the order. Of an even number the mean of the two in the middle.
fn find_median(answered: &impl Fn() -> data::Find<ResponseTime>, count: u64) -> Result<Option<i64>> {
    let Some((page, second)) = find_median_positions(count) else { return Ok(None) };
    let at = |position: u32| -> Result<Option<i64>> {
        let page = answered()
            .fields(&["responseSeconds"])
            .sort("responseSeconds:asc")
            .sort("documentId:asc")
            .page(position, 1)?;
        Ok(page.rows.first().map(|row| row.response_seconds))
    };
    let Some(first) = at(page)? else { return Ok(None) };
    Ok(Some(match second {
        Some(second) => at(second)?.map_or(first, |second| (first + second) / 2),
        None => first,
    }))
}

/// Answers a request for a report.
///
/// # Errors
/// `NotFound` for a report or pipeline that there is not, `Invalid` for a period that is none.
pub(crate) fn serve_report(call: &Call, request: &Request) -> Result<Response> {
    let name = request.parameter("name");
    if !["conversion", "revenue", "response-time"].contains(&name) {
        return Err(Error::NotFound(name.to_owned()));
    }
    let zone = Settings::load()?.timezone;
    let today = find_today(time::now(), &zone)?;
    let period = Period::parse(request.query("period").unwrap_or(DEFAULT_PERIOD), today)
        .ok_or_else(|| Error::field("period", "period", translate("wrong.period", &call.locale, None)))?;
    let pipeline = match request.query("pipeline").filter(|key| !key.is_empty()) {
        Some(key) => {
            let found = data::find::<Pipeline>().filter(json!({ "key": key })).first()?;
            let found = found
                .ok_or_else(|| Error::field("pipeline", "pipeline", translate("wrong.pipeline", &call.locale, None)))?;
            Some(found.document_id)
        }
        None => None,
    };
    let figures = Figures::of_period(period, &zone, pipeline.as_deref())?;
    let mut data = match name {
        "conversion" => {
            let share = figures.find_conversion()?;
            json!({ "leads": share.all, "won": share.part, "percent": share.percent() })
        }
        "response-time" => {
            let response = figures.find_response()?;
            json!({
                "answered": response.answered, "medianSeconds": response.median_seconds, "within15Minutes": response.fast.part,
                "percentWithin15Minutes": response.fast.percent(), "breached": response.breached,
            })
        }
        _ => json!({ "months": list_revenue(period, &zone, pipeline.as_deref())? }),
    };
    let last_day = period.end.pred_opt().unwrap_or(period.end);
    data["period"] = json!({ "from": period.first.to_string(), "to": last_day.to_string() });
    Ok(Response::json(200, &json!({ "data": data }))?.header("cache-control", "no-store"))
}

/// The revenue of each month of a period, for programs.
fn list_revenue(period: Period, zone: &str, pipeline: Option<&str>) -> Result<Vec<Value>> {
    let describe = |(month, revenue): (Period, MonthlyRevenue)| {
        let amounts: Map<String, Value> = revenue
            .into_iter()
            .map(|(currency, Revenue { quotes, net })| (currency, json!({ "quotes": quotes, "net": net })))
            .collect();
        json!({ "month": month.first.format("%Y-%m").to_string(), "currencies": amounts })
    };
    Ok(find_monthly_revenue(period, zone, pipeline)?.into_iter().map(describe).collect())
}
