//! The decisions of a person about a change: from the command line, or as JSON from the admin.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Decisions about a change. Names on the left are those of the database; `uid.attribute` for attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Answers {
    /// Old to new: `api::article.article.title` -> `heading`, `shared.seo` -> `shared.meta`. `None`: it was not renamed, however
    /// similar another name is.
    pub renames: BTreeMap<String, Option<String>>,
    /// Into or out of a component: `api::article.article.title` -> `seo.metaTitle`, or
    /// `api::article.article.seo.metaTitle` -> `title`.
    pub moves: BTreeMap<String, String>,
    /// Decisions about the content of steps (by `uid` or `uid.attribute`) that does not all fit.
    pub decisions: BTreeMap<String, Decision>,
    /// The hash of the plan whose losses were agreed to.
    pub consent: Option<String>,
    /// [`super::ChangePlan::before`] of the answered plan. A swap that is answered twice would be undone: with this the answers apply once.
    pub before: Option<String>,
}

/// Decision about content that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing is changed; content that does not fit is listed.
    #[default]
    Fail,
    /// The value becomes null; the old one is stored in the trash.
    Null,
    /// The excess is cut off: the first of several stays, as many characters as allowed, the day without its time. The old
    /// value is stored in the trash.
    Cut,
    /// For a check: entries stay unchanged, the rule applies from the next time they are saved.
    Keep,
    /// All content of the attribute is stored in the trash, and it starts empty.
    Drop,
}

impl Decision {
    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Null => "null",
            Self::Cut => "cut",
            Self::Keep => "keep",
            Self::Drop => "drop",
        }
    }

    /// True if present content will be missing afterwards.
    pub fn loses_content(self) -> bool {
        matches!(self, Self::Null | Self::Cut | Self::Drop)
    }
}

/// An answer that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AnswerError(String);

impl Answers {
    /// Parses the JSON form. Unknown keys are refused. Returns an error for JSON of another form.
    pub fn from_json(text: &str) -> Result<Self, AnswerError> {
        let answers: Self = serde_json::from_str(text).map_err(|error| AnswerError(error.to_string()))?;
        let keys = answers.renames.keys().chain(answers.moves.keys()).chain(answers.decisions.keys());
        for key in keys {
            AttributePath::parse(key)?;
        }
        Ok(answers)
    }

    /// Adds `old=new`; `old=` means that it was not renamed. Returns an error for another form, or a second answer about the same thing.
    pub fn add_rename(&mut self, text: &str) -> Result<(), AnswerError> {
        let (old, new) = split_pair(text, "--rename old=new, such as api::article.article.title=heading")?;
        let new = (!new.is_empty()).then(|| new.to_owned());
        refuse_second(self.renames.insert(old.to_owned(), new), old)
    }

    /// Adds `uid.attribute=component.attribute`, or `uid.component.attribute=attribute`. Returns an error for another form, or a second
    /// answer about the same thing.
    pub fn add_move(&mut self, text: &str) -> Result<(), AnswerError> {
        let (old, new) = split_pair(text, "--move old=new, such as api::article.article.title=seo.metaTitle")?;
        if AttributePath::parse(old)?.inner.is_some() == new.contains('.') {
            let problem = format!("{text}: the old or the new place must be inside a component, such as seo.metaTitle");
            return Err(AnswerError(problem));
        }
        refuse_second(self.moves.insert(old.to_owned(), new.to_owned()), old)
    }

    /// Adds `uid.attribute=fail|null|cut|keep|drop`. Returns an error for another form, or a second answer about the same thing.
    pub fn add_decision(&mut self, text: &str) -> Result<(), AnswerError> {
        let (place, decision) = split_pair(text, "--decide place=decision, such as api::article.article.price=null")?;
        let decisions = [Decision::Fail, Decision::Null, Decision::Cut, Decision::Keep, Decision::Drop];
        let Some(&decision) = decisions.iter().find(|known| known.as_str() == decision) else {
            return Err(AnswerError(format!("{text}: the decision must be one of fail, null, cut, keep, drop")));
        };
        refuse_second(self.decisions.insert(place.to_owned(), decision), place)
    }
}

fn split_pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), AnswerError> {
    let (left, right) = text.split_once('=').ok_or_else(|| AnswerError(format!("{text}: expected {form}")))?;
    AttributePath::parse(left)?;
    Ok((left, right))
}

fn refuse_second<T>(before: Option<T>, place: &str) -> Result<(), AnswerError> {
    match before {
        Some(_) => Err(AnswerError(format!("{place} has more than one answer"))),
        None => Ok(()),
    }
}

/// `uid`, `uid.attribute` or `uid.component.attribute`, split into parts. No part of a name contains a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AttributePath<'a> {
    pub(super) owner: &'a str,
    pub(super) attribute: Option<&'a str>,
    pub(super) inner: Option<&'a str>,
}

impl<'a> AttributePath<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, AnswerError> {
        let refuse = || {
            AnswerError(format!(
                "{text}: expected a uid, or a uid and an attribute, such as api::article.article.title"
            ))
        };
        let mut dots = text.match_indices('.').map(|(at, _)| at);
        let _ = dots.next().ok_or_else(refuse)?;
        let (owner, rest) = match dots.next() {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let (attribute, inner) = match rest.map(|rest| rest.split_once('.').ok_or(rest)) {
            None => (None, None),
            Some(Err(attribute)) => (Some(attribute), None),
            Some(Ok((attribute, inner))) => (Some(attribute), Some(inner)),
        };
        let parts = owner.split(['.', ':']).filter(|part| !part.is_empty()).count();
        let plain = attribute.is_none_or(|a| !a.is_empty()) && inner.is_none_or(|i| !i.is_empty() && !i.contains('.'));
        if parts < 2 || !plain { Err(refuse()) } else { Ok(Self { owner, attribute, inner }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_paths_are_parsed() {
        let place = |owner, attribute, inner| Ok(AttributePath { owner, attribute, inner });
        assert_eq!(AttributePath::parse("api::a.b"), place("api::a.b", None, None));
        assert_eq!(AttributePath::parse("api::a.b.c"), place("api::a.b", Some("c"), None));
        assert_eq!(AttributePath::parse("api::a.b.c.d"), place("api::a.b", Some("c"), Some("d")));
        assert_eq!(AttributePath::parse("shared.seo.title"), place("shared.seo", Some("title"), None));
        for bad in ["", "title", "api::a", ".", "a.", "api::a.b.", "a.b.c.d.e", "a.b..c"] {
            assert!(AttributePath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn answers_are_read_from_arguments_and_json() {
        let mut answers = Answers::default();
        answers.add_rename("api::a.a.title=heading").unwrap();
        answers.add_rename("shared.seo=").unwrap();
        answers.add_move("api::a.a.text=seo.text").unwrap();
        answers.add_move("api::a.a.seo.title=title").unwrap();
        answers.add_decision("api::a.a.price=null").unwrap();
        assert!(answers.add_rename("shared.seo=shared.meta").unwrap_err().to_string().contains("more than one answer"));
        for bad in ["x", "=y", "title=heading"] {
            assert!(answers.add_rename(bad).is_err(), "{bad}");
        }
        assert!(answers.add_move("api::a.a.b=c").is_err());
        assert!(answers.add_move("api::a.a.b.c=d.e").is_err());
        assert!(answers.add_decision("api::a.a.b=maybe").is_err());
        let json = serde_json::to_string(&answers).unwrap();
        assert_eq!(Answers::from_json(&json), Ok(answers));
        assert!(Answers::from_json(r#"{"rename": {}}"#).is_err());
        assert!(Answers::from_json(r#"{"decisions": {"price": "null"}}"#).is_err());
    }
}
