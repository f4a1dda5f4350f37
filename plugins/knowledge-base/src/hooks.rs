//! Decisions before an article, a space or a synonym group is stored, and the changes of the index that belong to them.

use crate::former_slugs::keep_former_slug;
use crate::free_slugs::SlugPlace;
use crate::groups::{group_keys, parse_groups};
use crate::index::{INDEX, article_entry};
use crate::jobs::enqueue_synonyms;
use crate::model::{Article, Language, Reference, Settings, Space};
use crate::synonyms::parse_terms;
use crate::text::normalize_query;
use crate::{KnowledgeBase, slug};
use cairn_plugin::prelude::*;
use cairn_plugin::search;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

impl Hooks for KnowledgeBase {
    /// `space-fields`: the key is one that addresses can have.
    fn prepare(call: &Call, _hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        changes.iter().map(|change| check_space(call, change)).collect()
    }

    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        match hook {
            "article-fields" => {
                let settings: Settings = cairn_plugin::settings()?;
                let mut given = BTreeSet::new();
                let mut decide = |change| {
                    let decision = fill_article(call, change, &settings)?;
                    settle_slug(call, change, decision, &mut given)
                };
                changes.iter().map(&mut decide).collect()
            }
            "index" => {
                let settings: Settings = cairn_plugin::settings()?;
                changes.iter().map(|change| update_index(change, &settings)).collect()
            }
            "pin-fields" => changes.iter().map(|change| check_pin(call, change)).collect(),
            "synonyms" => changes.iter().map(|change| check_synonyms(call, change)).collect(),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

fn check_space(call: &Call, change: &Change) -> Result<Decision> {
    #[derive(Deserialize)]
    struct Fields {
        key: Option<String>,
    }
    let fields: Option<Fields> = change.after()?;
    let key = fields.and_then(|fields| fields.key).unwrap_or_default();
    Ok(match slug::is_slug(&key) {
        true => Decision::Allow,
        false => refuse(call, "key", "space-key"),
    })
}

/// The fields of an article that have a value where the editor gave none, and its groups.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArticleFields {
    title: Option<String>,
    slug: Option<String>,
    language: Option<Language>,
    space: Option<Reference>,
    #[serde(default)]
    groups: Option<String>,
    #[serde(default)]
    group_keys: Option<String>,
}

fn fill_article(call: &Call, change: &Change, settings: &Settings) -> Result<Decision> {
    let Some(fields) = change.after::<ArticleFields>()? else { return Ok(Decision::Allow) };
    let mut filled = Map::new();
    match fields.slug.as_deref().map(str::trim).unwrap_or_default() {
        "" => match slug::from_title(fields.title.as_deref().unwrap_or_default()) {
            // An unfinished draft may have no title yet.
            made if made.is_empty() => {}
            made => drop(filled.insert("slug".to_owned(), Value::String(made))),
        },
        given if !slug::is_slug(given) => return Ok(refuse(call, "slug", "slug")),
        given if fields.slug.as_deref() != Some(given) => {
            filled.insert("slug".to_owned(), given.into());
        }
        _ => {}
    }
    let mut language = fields.language;
    // Of new articles only: one whose space was deleted or taken away stays out of sight, and does not become public by another edit.
    if fields.space.is_none() && change.action == Action::Create {
        let found = data::find::<Space>().filter(json!({ "key": settings.default_space })).first()?;
        if let Some(space) = found {
            language = language.or(Some(space.default_language));
            filled.insert("space".to_owned(), Value::String(space.document_id));
        }
    }
    if fields.language.is_none() {
        let language = match (language, &fields.space) {
            (None, Some(space)) => data::get::<Space>(&space.document_id)?.map(|space| space.default_language),
            (language, _) => language,
        };
        filled.insert("language".to_owned(), json!(language.unwrap_or(settings.default_language)));
    }
    let groups = match parse_groups(fields.groups.as_deref().unwrap_or_default()) {
        Ok(groups) => groups,
        Err(problem) => return Ok(refuse(call, "groups", problem.code())),
    };
    let (names, keys) = (groups.join(", "), group_keys(&groups));
    for (field, stored, text) in [("groups", &fields.groups, names), ("groupKeys", &fields.group_keys, keys)] {
        if stored.as_deref().unwrap_or_default() != text {
            filled.insert(field.to_owned(), if text.is_empty() { Value::Null } else { text.into() });
        }
    }
    if filled.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&filled) }
}

/// Makes a slug that was made of the title a free one, and refuses one that somebody typed and another article has. `given`: the slugs that
/// articles of the same call got.
fn settle_slug(call: &Call, change: &Change, decision: Decision, given: &mut BTreeSet<String>) -> Result<Decision> {
    let mut patch: Map<String, Value> = match &decision {
        Decision::Allow => Map::new(),
        Decision::Amend(patch) => serde_json::from_str(patch)?,
        _ => return Ok(decision),
    };
    let Some(fields) = change.after::<ArticleFields>()? else { return Ok(decision) };
    let patched = |name: &str| patch.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_made = fields.slug.as_deref().is_none_or(|slug| slug.trim().is_empty());
    let slug = patched("slug").or(fields.slug).unwrap_or_default();
    let space = patched("space").or(fields.space.map(|space| space.document_id));
    let language = patched("language").and_then(|code| Language::parse(&code)).or(fields.language);
    let (Some(space), Some(language), false) = (&space, language, slug.is_empty()) else { return Ok(decision) };
    let is_other = is_made
        || change.action == Action::Create
        || ["slug", "space", "language"].iter().any(|name| change.touches(name) || patch.contains_key(*name));
    if !is_other {
        return Ok(decision);
    }
    let place = SlugPlace { space, language, article: &change.document_id };
    if !is_made {
        return if place.is_taken(&slug)? { Ok(refuse(call, "slug", "slug-taken")) } else { Ok(decision) };
    }
    let Some(free) = place.find_free(&slug, given)? else { return Ok(refuse(call, "slug", "slug-taken")) };
    given.insert(free.clone());
    if free == slug {
        return Ok(decision);
    }
    patch.insert("slug".to_owned(), Value::String(free));
    Decision::amend(&patch)
}

/// Puts what is published into the index, and removes what is not published any more, in the transaction of the change.
fn update_index(change: &Change, settings: &Settings) -> Result<Decision> {
    let id = change.document_id.as_str();
    let entry = match (change.action, change.after::<Article>()?) {
        (Action::Publish, Some(article)) => {
            keep_former_slug(id, &article)?;
            article_entry(id, &article, settings, time::now())?
        }
        _ => None,
    };
    match entry {
        Some(entry) => search::put(INDEX, [entry])?,
        None => search::remove(INDEX, [id])?,
    }
    Ok(Decision::Allow)
}

/// Stores the text of a pin as searches are counted, so that it is found by them.
fn check_pin(call: &Call, change: &Change) -> Result<Decision> {
    #[derive(Deserialize)]
    struct Fields {
        query: Option<String>,
    }
    let fields: Option<Fields> = change.after()?;
    let given = fields.and_then(|fields| fields.query).unwrap_or_default();
    let query = normalize_query(&given);
    if query.is_empty() {
        return Ok(refuse(call, "query", "pin-query"));
    }
    if query == given { Ok(Decision::Allow) } else { Decision::amend(&json!({ "query": query })) }
}

fn check_synonyms(call: &Call, change: &Change) -> Result<Decision> {
    #[derive(Deserialize)]
    struct Fields {
        language: Option<Language>,
        terms: Option<String>,
    }
    let before: Option<Fields> = change.before()?;
    let after: Option<Fields> = if change.action == Action::Delete { None } else { change.after()? };
    if let Some(problem) =
        after.as_ref().and_then(|after| parse_terms(after.terms.as_deref().unwrap_or_default()).err())
    {
        return Ok(refuse(call, "terms", problem.code()));
    }
    let mut languages: Vec<Language> =
        [before, after].into_iter().flatten().filter_map(|fields| fields.language).collect();
    languages.sort_unstable();
    languages.dedup();
    enqueue_synonyms(&languages)?;
    Ok(Decision::Allow)
}

fn refuse(call: &Call, field: &str, code: &str) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(after: &str) -> Change {
        Change {
            action: Action::Update,
            content_type: "plugin::kb.article".into(),
            document_id: "a".into(),
            locale: None,
            before: None,
            after: Some(after.into()),
            changed: Vec::new(),
            origin: "rest".into(),
        }
    }

    fn settings() -> Settings {
        serde_json::from_value(
            json!({ "supportAddress": "", "siteName": "", "defaultSpace": "help", "defaultLanguage": "nl" }),
        )
        .unwrap()
    }

    fn call() -> Call {
        Call {
            id: "c".into(),
            idempotency_key: "k".into(),
            actor: cairn_plugin::Actor::Anonymous,
            locale: "en".into(),
            attempt: 1,
            deadline: 0,
        }
    }

    #[test]
    fn the_text_of_a_pin_is_stored_as_searches_are_counted() {
        let pin = |query: &str| check_pin(&call(), &change(&json!({ "query": query }).to_string())).unwrap();
        assert_eq!(pin("Technologieën?"), Decision::Amend(r#"{"query":"technologieen"}"#.into()));
        assert_eq!(pin("technologieen"), Decision::Allow);
    }

    #[test]
    fn an_article_without_a_slug_gets_one_of_its_title() {
        let whole = r#"{"title":"Één vraag?","slug":null,"language":"nl","space":{"documentId":"s"}}"#;
        assert_eq!(
            fill_article(&call(), &change(whole), &settings()).unwrap(),
            Decision::Amend(r#"{"slug":"een-vraag"}"#.into())
        );
        let kept = r#"{"title":"T","slug":"mine","language":"en","space":{"documentId":"s"}}"#;
        assert_eq!(fill_article(&call(), &change(kept), &settings()).unwrap(), Decision::Allow);
        let draft = r#"{"title":null,"slug":"","language":"en","space":{"documentId":"s"}}"#;
        assert_eq!(fill_article(&call(), &change(draft), &settings()).unwrap(), Decision::Allow);
        let grouped =
            r#"{"title":"T","slug":"mine","language":"en","space":{"documentId":"s"},"groups":"a:b ,c:d,a:b"}"#;
        assert_eq!(
            fill_article(&call(), &change(grouped), &settings()).unwrap(),
            Decision::Amend(r#"{"groupKeys":"|a:b|c:d|","groups":"a:b, c:d"}"#.into())
        );
        let opened = r#"{"title":"T","slug":"mine","language":"en","space":{"documentId":"s"},"groups":null,"groupKeys":"|a:b|"}"#;
        assert_eq!(
            fill_article(&call(), &change(opened), &settings()).unwrap(),
            Decision::Amend(r#"{"groupKeys":null}"#.into())
        );
        let blank = r#"{"title":"T","slug":" mine ","language":"en","space":{"documentId":"s"}}"#;
        assert_eq!(
            fill_article(&call(), &change(blank), &settings()).unwrap(),
            Decision::Amend(r#"{"slug":"mine"}"#.into())
        );
    }
}
