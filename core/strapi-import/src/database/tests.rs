use super::*;
use crate::convert::read_assets;
use crate::convert::tests::{ConversionResult, convert};
use crate::schemas::build_schema_files;
use crate::source::ImportSource;
use crate::survey::survey_archive;
use cairn_testkit::TestDatabase;
use rusqlite::Connection;
use std::fs::File;
use std::sync::Arc;

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

pub(super) fn open_archive(name: &str) -> Archive {
    let path = fixture(name);
    Archive::new(Arc::new(move || Ok(Box::new(File::open(&path)?) as _)), None).unwrap()
}

fn database_of(file: &Path) -> DatabaseSource {
    source_of(StrapiDatabase::Sqlite(file.to_owned()), "uploads")
}

fn source_of(database: StrapiDatabase, uploads: &str) -> DatabaseSource {
    let project = StrapiProject::open(&fixture("app")).unwrap();
    DatabaseSource {
        database,
        components: Some(project.folder().to_owned()),
        uploads: Some(fixture(uploads)),
        version: project.version().to_owned(),
        read_at: "2026-11-30T12:00:00.000Z".into(),
    }
}

/// Reads the fixture's database after statements have changed it.
fn read_changed(statements: &str) -> Result<Archive, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.db");
    std::fs::copy(fixture("data.db"), &file).unwrap();
    Connection::open(&file).unwrap().execute_batch(&format!("PRAGMA foreign_keys = OFF; {statements}")).unwrap();
    read_database(&database_of(&file))
}

/// Every row that is handed over, with all that it has. Sorted: archives have rows in no order of their own on PostgreSQL.
fn describe_rows(converted: &ConversionResult) -> Vec<String> {
    let describe = |(ct, version): &(cairn_model::TypeId, cairn_store::content::BulkVersion)| {
        let (uid, row) = (&converted.registry.get(*ct).uid, &version.row);
        let mut to_one: Vec<String> = row.to_one.iter().map(|link| format!("{link:?}")).collect();
        to_one.sort();
        let times = (&row.created_at, &row.updated_at, &row.published_at);
        format!(
            "{uid} {} {} {:?} {} {times:?} {:?} {to_one:?} {:?}",
            row.id, row.document_id, row.locale, row.published, row.values, version.links
        )
    };
    let mut rows: Vec<String> = converted.collected.versions.iter().map(describe).collect();
    rows.sort();
    rows
}

#[test]
fn database_and_archive_of_a_project_have_the_same_content() {
    let database = read_database(&database_of(&fixture("data.db"))).unwrap();
    assert_same_content(&database, &open_archive("export.tar.gz"), "5.54.0");
}

#[test]
fn databases_of_postgresql_have_the_content_of_their_archives() {
    let folder = tempfile::tempdir().unwrap();
    for database in TestDatabase::all_kinds(folder.path()).into_iter().filter(TestDatabase::is_postgres) {
        let (_, schema) = database.url().rsplit_once("schema=").unwrap();
        let dump = File::open(fixture("postgres/database.sql.gz")).unwrap();
        let dump = std::io::read_to_string(flate2::read::GzDecoder::new(dump)).unwrap();
        let dump = dump.replace("public.", &format!("{schema}."));
        let location = StrapiDatabase::parse(database.url()).unwrap();
        let StrapiDatabase::Postgres(location) = location else { panic!() };
        location.run_script(&format!("CREATE SCHEMA {schema}; {dump}"));
        let source = source_of(StrapiDatabase::Postgres(location.clone()), "postgres/uploads");
        assert_same_content(&read_database(&source).unwrap(), &open_archive("postgres/export.tar.gz"), "5.54.0");

        location.run_script(&format!("ALTER TABLE {schema}.tags DROP COLUMN label"));
        let message = read_database(&source).err().unwrap().to_string();
        assert!(message.contains("the table tags of api::tag.tag has no column label"), "{message}");
        location.run_script(&format!("DROP SCHEMA {schema} CASCADE"));
        let message = read_database(&source).err().unwrap().to_string();
        assert!(message.contains("not a database of Strapi"), "{message}");
    }
}

/// Compares a database with the archive that Strapi wrote of it: schemas, rows, files, report.
pub(super) fn assert_same_content(database: &Archive, archive: &Archive, version: &str) {
    let (of_archive, of_database) = (survey_archive(archive).unwrap(), survey_archive(database).unwrap());
    let schemas = |survey: &crate::Survey| build_schema_files(&survey.schemas, &mut survey.begin_report());
    assert_eq!(schemas(&of_database), schemas(&of_archive));
    assert_eq!(of_database.views, of_archive.views);
    assert_eq!(of_database.registration, of_archive.registration);
    assert_eq!(of_database.asset_objects(), of_archive.asset_objects());

    let (of_archive, of_database) = (convert(archive).unwrap(), convert(database).unwrap());
    let (expected, rows) = (describe_rows(&of_archive), describe_rows(&of_database));
    assert!(rows.len() > 25, "{}", rows.len());
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected);
    }
    assert_eq!(rows.len(), expected.len());
    let files = |converted: &ConversionResult| {
        let mut files = converted.collected.files.clone();
        files.sort_by_key(|file| file.document_id.clone());
        files
    };
    assert_eq!(files(&of_database), files(&of_archive));
    let (mut report, mut expected) = (of_database.report, of_archive.report);
    for report in [&mut report, &mut expected] {
        report.differences.sort_by_key(|found| (found.place.clone(), found.message.clone()));
    }
    assert_eq!((report.source, report.strapi.as_str()), (ImportSource::Database, version));
    assert!(report.to_string().contains("in database"), "{report}");
    report.source = ImportSource::Archive;
    report.archived_at.clone_from(&expected.archived_at);
    assert_eq!(report, expected);
}

#[test]
fn databases_that_are_not_as_strapi_leaves_them_are_refused_by_name() {
    for (statements, expected) in [
        ("DROP TABLE articles_tags_lnk", "the table articles_tags_lnk of api::article.article.tags is missing"),
        ("DROP TABLE articles_cmps", "articles_cmps"),
        ("ALTER TABLE tags DROP COLUMN label", "the table tags of api::tag.tag has no column label"),
        ("ALTER TABLE files RENAME COLUMN document_id TO other", "_components of api::"),
        ("DROP TABLE strapi_core_store_settings", "not a database of Strapi"),
        ("DROP TABLE strapi_core_store_settings; CREATE TABLE core_store (id INTEGER PRIMARY KEY)", "Strapi 3"),
        ("DELETE FROM strapi_core_store_settings WHERE key = 'strapi_content_types_schema'", "no content types"),
        (
            "UPDATE strapi_core_store_settings SET value = '[' WHERE key = 'strapi_content_types_schema'",
            "strapi_content_types_schema is not a JSON object",
        ),
        ("UPDATE files SET hash = '../../../etc/passwd', ext = '' WHERE id = 2", "table files, row 2"),
        ("UPDATE files SET ext = '/../x' WHERE id = 3", "table files, row 3"),
        (
            r#"UPDATE files SET formats = '{"small":{"hash":"/etc/","ext":"passwd"}}' WHERE id = 1"#,
            "table files, row 1",
        ),
        (
            "UPDATE articles SET body = CAST(zeroblob(67108865) AS TEXT) WHERE id = 1",
            "table articles: a value is larger",
        ),
        ("UPDATE articles SET body = x'fe' WHERE id = 1", "column body is not text"),
        ("UPDATE articles SET id = -3 WHERE id = 1", "table articles: a row has no valid id"),
    ] {
        let message = read_changed(statements).err().unwrap().to_string();
        assert!(message.contains(expected), "{statements}: {message}");
    }
}

#[test]
fn what_a_database_needs_beside_it_is_named() {
    let source = database_of(&fixture("data.db"));
    let refused = |source: &DatabaseSource| read_database(source).err().unwrap().to_string();
    let message = refused(&DatabaseSource { uploads: None, ..source.clone() });
    assert!(message.contains("--uploads"), "{message}");
    let message = refused(&DatabaseSource { components: None, ..source.clone() });
    assert!(message.contains("has components") && message.contains("--schemas"), "{message}");
    let unknown = read_database(&DatabaseSource { version: String::new(), ..source }).unwrap();
    assert_eq!(survey_archive(&unknown).unwrap().strapi, "5");
}

#[test]
fn locked_databases_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.db");
    std::fs::copy(fixture("data.db"), &file).unwrap();
    let writer = Connection::open(&file).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let message = read_database(&database_of(&file)).err().unwrap().to_string();
    assert!(message.contains("locked by another program"), "{message}");
}

#[test]
fn links_to_nothing_are_counted_by_table() {
    let archive = read_changed("UPDATE articles_tags_lnk SET tag_id = NULL WHERE id IN (1, 2)").unwrap();
    let report = convert(&archive).unwrap().report;
    let found = report.differences.iter().find(|d| d.place == "table articles_tags_lnk").unwrap();
    assert!(found.message.ends_with(": 2"), "{}", found.message);
    let archive = read_changed("DELETE FROM tags WHERE id = 1").unwrap();
    let report = convert(&archive).unwrap().report;
    assert!(report.to_string().contains("api::tag.tag 1 is not in the database"), "{report}");
}

#[test]
fn files_that_change_during_an_import_are_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fixture("uploads").read_dir().unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let source = DatabaseSource { uploads: Some(folder.path().to_owned()), ..database_of(&fixture("data.db")) };
    let archive = read_database(&source).unwrap();
    let survey = survey_archive(&archive).unwrap();
    let read_all = || {
        read_assets(&archive, &survey, &mut |_, body| {
            std::io::copy(body, &mut std::io::sink()).map_err(|e| ImportError::Stopped(e.to_string()))?;
            Ok(())
        })
    };
    read_all().unwrap();
    let changed = folder.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let before = std::fs::read(&changed).unwrap();
    std::fs::write(&changed, vec![b'x'; before.len()]).unwrap();
    assert!(read_all().unwrap_err().to_string().contains("has changed since it was checked"));
    std::fs::write(&changed, &before).unwrap();
    std::fs::remove_file(&changed).unwrap();
    assert!(read_all().unwrap_err().to_string().contains("files were removed since they were checked (1)"));
    let report = convert(&archive).unwrap().report;
    let missing = report.differences.iter().any(|d| d.message.contains("not in the uploads folder"));
    assert!(missing, "{report}");
}
