//! From a request to its answer.

use crate::collect::{FacetCollector, SortKey, SortedCollector};
use crate::definition::{Layout, SearchFieldKind};
use crate::entry::{is_locale, is_term};
use crate::error::{Result, SearchError};
use crate::filter::{self, Condition, quote_input, without_score};
use crate::index::{FullTextIndex, StoredEntry};
use crate::request::{Facet, FacetRequest, SearchHit, SearchRequest, SearchResults};
use crate::statistics::VisibleEntries;
use crate::suggest::suggest_text;
use crate::synonyms::Synonyms;
use crate::text::{QueryText, TextQueries};
use crate::{MAX_AUDIENCE, MAX_FACET_VALUES, MAX_FACETS, MAX_LIMIT, MAX_SORT, MAX_WINDOW, highlight};
use std::collections::VecDeque;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, Query, TermSetQuery};
use tantivy::{DocAddress, Searcher, Term};

impl FullTextIndex {
    /// Answers a request, of the entries that its audience may find. Takes time that grows with the index, and blocks.
    ///
    /// # Errors
    /// [`SearchError::Invalid`] where it asks for what there is not, or too much; the engine's.
    pub fn search(&self, request: &SearchRequest, synonyms: &Synonyms) -> Result<SearchResults> {
        let searcher = self.searcher();
        let visible = VisibleEntries::new(&searcher, self.layout(), visibility_query(self.layout(), request)?)?;
        let plan = SearchPlan::compile(self, request, synonyms, &searcher, &visible)?;
        if visible.total() == 0 {
            let none = |facet: &FacetRequest| Facet { field: facet.field.clone(), values: Vec::new() };
            return Ok(SearchResults { facets: request.facets.iter().map(none).collect(), ..SearchResults::default() });
        }
        let mut plan = plan;
        let mut query = plan.filtered_query(&plan.conditions);
        let mut total = searcher.search(&query, &Count)? as u64;
        while total < FEW_HITS && plan.widen(total) {
            query = plan.filtered_query(&plan.conditions);
            total = searcher.search(&query, &Count)? as u64;
        }
        let found = self.find_hits(&plan, request, &searcher, &visible, &query)?;
        let hits =
            found.into_iter().map(|(score, at)| self.to_hit(&plan, request, score, self.load_entry(&searcher, at)?));
        let suggestion = match &plan.text {
            Some(text) => suggest_text(self, text, &visible, &*plan.visible)?,
            None => None,
        };
        Ok(SearchResults {
            hits: hits.collect::<Result<_>>()?,
            facets: request.facets.iter().map(|facet| plan.count_facet(facet, &searcher)).collect::<Result<_>>()?,
            total,
            suggestion,
        })
    }

    /// Where the hits are, in order, with their scores.
    fn find_hits(
        &self,
        plan: &SearchPlan,
        request: &SearchRequest,
        searcher: &Searcher,
        visible: &VisibleEntries<'_>,
        query: &dyn Query,
    ) -> Result<Vec<(f32, DocAddress)>> {
        let (start, limit) = (request.start as usize, request.limit as usize);
        if limit == 0 {
            return Ok(Vec::new());
        }
        if plan.sort.is_empty() {
            let best = TopDocs::with_limit(limit).and_offset(start).order_by_score();
            return Ok(searcher.search_with_statistics_provider(query, &best, visible)?);
        }
        let sorted = SortedCollector { keys: plan.sort.clone(), keep: start + limit };
        let addresses = searcher.search(query, &sorted)?;
        Ok(addresses.into_iter().skip(start).map(|at| (0.0, at)).collect())
    }

    fn to_hit(&self, plan: &SearchPlan, request: &SearchRequest, score: f32, entry: StoredEntry) -> Result<SearchHit> {
        let mut highlights = Vec::new();
        if let Some(text) = plan.text.as_ref().filter(|_| !request.highlight.is_empty()) {
            let mut matcher = text.word_matcher();
            for field in &request.highlight {
                let words = self.layout().words_of(self.definition(), field);
                let value = &entry.document[field.as_str()];
                let fragment = highlight::best_fragment(value, &mut matcher, words, entry.locale.as_deref());
                highlights.extend(fragment.map(|fragment| (field.clone(), fragment)));
            }
        }
        let mut document = entry.document;
        if let Some(fields) = document.as_object_mut().filter(|_| !request.fields.is_empty()) {
            fields.retain(|name, _| request.fields.contains(name));
        }
        Ok(SearchHit { id: entry.id, score: f64::from(score), document, highlights })
    }
}

/// Below this many hits, entries with fewer of the words are hits too.
const FEW_HITS: u64 = 5;

/// A request that makes sense.
struct SearchPlan {
    text: Option<QueryText>,
    /// Query for the entries that match the text.
    found: Box<dyn Query>,
    /// Wider query for where those are few.
    where_few: Option<Box<dyn Query>>,
    /// Wider queries for where there are none, the narrowest first.
    where_none: VecDeque<Box<dyn Query>>,
    /// Query for the entries that may be found at all.
    visible: Box<dyn Query>,
    conditions: Vec<Condition>,
    sort: Vec<SortKey>,
}

impl SearchPlan {
    fn compile(
        index: &FullTextIndex,
        request: &SearchRequest,
        synonyms: &Synonyms,
        searcher: &Searcher,
        visible: &VisibleEntries<'_>,
    ) -> Result<Self> {
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
        let field = |name: &str, path: String, fits: &dyn Fn(SearchFieldKind) -> bool, subject: &str| match definition
            .field_kind(name)
        {
            Some(kind) if fits(kind) => Ok(kind),
            found => {
                let is =
                    found.map_or("not a field of the index".to_owned(), |kind| format!("a `{}` field", kind.as_str()));
                let known = definition.field_names(fits);
                let message = format!("{} is {is}; {subject}: {known}", quote_input(name));
                Err(SearchError::invalid(path, if found.is_some() { "kind" } else { "unknown" }, message))
            }
        };
        let many = |n: usize, limit: usize, path: &str| match n > limit {
            true => Err(SearchError::invalid(path, "too-many", format!("{n} requested; at most {limit} are allowed"))),
            false => Ok(()),
        };
        let all = definition.fields.len();
        many(request.fields.len(), all, "fields")?;
        for (i, name) in request.fields.iter().enumerate() {
            field(name, format!("fields[{i}]"), &|_| true, "the fields are")?;
        }
        many(request.highlight.len(), all, "highlight")?;
        for (i, name) in request.highlight.iter().enumerate() {
            field(
                name,
                format!("highlight[{i}]"),
                &|kind| kind == SearchFieldKind::Text,
                "fields that can be highlighted",
            )?;
        }
        many(request.facets.len(), MAX_FACETS, "facets")?;
        for (i, facet) in request.facets.iter().enumerate() {
            field(
                &facet.field,
                format!("facets[{i}].field"),
                &|kind| kind == SearchFieldKind::Facet,
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
            let kind = field(name, path, &|kind| kind != SearchFieldKind::Text, "fields that can be sorted by")?;
            let is_text = matches!(kind, SearchFieldKind::Keyword | SearchFieldKind::Facet);
            sort.push(SortKey { field: name.to_owned(), descending, is_text });
        }
        let conditions = filter::compile_conditions(definition, layout, request.filters.as_ref())?;
        let is_indexed = |word: &str| index.is_indexed(searcher, word);
        let is_visible = |word: &str| visible.has_word(word);
        let text = QueryText::from_request(request, synonyms, &is_indexed, &is_visible)?;
        let queries = text.as_ref().map(|text| text.to_queries(layout));
        let TextQueries { narrow, where_few, where_none } = queries.unwrap_or_else(|| TextQueries {
            narrow: without_score(Box::new(AllQuery)),
            where_few: None,
            where_none: Vec::new(),
        });
        Ok(Self {
            found: narrow,
            where_few,
            where_none: where_none.into(),
            visible: visibility_query(layout, request)?,
            text,
            conditions,
            sort,
        })
    }

    /// Takes the next wider query, if there is one. Where there are a few hits, there is one only.
    fn widen(&mut self, total: u64) -> bool {
        let wider = if total > 0 {
            self.where_none.clear();
            self.where_few.take()
        } else {
            self.where_few = None;
            self.where_none.pop_front()
        };
        wider.map(|wider| self.found = wider).is_some()
    }

    fn filtered_query(&self, conditions: &[Condition]) -> Box<dyn Query> {
        let filters = without_score(filter::all_of(conditions.iter().cloned()));
        Box::new(BooleanQuery::intersection(vec![
            self.found.box_clone(),
            without_score(self.visible.box_clone()),
            filters,
        ]))
    }

    fn count_facet(&self, facet: &FacetRequest, searcher: &Searcher) -> Result<Facet> {
        let of_others = |c: &&Condition| !facet.ignore_own_filter || c.field.as_ref() != Some(&facet.field);
        let conditions: Vec<Condition> = self.conditions.iter().filter(of_others).cloned().collect();
        let mut values =
            searcher.search(&self.filtered_query(&conditions), &FacetCollector { field: facet.field.clone() })?;
        values.truncate(facet.limit as usize);
        Ok(Facet { field: facet.field.clone(), values })
    }
}

/// Builds the query for the entries that the caller may find, in the requested locale.
fn visibility_query(layout: &Layout, request: &SearchRequest) -> Result<Box<dyn Query>> {
    if request.audience.len() > MAX_AUDIENCE {
        let message = format!("{} names; an audience can have at most {MAX_AUDIENCE}", request.audience.len());
        return Err(SearchError::invalid("audience", "too-many", message));
    }
    // Names that are no terms match nobody; the terms for everyone and for no locale are not valid names.
    let names = request.audience.iter().map(String::as_str).filter(|name| is_term(name));
    let names = names.chain([Layout::EVERYONE]).map(|name| Term::from_field_text(layout.audience, name));
    let mut queries: Vec<Box<dyn Query>> = vec![Box::new(TermSetQuery::new(names))];
    if let Some(locale) = &request.locale {
        let locales = [locale.as_str(), Layout::NO_LOCALE].map(|l| Term::from_field_text(layout.locale, l));
        queries.push(Box::new(TermSetQuery::new(locales)));
    }
    Ok(Box::new(BooleanQuery::intersection(queries)))
}
