//! Random models, writes and queries: every database must answer as the oracle does, and as the others do.
//! `SEED=<n>` runs one case alone.

pub(crate) mod apply;
mod data;
mod kinds;
mod medians;
mod query;
mod shape;
mod transfer;

use crate::fixture::StoreFixture;
use crate::oracle::{Condition, Row, check_entry, column, expected_positions};
use cairn_query::{Access, Action};
use cairn_store::StoreError;
use data::{Data, UniqueValueTaken};
use query::Query;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Map;
use shape::Shape;
use std::sync::Arc;

/// Number of random models.
const MODELS: u64 = 60;
/// Tests that share them.
const PARTS: u64 = 4;
/// Rounds of writes and queries on each.
const ROUNDS: usize = 3;
/// Writes and queries of a round.
const WRITES: usize = 16;
const QUERIES: usize = 30;

/// Counts of a case: entries that queries returned, and writes refused for a unique value.
#[derive(Default)]
struct CaseCounts {
    entries: usize,
    taken: usize,
    complements: ComplementCounts,
}

/// Counts of conditions with complements: entries that were found, and conditions that find others than the contract's reading.
#[derive(Default)]
struct ComplementCounts {
    found: usize,
    different: usize,
}

impl std::ops::AddAssign for ComplementCounts {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.different += other.different;
    }
}

fn run_case(seed: u64) -> CaseCounts {
    let shape = Shape::random(seed);
    let rng = &mut StdRng::seed_from_u64(seed);
    let fixtures = shape.open_everywhere();
    let mut data = Data::default();
    let mut counts = CaseCounts::default();
    fixtures.iter().for_each(apply::insert_files);
    check_refusals(&fixtures[0], &shape);
    for _ in 0..ROUNDS {
        for _ in 0..WRITES {
            let write = data.random_write(rng, &shape);
            let expected = data.apply(&shape, &write);
            counts.taken += usize::from(expected == Err(UniqueValueTaken));
            for fixture in &fixtures {
                let describe_case = || format!("SEED={seed}, {}: {write:?}\n{shape:?}", fixture.database_name());
                match (apply::apply(fixture, &shape, &write), &expected) {
                    (Ok(()), Ok(())) | (Err(StoreError::Unique), Err(UniqueValueTaken)) => {}
                    (result, _) => panic!("{result:?} instead of {expected:?} by {}", describe_case()),
                }
            }
        }
        for _ in 0..QUERIES {
            let query = Query::random(rng, &shape);
            counts.entries += check_query(seed, &fixtures, &shape, &data, &query);
            counts.complements += check_complements(seed, &fixtures, &shape, &data, &query);
        }
    }
    for fixture in &fixtures {
        let findings = fixture.store.check_integrity().unwrap();
        assert!(findings.is_empty(), "SEED={seed}, {}: {findings:#?}", fixture.database_name());
    }
    counts
}

/// Asks every database; how many entries there were.
fn check_query(seed: u64, fixtures: &[StoreFixture], shape: &Shape, data: &Data, query: &Query) -> usize {
    let text = query.text();
    let rows = data.rows(shape, query.published, query.locale);
    let describe_query = |fixture: &StoreFixture| {
        let rows: Vec<_> = rows.iter().enumerate().map(|(i, r)| format!("\n  {i}: {r:?}")).collect();
        let Query { condition, sort, .. } = query;
        format!("SEED={seed}, {}: {text}\n{condition:?}\n{sort:?}\n{shape:?}{}", fixture.database_name(), rows.concat())
    };
    let found = expected_positions(&rows, query.condition.as_ref(), &query.sort);
    let page: Vec<_> = found.iter().skip(query.page.0).take(query.page.1).map(|&i| &rows[i]).collect();
    let documents: Vec<_> = page.iter().map(|row| row.text("documentId")).collect();
    let mut first = None;
    for fixture in fixtures {
        let planned = fixture.plan(&Access::full(), Action::Find, "things", &text);
        let planned = planned.unwrap_or_else(|e| panic!("{e:?}: refused by {}", describe_query(fixture)));
        assert_eq!(planned.deferred, None, "{}", describe_query(fixture));
        let (text, total) =
            fixture.list_as_text(&planned).unwrap_or_else(|e| panic!("{e}: by {}", describe_query(fixture)));
        let list = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(column(&list, "documentId"), documents, "{}", describe_query(fixture));
        assert_eq!(total.total, Some(found.len() as u64), "{}", describe_query(fixture));
        for (entry, row) in list.as_array().unwrap().iter().zip(&page) {
            check_entry(entry, row, query.populate)
                .unwrap_or_else(|e| panic!("{e}\n{entry}\nby {}", describe_query(fixture)));
        }
        let text = without_ids(&text);
        let other: &String = first.get_or_insert_with(|| text.clone());
        if *other != text {
            // JSON inside components is `jsonb` on PostgreSQL, which keeps no order of keys and no spelling of numbers.
            let [a, b] = [other, &text].map(|t| serde_json::from_str::<serde_json::Value>(t).unwrap());
            let same = a == b && long_numbers(other) == long_numbers(&text);
            let at = std::iter::zip(other.bytes(), text.bytes()).take_while(|(a, b)| a == b).count();
            let from = |text: &str| text.bytes().skip(at.saturating_sub(60)).take(160).collect::<Vec<_>>();
            let part = |text: &str| String::from_utf8_lossy(&from(text)).into_owned();
            assert!(
                same,
                "{}
instead of
{}
by {}",
                part(&text),
                part(other),
                describe_query(fixture)
            );
        }
    }
    page.len()
}

/// Checks a query's condition where negations are complements: as a limit that is stored as JSON, and as filters of the admin's lists. Every
/// entry matches either it or its `$not`.
fn check_complements(
    seed: u64,
    fixtures: &[StoreFixture],
    shape: &Shape,
    data: &Data,
    query: &Query,
) -> ComplementCounts {
    let Some(condition) = &query.condition else { return ComplementCounts::default() };
    let rows = data.rows(shape, query.published, query.locale);
    let find = |holds: &dyn Fn(&Row) -> bool| -> Vec<String> {
        rows.iter().filter(|row| holds(row)).map(|row| row.text("documentId")).collect()
    };
    let negated = Condition::Not(Box::new(condition.clone()));
    for condition in [condition, &negated] {
        let expected = find(&|row| condition.holds_with_complements(row));
        for fixture in fixtures {
            let things = fixture.registry().by_route("things").unwrap().id;
            let limited = Access { limits: [(things, Arc::new(condition.to_json()))].into(), ..Access::full() };
            let unlimited = Access::full().for_admin_lists();
            for (access, condition) in [(&limited, None), (&unlimited, Some(condition))] {
                let text = query.text_of_all(condition);
                let describe = || {
                    let database = fixture.database_name();
                    format!("SEED={seed}, {database}: {text}\n{condition:?}\n{access:?}\n{shape:?}\n{rows:#?}")
                };
                let planned = fixture.plan(access, Action::Find, "things", &text);
                let planned = planned.unwrap_or_else(|e| panic!("{e:?}: refused by {}", describe()));
                let (list, _) = fixture.list_entries(&planned).unwrap_or_else(|e| panic!("{e}: by {}", describe()));
                assert_eq!(column(&list, "documentId"), expected, "{}", describe());
            }
        }
    }
    let (found, contract) = (find(&|row| condition.holds_with_complements(row)), find(&|row| condition.holds(row)));
    ComplementCounts { found: found.len(), different: usize::from(found != contract) }
}

/// The numbers of a JSON text that a double does not hold, in order of their digits.
fn long_numbers(text: &str) -> Vec<&str> {
    let mut outside = Vec::new();
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        outside.push(&rest[..quote]);
        let end = rest[quote + 1..].replace("\\\\", "__").replace("\\\"", "__").find('"').unwrap();
        rest = &rest[quote + end + 2..];
    }
    outside.push(rest);
    let numbers = outside.iter().flat_map(|t| t.split(|c: char| !c.is_ascii_digit() && !".-+eE".contains(c)));
    let mut long: Vec<&str> = numbers.filter(|n| (17..=80).contains(&n.len()) && !n.contains(['e', 'E'])).collect();
    long.sort_unstable();
    long
}

/// Checks that no database sees a value that the model refuses.
fn check_refusals(fixture: &StoreFixture, shape: &Shape) {
    let ct = fixture.registry().by_route("things").unwrap().id;
    for (name, kind) in &shape.things {
        for input in kind.invalid_values() {
            let body = Map::from_iter([((*name).to_owned(), input.clone())]);
            let cast = apply::cast_body(fixture.registry(), ct, &body);
            let id = fixture.registry().get(ct).attributes.get(name).unwrap().0;
            let checked = cairn_model::validate::check_values(
                fixture.registry(),
                &fixture.registry().get(ct).attributes,
                &cast.values,
            );
            let refused = !cast.errors.is_empty() || cast.format.is_some() || !checked.is_empty();
            assert!(refused, "{kind:?} takes {input} as {:?}", cast.values[id]);
        }
    }
}

/// Numbers of rows and instances are each database's own.
fn without_ids(text: &str) -> String {
    let mut parts = text.split(r#""id":"#);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + r#""id":0"# + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// The models of one of [`PARTS`] tests, which run at the same time.
fn run_part(part: u64) {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|s| s.parse::<u64>().ok()) {
        if seed % PARTS == part {
            run_case(seed);
        }
        return;
    }
    let (mut entries, mut clashes, mut complements) = (0, 0, ComplementCounts::default());
    for seed in (0..MODELS).filter(|seed| seed % PARTS == part) {
        let counts = run_case(seed);
        entries += counts.entries;
        clashes += counts.taken;
        complements += counts.complements;
    }
    // The generator is no use if hardly anything is found, or nothing clashes.
    assert!(entries > 1_000, "only {entries} entries in part {part}");
    assert!(clashes > 4, "only {clashes} clashes in part {part}");
    let ComplementCounts { found, different } = complements;
    assert!(found > 1_000 && different > 50, "only {found} found, {different} different in part {part}");
}

#[test]
fn databases_agree_with_the_oracle_1() {
    run_part(0);
}

#[test]
fn databases_agree_with_the_oracle_2() {
    run_part(1);
}

#[test]
fn databases_agree_with_the_oracle_3() {
    run_part(2);
}

#[test]
fn databases_agree_with_the_oracle_4() {
    run_part(3);
}
