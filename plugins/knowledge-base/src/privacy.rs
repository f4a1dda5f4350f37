//! One person's data: their votes, which are known by a key that only follows from their account and the article. Questions to support are
//! mails and no documents; searches are counted without who searched.

use crate::KnowledgeBase;
use crate::model::{Article, Feedback};
use crate::voter::lasting_keys;
use cairn_plugin::data::{Batch, Link};
use cairn_plugin::prelude::*;
use cairn_plugin::{DocumentRef, ErasureStep, Person, PersonalRecord, Privacy, ReportPage};
use serde::Deserialize;
use serde_json::json;

/// Articles whose votes are looked for at a time: their keys are one filter.
const ARTICLES_PER_PAGE: u32 = 100;

/// A vote with its article.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vote {
    helpful: bool,
    created_at: String,
    #[serde(default)]
    article: Option<Link>,
}

impl Document for Vote {
    const TYPE: &'static str = Feedback::TYPE;
}

/// Votes of a person, with the titles of their articles, and the cursor of the articles after these.
struct VotePage {
    votes: Vec<(Row<Vote>, String)>,
    next: Option<String>,
}

impl Privacy for KnowledgeBase {
    type Cursor = String;

    fn report(_call: &Call, person: &Person, cursor: Option<String>) -> Result<ReportPage> {
        let page = list_votes(person, cursor)?;
        let to_record = |(vote, title): &(Row<Vote>, String)| {
            let data = json!({ "article": title, "helpful": vote.helpful, "createdAt": vote.created_at });
            PersonalRecord::new("t:person.vote", title.as_str(), &data)
        };
        let records = page.votes.iter().map(to_record).collect::<Result<_>>()?;
        ReportPage::new(records, page.next.as_ref())
    }

    fn erase(_call: &Call, person: &Person, cursor: Option<String>) -> Result<ErasureStep> {
        let page = list_votes(person, cursor)?;
        let ids: Vec<&str> = page.votes.iter().map(|(vote, _)| vote.document_id.as_str()).collect();
        ids.iter().fold(Batch::new(), |batch, id| batch.delete::<Feedback>(id)).write()?;
        let reference = |id: &&str| DocumentRef {
            content_type: Feedback::TYPE.to_owned(),
            document_id: (*id).to_owned(),
            locale: None,
        };
        ErasureStep::new(ids.iter().map(reference).collect(), Vec::new(), page.next.as_ref())
    }
}

fn list_votes(person: &Person, cursor: Option<String>) -> Result<VotePage> {
    let voters = voters_of(person);
    if voters.is_empty() {
        return Ok(VotePage { votes: Vec::new(), next: None });
    }
    let articles = data::find::<Article>().drafts().fields(&["title"]).after(cursor, ARTICLES_PER_PAGE)?;
    let ids: Vec<&str> = articles.rows.iter().map(|article| article.document_id.as_str()).collect();
    let keys = lasting_keys(&voters, &ids)?;
    let votes = if keys.is_empty() {
        Vec::new()
    } else {
        let populate = json!({ "article": { "fields": ["title"] } });
        let limit = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        data::find::<Vote>().filter(json!({ "voter": { "$in": keys } })).populate(populate).all(limit)?
    };
    let title_of = |vote: &Row<Vote>| {
        let id = vote.article.as_ref().map_or("", |article| article.document_id.as_str());
        articles
            .rows
            .iter()
            .find(|article| article.document_id == id)
            .map_or("", |article| article.title.as_str())
            .to_owned()
    };
    let votes = votes.into_iter().map(|vote| (title_of(&vote), vote)).map(|(title, vote)| (vote, title)).collect();
    Ok(VotePage { votes, next: articles.next })
}

/// The person as votes know them: by their accounts.
fn voters_of(person: &Person) -> Vec<String> {
    let user = person.user.iter().map(|id| format!("user:{id}"));
    user.chain(person.admin.iter().map(|id| format!("admin:{id}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_without_an_account_have_no_votes_that_are_known() {
        let mut person = Person { email: "ann@example.com".into(), user: None, admin: None };
        assert_eq!(voters_of(&person), [""; 0]);
        (person.user, person.admin) = (Some("u".into()), Some("3".into()));
        assert_eq!(voters_of(&person), ["user:u", "admin:3"]);
    }
}
