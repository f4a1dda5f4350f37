//! The page of one survey in place of its form: its results, and who answered. Results are read with the permissions of who looks.

use super::fields::{column, condition};
use super::vehicle_document::RESPONSE_TONES;
use crate::messages::shorten;
use crate::surveys::model::{ResponseState, Survey, SurveyResponse};
use crate::surveys::questions::Question;
use crate::surveys::results::{QuestionResult, add_up_answers, find_mean, find_nps};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Map, Value, json};

/// Most answers that are added up: the newest.
const MAX_ANSWERS: u32 = 5_000;

/// Most characters of a text that are shown.
const MAX_TEXT_CHARS: usize = 300;

/// Describes the page.
///
/// # Errors
/// `NotFound` for a survey that does not exist; what the host says.
pub(super) fn describe(call: &Call, id: &str) -> Result<Value> {
    let survey = data::get::<Survey>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let (state, tone) = if survey.is_active { ("active", "success") } else { ("inactive", "neutral") };
    let trigger = format!("t:trigger.{}", json!(survey.trigger).as_str().unwrap_or_default());
    let header = json!({
        "kind": "header", "title": survey.title, "subtitle": trigger, "badge": { "label": format!("t:survey.{state}"), "tone": tone },
    });
    let fields = json!({
        "kind": "fields", "label": "t:group.survey", "document": { "type": Survey::TYPE, "documentId": id },
        "fields": ["title", "trigger", "isActive", "daysOpen"], "edit": ["title", "isActive", "daysOpen"],
    });
    let mut show = vec![header, fields];
    match list_answers(id) {
        Ok(answers) => show.extend(describe_results(&survey, id, &answers, &call.locale)),
        // A caller who may not read responses sees the survey alone.
        Err(Error::Denied(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(json!({ "kind": "stack", "live": [Survey::TYPE, SurveyResponse::TYPE], "show": show }))
}

fn list_answers(id: &str) -> Result<Vec<Map<String, Value>>> {
    let answered = json!({ "survey": { "documentId": { "$eq": id } }, "state": ResponseState::Answered });
    let found = data::find::<SurveyResponse>().as_caller().filter(answered).sort("answeredAt:desc").all(MAX_ANSWERS)?;
    Ok(found.into_iter().map(|response| response.fields.answers).collect())
}

fn describe_results(survey: &Survey, id: &str, answers: &[Map<String, Value>], locale: &str) -> Vec<Value> {
    let own = |more: Vec<Value>| {
        let mut all = vec![condition("survey.documentId", "$eq", id)];
        all.extend(more);
        json!({ "and": all })
    };
    let count = |state: &str, tone: &str| {
        json!({
            "label": format!("t:responseState.{state}"), "tone": tone,
            "count": { "type": SurveyResponse::TYPE, "filters": own(vec![condition("state", "$eq", state)]) },
        })
    };
    let sent = json!({ "label": "t:stat.sent", "count": { "type": SurveyResponse::TYPE, "filters": own(Vec::new()) } });
    let mut counts = vec![sent];
    counts.extend(RESPONSE_TONES.map(|(state, tone)| count(state, tone)));
    let mut show = vec![json!({ "kind": "stats", "items": counts })];
    let results = add_up_answers(&survey.questions, answers);
    for (question, result) in survey.questions.iter().zip(&results) {
        // A stack has room for fifty blocks: each question is one.
        show.push(json!({ "kind": "stack", "show": describe_result(question, result, locale) }));
    }
    show.push(json!({
        "kind": "table", "type": SurveyResponse::TYPE, "label": "t:group.responses", "sort": ["sentAt:desc"], "filters": own(Vec::new()),
        "columns": [
            column("customer", "customer"), column("vehicle", "vehicle"),
            { "field": "state", "label": "t:column.state", "values": label_values("responseState", &RESPONSE_TONES) },
            column("sentAt", "sentAt"), column("answeredAt", "answeredAt"),
        ],
    }));
    show
}

fn describe_result(question: &Question, result: &QuestionResult, locale: &str) -> Vec<Value> {
    let label = question.label.text(locale);
    let chart = |places: Vec<Value>, values: Vec<u32>| {
        let series = json!([{ "label": "t:stat.answers", "values": values }]);
        json!({ "kind": "chart", "mark": "bar", "label": label, "x": places, "series": series })
    };
    match result {
        QuestionResult::Scores(counts) => {
            let places = (0..counts.len()).map(|score| json!(score.to_string())).collect();
            let dash = || json!("–");
            // The mean has one decimal, with the separator of the language.
            let mean = find_mean(counts).map_or_else(dash, |mean| {
                let text = format!("{mean:.1}");
                json!(if locale.starts_with("nl") { text.replace('.', ",") } else { text })
            });
            let items = json!([
                { "label": "t:stat.answers", "value": counts.iter().sum::<u32>() },
                { "label": "t:stat.mean", "value": mean },
                { "label": "t:stat.nps", "value": find_nps(counts).map_or_else(dash, |nps| json!(nps)), "hint": "t:stat.nps.hint" },
            ]);
            vec![chart(places, counts.to_vec()), json!({ "kind": "stats", "items": items })]
        }
        QuestionResult::Choices(counts) => {
            let places = question.options.iter().map(|option| json!(option.label.text(locale))).collect();
            let values = question.options.iter().map(|option| counts.get(&option.key).copied().unwrap_or_default());
            vec![chart(places, values.collect())]
        }
        QuestionResult::Texts { latest, count } => {
            let title = translate("survey.texts", locale, Some(&json!({ "question": label, "count": count })));
            let mut show = vec![json!({ "kind": "text", "text": title })];
            let quote =
                |text: &String| json!({ "kind": "text", "text": format!("“{}”", shorten(text, MAX_TEXT_CHARS)) });
            show.extend(latest.iter().map(quote));
            show
        }
    }
}
