//! Data of every kind goes from one database to the next, and comes back as it was.

use super::data::{Data, Write};
use super::query::Query;
use super::shape::Shape;
use super::{apply, check_query};
use crate::fixture::StoreFixture;
use cairn_store::StoreError;
use cairn_store::transfer::{CellKind, DumpOutline};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Number of random models.
const MODELS: u64 = 10;

/// Dump of a database: the outline, and every table's lines.
type Dump = (DumpOutline, BTreeMap<String, Vec<String>>);

fn dump(fixture: &StoreFixture) -> Dump {
    let read = fixture.store.read_all(|r| {
        let outline = r.transfer().describe()?;
        let mut tables = BTreeMap::new();
        for table in &outline.tables {
            let mut lines = Vec::new();
            let n = r.transfer().dump_table(table, |line| {
                lines.push(line.to_owned());
                Ok::<_, StoreError>(())
            })?;
            assert_eq!(n, lines.len() as u64);
            tables.insert(table.name.clone(), lines);
        }
        Ok::<_, StoreError>((outline, tables))
    });
    read.unwrap()
}

fn load(fixture: &StoreFixture, (outline, tables): Dump) {
    let write = fixture.store.write(move |tx| {
        tx.transfer().begin_load(&outline, true)?;
        for table in &outline.tables {
            let lines: Vec<&str> = tables[&table.name].iter().map(String::as_str).collect();
            lines.chunks(7).try_for_each(|lines| tx.transfer().load_rows(table, lines))?;
        }
        tx.transfer().finish_load(&outline)
    });
    apply::run_blocking(write).unwrap();
}

/// PostgreSQL refuses to index texts that are longer than a third of a page.
fn is_long(write: &Write) -> bool {
    format!("{write:?}").len() > 4_000
}

#[test]
fn dumps_load_identically_into_every_database() {
    let mut rows = 0;
    for seed in 0..MODELS {
        let shape = Shape::random(seed);
        let rng = &mut StdRng::seed_from_u64(seed);
        let first = shape.open_everywhere().swap_remove(0);
        let mut data = Data::default();
        apply::insert_files(&first);
        for _ in 0..40 {
            let write = data.random_write(rng, &shape);
            if !is_long(&write) && data.apply(&shape, &write).is_ok() {
                apply::apply(&first, &shape, &write).unwrap();
            }
        }
        let begin = dump(&first);
        rows += begin.1.values().map(Vec::len).sum::<usize>();
        // SQLite, then PostgreSQL where there is one, twice: every change from one to the other is among it.
        let mut way = vec![first];
        for _ in 0..2 {
            way.extend(shape.open_everywhere().into_iter().rev());
        }
        for i in 1..way.len() {
            let (from, to) = (&way[i - 1], &way[i]);
            let describe_case = || format!("SEED={seed}, {} to {}", from.database_name(), to.database_name());
            assert!(to.store.read(|r| r.transfer().is_untouched()).unwrap(), "{}", describe_case());
            load(to, dump(from));
            let (mut outline, tables) = dump(to);
            assert_eq!(tables, begin.1, "{}", describe_case());
            assert_eq!(outline.left_out, Vec::<String>::new(), "{}", describe_case());
            // Files of the same names, each database's own.
            outline.migrations.clone_from(&begin.0.migrations);
            assert!(outline == begin.0, "{}: {} and {}", describe_case(), outline.next_instance, begin.0.next_instance);
            assert_eq!(to.store.check_integrity().unwrap(), Vec::<String>::new(), "{}", describe_case());
        }
        assert!(!way[1].store.read(|r| r.transfer().is_untouched()).unwrap());
        // The copies respond, and can be written to, as the first one.
        for _ in 0..10 {
            let query = Query::random(rng, &shape);
            for fixtures in way.chunks(1) {
                check_query(seed, fixtures, &shape, &data, &query);
            }
        }
        for _ in 0..5 {
            let write = data.random_write(rng, &shape);
            if !is_long(&write) && data.apply(&shape, &write).is_ok() {
                way.iter().for_each(|fixture| apply::apply(fixture, &shape, &write).unwrap());
            }
        }
        let query = Query::random(rng, &shape);
        for fixtures in way.chunks(1) {
            check_query(seed, fixtures, &shape, &data, &query);
        }
        // In the place of what is there.
        let (last_fixture, before) = (way.last().unwrap(), way[0].store.read(|r| r.transfer().describe()).unwrap());
        load(last_fixture, begin.clone());
        assert_eq!(dump(last_fixture).1, begin.1);
        let numbers = |outline: &DumpOutline| outline.tables.iter().map(|t| t.next).collect::<Vec<_>>();
        assert_eq!(numbers(&dump(last_fixture).0), numbers(&before), "numbers are never given out twice");
        check_exports(seed, &way);
        check_misfits(last_fixture, &begin.0);
    }
    assert!(rows > 300, "only {rows} rows");
}

/// Checks that misfits in a dump's outline are found.
fn check_misfits(fixture: &StoreFixture, outline: &DumpOutline) {
    let list_misfits = |change: fn(&mut DumpOutline)| {
        let mut outline = outline.clone();
        change(&mut outline);
        fixture.store.read(|r| Ok::<_, StoreError>(r.transfer().find_misfits(&outline))).unwrap().join("\n")
    };
    assert_eq!(list_misfits(|_| {}), "");
    assert!(list_misfits(|o| o.migrations.push("9999_later".into())).contains("migration 9999_later"));
    assert!(
        list_misfits(|o| o.tables[0].name = "x\"; DROP TABLE y; --".into())
            .contains("the content types have no table of that name")
    );
    assert!(list_misfits(|o| o.tables[0].columns[1].name = "x\"".into()).contains("no column of that name exists"));
    assert!(list_misfits(|o| o.tables[0].columns[1].kind = CellKind::Float).contains("Float in the dump"));
    assert!(list_misfits(|o| drop(o.tables[0].columns.remove(0))).contains("missing from the dump"));
    assert!(list_misfits(|o| o.tables[1] = o.tables[0].clone()).contains("it occurs twice"));
    assert!(list_misfits(|o| o.tables[0].next = Some(i64::MAX)).contains("is not a valid next id"));
    assert!(list_misfits(|o| o.next_instance = -1).contains("is not a valid next id"));
}

/// Exports of all databases with the same data are the same.
fn check_exports(seed: u64, way: &[StoreFixture]) {
    let export = |fixture: &StoreFixture| -> Vec<Json> {
        let mut all = Vec::new();
        for ct in fixture.registry().types() {
            let exported = fixture.store.read_all(|r| {
                r.transfer().export_documents(ct.id, |document| {
                    all.push(document.clone());
                    Ok::<_, StoreError>(())
                })
            });
            exported.unwrap();
        }
        all
    };
    // The first and the last differ by now.
    for pair in way[..way.len() - 1].windows(2) {
        let (a, b) = (export(&pair[0]), export(&pair[1]));
        assert_eq!(super::without_ids(&json(&a)), super::without_ids(&json(&b)), "SEED={seed}");
    }
}

/// Objects have their keys in the order of each database.
fn json(all: &[Json]) -> String {
    let mut all = Json::Array(all.to_vec());
    all.sort_all_objects();
    all.to_string()
}

/// A dump is of one moment: money that goes from one document to another is there once, whenever it is taken.
#[test]
fn dumps_are_consistent_during_writes() {
    use serde_json::json;
    use std::sync::atomic::{AtomicBool, Ordering};
    let account = json!({"kind": "collectionType", "attributes": {"balance": {"type": "biginteger"}}});
    for fixture in StoreFixture::on_every_database(&[("account", account)], &[]) {
        let ct = fixture.registry().by_route("accounts").unwrap().id;
        let future = fixture.store.write(move |tx| {
            for id in ["a", "b"] {
                let mut row = apply::new_row(&tx.registry(), ct, id.to_owned(), "", true);
                row.values[0] = cairn_model::Value::Int(1_000);
                tx.documents().insert_row(ct, &row)?;
            }
            Ok::<_, StoreError>(())
        });
        apply::run_blocking(future).unwrap();
        let is_running = AtomicBool::new(true);
        let sums: Vec<(i64, i64)> = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut n = 0;
                while is_running.load(Ordering::Relaxed) {
                    n += 1;
                    let moved = fixture.store.write(move |tx| {
                        for (id, sign) in [("a", -1), ("b", 1)] {
                            let mut row = tx.reader().documents().get_row(ct, id, "", true)?.unwrap();
                            let cairn_model::Value::Int(balance) = row.values[0] else { panic!("{row:?}") };
                            row.values[0] = cairn_model::Value::Int(balance + sign * (n % 7));
                            tx.documents().update_row(ct, &mut row)?;
                        }
                        Ok::<_, StoreError>(())
                    });
                    apply::run_blocking(moved).unwrap();
                }
            });
            let mut sums: Vec<(i64, i64)> = Vec::new();
            // On a machine that has much else to do the writer may not get its turn for a while.
            while sums.len() < 60 || (sums.len() < 20_000 && sums.iter().all(|(a, _)| *a == sums[0].0)) {
                let (_, tables) = dump(&fixture);
                let balances = tables["accounts"].iter().map(|line| {
                    let row: Vec<Json> = serde_json::from_str(line).unwrap();
                    row.last().unwrap().as_i64().unwrap()
                });
                let all: Vec<i64> = balances.collect();
                sums.push((all[0], all.iter().sum()));
            }
            is_running.store(false, Ordering::Relaxed);
            writer.join().unwrap();
            sums
        });
        assert!(sums.iter().all(|(_, sum)| *sum == 2_000), "{}: {sums:?}", fixture.database_name());
        assert!(
            sums.iter().any(|(a, _)| *a != sums[0].0),
            "{}: nothing was written meanwhile",
            fixture.database_name()
        );
    }
}
