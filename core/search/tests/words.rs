//! Words of Dutch in searches: written apart and together, in other forms, with signs, unfinished, and as synonyms.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use cairn_search::{
    EntryChange, FullTextIndex, IndexDefinition, IndexEntry, IndexLocation, IndexProgress, SearchFieldKind,
    SearchRequest, Synonyms,
};
use serde_json::json;

/// An index of Dutch titles, each with its id.
fn index_titles(titles: &[(&str, &str)]) -> FullTextIndex {
    let title = "title".to_owned();
    let definition = IndexDefinition::new([(title.clone(), SearchFieldKind::Text)].into(), [title].into());
    let index = FullTextIndex::open(&IndexLocation::Memory, definition).unwrap();
    let entry = |(id, title): &(&str, &str)| IndexEntry {
        id: (*id).to_owned(),
        locale: Some("nl".to_owned()),
        document: json!({ "title": title }),
        audience: Vec::new(),
    };
    let mut writing = index.begin_write();
    writing.apply(titles.iter().map(entry).map(EntryChange::Put)).unwrap();
    writing.commit(IndexProgress { applied: 1, seen: 0 }).unwrap();
    drop(writing);
    index
}

fn dutch_request(text: &str) -> SearchRequest {
    SearchRequest { text: text.into(), locale: Some("nl".into()), limit: 10, ..SearchRequest::default() }
}

/// Ids of the hits, the best first.
fn list_hits(index: &FullTextIndex, text: &str, synonyms: &Synonyms) -> Vec<String> {
    index.search(&dutch_request(text), synonyms).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

fn found_ids(index: &FullTextIndex, text: &str) -> Vec<String> {
    let mut ids = list_hits(index, text, &Synonyms::default());
    ids.sort();
    ids
}

#[test]
fn words_are_found_written_apart_and_together() {
    let texts = [
        ("machine", "De koffiemachine ontkalken"),
        ("kegels", "Jongleerkegels lenen"),
        ("regels", "Kegels in de zaal"),
        ("dak", "Een groen dak aanleggen"),
        ("vraag", "Subsidie aanvragen"),
        ("verf", "Het plafond witten"),
    ];
    let index = index_titles(&texts);
    let found = |text: &str| found_ids(&index, text);
    assert_eq!(found("koffie machine"), ["machine"]);
    assert_eq!(found("jongleer kegels")[0], "kegels");
    assert_eq!(found("groendak"), ["dak"]);
    assert_eq!(found("kegels"), ["kegels", "regels"], "a known tail after a head that no list knows");
    assert_eq!(found("hoe vraag ik dat aan"), ["vraag"], "a verb and its particle");
    // Entries with one part in the title are found if none has all parts.
    assert_eq!(found("plafondverf"), ["verf"]);
    assert_eq!(found("helikopter"), Vec::<String>::new());
}

#[test]
fn words_of_entries_that_nobody_sees_are_no_parts() {
    let titles = [("dak", "Een dak aanvragen"), ("hidden", "Groen")];
    let index = index_titles(&titles[..1]);
    let marked = |index: &FullTextIndex| {
        let request = SearchRequest { highlight: vec!["title".into()], ..dutch_request("groendak aanvragen") };
        index.search(&request, &Synonyms::default()).unwrap()
    };
    let without = marked(&index);
    let hidden = IndexEntry {
        id: "hidden".into(),
        locale: Some("nl".into()),
        document: json!({ "title": titles[1].1 }),
        audience: vec!["staff".into()],
    };
    let mut writing = index.begin_write();
    writing.apply([EntryChange::Put(hidden)]).unwrap();
    writing.commit(IndexProgress { applied: 2, seen: 0 }).unwrap();
    drop(writing);
    assert_eq!(marked(&index), without);
}

#[test]
fn strong_verbs_are_found_in_their_forms() {
    let texts = [
        ("zwem", "Leren zwemmen"),
        ("kies", "Een opvang kiezen"),
        ("lijd", "Na het overlijden"),
        ("blijf", "Verblijven in het buitenland"),
    ];
    let index = index_titles(&texts);
    for (text, id) in [
        ("zwom", "zwem"),
        ("gezwommen", "zwem"),
        ("gekozen", "kies"),
        ("koos", "kies"),
        ("overleden", "lijd"),
        ("verblijf", "blijf"),
        ("verbleef", "blijf"),
    ] {
        assert_eq!(found_ids(&index, text), [id], "{text}");
    }
}

#[test]
fn signs_after_a_letter_are_part_of_its_name() {
    let titles = [("sharp", "Programmeren in C#"), ("plus", "Programmeren in C++"), ("c", "Programmeren in C")];
    let index = index_titles(&titles);
    for (text, first) in [("C++", "plus"), ("c#", "sharp"), ("programmeren in C++", "plus")] {
        assert_eq!(list_hits(&index, text, &Synonyms::default())[0], first, "{text}");
    }
}

#[test]
fn an_unfinished_word_is_not_one_that_says_little() {
    let titles = [("water", "Geen warm water"), ("wat", "Wat wij doen"), ("waar", "Waar wij zijn")];
    let index = index_titles(&titles);
    let found = |text: &str| {
        let request = SearchRequest { prefix: true, highlight: vec!["title".into()], ..dutch_request(text) };
        let hits = index.search(&request, &Synonyms::default()).unwrap().hits;
        hits.into_iter().map(|hit| (hit.id, hit.highlights)).collect::<Vec<_>>()
    };
    let marked = vec![("title".to_owned(), "Geen <mark>warm</mark> <mark>water</mark>".to_owned())];
    assert_eq!(found("wa"), [("water".to_owned(), marked)]);
    assert_eq!(found("waar")[0].0, "waar", "where nothing else begins like it, the word itself");
}

#[test]
fn synonyms_are_found_in_any_form() {
    let texts = [("voorschot", "Het voorschot betalen"), ("nota", "Een aanbetalingsnota"), ("net", "Snelle netwerken")];
    let index = index_titles(&texts);
    let synonyms = Synonyms::from_json(&json!({ "nl": [["voorschot", "aanbetaling"], ["wifi", "snel netwerk"]] }));
    let found = |text: &str| list_hits(&index, text, &synonyms);
    assert_eq!(found("voorschotten"), ["voorschot", "nota"]);
    assert_eq!(found("aanbetalingen").len(), 2);
    assert_eq!(found("wifi"), ["net"]);
}
