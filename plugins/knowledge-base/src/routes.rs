//! The routes: those for programs, in JSON. Pages for people are in [`help`].

use crate::articles::{ArticleAddress, find_article};
use crate::audience::{AccessLevel, VisibleSpaces};
use crate::former_slugs::find_renamed;
use crate::markdown::to_html;
use crate::model::{Article, Language, Settings};
use crate::nearest::find_nearest;
use crate::parameters::{SearchParameters, parse_slug, parse_space};
use crate::queries::count_query;
use crate::search::{Found, find_hits, find_suggestions};
use crate::support::{Question, Sent, send_question};
use crate::voter::voter_key;
use crate::votes::{count_votes, store_vote};
use crate::{KnowledgeBase, help};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

impl Routes for KnowledgeBase {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "search" | "staff-search" => search_articles(call, request),
            "suggest" => suggest_articles(call, request),
            "read" => read_article(call, request),
            "vote" => vote(call, request),
            "ask-support" => ask_support(call, request),
            "help" => help::show_home(call, request),
            "help-article" => help::show_article(call, request),
            "help-vote" => help::vote(call, request),
            "help-ask" => help::ask_support(call, request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

fn search_articles(call: &Call, request: &Request) -> Result<Response> {
    let parameters = SearchParameters::from_request(request)?;
    let (settings, spaces) = (settings::<Settings>()?, VisibleSpaces::load(call)?);
    let found = find_hits(&parameters, &spaces, &settings)?;
    count_search(call, request, &parameters, &spaces, &found);
    let nearest = find_nearest(&parameters, &found, &spaces)?;
    let page_count = found.total.div_ceil(u64::from(parameters.page_size));
    let answer = json!({
        "data": found.hits,
        "meta": {
            "pagination": { "page": parameters.page, "pageSize": parameters.page_size, "pageCount": page_count, "total": found.total },
            "query": parameters.text,
            "locale": found.language,
            "suggestion": found.suggestion,
            "nearest": nearest,
        },
    });
    answer_json(200, &answer)
}

/// Counts a search as what a visitor wants to know: its first page, of everything that they may see. Staff try things out and find more than
/// visitors do: their searches say nothing about what is missing.
pub(crate) fn count_search(
    call: &Call,
    request: &Request,
    parameters: &SearchParameters,
    spaces: &VisibleSpaces,
    found: &Found,
) {
    let narrowed = parameters.kind.is_some() || parameters.tag.is_some() || parameters.phase.is_some();
    let known_space = parameters.space.as_deref().is_none_or(|key| spaces.by_key(key).is_some());
    let by_visitor = AccessLevel::of(call) != AccessLevel::Staff;
    if by_visitor && parameters.page == 1 && !narrowed && known_space {
        count_query(call, request, &parameters.text, found.language, found.total);
    }
}

fn suggest_articles(call: &Call, request: &Request) -> Result<Response> {
    let parameters = SearchParameters::from_request(request)?;
    let (settings, spaces) = (settings::<Settings>()?, VisibleSpaces::load(call)?);
    answer_json(200, &json!({ "data": find_suggestions(&parameters, &spaces, &settings)? }))
}

/// The published article that a request names, with the key of its space. One that the caller may not see does not exist.
///
/// # Errors
/// `NotFound`; `Invalid` for a slug or a space that cannot exist; what the host says.
pub(crate) fn require_article(call: &Call, request: &Request, settings: &Settings) -> Result<(Row<Article>, String)> {
    match resolve_article(call, request, settings)? {
        ResolvedArticle::Here(article, space) => Ok((*article, space)),
        ResolvedArticle::Renamed { .. } => Err(Error::NotFound(String::new())),
    }
}

/// Where the article is that a request names.
pub(crate) enum ResolvedArticle {
    /// There, in the space with this key.
    Here(Box<Row<Article>>, String),
    /// At another slug, which it has by now.
    Renamed {
        /// Its slug.
        slug: String,
        /// The key of its space.
        space: String,
        /// Its language.
        language: Language,
    },
}

/// The published article that a request names by the slug that it has, or had before.
///
/// # Errors
/// As [`require_article`].
pub(crate) fn resolve_article(call: &Call, request: &Request, settings: &Settings) -> Result<ResolvedArticle> {
    let slug = parse_slug(request.parameter("slug"))?;
    let space = parse_space(request.query("space"))?;
    let language = request.query("locale").and_then(Language::parse);
    let spaces = VisibleSpaces::load(call)?;
    let missing = || Error::NotFound(String::new());
    let key = |article: &Article| {
        let space = article.space.as_ref().and_then(|space| spaces.by_id(&space.document_id));
        space.map(|space| space.key.clone()).ok_or_else(missing)
    };
    let wanted = ArticleAddress { slug, space: space.as_deref(), language };
    if let Some(article) = find_article(&wanted, &spaces, settings)? {
        let key = key(&article)?;
        return Ok(ResolvedArticle::Here(Box::new(article), key));
    }
    let article = find_renamed(&wanted, &spaces, settings)?.ok_or_else(missing)?;
    let language = article.language.unwrap_or(settings.default_language);
    Ok(ResolvedArticle::Renamed { slug: article.slug.clone(), space: key(&article)?, language })
}

fn read_article(call: &Call, request: &Request) -> Result<Response> {
    let (article, space) = match resolve_article(call, request, &settings()?)? {
        ResolvedArticle::Here(article, space) => (article, space),
        ResolvedArticle::Renamed { slug, space, language } => {
            let address = format!("/api/kb/read/{slug}?space={space}&locale={}", language.as_str());
            return Ok(moved(&address));
        }
    };
    let article_json = json!({
        "documentId": article.document_id,
        "title": article.title,
        "slug": article.slug,
        "space": space,
        "section": article.section.as_ref().map(|section| &section.title),
        "kind": article.kind,
        "locale": article.language,
        "excerpt": article.summary(),
        "body": article.body,
        "html": to_html(&article.body),
        "tags": crate::text::split_list(&article.tags).collect::<Vec<_>>(),
        "phases": crate::text::split_list(&article.phases).collect::<Vec<_>>(),
        "promoted": article.promoted,
        "updatedAt": article.updated_at,
        "publishedAt": article.published_at,
        "votes": count_votes(&article.document_id)?,
    });
    answer_json(200, &json!({ "data": article_json }))
}

fn vote(call: &Call, request: &Request) -> Result<Response> {
    #[derive(Deserialize)]
    struct Vote {
        helpful: bool,
    }
    let (article, _) = require_article(call, request, &settings()?)?;
    let Vote { helpful } = request.json()?;
    store_vote(&article.document_id, &voter_key(call, request, &article.document_id)?, helpful)?;
    answer_json(200, &json!({ "data": { "helpful": helpful, "votes": count_votes(&article.document_id)? } }))
}

fn ask_support(call: &Call, request: &Request) -> Result<Response> {
    match send_question(&call.locale, &request.json::<Question>()?, &settings()?)? {
        Sent::Accepted => answer_json(202, &json!({ "data": { "state": "accepted" } })),
        Sent::NoAddress => {
            let message = translate("refused.no-address", &call.locale, None);
            let error = json!({ "status": 503, "name": "SupportUnavailableError", "message": message, "details": {} });
            answer_json(503, &json!({ "data": null, "error": error }))
        }
    }
}

/// Leads to the address that an article has by now. Not kept by caches: who may see it can change, and so can the slug.
pub(crate) fn moved(address: &str) -> Response {
    Response::empty(301).header("location", address).header("cache-control", "private, no-store")
}

/// An answer that depends on who asks: no cache on the way may keep it.
fn answer_json(status: u16, body: &Value) -> Result<Response> {
    Ok(Response::json(status, body)?.header("cache-control", "private, no-store"))
}
