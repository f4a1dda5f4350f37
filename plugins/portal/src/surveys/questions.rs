//! Questions of a survey, and whether answers fit them. It knows no host.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most questions of a survey, and options of a question.
pub(crate) const MAX_QUESTIONS: usize = 30;
pub(crate) const MAX_OPTIONS: usize = 30;
/// Most characters of a key, of a label and of an answer.
pub(crate) const MAX_KEY_CHARS: usize = 40;
pub(crate) const MAX_LABEL_CHARS: usize = 300;
pub(crate) const MAX_ANSWER_CHARS: usize = 2_000;
/// Most answers to unknown questions that are reported.
const MAX_UNKNOWN: usize = 20;
/// Highest score.
pub(crate) const MAX_SCORE: u64 = 10;

/// A text in the languages of the portal, or one for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Label {
    Plain(String),
    Translated(Translations),
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Translations {
    #[serde(default)]
    nl: String,
    #[serde(default)]
    en: String,
}

impl Label {
    /// The text in a language, or in the other where there is none.
    pub(crate) fn text(&self, locale: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Translated(texts) => {
                let (first, second) =
                    if locale.starts_with("nl") { (&texts.nl, &texts.en) } else { (&texts.en, &texts.nl) };
                if first.trim().is_empty() { second } else { first }
            }
        }
    }

    /// True if there is a text, and none is too long.
    fn is_sound(&self) -> bool {
        let texts: &[&String] = match self {
            Self::Plain(text) => &[text],
            Self::Translated(texts) => &[&texts.nl, &texts.en],
        };
        texts.iter().any(|text| !text.trim().is_empty())
            && texts.iter().all(|text| text.chars().count() <= MAX_LABEL_CHARS && !text.chars().any(char::is_control))
    }
}

/// Kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum QuestionKind {
    /// A whole number from 0 to 10.
    Score,
    /// One of the options.
    Choice,
    Text,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionOption {
    pub(crate) key: String,
    pub(crate) label: Label,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) key: String,
    pub(crate) kind: QuestionKind,
    pub(crate) label: Label,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<QuestionOption>,
    #[serde(default)]
    pub(crate) is_required: bool,
}

impl Question {
    /// The question as a customer sees it.
    pub(crate) fn describe(&self, locale: &str) -> Value {
        let option = |option: &QuestionOption| json!({ "key": option.key, "label": option.label.text(locale) });
        json!({
            "key": self.key, "kind": self.kind, "label": self.label.text(locale), "isRequired": self.is_required,
            "options": self.options.iter().map(option).collect::<Vec<_>>(),
        })
    }

    /// The part on which answers rest: it stays once there are some.
    fn frame(&self) -> (&str, QuestionKind, Vec<&str>) {
        (&self.key, self.kind, self.options.iter().map(|option| option.key.as_str()).collect())
    }
}

/// Something wrong with questions or answers: where, and the end of the key of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

fn problem<T>(path: impl Into<String>, code: &'static str) -> Result<T, Problem> {
    Err(Problem { path: path.into(), code })
}

/// Reads the questions of a survey as somebody wrote them. A field that is empty has none.
pub(crate) fn read_questions(written: &Value) -> Result<Vec<Question>, Problem> {
    let list = match written {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return problem("questions", "questions"),
    };
    if list.len() > MAX_QUESTIONS {
        return problem("questions", "questions");
    }
    let mut questions: Vec<Question> = Vec::with_capacity(list.len());
    for (n, written) in list.iter().enumerate() {
        let path = format!("questions[{n}]");
        // Serde would also read a structure from an array of its values.
        let read = Some(written).filter(|written| written.is_object()).map(Question::deserialize);
        let Some(Ok(question)) = read else { return problem(path, "question") };
        check_question(&question, &path)?;
        if questions.iter().any(|known| known.key == question.key) {
            return problem(format!("{path}.key"), "question-key");
        }
        questions.push(question);
    }
    Ok(questions)
}

fn check_question(question: &Question, path: &str) -> Result<(), Problem> {
    if !is_key(&question.key) {
        return problem(format!("{path}.key"), "question-key");
    }
    if !question.label.is_sound() {
        return problem(format!("{path}.label"), "question-label");
    }
    let fits = match question.kind {
        QuestionKind::Choice => (2..=MAX_OPTIONS).contains(&question.options.len()),
        QuestionKind::Score | QuestionKind::Text => question.options.is_empty(),
    };
    if !fits {
        return problem(format!("{path}.options"), "question-options");
    }
    let mut keys = BTreeSet::new();
    for (n, option) in question.options.iter().enumerate() {
        if !is_key(&option.key) || !keys.insert(&option.key) {
            return problem(format!("{path}.options[{n}].key"), "question-key");
        }
        if !option.label.is_sound() {
            return problem(format!("{path}.options[{n}].label"), "question-label");
        }
    }
    Ok(())
}

/// True for small letters, digits and hyphens, of which the first is no hyphen.
pub(crate) fn is_key(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= MAX_KEY_CHARS && !text.starts_with('-') && text.bytes().all(fits)
}

/// True if answers to the one questions are answers to the others.
pub(crate) fn have_same_frame(one: &[Question], other: &[Question]) -> bool {
    one.iter().map(Question::frame).eq(other.iter().map(Question::frame))
}

/// Checks answers, and returns them as they are stored, or everything that is wrong with them. One that is empty counts as not given.
pub(crate) fn check_answers(
    questions: &[Question],
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut answers = Map::new();
    let mut problems = Vec::new();
    let mut note = |key: &str, code: &'static str| problems.push(Problem { path: format!("answers.{key}"), code });
    for question in questions {
        let given = given.get(&question.key).unwrap_or(&Value::Null);
        match read_answer(question, given) {
            Ok(Some(answer)) => drop(answers.insert(question.key.clone(), answer)),
            Ok(None) if question.is_required => note(&question.key, "answer-required"),
            Ok(None) => {}
            Err(code) => note(&question.key, code),
        }
    }
    let unknown = given.keys().filter(|key| !questions.iter().any(|question| question.key == **key));
    for key in unknown.take(MAX_UNKNOWN) {
        // A key that was sent may be any text, of any length.
        note(&key.chars().take(MAX_KEY_CHARS).collect::<String>(), "answer-unknown");
    }
    if problems.is_empty() { Ok(answers) } else { Err(problems) }
}

fn read_answer(question: &Question, given: &Value) -> Result<Option<Value>, &'static str> {
    if given.is_null() {
        return Ok(None);
    }
    match question.kind {
        QuestionKind::Score => match given.as_u64().filter(|score| *score <= MAX_SCORE) {
            Some(score) => Ok(Some(json!(score))),
            None => Err("answer-score"),
        },
        QuestionKind::Choice => match given.as_str() {
            Some("") => Ok(None),
            Some(key) if question.options.iter().any(|option| option.key == key) => Ok(Some(json!(key))),
            _ => Err("answer-choice"),
        },
        QuestionKind::Text => match given.as_str().map(str::trim) {
            Some("") => Ok(None),
            Some(text) if text.chars().count() <= MAX_ANSWER_CHARS => Ok(Some(json!(text))),
            _ => Err("answer-text"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> Value {
        json!([
            { "key": "nps", "kind": "score", "label": { "nl": "Zou je ons aanraden?", "en": "Would you recommend us?" }, "isRequired": true },
            { "key": "colour", "kind": "choice", "label": "Colour", "options": [{ "key": "red", "label": { "nl": "Rood", "en": "Red" } }, { "key": "blue", "label": "Blue" }] },
            { "key": "more", "kind": "text", "label": { "nl": "Nog iets?" } },
        ])
    }

    fn check(given: Value) -> Result<Map<String, Value>, Vec<Problem>> {
        check_answers(&read_questions(&questions()).unwrap(), given.as_object().unwrap())
    }

    #[test]
    fn questions_are_read_in_the_language_of_who_reads() {
        let read = read_questions(&questions()).unwrap();
        assert_eq!(read[0].describe("nl")["label"], "Zou je ons aanraden?");
        assert_eq!(read[0].describe("en-GB")["label"], "Would you recommend us?");
        assert_eq!(read[1].describe("nl")["options"][0], json!({ "key": "red", "label": "Rood" }));
        // The label exists in one language only.
        assert_eq!(read[2].describe("en")["label"], "Nog iets?");
        assert_eq!(read_questions(&Value::Null).unwrap(), []);
    }

    #[test]
    fn what_is_wrong_with_a_question_is_told_with_its_place() {
        let first = |change: Value| {
            let mut all = questions();
            for (name, value) in change.as_object().unwrap() {
                all[0][name] = value.clone();
            }
            read_questions(&all).unwrap_err().path
        };
        assert_eq!(first(json!({ "key": "A b" })), "questions[0].key");
        assert_eq!(first(json!({ "key": "-a" })), "questions[0].key");
        assert_eq!(first(json!({ "key": "x".repeat(41) })), "questions[0].key");
        assert_eq!(first(json!({ "label": { "nl": " ", "en": "" } })), "questions[0].label");
        assert_eq!(first(json!({ "label": "x".repeat(301) })), "questions[0].label");
        assert_eq!(first(json!({ "label": { "fr": "x" } })), "questions[0]");
        assert_eq!(first(json!({ "kind": "stars" })), "questions[0]");
        assert_eq!(first(json!({ "more": 1 })), "questions[0]");
        assert_eq!(first(json!({ "kind": "choice" })), "questions[0].options");
        assert_eq!(first(json!({ "options": [{ "key": "a", "label": "A" }] })), "questions[0].options");
        let twice = json!([{ "key": "a", "label": "A" }, { "key": "a", "label": "B" }]);
        assert_eq!(first(json!({ "kind": "choice", "options": twice })), "questions[0].options[1].key");
        assert_eq!(first(json!({ "key": "more" })), "questions[2].key");
    }

    #[test]
    fn questions_are_a_list_of_objects_that_is_not_endless() {
        for wrong in [json!("x"), json!({}), json!(vec![questions()[0].clone(); 31])] {
            assert_eq!(read_questions(&wrong).unwrap_err().path, "questions", "{wrong}");
        }
        for wrong in [json!([1]), json!([["nps", "score", "Label"]]), json!([null])] {
            assert_eq!(read_questions(&wrong).unwrap_err().path, "questions[0]", "{wrong}");
        }
    }

    #[test]
    fn texts_can_change_below_answers_and_keys_cannot() {
        let read = read_questions(&questions()).unwrap();
        let mut renamed = read.clone();
        renamed[0].label = Label::Plain("Another".to_owned());
        renamed[2].is_required = true;
        assert!(have_same_frame(&read, &renamed));
        renamed[1].options.remove(0);
        assert!(!have_same_frame(&read, &renamed) && !have_same_frame(&read, &read[..2]));
    }

    #[test]
    fn answers_that_fit_are_stored_without_what_is_empty() {
        let stored = check(json!({ "nps": 0, "colour": "", "more": " Fijn " })).unwrap();
        assert_eq!(Value::Object(stored), json!({ "nps": 0, "more": "Fijn" }));
        assert!(check(json!({ "nps": 10, "colour": "blue", "more": null })).is_ok());
        assert!(check(json!({ "nps": 5, "more": "é".repeat(2_000) })).is_ok());
    }

    #[test]
    fn every_answer_that_is_wrong_is_named() {
        let wrong = check(json!({ "colour": "green", "more": 7, "other": 1 })).unwrap_err();
        let named: Vec<_> = wrong.iter().map(|one| (one.path.as_str(), one.code)).collect();
        assert_eq!(
            named,
            [
                ("answers.nps", "answer-required"),
                ("answers.colour", "answer-choice"),
                ("answers.more", "answer-text"),
                ("answers.other", "answer-unknown")
            ]
        );
        for score in [json!(11), json!(-1), json!(7.5), json!("7"), json!(true), json!([7]), json!({})] {
            assert_eq!(check(json!({ "nps": score })).unwrap_err()[0].code, "answer-score", "{score}");
        }
        assert_eq!(check(json!({ "nps": 5, "more": "x".repeat(2_001) })).unwrap_err()[0].code, "answer-text");
        let long = check(json!({ "nps": 5, "y".repeat(1_000): 1 })).unwrap_err();
        assert!(long[0].path.len() <= 60);
        let many: Map<String, Value> = (0..10_000).map(|n| (format!("k{n}"), json!(1))).collect();
        assert_eq!(check(Value::Object(many)).unwrap_err().len(), 1 + MAX_UNKNOWN);
    }
}
