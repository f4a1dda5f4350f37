//! The help centre: pages for people, without scripts.

mod around;
mod colours;
mod page;

use crate::audience::VisibleSpaces;
use crate::html::encode_query;
use crate::markdown::to_page;
use crate::model::{Article, Language, Section, Settings, Space};
use crate::nearest::{find_nearest, find_related};
use crate::parameters::{DEFAULT_PAGE_SIZE, MAX_DEPTH, SearchParameters};
use crate::routes::{ResolvedArticle, count_search, moved, require_article, resolve_article};
use crate::search::{Found, find_hits};
use crate::support::{Question, Sent, send_question};
use crate::text::parse_email;
use crate::voter::voter_key;
use crate::votes::store_vote;
use around::{push_breadcrumb, push_contents, push_nearest, push_related, section_anchor};
use cairn_plugin::prelude::*;
use cairn_plugin_pages::escape_html;
use page::Page;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Path of the first page.
const HOME: &str = "/api/kb/help";
/// Most articles that the first page lists, and most sections.
const MAX_LISTED: u32 = 500;

/// The first page, or what a search found.
///
/// # Errors
/// What the host says.
pub(crate) fn show_home(call: &Call, request: &Request) -> Result<Response> {
    let settings: Settings = settings()?;
    let language = page_language(request, request.query("locale"), &settings);
    // A person who changed the address by hand gets the first page, not a list of errors.
    let mut parameters = SearchParameters::from_request(request).unwrap_or_else(|_| SearchParameters {
        page: 1,
        page_size: DEFAULT_PAGE_SIZE,
        ..SearchParameters::default()
    });
    parameters.language = Some(language);
    let asked = request.query("asked").is_some();
    home_page(call, request, &settings, language, &parameters, &AskForm { asked, ..AskForm::default() }, 200)
}

/// An article.
///
/// # Errors
/// What the host says.
pub(crate) fn show_article(call: &Call, request: &Request) -> Result<Response> {
    let settings: Settings = settings()?;
    let language = page_language(request, request.query("locale"), &settings);
    let (article, space) = match resolve_article(call, request, &settings) {
        Ok(ResolvedArticle::Here(article, space)) => (article, space),
        Ok(ResolvedArticle::Renamed { slug, space, .. }) => {
            return Ok(moved(&article_address(&slug, &space, language)));
        }
        Err(Error::NotFound(_) | Error::Invalid(_)) => return Ok(not_found(language, &settings)),
        Err(error) => return Err(error),
    };
    let spaces = VisibleSpaces::load(call)?;
    let mut page = Page::new(language, &article.title, &settings);
    push_search_box(&mut page, "");
    let several = spaces.iter().nth(1).is_some();
    push_breadcrumb(&mut page, &article, spaces.by_key(&space).filter(|_| several).map(|space| &space.fields));
    let _ = write!(
        page.main,
        "<article lang=\"{}\"><h1>{}</h1>",
        article_language(&article, language),
        escape_html(&article.title)
    );
    let section = article.section.as_ref().map(|section| escape_html(&section.title));
    let _ = write!(
        page.main,
        "<p class=\"meta\">{}</p>",
        section.unwrap_or_else(|| page.text(&format!("kind.{}", article.kind)))
    );
    let (html, headings) = to_page(&article.body);
    push_contents(&mut page, &headings);
    page.main.push_str(&html);
    page.main.push_str("</article>");
    push_vote_form(&mut page, &article, &space, request.query("voted").is_some());
    // A busy index is no reason to withhold the article.
    match find_related(&article, language, &spaces) {
        Ok(related) => push_related(&mut page, &related),
        Err(Error::Unavailable(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(page.into_response(200))
}

/// Stores a vote and leads back to the article.
///
/// # Errors
/// What the host says.
pub(crate) fn vote(call: &Call, request: &Request) -> Result<Response> {
    let settings: Settings = settings()?;
    let form = parse_form(request);
    let language = page_language(request, request.query("locale"), &settings);
    let (article, space) = match require_article(call, request, &settings) {
        Ok(found) => found,
        Err(Error::NotFound(_) | Error::Invalid(_)) => return Ok(not_found(language, &settings)),
        Err(error) => return Err(error),
    };
    let helpful = match form.get("helpful").map(String::as_str) {
        Some("yes") => true,
        Some("no") => false,
        _ => return Err(Error::field("helpful", "invalid", "helpful must be yes or no")),
    };
    store_vote(&article.document_id, &voter_key(call, request, &article.document_id)?, helpful)?;
    Ok(redirect(&format!("{}&voted=1", article_address(&article.slug, &space, language))))
}

/// Sends a question to support and leads back to the first page; with what is wrong, where it cannot be sent.
///
/// # Errors
/// What the host says.
pub(crate) fn ask_support(call: &Call, request: &Request) -> Result<Response> {
    let settings: Settings = settings()?;
    let mut form = parse_form(request);
    let mut take = |name: &str| form.remove(name).unwrap_or_default();
    let (locale, query) = (take("locale"), take("query"));
    let question = Question { query: Some(query.clone()), email: take("email"), message: take("message") };
    let language = page_language(request, Some(&locale), &settings);
    let problems = match send_question(language.as_str(), &question, &settings) {
        Ok(Sent::Accepted) => return Ok(redirect(&format!("{}&asked=1", home_address(language)))),
        Ok(Sent::NoAddress) => vec![translate("refused.no-address", language.as_str(), None)],
        Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.message).collect(),
        Err(error) => return Err(error),
    };
    let parameters = SearchParameters {
        text: crate::text::clean_query(&query),
        language: Some(language),
        page: 1,
        page_size: DEFAULT_PAGE_SIZE,
        ..SearchParameters::default()
    };
    let ask = AskForm { asked: false, problems, email: question.email, message: question.message };
    home_page(call, request, &settings, language, &parameters, &ask, 400)
}

/// The form for questions: what was sent before, and what was wrong with it.
#[derive(Debug, Default)]
struct AskForm {
    /// True if a question was just sent.
    asked: bool,
    problems: Vec<String>,
    email: String,
    message: String,
}

fn home_page(
    call: &Call,
    request: &Request,
    settings: &Settings,
    language: Language,
    parameters: &SearchParameters,
    ask: &AskForm,
    status: u16,
) -> Result<Response> {
    let spaces = VisibleSpaces::load(call)?;
    let mut page = Page::new(language, &translate("help.title", language.as_str(), None), settings);
    if ask.asked {
        let _ = write!(page.main, "<p role=\"status\" class=\"notice\">{}</p>", page.text("help.asked"));
    }
    push_search_form(&mut page, parameters);
    let found = find_hits(parameters, &spaces, settings)?;
    if parameters.text.is_empty() {
        push_promoted(&mut page, &found);
        push_sections(&mut page, &spaces, parameters.space.as_deref(), settings)?;
    } else {
        // A form that comes back with errors is no new search.
        if ask.problems.is_empty() {
            count_search(call, request, parameters, &spaces, &found);
        }
        push_results(&mut page, parameters, &found);
        if found.total == 0 {
            push_ways_on(&mut page, parameters, &found, &spaces, settings)?;
        }
    }
    let has_address = parse_email(&settings.support_address).is_some();
    if !ask.problems.is_empty() || (has_address && !parameters.text.is_empty()) {
        push_ask_form(&mut page, &parameters.text, ask);
    }
    Ok(page.into_response(status))
}

fn push_search_form(page: &mut Page, parameters: &SearchParameters) {
    let _ = write!(page.main, "<h1>{}</h1>", page.text("help.title"));
    push_search_box(page, &parameters.text);
}

fn push_search_box(page: &mut Page, text: &str) {
    let (label, button) = (page.text("help.search"), page.text("help.search.button"));
    let _ = write!(
        page.main,
        "<form role=\"search\" method=\"get\" action=\"{HOME}\">\
         <label for=\"q\">{label}</label><div class=\"row\"><input type=\"search\" id=\"q\" name=\"q\" maxlength=\"256\" value=\"{value}\">\
         <input type=\"hidden\" name=\"locale\" value=\"{locale}\"><button>{button}</button></div></form>",
        value = escape_html(text),
        locale = page.language.as_str(),
    );
}

/// Adds words and articles near to a search in vain; the promoted articles where there are none.
fn push_ways_on(
    page: &mut Page,
    parameters: &SearchParameters,
    found: &Found,
    spaces: &VisibleSpaces,
    settings: &Settings,
) -> Result<()> {
    let nearest = find_nearest(parameters, found, spaces)?.unwrap_or_default();
    push_nearest(page, &nearest);
    if nearest.articles.is_empty() {
        let promoted = SearchParameters { text: String::new(), page: 1, ..parameters.clone() };
        push_promoted(page, &find_hits(&promoted, spaces, settings)?);
    }
    Ok(())
}

fn push_promoted(page: &mut Page, found: &Found) {
    if found.hits.is_empty() {
        return;
    }
    let _ = write!(
        page.main,
        "<section aria-labelledby=\"promoted\"><h2 id=\"promoted\">{}</h2>",
        page.text("help.promoted")
    );
    push_hits(page, found);
    page.main.push_str("</section>");
}

fn push_results(page: &mut Page, parameters: &SearchParameters, found: &Found) {
    let key = match found.total {
        0 => "help.nothing",
        _ => "help.results",
    };
    let arguments = json!({ "n": found.total, "query": parameters.text });
    let heading = escape_html(&translate(key, page.language.as_str(), Some(&arguments)));
    let _ = write!(page.main, "<section aria-labelledby=\"results\"><h2 id=\"results\">{heading}</h2>");
    if let Some(suggestion) = found.suggestion.as_deref().filter(|_| found.total == 0) {
        let address = search_address(suggestion, page.language, 1);
        let _ = write!(
            page.main,
            "<p>{} <a href=\"{}\">{}</a></p>",
            page.text("help.suggestion"),
            escape_html(&address),
            escape_html(suggestion)
        );
    }
    push_hits(page, found);
    let last_page = found.total.min(u64::from(MAX_DEPTH)).div_ceil(u64::from(parameters.page_size));
    let mut links = String::new();
    for (target, key, fits) in [
        (parameters.page.saturating_sub(1), "help.previous", parameters.page > 1),
        (parameters.page + 1, "help.next", u64::from(parameters.page) < last_page),
    ] {
        if fits {
            let address = search_address(&parameters.text, page.language, target);
            let _ = write!(links, "<a href=\"{}\">{}</a> ", escape_html(&address), page.text(key));
        }
    }
    if !links.is_empty() {
        let _ = write!(page.main, "<nav class=\"pages\" aria-label=\"{}\">{links}</nav>", page.text("help.pages"));
    }
    page.main.push_str("</section>");
}

fn push_hits(page: &mut Page, found: &Found) {
    if found.hits.is_empty() {
        return;
    }
    page.main.push_str("<ul class=\"hits\">");
    for hit in &found.hits {
        let address = article_address(&hit.slug, &hit.space, page.language);
        let title = hit.highlights.get("title").cloned().unwrap_or_else(|| escape_html(&hit.title));
        // Titles and snippets are HTML already, with nothing in it but `mark`.
        let _ = write!(
            page.main,
            "<li><h3><a href=\"{}\">{title}</a></h3><p>{}</p></li>",
            escape_html(&address),
            hit.snippet
        );
    }
    page.main.push_str("</ul>");
}

/// The sections of the space that is shown, with their articles; articles of no section come last.
fn push_sections(page: &mut Page, spaces: &VisibleSpaces, key: Option<&str>, settings: &Settings) -> Result<()> {
    let Some(space) = spaces.by_key(key.unwrap_or(&settings.default_space)).or_else(|| spaces.iter().next()) else {
        let _ = write!(page.main, "<p>{}</p>", page.text("help.empty"));
        return Ok(());
    };
    push_spaces(page, spaces, space);
    let in_space = json!({ "space": { "documentId": space.document_id } });
    let sections = data::find::<Section>()
        .fields(&["title"])
        .filter(in_space.clone())
        .sort("order:asc")
        .sort("title:asc")
        .all(MAX_LISTED)?;
    let of_caller = spaces.groups().article_filter();
    let articles = data::find::<Article>()
        .fields(&["title", "slug"])
        .filter(of_caller.map_or_else(|| in_space.clone(), |own| json!({ "$and": [in_space, own] })))
        .filter(json!({ "language": page.language }))
        .populate(json!({ "section": { "fields": ["title"] } }))
        .sort("title:asc")
        .all(MAX_LISTED)?;
    let mut by_section: BTreeMap<&str, Vec<&Row<Article>>> = BTreeMap::new();
    for article in &articles {
        let section = article.section.as_ref().map(|section| section.document_id.as_str());
        // A section of another space is no heading here.
        let section = section.filter(|id| sections.iter().any(|section| section.document_id == **id));
        by_section.entry(section.unwrap_or_default()).or_default().push(article);
    }
    let known = sections.iter().map(|section| (section.document_id.as_str(), escape_html(&section.title)));
    let rest = [("", page.text("help.other"))];
    for (id, heading) in known.chain(rest) {
        let Some(articles) = by_section.get(id) else { continue };
        let _ = write!(page.main, "<section><h2 id=\"{}\">{heading}</h2><ul>", section_anchor(id));
        for article in articles {
            let address = article_address(&article.slug, &space.key, page.language);
            let _ =
                write!(page.main, "<li><a href=\"{}\">{}</a></li>", escape_html(&address), escape_html(&article.title));
        }
        page.main.push_str("</ul></section>");
    }
    if articles.is_empty() {
        let _ = write!(page.main, "<p>{}</p>", page.text("help.empty"));
    }
    Ok(())
}

/// Links to the spaces, where there are several.
fn push_spaces(page: &mut Page, spaces: &VisibleSpaces, current: &Row<Space>) {
    if spaces.iter().nth(1).is_none() {
        return;
    }
    let _ = write!(page.main, "<nav aria-label=\"{}\"><ul class=\"spaces\">", page.text("help.spaces"));
    for space in spaces.iter() {
        let mark = if space.document_id == current.document_id { " aria-current=\"page\"" } else { "" };
        let address = format!("{}&space={}", home_address(page.language), encode_query(&space.key));
        let _ =
            write!(page.main, "<li><a href=\"{}\"{mark}>{}</a></li>", escape_html(&address), escape_html(&space.title));
    }
    page.main.push_str("</ul></nav>");
}

fn push_vote_form(page: &mut Page, article: &Article, space: &str, voted: bool) {
    let action = format!(
        "{HOME}/{}/vote?locale={}&space={}",
        encode_query(&article.slug),
        page.language.as_str(),
        encode_query(space)
    );
    let _ = write!(page.main, "<form method=\"post\" action=\"{}\" class=\"vote\">", escape_html(&action));
    if voted {
        let _ = write!(page.main, "<p role=\"status\" class=\"notice\">{}</p>", page.text("help.voted"));
    }
    let _ = write!(
        page.main,
        "<fieldset><legend>{}</legend><button name=\"helpful\" value=\"yes\">{}</button> <button name=\"helpful\" value=\"no\">{}</button></fieldset></form>",
        page.text("help.helpful"),
        page.text("help.yes"),
        page.text("help.no"),
    );
}

fn push_ask_form(page: &mut Page, query: &str, ask: &AskForm) {
    let _ = write!(page.main, "<section aria-labelledby=\"ask\"><h2 id=\"ask\">{}</h2>", page.text("help.ask"));
    if !ask.problems.is_empty() {
        page.main.push_str("<ul role=\"alert\" class=\"problems\">");
        for problem in &ask.problems {
            let _ = write!(page.main, "<li>{}</li>", escape_html(problem));
        }
        page.main.push_str("</ul>");
    }
    let _ = write!(
        page.main,
        "<form method=\"post\" action=\"/api/kb/help-ask\"><input type=\"hidden\" name=\"locale\" value=\"{locale}\">\
         <input type=\"hidden\" name=\"query\" value=\"{query}\"><label for=\"email\">{email_label}</label>\
         <input type=\"email\" id=\"email\" name=\"email\" required maxlength=\"254\" autocomplete=\"email\" value=\"{email}\">\
         <label for=\"message\">{message_label}</label><textarea id=\"message\" name=\"message\" required maxlength=\"5000\" rows=\"5\">{message}</textarea>\
         <button>{button}</button></form></section>",
        locale = page.language.as_str(),
        query = escape_html(query),
        email_label = page.text("help.email"),
        email = escape_html(&ask.email),
        message_label = page.text("help.message"),
        message = escape_html(&ask.message),
        button = page.text("help.send"),
    );
}

fn not_found(language: Language, settings: &Settings) -> Response {
    let mut page = Page::new(language, &translate("help.missing", language.as_str(), None), settings);
    let _ = write!(
        page.main,
        "<h1>{}</h1><p><a href=\"{}\">{}</a></p>",
        page.text("help.missing"),
        escape_html(&home_address(language)),
        page.text("help.title")
    );
    page.into_response(404)
}

fn redirect(address: &str) -> Response {
    Response::empty(303).header("location", address).header("cache-control", "no-store")
}

fn home_address(language: Language) -> String {
    format!("{HOME}?locale={}", language.as_str())
}

fn search_address(text: &str, language: Language, page: u32) -> String {
    format!("{}&q={}&page={page}", home_address(language), encode_query(text))
}

fn article_address(slug: &str, space: &str, language: Language) -> String {
    format!("{HOME}/{}?locale={}&space={}", encode_query(slug), language.as_str(), encode_query(space))
}

fn article_language(article: &Article, page: Language) -> &'static str {
    article.language.unwrap_or(page).as_str()
}

/// The language of a page: that of the address, of the browser, or the default.
fn page_language(request: &Request, locale: Option<&str>, settings: &Settings) -> Language {
    let of_browser = || accepted_language(request.header("accept-language")?);
    locale.and_then(Language::parse).or_else(of_browser).unwrap_or(settings.default_language)
}

/// The language that a browser prefers, of those there are. Without its weights: browsers list the preferred one first.
fn accepted_language(header: &str) -> Option<Language> {
    header.split(',').find_map(|entry| Language::parse(entry.split(';').next()?.trim()))
}

/// The fields of a form; of several of a name the first counts.
fn parse_form(request: &Request) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(request.bytes()).into_owned().take(20) {
        fields.entry(name).or_insert(value);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_says_which_language_it_prefers() {
        for (header, language) in [
            ("nl-NL,nl;q=0.9,en;q=0.8", Some(Language::Nl)),
            ("de, en-GB;q=0.7, nl;q=0.3", Some(Language::En)),
            ("fr", None),
            ("", None),
            (";;,,", None),
        ] {
            assert_eq!(accepted_language(header), language, "{header}");
        }
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(search_address("a&b \"c", Language::Nl, 2), "/api/kb/help?locale=nl&q=a%26b%20%22c&page=2");
        assert_eq!(article_address("a-b", "help", Language::En), "/api/kb/help/a-b?locale=en&space=help");
    }
}
