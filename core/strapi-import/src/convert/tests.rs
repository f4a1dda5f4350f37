use super::*;
use crate::schemas::build_schema_files;
use crate::survey::survey_archive;
use cairn_model::Value;
use std::io::Read;
use std::sync::Arc;

/// Everything that an import hands over.
#[derive(Default)]
pub(crate) struct RecordingSink {
    pub(crate) versions: Vec<(TypeId, BulkVersion)>,
    pub(crate) files: Vec<ImportedFile>,
}

impl ImportSink for RecordingSink {
    fn add_versions(&mut self, ct: TypeId, versions: Vec<BulkVersion>) -> Result<(), ImportError> {
        self.versions.extend(versions.into_iter().map(|version| (ct, version)));
        Ok(())
    }

    fn add_file(&mut self, file: ImportedFile) -> Result<(), ImportError> {
        self.files.push(file);
        Ok(())
    }
}

pub(crate) struct ConversionResult {
    pub(crate) registry: Registry,
    pub(crate) collected: RecordingSink,
    pub(crate) report: ImportReport,
}

impl ConversionResult {
    /// The versions of a type, by id.
    pub(crate) fn versions(&self, uid: &str) -> Vec<&BulkVersion> {
        let ct = self.registry.by_uid(uid).unwrap().id;
        self.collected.versions.iter().filter(|(of, _)| *of == ct).map(|(_, version)| version).collect()
    }

    pub(crate) fn value<'v>(&self, uid: &str, version: &'v BulkVersion, attribute: &str) -> &'v Value {
        let (id, _) = self.registry.by_uid(uid).unwrap().attributes.get(attribute).unwrap();
        &version.row.values[id]
    }

    pub(crate) fn links<'v>(&self, uid: &str, version: &'v BulkVersion, attribute: &str) -> Vec<&'v str> {
        let (id, _) = self.registry.by_uid(uid).unwrap().attributes.get(attribute).unwrap();
        let found = version.links.iter().filter(|(of, _)| *of == id).flat_map(|(_, list)| list);
        found.map(|link| link.target.document_id.as_str()).collect()
    }
}

/// Converts the fixture with some of its members changed: `(path's beginning, from, to)`.
fn convert_changed(changes: &[(&str, &str, &str)]) -> Result<ConversionResult, ImportError> {
    convert(&change_archive(changes)?)
}

fn change_archive(changes: &[(&str, &str, &str)]) -> Result<Archive, ImportError> {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/export.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut builder = tar::Builder::new(Vec::new());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        for (_, from, to) in changes.iter().filter(|(member, _, _)| path.starts_with(member)) {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains(from), "{path} has no {from}");
            content = text.replace(from, to).into_bytes();
        }
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, path, &content[..]).unwrap();
    }
    let bytes = builder.into_inner().unwrap();
    let source = move || Ok(Box::new(std::io::Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
    Archive::new(Arc::new(source), None)
}

/// Reads an archive as an import does.
pub(crate) fn convert(archive: &Archive) -> Result<ConversionResult, ImportError> {
    convert_with(archive, TextRepair::Report)
}

fn convert_with(archive: &Archive, repair: TextRepair) -> Result<ConversionResult, ImportError> {
    let survey = survey_archive(archive)?;
    let mut report = survey.begin_report();
    let folder = tempfile::tempdir().unwrap();
    for (path, schema) in build_schema_files(&survey.schemas, &mut report) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, serde_json::to_string(&schema).unwrap()).unwrap();
    }
    let registry = cairn_model::load::load_project(folder.path()).unwrap().registry;
    let roles = survey.roles.iter().map(|role| (role.id, role.kind.clone())).collect();
    let mut collected = RecordingSink::default();
    convert_archive(archive, &survey, &registry, &roles, repair, &mut collected, &mut report)?;
    Ok(ConversionResult { registry, collected, report })
}

const ARTICLE: &str = "api::article.article";

#[test]
fn rows_keep_ids_times_locale_and_state() {
    let converted = convert_changed(&[]).unwrap();
    let articles = converted.versions(ARTICLE);
    let states: Vec<(i64, &str, bool)> =
        articles.iter().map(|v| (v.row.id, v.row.locale.as_str(), v.row.published)).collect();
    assert_eq!(
        states,
        [(1, "en", false), (2, "en", true), (3, "en", false), (4, "en", true), (5, "nl", false), (6, "nl", false)]
    );
    assert_eq!(articles[2].row.document_id, articles[3].row.document_id);
    assert!(articles[3].row.published_at.is_some() && articles[2].row.published_at.is_none());
    assert!(articles[2].row.created_at < articles[2].row.updated_at);
    let authors = converted.versions("api::author.author");
    assert!(authors.iter().all(|v| v.row.published && v.row.locale.is_empty()));
    let article = articles[3];
    let value = |name| converted.value(ARTICLE, article, name);
    assert_eq!(*value("title"), Value::Text("First \"quoted\" é 😀".into()));
    assert_eq!(*value("serial"), Value::Int(9_007_199_254_740_991));
    assert_eq!(*value("price"), Value::Text("9.95".into()));
    assert_eq!(*value("ratio"), Value::Float(0.125));
    assert_eq!(*value("featured"), Value::Bool(true));
    assert_eq!(*value("opensAt"), Value::Text("09:15:00.000".into()));
    assert!(matches!(value("content"), Value::Json(Json::Array(nodes)) if nodes.len() == 1));
    assert!(converted.report.problems.is_empty(), "{}", converted.report);
}

#[test]
fn links_keep_their_order_and_lead_to_documents() {
    let converted = convert_changed(&[]).unwrap();
    let articles = converted.versions(ARTICLE);
    let tags: Vec<&BulkVersion> = converted.versions("api::tag.tag");
    let tag = |label: &str| {
        let is = |v: &&&BulkVersion| *converted.value("api::tag.tag", v, "label") == Value::Text(label.into());
        tags.iter().find(is).unwrap().row.document_id.as_str()
    };
    assert_eq!(converted.links(ARTICLE, articles[2], "tags"), [tag("Three"), tag("One"), tag("Two")]);
    assert_eq!(converted.links(ARTICLE, articles[3], "tags"), [tag("Two"), tag("One")]);
    assert_eq!(converted.links(ARTICLE, articles[3], "gallery").len(), 3);
    let file = |name: &str| converted.collected.files.iter().find(|f| f.blobs[0].name.starts_with(name)).unwrap();
    assert_eq!(converted.links(ARTICLE, articles[3], "gallery")[0], file("read_me").document_id);
    let (author, _) = converted.registry.by_uid(ARTICLE).unwrap().attributes.get("author").unwrap();
    assert!(articles[3].row.to_one[&author].1 > articles[1].row.to_one[&author].1, "the author's own order");
    let note = converted.versions("api::note.note")[0];
    assert_eq!(converted.links("api::note.note", note, "things").len(), 2);
    assert_eq!(converted.links("api::note.note", note, "subject"), [articles[3].row.document_id.as_str()]);
    let user = converted.versions("plugin::users-permissions.user")[0];
    let role = user.row.to_one.values().next().unwrap();
    assert_eq!(role.0, "authenticated");
    assert_eq!(converted.report.links.in_archive, converted.report.links.imported, "{}", converted.report);
}

#[test]
fn components_have_their_links_and_no_ids_of_strapi() {
    let converted = convert_changed(&[]).unwrap();
    let articles = converted.versions(ARTICLE);
    let Value::Instances(sections) = converted.value(ARTICLE, articles[3], "sections") else { panic!() };
    assert_eq!(sections.len(), 3);
    assert!(sections.iter().all(|section| section.id.is_none()));
    let gallery = &sections[2];
    let counts: Vec<usize> =
        gallery.values.iter().map(|value| if let Value::Links(targets) = value { targets.len() } else { 0 }).collect();
    assert_eq!(counts, [2, 2]);
    let Value::Instances(links) = converted.value(ARTICLE, articles[3], "links") else { panic!() };
    assert!(matches!(links[1].values.last(), Some(Value::Links(targets)) if targets.len() == 1));
}

#[test]
fn files_have_their_bytes_and_folders() {
    let converted = convert_changed(&[]).unwrap();
    let files = &converted.collected.files;
    assert_eq!(files.len(), 3);
    assert_eq!(files[0].folder, Some(1));
    assert_eq!(files[0].blobs.iter().map(|b| b.variant.as_str()).collect::<Vec<_>>(), ["", "thumbnail"]);
    assert_eq!(files[2].folder, None);
    assert_eq!(converted.report.assets.imported, 4);
    let moved: Vec<&str> = converted.report.differences.iter().map(|d| d.message.as_str()).collect();
    assert!(moved.len() == 1 && moved[0].starts_with("its address is /uploads/read_me_"), "{moved:?}");
}

#[test]
fn users_bring_no_proof_of_their_address_and_no_hash_of_another_program() {
    const USER: &str = "plugin::users-permissions.user";
    let taken = r#""resetPasswordToken":null,"confirmationToken":null,"confirmed":true"#;
    let given = r#""resetPasswordToken":"r","confirmationToken":"c","emailVerified":true,"confirmed":true"#;
    let costly = r#""password":"$argon2id$v=19$m=4194304,t=9,p=1$Y2Fpcm4$aGFzaA","resetPasswordToken":null"#;
    let changes = [("entities", taken, given)];
    let converted = convert_changed(&changes).unwrap();
    let user = converted.versions(USER)[0];
    for name in ["resetPasswordToken", "confirmationToken", "emailVerified"] {
        assert_eq!(*converted.value(USER, user, name), Value::Absent, "{name}");
    }
    assert!(matches!(converted.value(USER, user, "password"), Value::Text(hash) if hash.starts_with("$2a$10$")));

    let Value::Text(hash) = converted.value(USER, converted.versions(USER)[1], "password") else { panic!() };
    let strapis = format!(r#""password":"{hash}","resetPasswordToken":null"#);
    let converted = convert_changed(&[("entities", &strapis, costly)]).unwrap();
    assert_eq!(*converted.value(USER, converted.versions(USER)[1], "password"), Value::Absent);
    let report = converted.report;
    assert!(report.problems.is_empty() && !report.to_string().contains("argon2id"), "{report}");
    assert!(report.differences.iter().any(|d| d.place == format!("{USER} 2")), "{report}");
}

#[test]
fn links_to_what_is_not_there_are_reported_by_place() {
    let change = [(
        "links",
        r#""field":"related","ref":3,"pos":1},"right":{"type":"api::article.article","ref":1}"#,
        r#""field":"related","ref":3,"pos":1},"right":{"type":"api::article.article","ref":99}"#,
    )];
    let report = convert_changed(&change).unwrap().report;
    let found = report.differences.iter().find(|d| d.place == "api::article.article 3, related").unwrap();
    assert_eq!(found.message, "a link is left out: api::article.article 99 is not in the archive");
    let change = [("links", r#""field":"related","ref":3,"pos":1}"#, r#""field":"related","ref":77,"pos":1}"#)];
    let report = convert_changed(&change).unwrap().report;
    assert!(report.differences.iter().any(|d| d.place == "api::article.article 77, related"), "{report}");
}

#[test]
fn values_that_break_rules_stay_and_those_of_another_type_are_problems() {
    let report = convert_changed(&[("entities", r#""phase":"ready""#, r#""phase":"gone""#)]).unwrap().report;
    assert!(report.problems.is_empty(), "{report}");
    assert!(report.differences.iter().any(|d| d.message.ends_with("it is imported as it is")), "{report}");
    let report = convert_changed(&[("entities", r#""views":1200"#, r#""views":{"n":1}"#)]).unwrap().report;
    assert!(report.problems.iter().any(|p| p.place == "api::article.article 3"), "{report}");
    let report = convert_changed(&[("entities", r#""locale":"nl""#, r#""locale":"de""#)]).unwrap().report;
    assert!(report.problems.iter().any(|p| p.message.contains("no locale \"de\"")), "{report}");
}

#[test]
fn archives_of_other_versions_and_incomplete_ones_are_refused() {
    let refused = |changes: &[(&str, &str, &str)]| convert_changed(changes).err().unwrap().to_string();
    for version in ["4.25.1", "3.6.8", "6.0.0"] {
        let message = refused(&[("metadata.json", "5.54.0", version)]);
        assert!(message.contains(&format!("Strapi {version:?}")), "{message}");
    }
    let message = refused(&[("entities", "{\"type\":\"api::article.article\",\"id\":3", "{\"type\":3")]);
    assert!(message.contains("entities_00001.jsonl, line "), "{message}");
    // The draft and the published version of one document change places with each other's ids.
    let report =
        convert_changed(&[("entities", r#""publishedAt":null,"locale":"nl""#, r#""publishedAt":null,"locale":"en""#)]);
    let report = report.unwrap().report;
    assert!(report.problems.iter().any(|p| p.message.starts_with("they are the same version")), "{report}");
}

#[test]
fn texts_that_were_encoded_twice_are_found_and_mended() {
    let changes = [("entities", "\"label\":\"L1\"", "\"label\":\"cafÃ©\""), ("entities", "\"Cleo\"", "\"ClÃ©o\"")];
    let archive = change_archive(&changes).unwrap();
    let name = |converted: &ConversionResult| {
        let author = converted.versions("api::author.author")[0];
        converted.value("api::author.author", author, "name").clone()
    };
    let found = convert_with(&archive, TextRepair::Report).unwrap();
    let message = |place: &str, report: &ImportReport| {
        report.differences.iter().find(|found| found.place == place).unwrap().message.clone()
    };
    assert!(message("api::article.article, links", &found.report).contains(": 2, such as \"cafÃ©\" for \"café\""));
    assert!(message("api::author.author, name", &found.report).contains("--repair-texts"));
    assert_eq!(name(&found), Value::Text("ClÃ©o".into()));
    let mended = convert_with(&archive, TextRepair::Mend).unwrap();
    assert_eq!(name(&mended), Value::Text("Cléo".into()));
    assert!(message("api::author.author, name", &mended.report).contains("are mended: 1"));
    let untouched = convert_with(&change_archive(&[]).unwrap(), TextRepair::Mend).unwrap();
    assert!(!untouched.report.to_string().contains("encoded twice"), "{}", untouched.report);
}
