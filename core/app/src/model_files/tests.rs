use super::*;
use serde_json::json;
use tempfile::TempDir;

const TYPE_FILE: &str = "content-types/api/a/content-types/a/schema.json";
const COMPONENT_FILE: &str = "content-types/components/x/y.json";
const DROPPED_FILE: &str = "content-types/api/b/content-types/b/schema.json";

fn schema(singular: &str, attributes: Json) -> Json {
    json!({
        "kind": "collectionType", "collectionName": format!("{singular}s"),
        "info": { "singularName": singular, "pluralName": format!("{singular}s"), "displayName": singular },
        "options": { "draftAndPublish": false }, "attributes": attributes,
    })
}

/// A project with two types.
fn project() -> (TempDir, Config) {
    let dir = tempfile::tempdir().unwrap();
    for (path, singular) in [(TYPE_FILE, "a"), (DROPPED_FILE, "b")] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, schema(singular, json!({ "title": { "type": "string" } })).to_string()).unwrap();
    }
    std::fs::write(dir.path().join("cairn.toml"), "").unwrap();
    let config = Config::load(dir.path(), &|_| None).unwrap();
    (dir, config)
}

/// One type gets a component that is new, the other one goes.
fn changes() -> SchemaFileChanges {
    let part = json!({ "type": "component", "component": "x.y" });
    let map = |json: Json| json.as_object().cloned();
    [
        (TYPE_FILE, map(schema("a", json!({ "title": { "type": "string" }, "part": part })))),
        (
            COMPONENT_FILE,
            map(json!({ "info": { "displayName": "y" }, "attributes": { "line": { "type": "string" } } })),
        ),
        (DROPPED_FILE, None),
    ]
    .into_iter()
    .map(|(path, schema)| (path.to_owned(), schema))
    .collect()
}

/// All that is in a project but for the lock: files with their content, folders that nothing is in.
fn content(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let inner = content(&path);
            let empty = inner.is_empty() && !path.ends_with("data");
            found.extend(inner);
            found.extend(empty.then_some((path, "empty".to_owned())));
        } else if !path.ends_with(LOCK_FILE_NAME) {
            found.push((path.strip_prefix(folder).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The files of the types and components by their paths.
fn schema_files(project: &Path) -> Vec<(&'static str, bool)> {
    let part = |path: &str| std::fs::read_to_string(project.join(path)).is_ok_and(|text| text.contains("x.y"));
    [TYPE_FILE, COMPONENT_FILE, DROPPED_FILE]
        .map(|path| (path, if path == TYPE_FILE { part(path) } else { project.join(path).exists() }))
        .to_vec()
}

const BEFORE: [(&str, bool); 3] = [(TYPE_FILE, false), (COMPONENT_FILE, false), (DROPPED_FILE, true)];
const AFTER: [(&str, bool); 3] = [(TYPE_FILE, true), (COMPONENT_FILE, true), (DROPPED_FILE, false)];

/// Fails at a step, counted from zero.
fn fail_at(step: usize) -> impl FnMut() -> std::io::Result<()> {
    let mut taken = 0;
    move || {
        taken += 1;
        if taken > step { Err(std::io::Error::other("no space left on device")) } else { Ok(()) }
    }
}

#[test]
fn every_step_may_fail_and_the_next_start_finds_all_files_or_none() {
    let mut failed_before = 0;
    let mut failed_after = 0;
    for step in 0.. {
        let (dir, config) = project();
        let before = content(dir.path());
        let mut hook = fail_at(step);
        match begin_change_with(&config, &changes(), &mut hook) {
            Err(e) => {
                assert!(e.0.contains("no space left on device"), "{e}");
                assert_eq!(content(dir.path()), before, "step {step}");
                // A change that is in no database leaves nothing to do at the next start.
                finish_interrupted_with(&config, &mut |_| panic!("there is no note")).unwrap();
                failed_before += 1;
            }
            // The databases have the change from here on.
            Ok(pending) => match pending.finish_with(&mut hook) {
                Err(_) => {
                    finish_interrupted_with(&config, &mut |_| Ok(true)).unwrap();
                    assert_eq!(schema_files(dir.path()), AFTER, "step {step}");
                    assert!(!config.data_folder().join(NOTE_FILE_NAME).exists());
                    failed_after += 1;
                }
                Ok(()) => {
                    assert_eq!(schema_files(dir.path()), AFTER);
                    // Empty folders are removed with the deleted file.
                    assert!(!dir.path().join("content-types/api/b").exists());
                    break;
                }
            },
        }
        load_changed(dir.path(), &[], &SchemaFileChanges::new()).unwrap();
    }
    // The note and two new files; two that are replaced, one that is deleted, and the note.
    assert_eq!((failed_before, failed_after), (3, 4));
}

/// A process that is killed releases its lock, and cleans nothing up.
fn kill(pending: PendingModelChange) {
    let PendingModelChange { files, _lock, .. } = pending;
    std::mem::forget(files);
}

#[test]
fn killed_changes_are_finished_or_discarded() {
    for (reached, expected) in [(false, BEFORE), (true, AFTER)] {
        let (dir, config) = project();
        let before = content(dir.path());
        kill(begin_change(&config, &changes()).unwrap());
        assert!(content(dir.path()).iter().any(|(path, _)| path.to_string_lossy().contains(".cairn-")));
        finish_interrupted_with(&config, &mut |registry| {
            assert!(registry.component_by_uid("x.y").is_some());
            Ok(reached)
        })
        .unwrap();
        assert_eq!(schema_files(dir.path()), expected);
        if !reached {
            // The folder of all components may have been there before.
            let after: Vec<_> =
                content(dir.path()).into_iter().filter(|(path, _)| !path.ends_with("components")).collect();
            assert_eq!(after, before);
        }
        assert!(!content(dir.path()).iter().any(|(path, _)| path.to_string_lossy().contains(".cairn-")));
        // Once and for all.
        finish_interrupted_with(&config, &mut |_| panic!("there is no note")).unwrap();
    }
}

#[test]
fn refused_changes_leave_nothing_behind() {
    let (dir, config) = project();
    let before = content(dir.path());
    begin_change(&config, &changes()).unwrap().cancel().unwrap();
    assert_eq!(content(dir.path()), before);
    // A file is in the place of a component's folder.
    std::fs::create_dir_all(dir.path().join("content-types/components")).unwrap();
    std::fs::write(dir.path().join("content-types/components/x"), "in the way").unwrap();
    let before = content(dir.path());
    assert!(begin_change(&config, &changes()).is_err());
    assert_eq!(content(dir.path()), before);
}

#[test]
fn a_change_in_progress_is_left_alone() {
    let (dir, config) = project();
    let pending = begin_change(&config, &changes()).unwrap();
    let during = content(dir.path());
    // A second process starts meanwhile, and a third one tries another change.
    finish_interrupted_with(&config, &mut |_| Ok(true)).unwrap();
    let error = begin_change(&config, &changes()).err().unwrap();
    assert!(error.0.contains("another process"), "{error}");
    assert_eq!(content(dir.path()), during);
    pending.finish().unwrap();
    assert_eq!(schema_files(dir.path()), AFTER);
}
