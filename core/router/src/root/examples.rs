//! Requests to try on a type, made from its model: only what the public may do. (A single type answers 404 until its
//! document is there.)

use cairn_model::{ContentType, ContentTypeKind, FieldKind, Registry};
use cairn_query::{Access, Action};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but what RFC 3986 calls unreserved.
const VALUE_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Subject of an example request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExampleKind {
    List,
    Document,
    Related,
    Matching,
    Newest,
    Locale,
    Draft,
}

/// A GET request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ExampleRequest {
    pub(super) shows: ExampleKind,
    /// Path and query.
    pub(super) target: String,
}

/// The requests to try on a type. `other_locale`: one that is not the default.
pub(super) fn example_requests(
    registry: &Registry,
    ct: &ContentType,
    access: &Access,
    other_locale: Option<&str>,
) -> Vec<ExampleRequest> {
    let collection = ct.kind == ContentTypeKind::Collection;
    let readable_attributes =
        || ct.attributes.iter().filter(|(a, _)| access.allows_attribute(ct, *a, Action::Find)).map(|(_, a)| a);
    let path: Vec<String> = ct.api_path().split('/').map(percent_encode).collect();
    let path = format!("/api/{}", path.join("/"));
    let mut requests = vec![ExampleRequest {
        shows: if collection { ExampleKind::List } else { ExampleKind::Document },
        target: path.clone(),
    }];
    let mut add = |shows, query: String| requests.push(ExampleRequest { shows, target: format!("{path}?{query}") });
    let related = |kind: &FieldKind| match registry_target(registry, kind) {
        // Files are shown in entries to everybody.
        Some(target) => target == registry.file_type().id || access.allows_action(target, Action::Find),
        None => true,
    };
    if readable_attributes().any(|a| !a.is_scalar() && related(&a.kind)) {
        add(ExampleKind::Related, "populate=*".into());
    }
    if collection {
        // Text is what people look for; anything else will do.
        let condition = |text: bool| {
            readable_attributes().find_map(|a| {
                filter_condition(&a.kind, text).map(|c| format!("filters[{}]{c}", percent_encode(&a.name)))
            })
        };
        if let Some(query) = condition(true).or_else(|| condition(false)) {
            add(ExampleKind::Matching, query);
        }
        add(ExampleKind::Newest, "sort=createdAt:desc&pagination[pageSize]=3".into());
    }
    if let Some(locale) = other_locale.filter(|_| ct.localized) {
        add(ExampleKind::Locale, format!("locale={}", percent_encode(locale)));
    }
    if ct.draft_publish && access.read_drafts {
        add(ExampleKind::Draft, "status=draft".into());
    }
    requests
}

fn registry_target(registry: &Registry, kind: &FieldKind) -> Option<cairn_model::TypeId> {
    match kind {
        FieldKind::Relation(relation) => relation.target,
        FieldKind::Media { .. } => Some(registry.file_type().id),
        _ => None,
    }
}

/// A condition on an attribute, as what follows its name.
fn filter_condition(kind: &FieldKind, text: bool) -> Option<String> {
    use FieldKind::*;
    match kind {
        String | Text | RichText | Email | Uid { .. } if text => Some("[$containsi]=a".into()),
        _ if text => None,
        Enumeration { values } => values.first().map(|value| format!("[$eq]={}", percent_encode(value))),
        Boolean => Some("[$eq]=true".into()),
        Integer | BigInteger | Float | Decimal => Some("[$gte]=1".into()),
        Date | DateTime | Time => Some("[$notNull]=true".into()),
        _ => None,
    }
}

fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, VALUE_ESCAPES).to_string()
}

/// Where this server is, in links and in commands. Never taken from a request: a page that is kept somewhere must not
/// lead its readers to whoever asked for it first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BaseUrls {
    /// Before the path of a link: empty for this very server.
    pub(super) link: String,
    /// Before the path in a command.
    pub(super) command: String,
}

impl BaseUrls {
    /// Of `server.public_url` and `server.listen`.
    pub(super) fn from_addresses(public_url: Option<&str>, listen: &str) -> Self {
        match public_url {
            Some(url) => {
                // A quote would end the argument of a command.
                let url = url.trim_end_matches('/').replace('\'', "%27");
                Self { link: url.clone(), command: url }
            }
            None => {
                let listen = match listen.rsplit_once(':') {
                    // Every address of the machine.
                    Some(("0.0.0.0" | "[::]" | "", port)) => format!("127.0.0.1:{port}"),
                    _ => listen.to_owned(),
                };
                Self { link: String::new(), command: format!("http://{listen}") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_query::AccessRule;
    use serde_json::{Value as Json, json};
    use std::sync::Arc;

    fn registry() -> Registry {
        let dir = tempfile::tempdir().unwrap();
        let schema = |name: &str, kind: &str, drafts: bool, localized: bool, attributes: Json| {
            let folder = dir.path().join(format!("content-types/api/{name}/content-types/{name}"));
            std::fs::create_dir_all(&folder).unwrap();
            let schema = json!({
                "kind": kind, "collectionName": format!("{name}s"), "options": { "draftAndPublish": drafts },
                "pluginOptions": { "i18n": { "localized": localized } },
                "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
                "attributes": attributes
            });
            std::fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
        };
        let to = |name: &str| json!({ "type": "relation", "relation": "manyToOne", "target": format!("api::{name}.{name}") });
        schema(
            "article",
            "collectionType",
            true,
            true,
            json!({
                "views": { "type": "integer" }, "secret": { "type": "string", "private": true }, "title": { "type": "string" },
                "event": to("event")
            }),
        );
        schema(
            "event",
            "collectionType",
            false,
            false,
            json!({ "kind": { "type": "enumeration", "enum": ["a b", "c"] } }),
        );
        schema("home", "singleType", false, false, json!({ "image": { "type": "media", "multiple": false } }));
        cairn_model::load::load_project(dir.path()).unwrap().registry
    }

    fn targets(route: &str, readable: &[&str], read_drafts: bool, locale: Option<&str>) -> Vec<String> {
        let registry = registry();
        let rules = readable
            .iter()
            .map(|r| ((registry.by_route(r).unwrap().id, Action::Find), AccessRule::default()))
            .collect();
        let access = Access { key: "x".into(), rules: Arc::new(rules), read_drafts, ..Access::none() };
        example_requests(&registry, registry.by_route(route).unwrap(), &access, locale)
            .into_iter()
            .map(|r| r.target)
            .collect()
    }

    #[test]
    fn examples_use_only_types_public_callers_may_read() {
        assert_eq!(
            targets("articles", &["articles"], false, None),
            [
                "/api/articles",
                "/api/articles?filters[title][$containsi]=a",
                "/api/articles?sort=createdAt:desc&pagination[pageSize]=3"
            ]
        );
        assert_eq!(
            targets("articles", &["articles", "events"], true, Some("nl")),
            [
                "/api/articles",
                "/api/articles?populate=*",
                "/api/articles?filters[title][$containsi]=a",
                "/api/articles?sort=createdAt:desc&pagination[pageSize]=3",
                "/api/articles?locale=nl",
                "/api/articles?status=draft"
            ]
        );
    }

    #[test]
    fn examples_match_the_features_of_the_content_type() {
        assert_eq!(
            targets("events", &["events"], true, Some("nl")),
            [
                "/api/events",
                "/api/events?filters[kind][$eq]=a%20b",
                "/api/events?sort=createdAt:desc&pagination[pageSize]=3"
            ]
        );
        assert_eq!(targets("home", &["home"], true, None), ["/api/home", "/api/home?populate=*"]);
    }

    #[test]
    fn base_urls_come_from_the_configuration() {
        let base = |url, listen| BaseUrls::from_addresses(url, listen).command;
        assert_eq!(base(None, "127.0.0.1:1337"), "http://127.0.0.1:1337");
        assert_eq!(base(None, "0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(base(None, "[::]:80"), "http://127.0.0.1:80");
        assert_eq!(base(None, "localhost:80"), "http://localhost:80");
        let public = BaseUrls::from_addresses(Some("https://example.com/cms/"), "x");
        assert_eq!(
            (public.link.as_str(), public.command.as_str()),
            ("https://example.com/cms", "https://example.com/cms")
        );
        assert_eq!(base(Some("https://x/'; rm"), "x"), "https://x/%27; rm");
    }
}
