use super::*;
use crate::convert::read_assets;
use crate::convert::tests::{ConversionResult, convert};
use serde_json::{Value as Json, json};
use std::io::{Cursor, Read};
use std::sync::Arc;

const PAGE: &str = "api::page.page";
const HOME: &str = "api::home.home";

/// An archive of Strapi 4 with these lines of `entities/` and `links/`.
fn archive(version: &str, entities: &[Json], links: &[Json]) -> Archive {
    let schema = |uid: &str, kind: &str, name: &str, attributes: Json| {
        json!({
            "uid": uid, "kind": kind, "collectionName": format!("{name}s"), "modelType": "contentType", "modelName": name,
            "info": {"singularName": name, "pluralName": format!("{name}s"), "displayName": name},
            "options": {"draftAndPublish": true}, "pluginOptions": {"i18n": {"localized": true}}, "attributes": attributes,
        })
    };
    let page = json!({
        "title": {"type": "string"}, "parts": {"type": "dynamiczone", "components": ["part.text"]}, "picture": {"type": "media"},
        "next": {"type": "relation", "relation": "oneToOne", "target": PAGE}, "documentId": {"type": "string"},
    });
    let part = json!({
        "uid": "part.text", "collectionName": "components_part_texts", "modelType": "component", "modelName": "text", "info": {"displayName": "Text"},
        "attributes": {"text": {"type": "string"}, "page": {"type": "relation", "relation": "oneToOne", "target": PAGE}},
    });
    let schemas = [
        schema(PAGE, "collectionType", "page", page),
        schema(HOME, "singleType", "home", json!({"title": {"type": "string"}})),
        part,
    ];
    let locales = [(1, "en"), (2, "nl")]
        .map(|(id, code)| json!({"type": "plugin::i18n.locale", "id": id, "data": {"code": code, "name": code}}));
    let file = json!({"type": "plugin::upload.file", "id": 1, "data": {
        "name": "a.txt", "hash": "a", "ext": ".txt", "mime": "text/plain", "url": "/uploads/a.txt", "provider": "local", "size": 1,
    }});
    let default = json!({"type": "core-store", "value": {"key": "plugin_i18n_default_locale", "value": "en"}});
    let metadata = json!({"createdAt": "2024-05-01T10:00:00.000Z", "strapi": {"version": version}});
    let lines = |of: &[Json]| of.iter().map(|line| format!("{line}\n")).collect::<String>();
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in [
        ("schemas/schemas_00001.jsonl", lines(&schemas)),
        ("entities/entities_00001.jsonl", lines(&[&locales[..], &[file], entities].concat())),
        ("assets/uploads/a.txt", "text".to_owned()),
        ("assets/metadata/a.txt.json", "{}".to_owned()),
        ("links/links_00001.jsonl", lines(links)),
        ("configuration/configuration_00001.jsonl", lines(&[default])),
        ("metadata.json", metadata.to_string()),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    let bytes = builder.into_inner().unwrap();
    Archive::new(Arc::new(move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read + Send>)), None).unwrap()
}

fn row(uid: &str, id: i64, locale: &str, published: bool, data: Json) -> Json {
    let mut data = data.as_object().unwrap().clone();
    data.insert("locale".into(), locale.into());
    data.insert("createdAt".into(), "2024-05-01T09:00:00.000Z".into());
    data.insert("updatedAt".into(), "2024-05-01T09:30:00.000Z".into());
    data.insert("publishedAt".into(), published.then_some("2024-05-01T09:40:00.000Z").into());
    json!({"type": uid, "id": id, "data": data})
}

fn link(left: Json, right: Json) -> Json {
    json!({"kind": "relation.basic", "relation": "oneToOne", "left": left, "right": right})
}

fn convert_any(archive: &Archive) -> ConversionResult {
    let (archive, survey) = survey_any_version(archive).unwrap();
    assert_eq!(survey.source, archive.source());
    convert(&archive).unwrap()
}

fn states<'c>(converted: &'c ConversionResult, uid: &str) -> Vec<(i64, &'c str, bool)> {
    let versions = converted.versions(uid).into_iter();
    versions.map(|version| (version.row.id, version.row.locale.as_str(), version.row.published)).collect()
}

#[test]
fn archives_of_strapi_4_have_the_form_of_strapi_5() {
    let part = |id: i64, text: &str| json!({"id": id, "__component": "part.text", "text": text});
    let entities = [
        row(PAGE, 1, "en", true, json!({"title": "One", "parts": [part(7, "a"), part(8, "b")], "documentId": "mine"})),
        row(PAGE, 2, "nl", false, json!({"title": "Een", "parts": [part(9, "c")]})),
        row(PAGE, 3, "en", false, json!({"title": "Two", "parts": []})),
    ];
    let links = [
        link(json!({"type": PAGE, "ref": 2, "field": "localizations"}), json!({"type": PAGE, "ref": 1})),
        link(json!({"type": PAGE, "ref": 1, "field": "next"}), json!({"type": PAGE, "ref": 3})),
        link(json!({"type": PAGE, "ref": 3, "field": "next"}), json!({"type": PAGE, "ref": 40})),
        link(json!({"type": "part.text", "ref": 8, "field": "page"}), json!({"type": PAGE, "ref": 2})),
        json!({"kind": "relation.morph", "relation": "morphToMany", "left": {"type": "plugin::upload.file", "ref": 1, "field": "related"},
            "right": {"type": PAGE, "ref": 1, "field": "picture", "pos": 1}}),
    ];
    let archive = archive("4.26.1", &entities, &links);
    let converted = convert_any(&archive);
    let report = &converted.report;
    assert!(report.problems.is_empty(), "{report}");
    // The link to row 40, which is gone, keeps its id from being given to a draft.
    assert_eq!(states(&converted, PAGE), [(1, "en", true), (41, "en", false), (2, "nl", false), (3, "en", false)]);
    let pages = converted.versions(PAGE);
    assert!(pages[..3].iter().all(|page| page.row.document_id == pages[0].row.document_id));
    for page in &pages[..2] {
        let cairn_model::Value::Instances(parts) = converted.value(PAGE, page, "parts") else { panic!() };
        let linked: Vec<usize> = parts
            .iter()
            .map(|part| match part.values.last() {
                Some(cairn_model::Value::Links(links)) => links.len(),
                _ => 0,
            })
            .collect();
        assert_eq!(linked, [0, 1]);
    }
    let found = |place: &str| report.differences.iter().find(|found| found.place == place).map(|found| &*found.message);
    assert!(
        found("api::page.page 3, next").is_some_and(|message| message.contains("40 is not in the archive")),
        "{report}"
    );
    assert!(found("api::page.page, documentId").is_some_and(|message| message.contains("left out")), "{report}");
    assert_eq!((report.links.in_archive, report.links.imported), (7, 6));

    let (upgraded, survey) = survey_any_version(&archive).unwrap();
    let mut texts = Vec::new();
    read_assets(&upgraded, &survey, &mut |_, body| {
        texts.push(std::io::read_to_string(body)?);
        Ok(())
    })
    .unwrap();
    assert_eq!(texts, ["text"]);
}

#[test]
fn single_types_have_one_document_in_all_locales() {
    let entities = [row(HOME, 1, "en", true, json!({"title": "a"})), row(HOME, 2, "nl", true, json!({"title": "b"}))];
    let converted = convert_any(&archive("4.6.0", &entities, &[]));
    assert_eq!(states(&converted, HOME), [(1, "en", true), (3, "en", false), (2, "nl", true), (4, "nl", false)]);
    let homes = converted.versions(HOME);
    assert!(homes.iter().all(|home| home.row.document_id == homes[0].row.document_id));
}

#[test]
fn only_strapi_4_is_upgraded() {
    for version in ["3.6.8", "6.0.0", ""] {
        let message = survey_any_version(&archive(version, &[], &[])).err().unwrap().to_string();
        assert!(
            message.contains(&format!("Strapi {version:?}")) && message.contains("only Strapi 4 and 5"),
            "{message}"
        );
    }
    let broken = json!({"type": PAGE, "id": 1});
    let message = survey_any_version(&archive("4.26.1", &[broken], &[])).err().unwrap().to_string();
    assert!(message.contains("entities_00001.jsonl, line "), "{message}");
}
