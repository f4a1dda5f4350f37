//! Medians of random rows: every database must answer as a sorted list does, to the last digit.

use super::apply::{cast_body, new_row, run_blocking};
use crate::fixture::StoreFixture;
use bigdecimal::{BigDecimal, Zero};
use cairn_model::Value;
use cairn_query::{Access, Action, AggregateQuery, Measure, QueryLimits, QueryRequest};
use cairn_store::StoreError;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Sets of rows, and the largest number of rows in one.
const SETS: usize = 60;
const MAX_ROWS: usize = 24;

/// The fields that medians are asked of, and whether the number is a text in JSON.
const FIELDS: [(&str, bool); 7] = [
    ("pieces", false),
    ("views", true),
    ("amount", false),
    ("chance", false),
    ("size.width", false),
    ("size.price", false),
    ("size.weight", false),
];

fn fixtures() -> Vec<StoreFixture> {
    let attributes = json!({
        "group": { "type": "string" }, "set": { "type": "integer" },
        "pieces": { "type": "integer" }, "views": { "type": "biginteger" }, "amount": { "type": "decimal" },
        "chance": { "type": "float" },
        "size": { "type": "component", "component": "shared.size" },
    });
    let size = json!({ "width": { "type": "integer" }, "price": { "type": "decimal" }, "weight": { "type": "float" } });
    let types = [("sale", json!({ "kind": "collectionType", "collectionName": "sales", "attributes": attributes }))];
    StoreFixture::on_every_database(&types, &[("shared.size", size)])
}

/// A number of one of the kinds; none at times.
fn random_number(rng: &mut StdRng, field: &str) -> Option<BigDecimal> {
    if rng.random_bool(0.2) {
        return None;
    }
    let number = match field {
        "views" => {
            BigDecimal::from(rng.random_range(i64::MAX - 5..=i64::MAX) * if rng.random_bool(0.5) { 1 } else { -1 })
        }
        "amount" | "size.price" => {
            let largest = 10_i128.pow(rng.random_range(1..=27));
            BigDecimal::new(rng.random_range(-largest..=largest).into(), rng.random_range(0..=14))
        }
        // Of eighths, floats and their means are exact.
        "chance" | "size.weight" => BigDecimal::new((rng.random_range(-40..=40_i64) * 125).into(), 3),
        _ => BigDecimal::from(rng.random_range(-3..=6_i64)),
    };
    Some(number.normalized())
}

fn plain_text(number: &BigDecimal) -> String {
    if number.is_zero() { "0".to_owned() } else { number.normalized().to_plain_string() }
}

/// A row: its group and a number for each of [`FIELDS`].
type RandomRow = (&'static str, Vec<Option<BigDecimal>>);

fn random_row(rng: &mut StdRng) -> RandomRow {
    let group = ["a", "b", "c"][rng.random_range(0..3)];
    (group, FIELDS.iter().map(|(field, _)| random_number(rng, field)).collect())
}

fn row_body(set: usize, (group, numbers): &RandomRow) -> Map<String, Json> {
    let mut body = json!({ "group": group, "set": set, "size": {} });
    for ((field, _), number) in FIELDS.iter().zip(numbers) {
        let text = number.as_ref().map(plain_text);
        let value = match *field {
            "amount" | "size.price" | "views" => json!(text),
            _ => text.map_or(Json::Null, |text| serde_json::from_str(&text).unwrap()),
        };
        match field.split_once('.') {
            Some((component, name)) => body[component][name] = value,
            None => body[*field] = value,
        }
    }
    body.as_object().unwrap().clone()
}

fn insert_sets(fixture: &StoreFixture, sets: &[Vec<RandomRow>]) {
    let sets = sets.to_vec();
    let write = fixture.store.write(move |tx| {
        let registry = tx.registry();
        let ct = registry.by_route("sales").unwrap();
        for (set, rows) in sets.iter().enumerate() {
            for (n, random) in rows.iter().enumerate() {
                let mut row = new_row(&registry, ct.id, format!("sale{set}x{n}"), "", true);
                let cast = cast_body(&registry, ct.id, &row_body(set, random));
                assert!(cast.errors.is_empty() && cast.format.is_none(), "{:?} {:?}", cast.errors, cast.format);
                row.values = cast.values;
                row.values.iter_mut().try_for_each(|value| match value {
                    Value::Instance(_) => tx.documents().number_instances(value),
                    _ => Ok(()),
                })?;
                tx.documents().insert_row(ct.id, &row)?;
            }
        }
        Ok::<_, StoreError>(())
    });
    run_blocking(write).unwrap();
}

/// The medians of a set as the store answers.
fn query_medians(fixture: &StoreFixture, set: usize, group_by: &[String], order: &[String]) -> String {
    let access = Access::full();
    let request = QueryRequest {
        registry: fixture.registry(),
        access: &access,
        action: Action::Find,
        content_type: fixture.registry().by_route("sales").unwrap().id,
        default_locale: "en",
        limits: QueryLimits::default(),
        lenient: false,
    };
    let measures = FIELDS.map(|(field, _)| (Measure::Median, field.to_owned()));
    let figures = AggregateQuery { group_by, measures: &measures, order, limit: 10 };
    let query = cairn_query::Query::from_text(format!("filters[set]={set}"));
    let (plan, _) = cairn_query::plan_aggregate(&request, &query, &figures).unwrap();
    let mut out = Vec::new();
    fixture.store.read(|reader| reader.entries().aggregate(&plan, "en", &mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

/// The mean of the two middle numbers, slowly.
fn slow_median(rows: &[&RandomRow], field: usize) -> Option<BigDecimal> {
    let mut numbers: Vec<&BigDecimal> = rows.iter().filter_map(|(_, numbers)| numbers[field].as_ref()).collect();
    numbers.sort();
    let middle = numbers.len().checked_sub(1)?;
    let (lower, upper) = (numbers[middle / 2], numbers[middle.div_ceil(2)]);
    Some((lower + upper) * BigDecimal::new(5.into(), 1))
}

fn expected_group(group: &str, rows: &[&RandomRow]) -> String {
    let medians = FIELDS.iter().enumerate().map(|(i, (field, quoted))| {
        let text = slow_median(rows, i).map_or_else(|| "null".to_owned(), |median| plain_text(&median));
        let quote = if *quoted && text != "null" { "\"" } else { "" };
        format!("\"{field}\":{quote}{text}{quote}")
    });
    format!("{{\"group\":{{{group}}},\"median\":{{{}}}}}", medians.collect::<Vec<_>>().join(","))
}

#[test]
fn medians_are_those_of_the_sorted_numbers() {
    let rng = &mut StdRng::seed_from_u64(7);
    let sets: Vec<Vec<RandomRow>> =
        (0..SETS).map(|_| (0..rng.random_range(0..=MAX_ROWS)).map(|_| random_row(rng)).collect()).collect();
    for fixture in fixtures() {
        insert_sets(&fixture, &sets);
        for (set, rows) in sets.iter().enumerate() {
            let describe_case = || format!("{}, set {set}: {rows:?}", fixture.database_name());
            let all: Vec<&RandomRow> = rows.iter().collect();
            let expected = format!("[{}]", expected_group("", &all));
            assert_eq!(query_medians(&fixture, set, &[], &[]), expected, "{}", describe_case());
            let mut groups: BTreeMap<&str, Vec<&RandomRow>> = BTreeMap::new();
            rows.iter().for_each(|row| groups.entry(row.0).or_default().push(row));
            let mut groups: Vec<_> = groups.into_iter().collect();
            let found = |order: &[&str]| {
                let order: Vec<String> = order.iter().map(|&key| key.to_owned()).collect();
                query_medians(&fixture, set, &["group".to_owned()], &order)
            };
            let expected = |groups: &[(&str, Vec<&RandomRow>)]| {
                let groups = groups.iter().map(|(group, rows)| expected_group(&format!("\"group\":\"{group}\""), rows));
                format!("[{}]", groups.collect::<Vec<_>>().join(","))
            };
            assert_eq!(found(&[]), expected(&groups), "{}", describe_case());
            // Groups without a number come first; what is left open is ordered by the groups' values.
            for (i, (field, _)) in FIELDS.iter().enumerate() {
                groups.sort_by_key(|(group, rows)| (slow_median(rows, i), *group));
                assert_eq!(found(&[&format!("median.{field}")]), expected(&groups), "{field}, {}", describe_case());
            }
        }
    }
}
