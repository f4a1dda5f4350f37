use super::*;

/// A registry with a localised article that has a field of every kind that can be marked, and of many that cannot.
fn registry() -> Registry {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, schema: Json| {
        let file = dir.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, schema.to_string()).unwrap();
    };
    let relation = |kind: &str, target: &str| json!({ "type": "relation", "relation": kind, "target": target });
    let article = json!({
        "title": { "type": "string" },
        "lead": { "type": "text" },
        "body": { "type": "richtext" },
        "content": { "type": "blocks" },
        "slug": { "type": "uid" },
        "mail": { "type": "email" },
        "kind": { "type": "enumeration", "enum": ["news"] },
        "day": { "type": "date" },
        "extra": { "type": "json" },
        "price": { "type": "decimal" },
        "color": { "type": "customField", "customField": "plugin::color-picker.color" },
        "cover": { "type": "media" },
        "gallery": { "type": "media", "multiple": true },
        "author": relation("manyToOne", "api::author.author"),
        "owner": relation("manyToOne", "plugin::users-permissions.user"),
        "any": { "type": "relation", "relation": "morphToMany" },
        "seo": { "type": "component", "component": "shared.seo" },
        "links": { "type": "component", "component": "shared.seo", "repeatable": true },
        "zone": { "type": "dynamiczone", "components": ["shared.seo"] },
    });
    let info = |name: &str| json!({ "singularName": name, "pluralName": format!("{name}s"), "displayName": name });
    let localized = json!({ "i18n": { "localized": true } });
    for (name, options, attributes) in
        [("article", localized, article), ("author", json!({}), json!({ "name": { "type": "string" } }))]
    {
        let schema = json!({ "kind": "collectionType", "collectionName": format!("{name}s"), "info": info(name), "pluginOptions": options, "attributes": attributes });
        write(&format!("src/api/{name}/content-types/{name}/schema.json"), schema);
    }
    write("src/components/shared/seo.json", json!({ "info": {}, "attributes": { "name": { "type": "string" } } }));
    cairn_model::load::load_project(dir.path()).unwrap().registry
}

/// The body with each mark shown as `⟨type path documentId locale⟩`, and as `⟨… in model⟩` outside of articles.
fn marked(data: &str) -> String {
    let registry = registry();
    let body = format!(r#"{{"data":{data},"meta":{{}}}}"#);
    let out = mark_sources(&registry, registry.by_uid("api::article.article").unwrap(), body.as_bytes());
    let out = String::from_utf8(out.ok().unwrap()).unwrap();
    let data = out.strip_prefix(r#"{"data":"#).unwrap().strip_suffix(r#","meta":{}}"#).unwrap().to_owned();
    show_marks(&data)
}

fn show_marks(text: &str) -> String {
    const DIGITS: &str = "\u{200b}\u{200c}\u{200d}\u{feff}";
    let (mut shown, mut hidden) = (String::new(), Vec::new());
    for c in text.chars().chain(['\0']) {
        match DIGITS.chars().position(|digit| digit == c) {
            Some(digit) => hidden.push(digit as u8),
            None => {
                if !hidden.is_empty() {
                    shown.push_str(&read_mark(&std::mem::take(&mut hidden)));
                }
                shown.push(c);
            }
        }
    }
    shown.pop();
    shown
}

fn read_mark(digits: &[u8]) -> String {
    let bytes: Vec<u8> = digits[4..].chunks(4).map(|d| d.iter().fold(0, |byte, digit| byte << 2 | digit)).collect();
    let source: Json = serde_json::from_slice(&bytes).unwrap();
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(source["strapiSource"].as_str().unwrap().as_bytes()).into_owned().collect();
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
    assert_eq!(get("kind"), "collectionType");
    let mut shown = format!("⟨{} {} {}", get("type"), get("path"), get("documentId"));
    if !get("locale").is_empty() {
        shown = format!("{shown} {}", get("locale"));
    }
    if get("model") != "api::article.article" {
        shown = format!("{shown} in {}", get("model"));
    }
    if !get("fieldPath").is_empty() {
        assert_eq!(get("fieldPath"), get("path"));
    }
    shown + "⟩"
}

#[test]
fn source_is_written_as_strapi_writes_it() {
    let registry = registry();
    let content_type = registry.by_uid("api::article.article").unwrap();
    let entry = SourceEntry { content_type, document_id: "a".to_owned(), locale: Some("nl".to_owned()) };
    assert_eq!(
        describe_source(&entry, &FieldKind::Blocks, "zone.0.text"),
        "documentId=a&type=blocks&path=zone.0.text&model=api%3A%3Aarticle.article&kind=collectionType&locale=nl&fieldPath=zone.0.text"
    );
}

/// Values without a mark stay as they are written, to the byte.
#[test]
fn texts_are_marked_and_nothing_else_is() {
    for (data, expected) in [
        (
            r#"{"id":1,"documentId":"a","title":"T \"x\"","lead":"L","locale":"nl"}"#,
            r#"{"id":1,"documentId":"a","title":"T \"x\"⟨string title a nl⟩","lead":"L⟨text lead a nl⟩","locale":"nl"}"#,
        ),
        (
            r#"{"documentId":"a","slug":"s","mail":"a@b.nl","kind":"news","day":"2026-01-01","extra":{"title":"x"},"price":1.50,"color":"red","createdAt":"2026"}"#,
            r#"{"documentId":"a","slug":"s","mail":"a@b.nl","kind":"news","day":"2026-01-01","extra":{"title":"x"},"price":1.50,"color":"red","createdAt":"2026"}"#,
        ),
        // Without a document id nobody would know which entry it is.
        (r#"{"id":1,"title":"T"}"#, r#"{"id":1,"title":"T"}"#),
        (r#"{"documentId":"a","title":"","lead":null}"#, r#"{"documentId":"a","title":"","lead":null}"#),
        (
            r##"[{"documentId":"a","title":"https://x.example/y"},{"documentId":"b","title":"/about"},{"documentId":"c","title":"#fff"}]"##,
            r##"[{"documentId":"a","title":"https://x.example/y"},{"documentId":"b","title":"/about"},{"documentId":"c","title":"#fff"}]"##,
        ),
        (
            r#"[{"documentId":"a","title":"News: / and more"},null]"#,
            r#"[{"documentId":"a","title":"News: / and more⟨string title a⟩"},null]"#,
        ),
    ] {
        assert_eq!(marked(data), expected);
    }
}

#[test]
fn components_zones_and_relations_are_marked() {
    for (data, expected) in [
        (
            r#"{"documentId":"a","seo":{"id":1,"name":"n"},"links":[{"id":1,"name":"m"},{"id":2,"name":"o"}]}"#,
            r#"{"documentId":"a","seo":{"id":1,"name":"n⟨string seo.name a⟩"},"links":[{"id":1,"name":"m⟨string links.0.name a⟩"},{"id":2,"name":"o⟨string links.1.name a⟩"}]}"#,
        ),
        (
            r#"{"documentId":"a","zone":[{"__component":"gone","name":"x"},{"__component":"shared.seo","id":9,"name":"n"}],"seo":null}"#,
            r#"{"documentId":"a","zone":[{"__component":"gone","name":"x"},{"__component":"shared.seo","id":9,"name":"n⟨string zone.1.name a⟩"}],"seo":null}"#,
        ),
        // A related entry is a document of its own; a user is no entry, and a count is none either.
        (
            r#"{"documentId":"a","locale":"en","author":{"documentId":"b","name":"Anna"},"owner":{"documentId":"u","username":"x"},"localizations":[{"documentId":"a","title":"T","locale":"nl"}]}"#,
            r#"{"documentId":"a","locale":"en","author":{"documentId":"b","name":"Anna⟨string name b in api::author.author⟩"},"owner":{"documentId":"u","username":"x"},"localizations":[{"documentId":"a","title":"T⟨string title a nl⟩","locale":"nl"}]}"#,
        ),
        (
            r#"{"documentId":"a","any":[{"__type":"api::author.author","documentId":"b","name":"Anna"},{"__type":"gone","documentId":"c"}],"author":{"count":2}}"#,
            r#"{"documentId":"a","any":[{"__type":"api::author.author","documentId":"b","name":"Anna⟨string name b in api::author.author⟩"},{"__type":"gone","documentId":"c"}],"author":{"count":2}}"#,
        ),
        (
            r#"{"documentId":"a","cover":{"id":1,"name":"a.png","alternativeText":"A","url":"/uploads/a.png"},"gallery":[{"caption":"B"},{"caption":null}]}"#,
            r#"{"documentId":"a","cover":{"id":1,"name":"a.png","alternativeText":"A⟨text cover.alternativeText a⟩","url":"/uploads/a.png"},"gallery":[{"caption":"B⟨text gallery.caption a⟩"},{"caption":null}]}"#,
        ),
    ] {
        assert_eq!(marked(data), expected);
    }
}

#[test]
fn formatted_texts_keep_their_form() {
    for (data, expected) in [
        (r##"{"documentId":"a","body":"# A\n\nb"}"##, r##"{"documentId":"a","body":"# A\n\nb⟨richtext body a⟩"}"##),
        (r#"{"documentId":"a","body":"```\nx\n```"}"#, r#"{"documentId":"a","body":"```\nx\n```"}"#),
        (r#"{"documentId":"a","body":"x\n\n---\n"}"#, r#"{"documentId":"a","body":"x\n\n---\n"}"#),
        (
            r#"{"documentId":"a","content":[{"type":"paragraph","children":[{"type":"text","text":""},{"type":"link","url":"/x","children":[{"type":"text","text":"b","bold":true}]},{"type":"text","text":"c"}]}]}"#,
            r#"{"documentId":"a","content":[{"type":"paragraph","children":[{"type":"text","text":""},{"type":"link","url":"/x","children":[{"type":"text","text":"b⟨blocks content a⟩","bold":true}]},{"type":"text","text":"c"}]}]}"#,
        ),
        (
            r#"{"documentId":"a","content":[{"type":"code","children":[{"type":"text","text":"x"}]},{"type":"list","format":"ordered","children":[{"type":"list-item","children":[{"type":"text","text":"1"}]},{"type":"list-item","children":[{"type":"text","text":"2"}]}]}]}"#,
            r#"{"documentId":"a","content":[{"type":"code","children":[{"type":"text","text":"x"}]},{"type":"list","format":"ordered","children":[{"type":"list-item","children":[{"type":"text","text":"1⟨blocks content a⟩"}]},{"type":"list-item","children":[{"type":"text","text":"2⟨blocks content a⟩"}]}]}]}"#,
        ),
        (
            r#"{"documentId":"a","content":[{"type":"image","image":{"url":"/u","alternativeText":"A"},"children":[{"type":"text","text":""}]}]}"#,
            r#"{"documentId":"a","content":[{"type":"image","image":{"url":"/u","alternativeText":"A⟨blocks content a⟩"},"children":[{"type":"text","text":""}]}]}"#,
        ),
    ] {
        assert_eq!(marked(data), expected);
    }
}

/// `clients/preview` reads it with the package that sites use.
#[test]
fn marked_response_is_the_one_that_scripts_are_tested_with() {
    let registry = registry();
    let body = r#"{"data":{"documentId":"a","locale":"nl","title":"Één titel 👩‍🚀","content":[{"type":"paragraph","children":[{"type":"text","text":"b"}]}]},"meta":{}}"#;
    let out = mark_sources(&registry, registry.by_uid("api::article.article").unwrap(), body.as_bytes()).ok().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/preview/test/marked.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, &out).unwrap();
    }
    assert!(std::fs::read(file).unwrap() == out, "UPDATE=1 writes it");
}
