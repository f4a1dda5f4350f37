//! Changes of the schema on real databases: random models with data of every kind are changed while the change is killed at
//! every statement in turn, and changed back. `SEED=<n>` runs one case alone, `CAIRN_CHANGE_CASES=<n>` that many.
#![expect(clippy::print_stdout, reason = "how many cases there were, for whoever runs many")]

mod collation;
mod documents;
#[path = "../../../model/tests/change/expect.rs"]
mod expect;
#[path = "../../../model/tests/change/model.rs"]
#[expect(dead_code, reason = "shared with the tests of the planner, which use all of it")]
mod model;
mod nodes;
mod project;
mod rules;
mod unique_keys;
mod unique_texts;

use self::model::{Case, Model, ModelGenerator};
use cairn_model::Registry;
use cairn_model::change::{Answers, Snapshot};
use cairn_store::change::failpoint::{self, FailureMode};
use cairn_store::change::{ChangeTimes, RestoreOutcome, TrashEntry};
use cairn_store::{Database, StoreError};
use cairn_testkit::TestDatabase;
use expect::{expected_row, normalise_row};
use project::{Dump, dump, insert, open, random_rows, registry};
use serde_json::Value as Json;
use std::sync::Arc;

const DOCUMENTS: usize = 4;

pub(crate) fn times() -> ChangeTimes {
    ChangeTimes { now: "2026-02-01T10:00:00.000Z".into(), expires: "2026-03-03T10:00:00.000Z".into() }
}

/// The number of cases, and how to run a part of all.
fn cases() -> std::ops::Range<u64> {
    let variable = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    match (variable("SEED"), variable("CAIRN_CHANGE_CASES")) {
        (Some(seed), _) => seed..seed + 1,
        (None, cases) => 0..cases.unwrap_or(8),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_changes_are_atomic_and_reversible() {
    let (mut changed, mut killed, mut undone, mut restored) = (0, 0, 0, 0);
    for seed in cases() {
        let folder = tempfile::tempdir().unwrap();
        // The kinds of databases take turns.
        let mut all = TestDatabase::all_kinds(folder.path());
        let test = all.swap_remove(seed as usize % all.len());
        let database = Database::parse(test.url(), std::path::Path::new("")).unwrap();
        let mut generator = ModelGenerator::new(seed);
        let case = generator.case();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let (Ok(before), Ok(after)) = (registry(&a, &case.before), registry(&b, &case.after)) else { continue };
        let one = ChangeCase { seed, case: &case, database, before, after };
        let had = one.fill(&mut generator).await;
        let Some(statements) = one.change(&had).await else { continue };
        (changed, killed) = (changed + 1, killed + statements);
        if case.moves.is_empty() {
            undone += 1;
            restored += one.undo(&had, &folder.path().join("c")).await;
        }
    }
    println!("{changed} changes, killed at {killed} statements, {undone} undone with {restored} entries of the trash");
    if std::env::var("SEED").is_err() {
        assert!(changed * 10 >= cases().end * 8 && undone * 3 >= changed, "{changed} {undone}");
    }
}

struct ChangeCase<'a> {
    seed: u64,
    case: &'a Case,
    database: Database,
    before: Arc<Registry>,
    after: Arc<Registry>,
}

impl ChangeCase<'_> {
    /// Makes the rows before.
    async fn fill(&self, generator: &mut ModelGenerator) -> Dump {
        let store = open(&self.database, &self.before).unwrap();
        let rows = random_rows(generator, &self.case.before, DOCUMENTS);
        let work = move |tx: &mut cairn_store::WriteTx<'_>| -> Result<(), StoreError> {
            for (uid, document, locale, published, row) in &rows {
                insert(tx, uid, document, locale, *published, row)?;
            }
            Ok(())
        };
        store.write(work).await.unwrap();
        dump(&store).await.unwrap()
    }

    /// Changes it, killed at every statement before. How many there were; `None` where it cannot be done.
    async fn change(&self, had: &Dump) -> Option<u64> {
        let seed = self.seed;
        let planned = self.database.schema_plan(&self.after, &self.case.answers, false).unwrap();
        if !planned.plan.problems.is_empty() {
            println!("SEED={seed}: {:?}", planned.plan.problems);
            return None;
        }
        let describe_case = || {
            let steps: Vec<&str> = planned.plan.steps.iter().map(|s| s.sentence.as_str()).collect();
            format!("SEED={seed} {:?} {steps:#?}", self.database)
        };
        let answers = Answers { consent: Some(planned.plan.hash()), ..self.case.answers.clone() };
        let postgres = matches!(self.database, Database::Postgres(_));
        let mut n = 0;
        loop {
            let failure = if postgres && n % 2 == 1 { FailureMode::Disconnect } else { FailureMode::Error };
            failpoint::set(Some((n, failure)));
            let result = self.database.schema_apply(&self.after, &answers, &times());
            failpoint::set(None);
            match result {
                Ok(_) => break,
                Err(StoreError::Schema(e)) => panic!("{e} {}", describe_case()),
                Err(StoreError::Database { source, .. }) if source.to_string() != "made to fail by a test" => {
                    panic!("{source} {}", describe_case())
                }
                Err(StoreError::Unique) => panic!("a clash {}", describe_case()),
                Err(_) => {}
            }
            let store =
                open(&self.database, &self.before).unwrap_or_else(|e| panic!("{e} after {n} {}", describe_case()));
            assert_eq!(dump(&store).await.unwrap(), *had, "killed at {n} {}", describe_case());
            n += 1;
        }
        let store = open(&self.database, &self.after).unwrap_or_else(|e| panic!("{e} {}", describe_case()));
        let has = dump(&store).await.unwrap_or_else(|e| panic!("{e} {}", describe_case()));
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new(), "{}", describe_case());
        drop(store);
        self.compare(had, &has, &describe_case);
        let plan = self.database.schema_plan(&self.after, &self.case.answers, false).unwrap();
        assert_eq!(plan.plan.steps, [], "{}", describe_case());
        assert_eq!(plan.leftovers, Vec::<String>::new(), "{}", describe_case());
        assert_eq!(plan.missing, Vec::<String>::new(), "{}", describe_case());
        Some(n)
    }

    /// Every row is what its parts say.
    fn compare(&self, had: &Dump, has: &Dump, describe_case: &dyn Fn() -> String) {
        let shape = Snapshot::from_registry(&self.after);
        for ty in &self.case.before.types {
            let Some(now) = self.case.after.types.iter().find(|t| t.id == ty.id) else { continue };
            let (old, new) = (&had[&ty.uid], &has[&now.uid]);
            assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>(), "{}", describe_case());
            for (key, row) in old {
                let mut ids = std::collections::BTreeSet::new();
                collect_ids(&Json::Object(row.clone()), &mut ids);
                let expected = expected_row(self.case, ty, now, row);
                let mut found = Json::Object(new[key].clone());
                renumber(&mut found, &ids);
                let Json::Object(found) = found else { panic!() };
                let (found, expected) =
                    (normalise_row(&shape, &now.uid, &found), normalise_row(&shape, &now.uid, &expected));
                assert_eq!(found, expected, "{} {key} was {row:#?}\n{}", now.uid, describe_case());
            }
        }
    }

    /// Back by answers and from the trash; how many entries that took.
    async fn undo(&self, had: &Dump, folder: &std::path::Path) -> usize {
        let seed = self.seed;
        let mut files: Model = self.case.before.clone();
        for owner in files.types.iter_mut().chain(&mut files.components) {
            owner.hint = None;
            owner.attributes.iter_mut().for_each(|a| a.hint = None);
        }
        let registry = registry(folder, &files).unwrap();
        let mut answers = reverse_answers(self.case);
        let planned = self.database.schema_plan(&registry, &answers, false).unwrap();
        let sentences: Vec<String> = planned.plan.steps.iter().map(|s| s.sentence.clone()).collect();
        let input = format!("{answers:?}");
        let describe_case = || format!("SEED={seed} {:?} back: {sentences:#?} {input}", self.database);
        if !planned.plan.problems.is_empty() {
            // Kinds with one way alone, such as JSON to what it was made of.
            println!("SEED={seed}: {:?}", planned.plan.problems);
            return 0;
        }
        let trash = self.database.schema_trash(&registry).unwrap();
        let trash_ids: Vec<i64> = trash.iter().map(|e| e.id).collect();
        answers.consent = Some(planned.plan.hash());
        self.database.schema_apply(&registry, &answers, &times()).unwrap_or_else(|e| panic!("{e} {}", describe_case()));
        let restored = restore_all(&self.database, &registry, &trash_ids, &describe_case);
        let store = open(&self.database, &registry).unwrap();
        let has = dump(&store).await.unwrap();
        assert_eq!(has, *had, "{}", describe_case());
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new(), "{}", describe_case());
        restored
    }
}

/// Restores until nothing is left, types first: what was in them comes after.
fn restore_all(
    database: &Database,
    registry: &Arc<Registry>,
    trash_ids: &[i64],
    describe_case: &dyn Fn() -> String,
) -> usize {
    let mut restored_count = 0;
    let mut last_outcomes: Vec<(i64, RestoreOutcome)> = Vec::new();
    for _ in 0..8 {
        let all = database.schema_trash(registry).unwrap();
        let mut entries: Vec<&TrashEntry> = all.iter().filter(|e| trash_ids.contains(&e.id)).collect();
        if entries.is_empty() {
            return restored_count;
        }
        entries.sort_by_key(|e| (!e.owner.contains("::"), e.id));
        last_outcomes.clear();
        for entry in entries {
            let restored = database.schema_restore(registry, entry.id, &times());
            let restored = restored.unwrap_or_else(|e| panic!("{e}\n{entry:#?} {}", describe_case()));
            restored_count += usize::from(restored.left_count == 0);
            last_outcomes.push((entry.id, restored));
        }
    }
    panic!("{last_outcomes:#?} {}", describe_case());
}

/// The inverse of every rename.
fn reverse_answers(case: &Case) -> Answers {
    let mut answers = Answers::default();
    for owner in case.after.types.iter().chain(&case.after.components) {
        let Some(was) = case.before.types.iter().chain(&case.before.components).find(|b| b.id == owner.id) else {
            continue;
        };
        if was.uid != owner.uid {
            answers.renames.insert(owner.uid.clone(), Some(was.uid.clone()));
        }
        for attribute in &owner.attributes {
            let to = match was.attributes.iter().find(|a| a.id == attribute.id) {
                Some(old) if old.name == attribute.name => continue,
                Some(old) => Some(old.name.clone()),
                None => None,
            };
            answers.renames.insert(format!("{}.{}", owner.uid, attribute.name), to);
        }
    }
    answers
}

fn collect_ids(value: &Json, ids: &mut std::collections::BTreeSet<i64>) {
    match value {
        Json::Array(list) => list.iter().for_each(|v| collect_ids(v, ids)),
        Json::Object(map) => {
            ids.extend(map.get("id").and_then(Json::as_i64));
            map.values().for_each(|v| collect_ids(v, ids));
        }
        _ => {}
    }
}

/// Ids that were not there before all look alike.
fn renumber(value: &mut Json, ids: &std::collections::BTreeSet<i64>) {
    match value {
        Json::Array(list) => list.iter_mut().for_each(|v| renumber(v, ids)),
        Json::Object(map) => {
            if let Some(id) = map.get_mut("id")
                && id.as_i64().is_some_and(|id| !ids.contains(&id))
            {
                *id = expect::NEW.into();
            }
            map.values_mut().for_each(|v| renumber(v, ids));
        }
        _ => {}
    }
}
