//! Results of a survey, from its answers. It knows no host.

use super::questions::{MAX_SCORE, Question, QuestionKind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Scores from here on are those of promoters, and up to there those of detractors.
const PROMOTER: usize = 9;
const DETRACTOR: usize = 6;
/// Most texts that are listed of a question.
const MAX_TEXTS: usize = 20;
const SCORES: usize = MAX_SCORE as usize + 1;

/// Results of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum QuestionResult {
    /// How often each score from 0 to 10 was given.
    Scores([u32; SCORES]),
    /// How often each option was chosen.
    Choices(BTreeMap<String, u32>),
    /// The last texts, and how many there are.
    Texts { latest: Vec<String>, count: u32 },
}

impl QuestionResult {
    fn new(kind: QuestionKind) -> Self {
        match kind {
            QuestionKind::Score => Self::Scores([0; SCORES]),
            QuestionKind::Choice => Self::Choices(BTreeMap::new()),
            QuestionKind::Text => Self::Texts { latest: Vec::new(), count: 0 },
        }
    }

    fn add(&mut self, answer: &Value) {
        match self {
            Self::Scores(counts) => {
                let score = answer.as_u64().and_then(|score| usize::try_from(score).ok());
                if let Some(count) = score.and_then(|score| counts.get_mut(score)) {
                    *count += 1;
                }
            }
            Self::Choices(counts) => {
                if let Some(key) = answer.as_str() {
                    *counts.entry(key.to_owned()).or_default() += 1;
                }
            }
            Self::Texts { latest, count } => {
                if let Some(text) = answer.as_str() {
                    *count += 1;
                    if latest.len() < MAX_TEXTS {
                        latest.push(text.to_owned());
                    }
                }
            }
        }
    }
}

/// Adds up answers, the newest first: a result for each question.
pub(crate) fn add_up_answers<'a>(
    questions: &[Question],
    answers: impl IntoIterator<Item = &'a Map<String, Value>>,
) -> Vec<QuestionResult> {
    let mut results: Vec<_> = questions.iter().map(|question| QuestionResult::new(question.kind)).collect();
    for given in answers {
        for (question, result) in questions.iter().zip(&mut results) {
            if let Some(answer) = given.get(&question.key) {
                result.add(answer);
            }
        }
    }
    results
}

/// The mean of scores; none without any.
pub(crate) fn find_mean(counts: &[u32; SCORES]) -> Option<f64> {
    let given: u32 = counts.iter().sum();
    let sum: f64 = counts.iter().zip(0_u32..).map(|(count, score)| f64::from(*count) * f64::from(score)).sum();
    (given > 0).then(|| sum / f64::from(given))
}

/// The net promoter score: the share of promoters minus that of detractors, in points from -100 to 100; none without a score.
pub(crate) fn find_nps(counts: &[u32; SCORES]) -> Option<i32> {
    let given: u32 = counts.iter().sum();
    let promoters: u32 = counts[PROMOTER..].iter().sum();
    let detractors: u32 = counts[..=DETRACTOR].iter().sum();
    let share = |count: u32| f64::from(count) / f64::from(given) * 100.0;
    (given > 0).then(|| (share(promoters) - share(detractors)).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surveys::questions::read_questions;
    use serde_json::json;

    fn scores(given: &[usize]) -> [u32; SCORES] {
        let mut counts = [0; SCORES];
        given.iter().for_each(|score| counts[*score] += 1);
        counts
    }

    #[test]
    fn promoters_count_for_and_detractors_against() {
        assert_eq!(find_nps(&scores(&[])), None);
        assert_eq!(find_nps(&scores(&[9, 10])), Some(100));
        assert_eq!(find_nps(&scores(&[0, 6])), Some(-100));
        assert_eq!(find_nps(&scores(&[7, 8])), Some(0));
        // Two of three are promoters: 66.7 points minus 33.3.
        assert_eq!(find_nps(&scores(&[9, 9, 6])), Some(33));
    }

    #[test]
    fn a_mean_is_that_of_what_was_given() {
        assert_eq!(find_mean(&scores(&[])), None);
        assert_eq!(find_mean(&scores(&[0])), Some(0.0));
        assert_eq!(find_mean(&scores(&[7, 8])), Some(7.5));
    }

    #[test]
    fn answers_are_added_up_by_question() {
        let questions = read_questions(&json!([
            { "key": "nps", "kind": "score", "label": "A" },
            { "key": "colour", "kind": "choice", "label": "B", "options": [{ "key": "red", "label": "R" }, { "key": "blue", "label": "B" }] },
            { "key": "more", "kind": "text", "label": "C" },
        ]))
        .unwrap();
        let answers: Vec<Map<String, Value>> = [
            json!({ "nps": 9, "colour": "red", "more": "newest" }),
            json!({ "nps": 3, "colour": "red" }),
            json!({ "nps": 99, "colour": 7, "more": "oldest", "gone": 1 }),
        ]
        .into_iter()
        .map(|answer| answer.as_object().unwrap().clone())
        .collect();
        let results = add_up_answers(&questions, &answers);
        assert_eq!(results[0], QuestionResult::Scores(scores(&[9, 3])));
        assert_eq!(results[1], QuestionResult::Choices(BTreeMap::from([("red".to_owned(), 2)])));
        assert_eq!(results[2], QuestionResult::Texts { latest: vec!["newest".into(), "oldest".into()], count: 2 });
    }
}
