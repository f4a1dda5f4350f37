//! From a request to its answer.

use crate::collect::{Counted, SortKey, Sorted};
use crate::definition::{FieldKind, Layout};
use crate::entry::{is_locale, is_term};
use crate::error::{Result, SearchError};
use crate::filter::{self, Condition, shown, unscored};
use crate::index::{Index, Kept};
use crate::request::{Facet, FacetRequest, Hit, Request, Results};
use crate::statistics::Visible;
use crate::suggest::suggestion;
use crate::synonyms::Synonyms;
use crate::text::Text;
use crate::{MAX_AUDIENCE, MAX_FACET_VALUES, MAX_FACETS, MAX_LIMIT, MAX_SORT, MAX_WINDOW, highlight};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, Query, TermSetQuery};
use tantivy::{DocAddress, Searcher, Term};

impl Index {
    /// Answers a request, of the entries that its audience may find. Takes time that grows with the index, and blocks.
    ///
    /// # Errors
    /// [`SearchError::Invalid`] where it asks for what there is not, or too much; the engine's.
    pub fn search(&self, request: &Request, synonyms: &Synonyms) -> Result<Results> {
        let asked = Asked::of(self, request, synonyms)?;
        let searcher = self.searcher();
        let visible = Visible::of(&searcher, self.layout(), asked.may.box_clone())?;
        if visible.total() == 0 {
            let none = |facet: &FacetRequest| Facet { field: facet.field.clone(), values: Vec::new() };
            return Ok(Results { facets: request.facets.iter().map(none).collect(), ..Results::default() });
        }
        let query = asked.query(&asked.conditions);
        let total = searcher.search(&query, &Count)? as u64;
        let found = self.found(&asked, request, &searcher, &visible, &query)?;
        let hits = found.into_iter().map(|(score, at)| self.hit(&asked, request, score, self.kept(&searcher, at)?));
        let suggestion = match &asked.text {
            Some(text) => suggestion(self, text, &visible, &*asked.may)?,
            None => None,
        };
        Ok(Results {
            hits: hits.collect::<Result<_>>()?,
            facets: request.facets.iter().map(|facet| asked.counted(facet, &searcher)).collect::<Result<_>>()?,
            total,
            suggestion,
        })
    }

    /// Where the hits are, in order, with their scores.
    fn found(
        &self,
        asked: &Asked,
        request: &Request,
        searcher: &Searcher,
        visible: &Visible<'_>,
        query: &dyn Query,
    ) -> Result<Vec<(f32, DocAddress)>> {
        let (start, limit) = (request.start as usize, request.limit as usize);
        if limit == 0 {
            return Ok(Vec::new());
        }
        if asked.sort.is_empty() {
            let best = TopDocs::with_limit(limit).and_offset(start).order_by_score();
            return Ok(searcher.search_with_statistics_provider(query, &best, visible)?);
        }
        let sorted = Sorted { keys: asked.sort.clone(), keep: start + limit };
        let found = searcher.search(query, &sorted)?;
        Ok(found.into_iter().skip(start).map(|at| (0.0, at)).collect())
    }

    fn hit(&self, asked: &Asked, request: &Request, score: f32, kept: Kept) -> Result<Hit> {
        let mut highlights = Vec::new();
        if let Some(text) = asked.text.as_ref().filter(|_| !request.highlight.is_empty()) {
            let mut matcher = text.matcher();
            for field in &request.highlight {
                let words = self.layout().words_of(self.definition(), field);
                let value = &kept.document[field.as_str()];
                let fragment = highlight::fragment(value, &mut matcher, words, kept.locale.as_deref());
                highlights.extend(fragment.map(|fragment| (field.clone(), fragment)));
            }
        }
        let mut document = kept.document;
        if let Some(fields) = document.as_object_mut().filter(|_| !request.fields.is_empty()) {
            fields.retain(|name, _| request.fields.contains(name));
        }
        Ok(Hit { id: kept.id, score: f64::from(score), document, highlights })
    }
}

/// A request that makes sense.
struct Asked {
    text: Option<Text>,
    /// What the text finds.
    found: Box<dyn Query>,
    /// What may be found at all.
    may: Box<dyn Query>,
    conditions: Vec<Condition>,
    sort: Vec<SortKey>,
}

impl Asked {
    fn of(index: &Index, request: &Request, synonyms: &Synonyms) -> Result<Self> {
        let (definition, layout) = (index.definition(), index.layout());
        if request.limit > MAX_LIMIT {
            let message = format!("{} hits requested; at most {MAX_LIMIT} are returned at a time", request.limit);
            return Err(SearchError::invalid("limit", "too-many", message));
        }
        if request.start.saturating_add(request.limit) > MAX_WINDOW {
            let message = format!("only the first {MAX_WINDOW} hits can be requested; narrow the search with filters");
            return Err(SearchError::invalid("start", "too-far", message));
        }
        if request.locale.as_deref().is_some_and(|locale| !is_locale(locale)) {
            return Err(SearchError::invalid(
                "locale",
                "locale",
                "a locale must be a code such as \"nl\" or \"en-GB\"",
            ));
        }
        let field = |name: &str, path: String, fits: &dyn Fn(FieldKind) -> bool, what: &str| match definition.kind(name)
        {
            Some(kind) if fits(kind) => Ok(kind),
            found => {
                let is =
                    found.map_or("not a field of the index".to_owned(), |kind| format!("a `{}` field", kind.as_str()));
                let known = definition.names(fits);
                let message = format!("{} is {is}; {what}: {known}", shown(name));
                Err(SearchError::invalid(path, if found.is_some() { "kind" } else { "unknown" }, message))
            }
        };
        let many = |n: usize, most: usize, path: &str| match n > most {
            true => Err(SearchError::invalid(path, "too-many", format!("{n} requested; at most {most} are allowed"))),
            false => Ok(()),
        };
        let all = definition.fields.len();
        many(request.fields.len(), all, "fields")?;
        for (i, name) in request.fields.iter().enumerate() {
            field(name, format!("fields[{i}]"), &|_| true, "the fields are")?;
        }
        many(request.highlight.len(), all, "highlight")?;
        for (i, name) in request.highlight.iter().enumerate() {
            field(name, format!("highlight[{i}]"), &|kind| kind == FieldKind::Text, "fields that can be highlighted")?;
        }
        many(request.facets.len(), MAX_FACETS, "facets")?;
        for (i, facet) in request.facets.iter().enumerate() {
            field(
                &facet.field,
                format!("facets[{i}].field"),
                &|kind| kind == FieldKind::Facet,
                "fields that can be counted",
            )?;
            many(facet.limit as usize, MAX_FACET_VALUES as usize, &format!("facets[{i}].limit"))?;
        }
        many(request.sort.len(), MAX_SORT, "sort")?;
        let mut sort = Vec::with_capacity(request.sort.len());
        for (i, key) in request.sort.iter().enumerate() {
            let path = format!("sort[{i}]");
            let (name, order) = key.split_once(':').unwrap_or((key, "asc"));
            let descending = match order {
                "asc" => false,
                "desc" => true,
                _ => return Err(SearchError::invalid(path, "order", "must be field:asc or field:desc")),
            };
            let kind = field(name, path, &|kind| kind != FieldKind::Text, "fields that can be sorted by")?;
            let is_text = matches!(kind, FieldKind::Keyword | FieldKind::Facet);
            sort.push(SortKey { field: name.to_owned(), descending, is_text });
        }
        let conditions = filter::conditions(definition, layout, request.filters.as_ref())?;
        let text = Text::of(request, synonyms)?;
        Ok(Self {
            found: text.as_ref().map_or_else(|| unscored(Box::new(AllQuery)), |text| text.query(layout)),
            may: may(layout, request)?,
            text,
            conditions,
            sort,
        })
    }

    fn query(&self, conditions: &[Condition]) -> Box<dyn Query> {
        let filters = unscored(filter::all_of(conditions.iter().cloned()));
        Box::new(BooleanQuery::intersection(vec![self.found.box_clone(), unscored(self.may.box_clone()), filters]))
    }

    fn counted(&self, facet: &FacetRequest, searcher: &Searcher) -> Result<Facet> {
        let of_others = |c: &&Condition| !facet.ignore_own_filter || c.field.as_ref() != Some(&facet.field);
        let conditions: Vec<Condition> = self.conditions.iter().filter(of_others).cloned().collect();
        let mut values = searcher.search(&self.query(&conditions), &Counted { field: facet.field.clone() })?;
        values.truncate(facet.limit as usize);
        Ok(Facet { field: facet.field.clone(), values })
    }
}

/// What who asks may find, in the locale asked for.
fn may(layout: &Layout, request: &Request) -> Result<Box<dyn Query>> {
    if request.audience.len() > MAX_AUDIENCE {
        let message = format!("{} names; an audience can have at most {MAX_AUDIENCE}", request.audience.len());
        return Err(SearchError::invalid("audience", "too-many", message));
    }
    // What is no name is nobody's: what stands for everyone and for no locale is none.
    let names = request.audience.iter().map(String::as_str).filter(|name| is_term(name));
    let names = names.chain([Layout::EVERYONE]).map(|name| Term::from_field_text(layout.audience, name));
    let mut queries: Vec<Box<dyn Query>> = vec![Box::new(TermSetQuery::new(names))];
    if let Some(locale) = &request.locale {
        let locales = [locale.as_str(), Layout::NO_LOCALE].map(|l| Term::from_field_text(layout.locale, l));
        queries.push(Box::new(TermSetQuery::new(locales)));
    }
    Ok(Box::new(BooleanQuery::intersection(queries)))
}
