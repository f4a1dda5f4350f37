//! Searches in small indexes: what is found, and what nobody is told of.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use cairn_search::{
    EntryChange, Facet, FacetRequest, FullTextIndex, IndexDefinition, IndexEntry, IndexLocation, IndexProgress,
    SearchError, SearchFieldKind, SearchRequest, SearchResults, Synonyms, Tolerance,
};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

fn definition() -> IndexDefinition {
    let fields = [
        ("title", SearchFieldKind::Text),
        ("body", SearchFieldKind::Text),
        ("topic", SearchFieldKind::Facet),
        ("slug", SearchFieldKind::Keyword),
        ("price", SearchFieldKind::Number),
        ("at", SearchFieldKind::Date),
        ("open", SearchFieldKind::Boolean),
    ];
    let fields = fields.map(|(name, kind)| (name.to_owned(), kind)).into();
    IndexDefinition::new(fields, ["title".to_owned()].into())
}

fn entry(id: &str, locale: Option<&str>, audience: &[&str], document: Json) -> IndexEntry {
    let audience = audience.iter().map(|name| (*name).to_owned()).collect();
    IndexEntry { id: id.into(), locale: locale.map(str::to_owned), document, audience }
}

fn index_of(entries: impl IntoIterator<Item = IndexEntry>) -> FullTextIndex {
    let index = FullTextIndex::open(&IndexLocation::Memory, definition()).unwrap();
    put_entries(&index, entries, 1);
    index
}

fn put_entries(index: &FullTextIndex, entries: impl IntoIterator<Item = IndexEntry>, applied: i64) {
    let mut writing = index.begin_write();
    let entries = entries.into_iter().inspect(|entry| entry.check(index.definition()).unwrap());
    writing.apply(entries.map(EntryChange::Put)).unwrap();
    writing.commit(IndexProgress { applied, seen: 0 }).unwrap();
}

/// Ten hits for everybody.
fn text_request(text: &str) -> SearchRequest {
    SearchRequest { text: text.into(), limit: 10, ..SearchRequest::default() }
}

fn search(index: &FullTextIndex, request: &SearchRequest) -> SearchResults {
    index.search(request, &Synonyms::default()).unwrap_or_else(|error| panic!("{request:?}: {error}"))
}

fn hit_ids(results: &SearchResults) -> Vec<&str> {
    results.hits.iter().map(|hit| hit.id.as_str()).collect()
}

/// Ids of what a text finds in a locale, sorted.
fn found_ids(index: &FullTextIndex, text: &str, locale: Option<&str>) -> Vec<String> {
    let request = SearchRequest { locale: locale.map(str::to_owned), ..text_request(text) };
    let results = search(index, &request);
    let mut ids: Vec<String> = results.hits.into_iter().map(|hit| hit.id).collect();
    ids.sort();
    assert_eq!(results.total, ids.len() as u64);
    ids
}

/// Where and how a request is wrong.
fn invalid_request(index: &FullTextIndex, request: &SearchRequest) -> (String, &'static str, String) {
    match index.search(request, &Synonyms::default()) {
        Err(SearchError::Invalid(problem)) => (problem.path, problem.code, problem.message),
        other => panic!("{request:?}: {other:?}"),
    }
}

fn article_index() -> FullTextIndex {
    index_of([
        entry(
            "sleutel",
            Some("nl"),
            &[],
            json!({ "title": "De sleutel vervangen", "body": "Zo vervangt u de sleutels van uw auto. Kosten: één rit.", "topic": ["onderhoud", "auto"], "price": 12.5, "slug": "sleutel", "at": "2026-01-10", "open": true }),
        ),
        entry(
            "betaling",
            Some("nl"),
            &[],
            json!({ "title": "Aanbetaling", "body": "Een aanbetaling van 25% bij elke bruiloft.", "topic": "geld", "price": 378.13, "slug": "betaling", "at": "2026-02-01T12:00:00+01:00" }),
        ),
        entry(
            "key",
            Some("en"),
            &[],
            json!({ "title": "Replacing a key", "body": "Connections were replaced with <b>care</b> & love.", "topic": ["onderhoud"], "price": 0, "slug": "key", "at": 1_770_000_000_000_i64, "open": false }),
        ),
        entry("code", None, &[], json!({ "title": "ABC-123", "body": "École \"Größe\"", "slug": ["code", "a.b*c"] })),
    ])
}

#[test]
fn words_are_found_in_all_their_forms() {
    let index = article_index();
    assert_eq!(found_ids(&index, "bruiloften", Some("nl")), ["betaling"]);
    assert_eq!(found_ids(&index, "SLEUTELS vervang", Some("nl")), ["sleutel"]);
    assert_eq!(found_ids(&index, "connection", Some("en")), ["key"]);
    assert_eq!(found_ids(&index, "ecole grosse", None), ["code"]);
    assert_eq!(found_ids(&index, "E\u{301}cole", None), ["code"]);
    assert_eq!(found_ids(&index, "auto's", Some("nl")), ["sleutel"]);
    // Of a locale and of none; without one of all.
    assert_eq!(found_ids(&index, "", Some("nl")), ["betaling", "code", "sleutel"]);
    assert_eq!(found_ids(&index, "", Some("nl-BE")), ["code"]);
    assert_eq!(found_ids(&index, "replace", None), ["key"]);
    // Stems are of the language that the entry is in.
    assert_eq!(found_ids(&index, "connected", Some("nl")), Vec::<String>::new());
}

#[test]
fn entries_with_fewer_words_are_hits_where_few_have_all() {
    let index = article_index();
    assert_eq!(found_ids(&index, "sleutel fietsenrek", Some("nl")), ["sleutel"]);
    assert_eq!(found_ids(&index, "sleutel auto kosten paardenstal", Some("nl")), ["sleutel"]);
    assert_eq!(found_ids(&index, "fietsenrek paardenstal", Some("nl")), Vec::<String>::new());
    assert_eq!(found_ids(&index, "?!", None), Vec::<String>::new());
    // A finished text says what is looked for; one that is still being typed is no reason to look for less.
    let unfinished = SearchRequest { prefix: true, ..text_request("fietsenrek sleu") };
    assert_eq!(search(&index, &unfinished).total, 0);
    let many =
        (0..6).map(|n| format!("huur{n}")).map(|id| entry(&id, Some("nl"), &[], json!({ "title": "Licht huren" })));
    let index = index_of(many.chain([entry("geluid", Some("nl"), &[], json!({ "title": "Geluid huren" }))]));
    assert_eq!(found_ids(&index, "licht huren", Some("nl")).len(), 6, "enough have both words");
    let few = SearchRequest { locale: Some("nl".into()), ..text_request("geluid huren") };
    let results = search(&index, &few);
    assert_eq!((hit_ids(&results)[0], results.total), ("geluid", 7), "the ones with both words come first");
}

#[test]
fn words_that_say_little_need_not_be_there() {
    let index = article_index();
    assert_eq!(found_ids(&index, "hoe betaal ik de aanbetaling", Some("nl")), ["betaling"]);
    assert_eq!(found_ids(&index, "how do I replace my key", Some("en")), ["key"]);
    // Unless nothing else was typed.
    assert_eq!(found_ids(&index, "de", Some("nl")), ["sleutel"]);
}

#[test]
fn compounds_are_found_by_their_parts() {
    let texts = [
        ("schema", "Het productieschema van je auto"),
        ("beurt", "De jaarlijkse onderhoudsbeurten"),
        ("feest", "Muziek op je bruiloftsfeest"),
        ("geluid", "Een geluidsinstallatie huren"),
        ("apart", "De installatie voor het licht"),
    ];
    let index = index_of(texts.map(|(id, title)| entry(id, Some("nl"), &[], json!({ "title": title }))));
    for (text, expected) in [
        ("schema", "schema"),
        ("onderhoud", "beurt"),
        ("onderhoud beurt", "beurt"),
        ("onderhoudbeurt", "beurt"),
        ("feest", "feest"),
        ("feesten", "feest"),
        ("geluid installatie", "geluid"),
        ("lichtinstallatie", "apart"),
    ] {
        let request = SearchRequest { locale: Some("nl".into()), ..text_request(text) };
        assert_eq!(hit_ids(&search(&index, &request)).first(), Some(&expected), "{text}");
    }
    // The part is marked by the word that it is in; in another language there are no parts.
    let request =
        SearchRequest { locale: Some("nl".into()), highlight: vec!["title".into()], ..text_request("schema") };
    let marked = &search(&index, &request).hits[0].highlights[0].1;
    assert!(marked.contains("<mark>productieschema</mark>"), "{marked}");
    let english = index_of([entry("x", Some("en"), &[], json!({ "title": "productieschema" }))]);
    assert_eq!(found_ids(&english, "schema", Some("en")), Vec::<String>::new());
}

#[test]
fn forms_that_the_stemmer_misses_are_found() {
    let words = ["wagens", "motoren", "technologieën", "trackdays", "betaald", "geleverd", "verzekerd", "ideeën"];
    let index = index_of(words.map(|word| entry(word, Some("nl"), &[], json!({ "title": word }))));
    let typed = ["wagen", "motor", "technologieen", "trackday", "betalen", "leveren", "verzekeren", "idee"];
    for (word, text) in words.iter().zip(typed) {
        let request = SearchRequest { locale: Some("nl".into()), tolerance: Tolerance::Off, ..text_request(text) };
        assert!(hit_ids(&search(&index, &request)).contains(word), "{text}");
    }
}

#[test]
fn words_with_hyphens_are_found_in_one_word_and_in_two() {
    let titles = [("joined", "Je email wijzigen"), ("hyphen", "Het e-mailadres; een all-in prijs")];
    let index = index_of(titles.map(|(id, title)| entry(id, Some("nl"), &[], json!({ "title": title }))));
    for (text, expected) in [
        ("e-mail", &["joined"][..]),
        ("email", &["joined"]),
        ("allin", &["hyphen"]),
        ("all-in", &["hyphen"]),
        ("all in", &["hyphen"]),
        ("emailadres", &["hyphen"]),
    ] {
        let request = SearchRequest { locale: Some("nl".into()), tolerance: Tolerance::Off, ..text_request(text) };
        let results = search(&index, &request);
        assert!(expected.iter().all(|id| hit_ids(&results).contains(id)), "{text}: {:?}", hit_ids(&results));
    }
}

#[test]
fn typing_errors_are_tolerated_by_word_length() {
    let index = article_index();
    let with = |text: &str, tolerance: Tolerance| {
        let results = search(&index, &SearchRequest { tolerance, ..text_request(text) });
        results.hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(with("aanbtaling", Tolerance::Standard), ["betaling"]);
    assert_eq!(with("aanbtalign", Tolerance::Standard), ["betaling"]);
    assert_eq!(with("aanbtaling", Tolerance::Off), Vec::<String>::new());
    assert_eq!(with("sluetel", Tolerance::Standard), ["sleutel"]);
    assert_eq!(with("kye", Tolerance::Standard), Vec::<String>::new(), "too short");
    assert_eq!(with("kye", Tolerance::Generous), ["key"]);
    // Numbers are what they are.
    assert_eq!(with("124", Tolerance::Generous), Vec::<String>::new());
}

#[test]
fn prefix_search_completes_the_last_word() {
    let index = article_index();
    let with = |text: &str, prefix: bool| {
        let results = search(&index, &SearchRequest { prefix, tolerance: Tolerance::Off, ..text_request(text) });
        results.hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(with("aanbet", true), ["betaling"]);
    assert_eq!(with("aanbet", false), Vec::<String>::new());
    assert_eq!(with("sleu auto", true), Vec::<String>::new(), "only the last one");
    assert_eq!(with("auto sleu", true), ["sleutel"]);
    let results = search(&index, &SearchRequest { prefix: true, ..text_request("aanbt") });
    assert_eq!(hit_ids(&results), ["betaling"], "unfinished and misspelt");
}

#[test]
fn important_fields_and_whole_words_rank_higher() {
    let index = index_of([
        entry("body", None, &[], json!({ "title": "Fiets", "body": "zadel" })),
        entry("head", None, &[], json!({ "title": "Zadel", "body": "fiets" })),
        entry("near", None, &[], json!({ "title": "Zadels", "body": "zadeltas" })),
        entry("other", None, &[], json!({ "title": "Bel" })),
    ]);
    assert_eq!(
        hit_ids(&search(&index, &SearchRequest { prefix: true, ..text_request("zadel") })),
        ["head", "body", "near"]
    );
}

#[test]
fn filters_support_the_rest_operators() {
    let index = article_index();
    let with = |filters: Json| {
        let results = search(&index, &SearchRequest { filters: Some(filters), ..text_request("") });
        let mut ids: Vec<String> = results.hits.into_iter().map(|hit| hit.id).collect();
        ids.sort();
        ids
    };
    let all = ["betaling", "code", "key", "sleutel"];
    assert_eq!(with(json!({})), all);
    assert_eq!(with(json!(null)), all);
    assert_eq!(with(json!({ "topic": "onderhoud" })), ["key", "sleutel"]);
    assert_eq!(with(json!({ "topic": { "$eq": "auto" } })), ["sleutel"]);
    assert_eq!(with(json!({ "topic": { "$ne": "auto" } })), ["betaling", "code", "key"]);
    assert_eq!(with(json!({ "slug": { "$in": ["key", "code"] } })), ["code", "key"]);
    assert_eq!(with(json!({ "slug": { "$in": [] } })), Vec::<String>::new());
    assert_eq!(with(json!({ "slug": { "$notIn": ["key"] } })), ["betaling", "code", "sleutel"]);
    assert_eq!(with(json!({ "price": { "$gt": 0, "$lte": 12.5 } })), ["sleutel"]);
    assert_eq!(with(json!({ "price": { "$gte": "0" } })), ["betaling", "key", "sleutel"]);
    assert_eq!(with(json!({ "price": -0.0 })), ["key"]);
    assert_eq!(with(json!({ "price": { "$null": true } })), ["code"]);
    assert_eq!(with(json!({ "price": { "$notNull": false } })), ["code"]);
    assert_eq!(with(json!({ "open": true })), ["sleutel"]);
    assert_eq!(with(json!({ "open": "false" })), ["key"]);
    assert_eq!(with(json!({ "at": { "$lt": "2026-02-01T11:00:00Z" } })), ["sleutel"]);
    assert_eq!(with(json!({ "at": { "$gte": "2026-02-01T11:00:00Z" } })), ["betaling", "key"]);
    assert_eq!(with(json!({ "slug": { "$contains": ".b*" } })), ["code"], "as it is");
    assert_eq!(with(json!({ "slug": { "$contains": "e" } })), ["betaling", "code", "key", "sleutel"]);
    assert_eq!(with(json!({ "slug": { "$contains": "TAL" } })), ["betaling"]);
    assert_eq!(with(json!({ "slug": { "$notContains": "e" } })), Vec::<String>::new());
    assert_eq!(with(json!({ "slug": { "$gte": "k" } })), ["key", "sleutel"]);
    assert_eq!(with(json!({ "$or": [{ "topic": "geld" }, { "slug": "key" }] })), ["betaling", "key"]);
    assert_eq!(with(json!({ "$or": [] })), Vec::<String>::new());
    assert_eq!(with(json!({ "$and": [{ "topic": "onderhoud" }, { "open": true }] })), ["sleutel"]);
    assert_eq!(with(json!({ "$not": { "topic": "onderhoud" } })), ["betaling", "code"]);
    assert_eq!(with(json!({ "topic": { "$not": { "$eq": "onderhoud" } } })), ["betaling", "code"]);
}

#[test]
fn invalid_filters_are_reported_with_their_path() {
    let index = article_index();
    let with = |filters: Json| invalid_request(&index, &SearchRequest { filters: Some(filters), ..text_request("") });
    for (filters, path, code) in [
        (json!([]), "filters", "type"),
        (json!("x"), "filters", "type"),
        (json!({ "title": "x" }), "filters.title", "not-filterable"),
        (json!({ "nothing": 1 }), "filters.nothing", "unknown"),
        (json!({ "price": { "$startsWith": "1" } }), "filters.price.$startsWith", "operator"),
        (json!({ "$xor": [] }), "filters.$xor", "operator"),
        (json!({ "price": { "$eq": "much" } }), "filters.price.$eq", "type"),
        (json!({ "price": { "$contains": "1" } }), "filters.price.$contains", "operator"),
        (json!({ "slug": { "$contains": "" } }), "filters.slug.$contains", "type"),
        (json!({ "slug": { "$eq": ["a", "b"] } }), "filters.slug.$eq", "type"),
        (json!({ "slug": { "$in": "a" } }), "filters.slug.$in", "type"),
        (json!({ "at": "yesterday" }), "filters.at", "type"),
        (json!({ "at": i64::MAX }), "filters.at", "type"),
        (json!({ "open": { "$null": 1 } }), "filters.open.$null", "type"),
        (json!({ "$or": [{ "x": 1 }] }), "filters.$or[0].x", "unknown"),
        (json!({ "slug": { "$in": vec!["a"; 501] } }), "filters.slug.$in", "too-many"),
        (json!({ "$or": vec![json!({ "slug": "a" }); 201] }), "filters", "too-many"),
    ] {
        let (at, kind, message) = with(filters.clone());
        assert_eq!((at.as_str(), kind), (path, code), "{filters} {message}");
    }
    let mut deep = json!({ "slug": "a" });
    for _ in 0..100 {
        deep = json!({ "$not": deep });
    }
    assert_eq!(with(deep).1, "too-deep");
    assert!(with(json!({ "titel": 1 })).2.contains("topic"), "says what there is");
}

#[test]
fn facets_count_results_and_may_ignore_their_own_filter() {
    let index = article_index();
    let counted = |filters: Json, ignore_own_filter: bool| {
        let facets = vec![FacetRequest { field: "topic".into(), limit: 10, ignore_own_filter }];
        let results = search(&index, &SearchRequest { filters: Some(filters), facets, limit: 0, ..text_request("") });
        assert!(results.hits.is_empty());
        results.facets.into_iter().next().unwrap().values
    };
    let values = |list: &[(&str, u64)]| list.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(counted(json!({}), false), values(&[("onderhoud", 2), ("auto", 1), ("geld", 1)]));
    let own = json!({ "topic": "geld" });
    assert_eq!(counted(own.clone(), false), values(&[("geld", 1)]));
    assert_eq!(counted(own, true), values(&[("onderhoud", 2), ("auto", 1), ("geld", 1)]));
    // The facet ignores its own condition, not those of other fields.
    let both = json!({ "$and": [{ "topic": "geld" }, { "open": true }] });
    assert_eq!(counted(both, true), values(&[("auto", 1), ("onderhoud", 1)]));
    let facets = vec![FacetRequest { field: "topic".into(), limit: 1, ignore_own_filter: false }];
    let results = search(&index, &SearchRequest { facets, ..text_request("sleutel") });
    assert_eq!(results.facets, [Facet { field: "topic".into(), values: values(&[("auto", 1)]) }]);
}

#[test]
fn results_sort_by_several_fields_with_missing_values_last() {
    let index = index_of([
        entry("a", None, &[], json!({ "slug": "x", "price": 2 })),
        entry("b", None, &[], json!({ "slug": "x", "price": 10 })),
        entry("c", None, &[], json!({ "slug": "é", "price": -1, "open": true })),
        entry("d", None, &[], json!({ "topic": "none" })),
    ]);
    // In parts of its own: what they call by numbers is not the same.
    put_entries(&index, [entry("e", None, &[], json!({ "slug": "a", "price": 10, "at": "2026-01-01" }))], 2);
    let sorted = |sort: &[&str]| {
        let sort = sort.iter().map(|key| (*key).to_owned()).collect();
        let results = search(&index, &SearchRequest { sort, ..text_request("") });
        results.hits.into_iter().map(|hit| hit.id).collect::<String>()
    };
    assert_eq!(sorted(&["slug", "price:desc"]), "ebacd");
    assert_eq!(sorted(&["price:desc", "slug:desc"]), "beacd");
    assert_eq!(sorted(&["slug:desc", "price:asc"]), "cabed");
    assert_eq!(&sorted(&["at:desc"])[..1], "e");
    let page = SearchRequest { sort: vec!["price".into()], start: 1, limit: 2, ..text_request("") };
    let results = search(&index, &page);
    assert_eq!((results.total, results.hits.len(), hit_ids(&results)[0]), (5, 2, "a"));
}

#[test]
fn highlights_mark_matches_in_escaped_text() {
    let index = article_index();
    let marked = |text: &str, prefix: bool| {
        let highlight = vec!["title".to_owned(), "body".to_owned()];
        let mut hits = search(&index, &SearchRequest { highlight, prefix, ..text_request(text) }).hits;
        hits.remove(0).highlights
    };
    let own = |list: &[(&str, &str)]| list.iter().map(|(f, t)| ((*f).to_owned(), (*t).to_owned())).collect::<Vec<_>>();
    assert_eq!(
        marked("replace care", false),
        own(&[
            ("title", "<mark>Replacing</mark> a key"),
            ("body", "Connections were <mark>replaced</mark> with &lt;b&gt;<mark>care</mark>&lt;/b&gt; &amp; love"),
        ])
    );
    assert_eq!(marked("aanbtaling", false)[0].1, "<mark>Aanbetaling</mark>");
    assert_eq!(marked("aanbet", true)[0].1, "<mark>Aanbetaling</mark>");
    assert_eq!(marked("grosse", false), own(&[("body", "École &quot;<mark>Größe</mark>")]));
}

#[test]
fn hits_return_whole_documents_or_chosen_fields() {
    let index = article_index();
    let all = search(&index, &text_request("Größe")).hits.remove(0);
    assert_eq!(all.document, json!({ "title": "ABC-123", "body": "École \"Größe\"", "slug": ["code", "a.b*c"] }));
    let fields = vec!["slug".to_owned(), "price".to_owned()];
    let some = search(&index, &SearchRequest { fields, ..text_request("Größe") }).hits.remove(0);
    assert_eq!(some.document, json!({ "slug": ["code", "a.b*c"] }));
}

#[test]
fn suggestions_correct_misspelt_words() {
    let index = article_index();
    let suggested = |text: &str| search(&index, &text_request(text)).suggestion;
    assert_eq!(suggested("Aanbtaling, bruiloft!").as_deref(), Some("aanbetaling, bruiloft!"));
    assert_eq!(suggested("sluetels"), Some("sleutels".into()));
    assert_eq!(suggested("aanbetaling"), None);
    assert_eq!(suggested("aanbetalingen"), None, "another form is no slip");
    assert_eq!(suggested("xylofoon"), None);
    assert_eq!(suggested(""), None);
}

#[test]
fn synonyms_match_each_other_in_their_locale() {
    let index = index_of([
        entry("a", Some("nl"), &[], json!({ "title": "Btw-nummer opgeven" })),
        entry("b", Some("nl"), &[], json!({ "title": "Omzetbelasting" })),
        entry("c", Some("nl"), &[], json!({ "title": "nummer van het btw kantoor" })),
    ]);
    let synonyms = Synonyms::from_json(&json!({ "nl": [["btw nummer", "vat"], ["omzetbelasting", "btw"]] }));
    let with = |text: &str, locale: &str| {
        let results =
            index.search(&SearchRequest { locale: Some(locale.into()), ..text_request(text) }, &synonyms).unwrap();
        let mut ids: Vec<String> = results.hits.into_iter().map(|hit| hit.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(with("vat", "nl"), ["a"], "in this order only");
    assert_eq!(with("btw", "nl"), ["a", "b", "c"]);
    assert_eq!(with("BTW nummer", "nl"), ["a", "c"]);
    assert_eq!(with("vat", "en"), Vec::<String>::new());
    assert_eq!(index.search(&text_request("vat"), &Synonyms::default()).unwrap().total, 0);
}

/// Two indexes that differ in what is hidden only.
fn with_and_without_hidden() -> [FullTextIndex; 2] {
    let open = || {
        (0..20).map(|n| {
            let topic = if n % 2 == 0 { "even" } else { "odd" };
            let body = format!("artikel nummer {n} over sleutels");
            entry(
                &format!("open-{n}"),
                Some("nl"),
                &[],
                json!({ "title": "Artikel", "body": body, "topic": topic, "price": n, "slug": "x" }),
            )
        })
    };
    let hidden = || {
        (0..30).map(|n| {
            let body = "geheim sleutel sleutels aanbetaling artikel ".repeat(n + 1);
            let document = json!({ "title": "Geheime sleutel", "body": body, "topic": ["geheim", "even"], "price": -5 - n as i64, "slug": "geheim", "at": "2020-01-01", "open": true });
            entry(&format!("hidden-{n}"), Some("nl"), &["role:board", "user:7"], document)
        })
    };
    [index_of(open().chain(hidden())), index_of(open())]
}

#[test]
fn hidden_entries_do_not_influence_results() {
    let [with, without] = with_and_without_hidden();
    let facets = || {
        let one = |ignore_own_filter| FacetRequest { field: "topic".into(), limit: 100, ignore_own_filter };
        vec![one(true), one(false)]
    };
    let base = || SearchRequest {
        locale: Some("nl".into()),
        facets: facets(),
        highlight: vec!["body".into()],
        limit: 100,
        ..SearchRequest::default()
    };
    let filters = [
        json!({}),
        json!({ "slug": "geheim" }),
        json!({ "price": { "$lt": 0 } }),
        json!({ "at": { "$notNull": true } }),
        json!({ "$not": { "slug": "x" } }),
        json!({ "topic": "even" }),
    ];
    let texts = ["", "sleutel", "sleutels artikel", "geheim", "geheem", "aanbtaling", "slutel", "artikle", "gehe"];
    let sorts: [&[&str]; 3] = [&[], &["price"], &["at:desc", "slug"]];
    let audiences: [&[&str]; 4] =
        [&[], &["role:other", "user:70"], &["role", "user:", "board"], &["\u{1}everyone", ""]];
    let mut n = 0;
    for filter in &filters {
        for text in texts {
            for sort in sorts {
                n += 1;
                let request = SearchRequest {
                    text: text.into(),
                    filters: Some(filter.clone()),
                    sort: sort.iter().map(|s| (*s).to_owned()).collect(),
                    audience: audiences[n % 4].iter().map(|s| (*s).to_owned()).collect(),
                    prefix: n % 2 == 0,
                    ..base()
                };
                assert_eq!(search(&with, &request), search(&without, &request), "{request:?}");
            }
        }
    }
    // Hidden entries are found by their own audience.
    let board =
        |name: &str| search(&with, &SearchRequest { audience: vec![name.into()], ..text_request("geheim") }).total;
    assert_eq!((board("role:board"), board("user:7"), board("user:8")), (30, 30, 0));
}

#[test]
fn removed_entries_do_not_influence_results() {
    let [with, without] = with_and_without_hidden();
    let mut writing = with.begin_write();
    writing.apply((0..30).map(|n| EntryChange::Remove(format!("hidden-{n}")))).unwrap();
    writing.commit(IndexProgress { applied: 2, seen: 0 }).unwrap();
    drop(writing);
    for text in ["", "sleutel", "geheem", "artikle"] {
        let request = SearchRequest { audience: vec!["role:board".into()], ..text_request(text) };
        assert_eq!(search(&with, &request), search(&without, &request), "{text}");
    }
}

#[test]
fn entries_replace_earlier_ones_with_the_same_id() {
    let index = article_index();
    put_entries(&index, [entry("key", None, &["user:1"], json!({ "title": "Lock" }))], 2);
    assert_eq!((index.entry_count(), found_ids(&index, "replacing", None)), (4, vec![]));
    let mut writing = index.begin_write();
    writing
        .apply([
            EntryChange::Put(entry("key", None, &[], json!({ "title": "Lock" }))),
            EntryChange::Remove("key".into()),
        ])
        .unwrap();
    writing.commit(IndexProgress { applied: 3, seen: 1 }).unwrap();
    drop(writing);
    assert_eq!((index.entry_count(), index.current_progress()), (3, Some(IndexProgress { applied: 3, seen: 1 })));
}

#[test]
fn uncommitted_entries_are_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let place = IndexLocation::Folder(dir.path().join("index"));
    let index = FullTextIndex::open(&place, definition()).unwrap();
    put_entries(&index, [entry("a", None, &[], json!({ "title": "een" }))], 1);
    let mut writing = index.begin_write();
    writing.apply([EntryChange::Put(entry("b", None, &[], json!({ "title": "twee" })))]).unwrap();
    drop(writing);
    assert_eq!((index.entry_count(), index.current_progress()), (1, Some(IndexProgress { applied: 1, seen: 0 })));
    put_entries(&index, [entry("c", None, &[], json!({ "title": "drie" }))], 2);
    index.release_writer().unwrap();
    drop(index);
    // The index is complete after it is opened again.
    let index = FullTextIndex::open(&place, definition()).unwrap();
    assert_eq!(
        (index.current_progress().unwrap().applied, found_ids(&index, "", None)),
        (2, vec!["a".to_owned(), "c".to_owned()])
    );
    let mut writing = index.begin_write();
    writing.clear().unwrap();
    writing.commit(IndexProgress::default()).unwrap();
    drop(writing);
    assert_eq!(index.entry_count(), 0);
}

#[test]
fn damaged_or_outdated_index_files_are_recreated() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("index");
    let place = IndexLocation::Folder(folder.clone());
    let fill = |definition: IndexDefinition| {
        let index = FullTextIndex::open(&place, definition).unwrap();
        let entries = index.entry_count();
        let mut writing = index.begin_write();
        writing.apply([EntryChange::Put(entry("a", None, &[], json!({ "title": "een" })))]).unwrap();
        writing.commit(IndexProgress { applied: 1, seen: 0 }).unwrap();
        entries
    };
    assert_eq!((fill(definition()), fill(definition())), (0, 1));
    let other = IndexDefinition::new([("title".to_owned(), SearchFieldKind::Text)].into(), [].into());
    assert_ne!(other.fingerprint(), definition().fingerprint());
    assert_eq!(fill(other.clone()), 0);
    std::fs::write(folder.join("meta.json"), "{").unwrap();
    assert_eq!(fill(other.clone()), 0);
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e != "json" && e != "lock") {
            std::fs::write(path, b"x").unwrap();
        }
    }
    assert_eq!(fill(other), 0);
}

#[test]
fn invalid_entries_are_reported_with_their_path() {
    let definition = definition();
    let problems = |entry: IndexEntry| -> Vec<(String, &'static str)> {
        entry.check(&definition).map_or_else(|all| all.into_iter().map(|p| (p.path, p.code)).collect(), |()| Vec::new())
    };
    let document_problems = |document: Json| problems(entry("a", None, &[], document));
    assert_eq!(document_problems(json!({ "title": null, "topic": [], "price": null })), []);
    assert_eq!(document_problems(json!("x")), [("document".to_owned(), "type")]);
    for (field, value, code) in [
        ("titel", json!("x"), "unknown"),
        ("title", json!(1), "type"),
        ("title", json!(["a", 1]), "type"),
        ("title", json!(vec!["a"; 1_001]), "too-many"),
        ("slug", json!("x".repeat(1_001)), "too-long"),
        ("price", json!("1"), "type"),
        ("price", json!([1]), "type"),
        ("at", json!("2026-13-01"), "type"),
        ("open", json!("true"), "type"),
    ] {
        assert_eq!(document_problems(json!({ field: value })), [(format!("document.{field}"), code)], "{field}");
    }
    assert_eq!(
        problems(entry("", Some("n l"), &["", "b"], json!({}))),
        [("id".to_owned(), "id"), ("locale".to_owned(), "locale"), ("audience[0]".to_owned(), "audience")]
    );
    assert_eq!(problems(entry("a\u{1}", None, &["\u{1}everyone"], json!({}))).len(), 2);
}

#[test]
fn invalid_requests_are_reported_with_their_path() {
    let index = article_index();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let facet = |field: &str, limit: u32| vec![FacetRequest { field: field.into(), limit, ignore_own_filter: false }];
    for (request, path, code) in [
        (SearchRequest { limit: 101, ..text_request("") }, "limit", "too-many"),
        (SearchRequest { start: u32::MAX, ..text_request("") }, "start", "too-far"),
        (SearchRequest { text: "x".repeat(1_001), ..text_request("") }, "text", "too-long"),
        (SearchRequest { text: "a ".repeat(400), ..text_request("") }, "text", "too-many"),
        (SearchRequest { locale: Some("../nl".into()), ..text_request("") }, "locale", "locale"),
        (SearchRequest { fields: names(&["titel"]), ..text_request("") }, "fields[0]", "unknown"),
        (SearchRequest { highlight: names(&["title", "slug"]), ..text_request("") }, "highlight[1]", "kind"),
        (SearchRequest { highlight: vec!["title".into(); 8], ..text_request("") }, "highlight", "too-many"),
        (SearchRequest { facets: facet("slug", 1), ..text_request("") }, "facets[0].field", "kind"),
        (SearchRequest { facets: facet("topic", 1_001), ..text_request("") }, "facets[0].limit", "too-many"),
        (SearchRequest { facets: vec![facet("topic", 1).remove(0); 17], ..text_request("") }, "facets", "too-many"),
        (SearchRequest { sort: names(&["title"]), ..text_request("") }, "sort[0]", "kind"),
        (SearchRequest { sort: names(&["price:up"]), ..text_request("") }, "sort[0]", "order"),
        (SearchRequest { sort: names(&["nothing:asc"]), ..text_request("") }, "sort[0]", "unknown"),
        (SearchRequest { sort: vec!["price".into(); 5], ..text_request("") }, "sort", "too-many"),
        (SearchRequest { audience: vec!["a".into(); 1_001], ..text_request("") }, "audience", "too-many"),
    ] {
        let (at, kind, message) = invalid_request(&index, &request);
        assert_eq!((at.as_str(), kind), (path, code), "{message}");
    }
    assert_eq!(
        invalid_request(&index, &SearchRequest { sort: names(&["titel"]), ..text_request("") }).2,
        "\"titel\" is not a field of the index; fields that can be sorted by: at, open, price, slug, topic"
    );
}

#[test]
fn unusual_texts_are_searched_quickly() {
    let index = index_of((0..500).map(|n| {
        let words: Vec<String> = (0..40).map(|w| format!("woord{}x{}", w, (n * 7 + w) % 90)).collect();
        entry(&format!("e{n}"), Some("nl"), &[], json!({ "title": words[0].clone(), "body": words.join(" ") }))
    }));
    let odd = [
        "a".repeat(1_000),
        "ab ".repeat(32),
        "woord ".repeat(32),
        "\u{202e}\u{0}\u{feff}🏴‍☠️ ﷽ \u{1F468}\u{200D}\u{1F469}".repeat(5),
        "e\u{301}".repeat(300),
        "title:x AND (body:\"y\" OR *) ^2 ~3 [a TO z] {!} \\".into(),
        "'; DROP TABLE x; --".into(),
        "中文搜索没有空格".repeat(10),
        "s's's's's".into(),
        (0..32).map(|n| format!("woordxx{n} ")).collect(),
    ];
    for text in odd {
        let began = Instant::now();
        let request = SearchRequest {
            tolerance: Tolerance::Generous,
            prefix: true,
            highlight: vec!["body".into()],
            limit: 100,
            ..text_request(&text)
        };
        let _ = search(&index, &request);
        assert!(began.elapsed() < Duration::from_secs(30), "{text:?} took {:?}", began.elapsed());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is typed there is an answer or a complaint, and all that is marked is escaped.
    #[test]
    fn any_text_yields_escaped_highlights_or_an_error(text in "\\PC{0,60}", body in "\\PC{0,80}", prefix: bool) {
        let index = index_of([entry("a", Some("nl"), &[], json!({ "title": text.clone(), "body": body }))]);
        let request = SearchRequest { prefix, tolerance: Tolerance::Generous, highlight: vec!["title".into(), "body".into()], ..text_request(&text) };
        if let Ok(results) = index.search(&request, &Synonyms::default()) {
            for (_, fragment) in results.hits.iter().flat_map(|hit| &hit.highlights) {
                let plain = fragment.replace("<mark>", "").replace("</mark>", "");
                proptest::prop_assert!(!plain.contains(['<', '>']), "{}", fragment);
            }
        }
    }
}
