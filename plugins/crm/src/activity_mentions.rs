//! Mentions in the texts of an activity: who is meant is looked up among the people of the admin, kept by their ids, and told once.

use crate::mentions::{
    MAX_MENTIONS, Mention, MentionTarget, Resolution, StoredMention, find_mentions, resolve_mention,
};
use crate::notices::Notice;
use crate::person::Person;
use crate::settings::Settings;
use crate::subject::Subject;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, people};
use serde_json::json;
use std::collections::BTreeSet;

/// Pages of people among whom a name is looked for, of a hundred each.
const MAX_PAGES: usize = 10;

/// The texts of an activity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActivityTexts<'a> {
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
}

impl ActivityTexts<'_> {
    /// The mentions of both, each once, with the field that it is in.
    fn mentions(self) -> Vec<(&'static str, Mention)> {
        let mut found: Vec<(&'static str, Mention)> = Vec::new();
        for (field, text) in [("subject", self.subject), ("body", self.body)] {
            for mention in find_mentions(text) {
                if found.iter().all(|(_, known)| known.target != mention.target) {
                    found.push((field, mention));
                }
            }
        }
        found
    }

    /// Its text for a notice, on one line.
    fn excerpt(self) -> String {
        let text = if self.body.is_empty() { self.subject } else { self.body };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Finds whom the texts mention. What is stored keeps its person, whatever they are called now. `locale`: that of messages. Nobody is
/// looked up without the grant.
///
/// # Errors
/// `Invalid` with each mention of nobody or of several people, and for too many; what the host says.
pub(crate) fn resolve_mentions(
    texts: ActivityTexts<'_>,
    stored: &[StoredMention],
    locale: &str,
) -> Result<Vec<StoredMention>> {
    let mentions = texts.mentions();
    if mentions.len() > MAX_MENTIONS {
        let field = mentions.last().map_or("body", |(field, _)| *field);
        let message = translate("refused.tooManyMentions", locale, Some(&json!({ "most": MAX_MENTIONS })));
        return Err(Error::field(field, "tooManyMentions", message));
    }
    let find_stored = |mention: &Mention| stored.iter().find(|known| known.word == mention.key());
    let unknown: Vec<&Mention> =
        mentions.iter().map(|(_, mention)| mention).filter(|mention| find_stored(mention).is_none()).collect();
    let people = match find_people(&unknown) {
        Err(Error::Denied(_)) => return Ok(stored.to_vec()),
        found => found?,
    };
    let (mut resolved, mut problems) = (Vec::new(), Vec::new());
    for (field, mention) in &mentions {
        if let Some(known) = find_stored(mention) {
            resolved.push(known.clone());
            continue;
        }
        let (code, arguments) = match resolve_mention(mention, &people) {
            Resolution::Found(id) => {
                resolved.push(StoredMention { id, word: mention.key() });
                continue;
            }
            Resolution::Unknown => ("unknownMention", json!({ "mention": mention.written })),
            Resolution::Ambiguous(ways) => {
                ("ambiguousMention", json!({ "mention": mention.written, "people": ways.join(", ") }))
            }
        };
        let message = translate(&format!("refused.{code}"), locale, Some(&arguments));
        problems.push(FieldError { path: (*field).to_owned(), code: code.to_owned(), message });
    }
    if problems.is_empty() { Ok(resolved) } else { Err(Error::Invalid(problems)) }
}

/// People whom these mentions may mean. One call for names and one for ids, where there are any.
fn find_people(mentions: &[&Mention]) -> Result<Vec<people::Person>> {
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for mention in mentions {
        match &mention.target {
            MentionTarget::Words(words) => names.push(words.join(" ")),
            MentionTarget::Id(id) => ids.push(id.as_str()),
        }
    }
    let mut found = if ids.is_empty() { Vec::new() } else { people::find_by_ids(ids)? };
    if names.is_empty() {
        return Ok(found);
    }
    let mut after = None;
    for _ in 0..MAX_PAGES {
        let page = people::find_by_names(names.iter().map(String::as_str), after.as_deref())?;
        found.extend(page.people);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    // A person may be found both by name and by id.
    let mut seen = BTreeSet::new();
    found.retain(|person| seen.insert(person.id.clone()));
    Ok(found)
}

/// Tells whom an activity mentions now and did not before, in the open transaction. Nobody is told of what they wrote themselves.
///
/// # Errors
/// What the host says.
pub(crate) fn notify_mentioned(
    activity: &str,
    texts: ActivityTexts<'_>,
    mentions: &[StoredMention],
    before: &[StoredMention],
    author: &Person,
) -> Result<()> {
    let is_new = |id: &&str| *id != author.id && before.iter().all(|known| known.id != **id);
    let to: Vec<&str> = mentions.iter().map(|mention| mention.id.as_str()).filter(is_new).collect();
    if to.is_empty() {
        return Ok(());
    }
    let name = people::find_by_ids([author.id.as_str()])?.pop().and_then(|found| found.name);
    let settings = Settings::load()?;
    let notice = Notice {
        what: "mentioned",
        about: Subject::Activity(activity),
        occasion: "",
        name: name.as_deref().unwrap_or(&author.name),
        detail: &texts.excerpt(),
        language: &settings.language,
    };
    notice.send(&to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_of_both_texts_count_once_with_their_first_field() {
        let texts = ActivityTexts { subject: "Voor @Eva", body: "@eva en @\"Bart de Vries\": bel x@y.nl" };
        let mentions = texts.mentions();
        let found: Vec<_> = mentions.iter().map(|(field, mention)| (*field, mention.key())).collect();
        assert_eq!(found, [("subject", "eva".to_owned()), ("body", "bart de vries".to_owned())]);
    }

    #[test]
    fn notices_show_the_longer_text_on_one_line() {
        let texts = ActivityTexts { subject: "Vraag", body: "@Eva\n\n  bel   even" };
        assert_eq!(texts.excerpt(), "@Eva bel even");
        assert_eq!(ActivityTexts { subject: "Vraag @Eva", body: "" }.excerpt(), "Vraag @Eva");
    }

    #[test]
    fn texts_without_new_mentions_ask_nobody() {
        // The host would be asked, and natively there is none.
        let stored = [StoredMention { id: "7".to_owned(), word: "bart".to_owned() }];
        let texts = ActivityTexts { subject: "Vraag", body: "Nog een keer @Bart, en mail x@y.nl" };
        assert_eq!(resolve_mentions(texts, &stored, "nl").unwrap(), stored);
        assert!(resolve_mentions(ActivityTexts { subject: "Vraag", body: "" }, &stored, "nl").unwrap().is_empty());
        let author = Person { id: "7".to_owned(), name: "Bart".to_owned() };
        notify_mentioned("a", texts, &stored, &[], &author).unwrap();
        let other = Person { id: "8".to_owned(), name: "Eva".to_owned() };
        notify_mentioned("a", texts, &stored, &stored, &other).unwrap();
    }
}
