//! Databases with the tables of Strapi 4: one made by hand, and one of a real project.

use super::tests::{assert_same_content, fixture, open_archive};
use super::*;
use crate::convert::tests::{ConversionResult, convert};
use crate::strapi4::survey_any_version;
use crate::survey::survey_archive;
use cairn_model::Value;
use cairn_store::content::BulkVersion;
use rusqlite::Connection;

const ARTICLE: &str = "api::article.article";
const TAG: &str = "api::tag.tag";

/// Content types as Strapi 4 stores them.
fn schemas() -> Json {
    let timestamps = json!({"createdAt": {"type": "datetime"}, "updatedAt": {"type": "datetime"}});
    let with = |attributes: Json, more: &Json| {
        let mut all = attributes.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        Json::Object(all)
    };
    let draft_times = with(timestamps.clone(), &json!({"publishedAt": {"type": "datetime", "configurable": false}}));
    let locale = json!({
        "locale": {"type": "string", "configurable": false},
        "localizations": {"type": "relation", "relation": "oneToMany", "target": ARTICLE, "configurable": false},
    });
    let relation = |kind: &str, target: &str, side: &str, other: &str| json!({"type": "relation", "relation": kind, "target": target, side: other});
    let article = json!({
        "title": {"type": "string"}, "cover": {"type": "media", "multiple": false}, "seo": {"type": "component", "component": "shared.seo"},
        "sections": {"type": "dynamiczone", "components": ["shared.seo"]},
        "tags": relation("manyToMany", TAG, "inversedBy", "articles"),
        "createdBy": {"type": "relation", "relation": "oneToOne", "target": "admin::user", "useJoinTable": false, "configurable": false},
    });
    let of_type = |name: &str, table: &str, attributes: Json, draft: bool, localized: bool| {
        json!({
            "kind": "collectionType", "collectionName": table, "modelType": "contentType", "modelName": name, "attributes": attributes,
            "info": {"singularName": name, "pluralName": format!("{name}s"), "displayName": name},
            "options": {"draftAndPublish": draft}, "pluginOptions": {"i18n": {"localized": localized}},
        })
    };
    let file = json!({
        "name": {"type": "string"}, "hash": {"type": "string"}, "ext": {"type": "string"}, "mime": {"type": "string"}, "size": {"type": "decimal"},
        "url": {"type": "string"}, "provider": {"type": "string"}, "formats": {"type": "json"}, "folderPath": {"type": "string"},
        "related": {"type": "relation", "relation": "morphToMany"}, "folder": relation("manyToOne", "plugin::upload.folder", "inversedBy", "files"),
    });
    let folder = json!({
        "name": {"type": "string"}, "parent": relation("manyToOne", "plugin::upload.folder", "inversedBy", "children"),
        "files": relation("oneToMany", "plugin::upload.file", "mappedBy", "folder"),
    });
    let user = json!({
        "username": {"type": "string"}, "email": {"type": "email"}, "provider": {"type": "string"}, "password": {"type": "password"},
        "confirmed": {"type": "boolean"}, "role": relation("manyToOne", ROLE_UID, "inversedBy", "users"),
    });
    let role = json!({"name": {"type": "string"}, "description": {"type": "string"}, "type": {"type": "string"}});
    let permission =
        json!({"action": {"type": "string"}, "role": relation("manyToOne", ROLE_UID, "inversedBy", "permissions")});
    let tag = json!({"label": {"type": "string"}, "articles": relation("manyToMany", ARTICLE, "mappedBy", "tags")});
    json!({
        ARTICLE: of_type("article", "articles", with(with(article, &draft_times), &locale), true, true),
        TAG: of_type("tag", "tags", with(tag, &timestamps), false, false),
        FILE_UID: of_type("file", "files", with(file, &timestamps), false, false),
        FOLDER_UID: of_type("folder", "upload_folders", folder, false, false),
        LOCALE_UID: of_type("locale", "i18n_locale", json!({"name": {"type": "string"}, "code": {"type": "string"}}), false, false),
        "plugin::users-permissions.user": of_type("user", "up_users", with(user, &timestamps), false, false),
        ROLE_UID: of_type("role", "up_roles", role, false, false),
        PERMISSION_UID: of_type("permission", "up_permissions", permission, false, false),
    })
}

const TABLES: &str = r#"
    CREATE TABLE strapi_core_store_settings (id INTEGER PRIMARY KEY, key TEXT, value TEXT, type TEXT);
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, created_at INTEGER, updated_at INTEGER, published_at INTEGER, locale TEXT, created_by_id INTEGER);
    CREATE TABLE articles_components (id INTEGER PRIMARY KEY, entity_id INTEGER, component_id INTEGER, component_type TEXT, field TEXT, "order" REAL);
    CREATE TABLE articles_localizations_links (id INTEGER PRIMARY KEY, article_id INTEGER, inv_article_id INTEGER, article_order REAL);
    CREATE TABLE articles_tags_links (id INTEGER PRIMARY KEY, article_id INTEGER, tag_id INTEGER, tag_order REAL, article_order REAL);
    CREATE TABLE components_shared_seos (id INTEGER PRIMARY KEY, meta_title TEXT);
    CREATE TABLE components_shared_seos_topic_links (id INTEGER PRIMARY KEY, seo_id INTEGER, tag_id INTEGER);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, label TEXT, created_at INTEGER, updated_at INTEGER);
    CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT, hash TEXT, ext TEXT, mime TEXT, size NUMERIC, url TEXT, provider TEXT, formats TEXT,
        folder_path TEXT, created_at INTEGER, updated_at INTEGER);
    CREATE TABLE files_related_morphs (id INTEGER PRIMARY KEY, file_id INTEGER, related_id INTEGER, related_type TEXT, field TEXT, "order" REAL);
    CREATE TABLE files_folder_links (id INTEGER PRIMARY KEY, file_id INTEGER, folder_id INTEGER, file_order REAL);
    CREATE TABLE upload_folders (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE upload_folders_parent_links (id INTEGER PRIMARY KEY, folder_id INTEGER, inv_folder_id INTEGER, folder_order REAL);
    CREATE TABLE i18n_locale (id INTEGER PRIMARY KEY, name TEXT, code TEXT);
    CREATE TABLE up_users (id INTEGER PRIMARY KEY, username TEXT, email TEXT, provider TEXT, password TEXT, confirmed INTEGER, created_at INTEGER, updated_at INTEGER);
    CREATE TABLE up_users_role_links (id INTEGER PRIMARY KEY, user_id INTEGER, role_id INTEGER, user_order REAL);
    CREATE TABLE up_roles (id INTEGER PRIMARY KEY, name TEXT, description TEXT, type TEXT);
    CREATE TABLE up_permissions (id INTEGER PRIMARY KEY, action TEXT);
    CREATE TABLE up_permissions_role_links (id INTEGER PRIMARY KEY, permission_id INTEGER, role_id INTEGER, permission_order REAL);

    INSERT INTO i18n_locale VALUES (1, 'English', 'en'), (2, 'Dutch', 'nl');
    INSERT INTO strapi_core_store_settings (key, value) VALUES ('plugin_i18n_default_locale', '"en"');
    INSERT INTO articles VALUES
        (4, 'Eerste', 1700000000000, 1700000001000, NULL, 'nl', 1), (5, 'First', 1700000000000, 1700000002000, 1700000003000, 'en', 1),
        (6, 'Idea', 1700000000000, 1700000001000, NULL, 'en', 1);
    INSERT INTO articles_localizations_links (article_id, inv_article_id, article_order) VALUES (4, 5, 1), (5, 4, 1);
    INSERT INTO tags VALUES (1, 'One', 1700000000000, 1700000000000), (2, 'Two', 1700000000000, 1700000000000);
    INSERT INTO articles_tags_links (article_id, tag_id, tag_order, article_order) VALUES (5, 1, 2, 1), (5, 2, 1, 2), (6, 2, 1, 1);
    INSERT INTO components_shared_seos VALUES (1, 'Seo'), (2, 'Second'), (3, 'First of zone'), (9, 'Of no row');
    INSERT INTO components_shared_seos_topic_links (seo_id, tag_id) VALUES (1, 2), (9, 1);
    INSERT INTO articles_components (entity_id, component_id, component_type, field, "order") VALUES
        (5, 1, 'shared.seo', 'seo', NULL), (5, 2, 'shared.seo', 'sections', 2), (5, 3, 'shared.seo', 'sections', 1);
    INSERT INTO upload_folders VALUES (1, 'Press'), (2, 'Inside');
    INSERT INTO upload_folders_parent_links (folder_id, inv_folder_id, folder_order) VALUES (2, 1, 1);
    INSERT INTO files VALUES (1, 'a.txt', 'a_1', '.txt', 'text/plain', 0.01, '/uploads/a_1.txt', 'local', NULL, '/1/2', 1700000000000, 1700000000000);
    INSERT INTO files_folder_links (file_id, folder_id, file_order) VALUES (1, 2, 1);
    INSERT INTO files_related_morphs (file_id, related_id, related_type, field, "order") VALUES (1, 5, 'api::article.article', 'cover', 1);
    INSERT INTO up_roles VALUES (1, 'Authenticated', '', 'authenticated'), (2, 'Public', '', 'public');
    INSERT INTO up_users VALUES (1, 'ann', 'ann@example.com', 'local', '$2a$10$abcdefghijklmnopqrstuuLmL1rK3pO0F6vFyGQvQ0yq6m3V9a6mW', 1, 1700000000000, 1700000000000);
    INSERT INTO up_users_role_links (user_id, role_id, user_order) VALUES (1, 1, 1);
    INSERT INTO up_permissions VALUES (1, 'api::article.article.find');
    INSERT INTO up_permissions_role_links (permission_id, role_id, permission_order) VALUES (1, 2, 1);
"#;

const COMPONENT: &str = r#"{"collectionName": "components_shared_seos", "info": {"displayName": "Seo"}, "attributes": {
    "metaTitle": {"type": "string"}, "topic": {"type": "relation", "relation": "oneToOne", "target": "api::tag.tag"}
}}"#;

/// Calls `work` with the archive of the database after statements have changed it, while its uploads are there.
fn with_archive<T>(statements: &str, work: impl FnOnce(Result<Archive, ImportError>) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let connection = Connection::open(path("data.db")).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let stored = "INSERT INTO strapi_core_store_settings (key, value) VALUES ('strapi_content_types_schema', ?1)";
    connection.execute(stored, [schemas().to_string()]).unwrap();
    connection.execute_batch(statements).unwrap();
    drop(connection);
    std::fs::create_dir_all(path("src/components/shared")).unwrap();
    std::fs::write(path("src/components/shared/seo.json"), COMPONENT).unwrap();
    std::fs::create_dir(path("uploads")).unwrap();
    std::fs::write(path("uploads/a_1.txt"), "text").unwrap();
    work(read_database(&DatabaseSource {
        database: StrapiDatabase::Sqlite(path("data.db")),
        components: Some(folder.path().to_owned()),
        uploads: Some(path("uploads")),
        version: "4.26.1".into(),
        read_at: "2026-11-30T12:00:00.000Z".into(),
    }))
}

fn convert_changed(statements: &str) -> ConversionResult {
    with_archive(statements, |archive| convert(&archive.unwrap()).unwrap())
}

fn state(version: &BulkVersion) -> (i64, &str, bool) {
    (version.row.id, version.row.locale.as_str(), version.row.published)
}

#[test]
fn rows_in_several_locales_become_documents_with_drafts() {
    let converted = convert_changed("");
    assert!(converted.report.problems.is_empty(), "{}", converted.report);
    assert_eq!(converted.report.strapi, "4.26.1");
    let articles = converted.versions(ARTICLE);
    let states: Vec<_> = articles.iter().map(|version| state(version)).collect();
    // The draft beside row 5 has an id behind all others.
    assert_eq!(states, [(4, "nl", false), (5, "en", true), (11, "en", false), (6, "en", false)]);
    let ids: Vec<&str> = articles.iter().map(|version| version.row.document_id.as_str()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    assert_eq!(articles[1].row.published_at.as_deref(), Some("2023-11-14T22:13:23.000Z"));
    assert_eq!(articles[2].row.published_at, None);
    let again = convert_changed("");
    assert_eq!(again.versions(ARTICLE)[3].row.document_id, ids[3]);
    let found = |place: &str| converted.report.differences.iter().find(|found| found.place == place).unwrap();
    assert!(found("Strapi 4.26.1").message.contains("it has no documents"));
    assert!(found(ARTICLE).message.ends_with(": 1"), "{}", found(ARTICLE).message);
    assert!(converted.report.left_to_do[0].contains("Strapi-Response-Format: v4"));
}

#[test]
fn drafts_have_the_links_and_components_of_what_is_published() {
    let converted = convert_changed("");
    let (articles, tags) = (converted.versions(ARTICLE), converted.versions(TAG));
    let tag = |index: usize| tags[index].row.document_id.as_str();
    for version in [articles[1], articles[2]] {
        assert_eq!(converted.links(ARTICLE, version, "tags"), [tag(1), tag(0)]);
        let cover = &converted.collected.files[0].document_id;
        assert!(version.row.to_one.values().any(|(file, _)| file == cover), "{version:?}");
        let Value::Instance(seo) = converted.value(ARTICLE, version, "seo") else { panic!() };
        let Value::Links(topic) = seo.values.last().unwrap() else { panic!() };
        assert_eq!(topic[0].document_id, tag(1));
        let Value::Instances(sections) = converted.value(ARTICLE, version, "sections") else { panic!() };
        let titles: Vec<&Value> = sections.iter().map(|section| &section.values[0]).collect();
        assert_eq!(titles, [&Value::Text("First of zone".into()), &Value::Text("Second".into())]);
    }
    let position = |version: &BulkVersion| version.links.iter().flat_map(|(_, links)| links).last().unwrap().inverse;
    assert!(position(articles[1]) > 0 || position(articles[3]) > 0, "the order of the tag's own side");
    let owner = converted.report.differences.iter().find(|found| found.place == "shared.seo 9, topic").unwrap();
    assert!(owner.message.contains("does not have its owner"), "{}", owner.message);
    let links = converted.report.links;
    assert_eq!(links.in_archive, links.imported + 1);
}

#[test]
fn users_roles_and_folders_are_read() {
    let survey = with_archive("", |archive| survey_archive(&archive.unwrap()).unwrap());
    let folders: Vec<_> = survey.folders.iter().map(|folder| (folder.name.as_str(), folder.parent)).collect();
    assert_eq!(folders, [("Press", None), ("Inside", Some(1))]);
    assert_eq!(survey.locales.iter().map(|locale| locale.code.as_str()).collect::<Vec<_>>(), ["en", "nl"]);
    let public = survey.roles.iter().find(|role| role.kind == "public").unwrap();
    assert_eq!(public.actions, ["api::article.article.find"]);
    let converted = convert_changed("");
    assert_eq!(converted.collected.files[0].folder, Some(2));
    let user = converted.versions("plugin::users-permissions.user")[0];
    assert_eq!(user.row.to_one.values().next().unwrap().0, "authenticated");
    let password = converted.value("plugin::users-permissions.user", user, "password");
    assert!(matches!(password, Value::Text(hash) if hash.starts_with("$2a$10$")));
}

#[test]
fn broken_links_and_groups_are_told_and_not_followed() {
    for (statements, place, expected) in [
        ("DELETE FROM articles WHERE id = 4", "api::article.article 5, localizations", "row 4, is not there"),
        ("UPDATE articles SET locale = 'en' WHERE id = 4", "api::article.article 5", "it becomes an entry of its own"),
        (
            "UPDATE articles_localizations_links SET inv_article_id = NULL",
            "table articles_localizations_links",
            "links are left out",
        ),
        ("UPDATE articles_tags_links SET tag_id = NULL WHERE id = 3", "table articles_tags_links", ": 1"),
        (
            "UPDATE articles_tags_links SET tag_id = 3 WHERE id = 3",
            "api::article.article 6, tags",
            "api::tag.tag 3 is not in the database",
        ),
        ("DELETE FROM tags WHERE id = 1", "api::article.article 5, tags", "api::tag.tag 1 is not in the database"),
    ] {
        let report = convert_changed(statements).report;
        let found = report.differences.iter().find(|found| found.place == place);
        assert!(found.is_some_and(|found| found.message.contains(expected)), "{statements}: {report}");
        assert!(report.problems.is_empty(), "{statements}: {report}");
    }
}

#[test]
fn databases_that_are_not_as_strapi_4_leaves_them_are_refused_by_name() {
    for (statements, expected) in [
        ("DROP TABLE articles_tags_links", "the table articles_tags_links of api::article.article.tags is missing"),
        ("DROP TABLE articles_components", "articles_components"),
        ("ALTER TABLE files_related_morphs RENAME COLUMN id TO other", "before 4.6"),
        ("DROP TABLE strapi_core_store_settings; CREATE TABLE core_store (id INTEGER PRIMARY KEY)", "Strapi 3"),
    ] {
        let message = with_archive(statements, |archive| archive.err().unwrap().to_string());
        assert!(message.contains(expected), "{statements}: {message}");
    }
}

#[test]
fn database_and_archive_of_a_real_strapi_4_have_the_same_content() {
    let project = StrapiProject::open(&fixture("strapi4/app")).unwrap();
    let database = read_database(&DatabaseSource {
        database: StrapiDatabase::Sqlite(fixture("strapi4/data.db")),
        components: Some(fixture("app")),
        uploads: Some(fixture("strapi4/uploads")),
        version: project.version().to_owned(),
        read_at: "2026-11-30T12:00:00.000Z".into(),
    });
    let (archive, _) = survey_any_version(&open_archive("strapi4/export.tar.gz")).unwrap();
    assert_same_content(&database.unwrap(), &archive, "4.26.2");
}
