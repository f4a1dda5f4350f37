//! Localized types: a version per locale, and what all locales share.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn project() -> TestProject {
    let target = |localized: bool| json!({"type": "relation", "relation": "manyToMany", "target": "api::tag.tag", "localized": localized});
    let page = json!({
        "title": {"type": "string", "required": true},
        "slug": {"type": "uid"},
        "rank": {"type": "integer", "localized": false},
        "shared": {"type": "component", "component": "x.part", "localized": false},
        "own": {"type": "component", "component": "x.part", "repeatable": true},
        "tags": target(true),
        "sharedTags": target(false),
        "next": {"type": "relation", "relation": "manyToOne", "target": "api::page.page"},
        "sharedPlain": {"type": "relation", "relation": "manyToOne", "target": "api::plain.plain", "localized": false},
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("page", page).with_drafts().with_locales())
        .with_type(SchemaBuilder::collection("tag", json!({"name": {"type": "string"}})).with_locales())
        .with_type(SchemaBuilder::collection("plain", json!({"name": {"type": "string"}})))
        .with_type(
            SchemaBuilder::single(
                "home",
                json!({"title": {"type": "string"}, "rank": {"type": "integer", "localized": false}}),
            )
            .with_locales(),
        )
        .with_component("x.part", json!({"label": {"type": "string"}}))
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_have_one_entry_per_locale() {
    let server = TestServer::start_with(project()).await;
    let en = server.create_entry("/api/pages", json!({"title": "Home"})).await;
    assert_eq!(en.data()["locale"], "en");
    let path = format!("/api/pages/{}", en.document_id());
    server.get(&format!("{path}?locale=nl")).await.expect_error(404, "Not Found");
    let nl = server.update_entry(&format!("{path}?locale=nl"), json!({"title": "Thuis"})).await;
    assert_eq!((nl.data()["locale"].as_str(), nl.document_id()), (Some("nl"), en.document_id()));
    assert_eq!(server.get(&path).await.data()["title"], "Home");
    assert_eq!(server.get(&format!("{path}?locale=nl")).await.data()["title"], "Thuis");
    server.get(&format!("{path}?locale=*")).await.expect_error(404, "Not Found");
    // A document in Dutch only.
    server.create_entry("/api/pages?locale=nl", json!({"title": "Alleen"})).await;
    let titles = async |query: &str| server.get(&format!("/api/pages?sort=title&{query}")).await.text_column("title");
    assert_eq!(titles("").await, ["Home"]);
    assert_eq!(titles("locale=").await, ["Home"]);
    assert_eq!(titles("locale=nl").await, ["Alleen", "Thuis"]);
    assert_eq!(titles("locale=fr").await, [""; 0]);
    assert_eq!(titles("locale=*").await, ["Alleen", "Home", "Thuis"]);
    assert_eq!(titles("locale[0]=en&locale[1]=nl").await, ["Alleen", "Home", "Thuis"]);
    assert_eq!(titles("filters[locale][$eq]=nl").await, ["Alleen", "Thuis"]);
    // A locale that is not configured is like any other.
    assert_eq!(titles("locale=xx").await, [""; 0]);
    server.create_entry("/api/pages?locale=xx", json!({"title": "?"})).await;
    assert_eq!(titles("locale=xx").await, ["?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn localizations_list_the_other_locales() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/pages", json!({"title": "Home"})).await.document_id();
    for (locale, title) in [("nl", "Thuis"), ("fr", "Maison")] {
        server.update_entry(&format!("/api/pages/{id}?locale={locale}"), json!({"title": title})).await;
    }
    let others = async |query: &str| {
        let answer = server.get(&format!("/api/pages/{id}?{query}")).await;
        let list = answer.data()["localizations"].as_array().unwrap().clone();
        list.iter().map(|l| l["title"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(others("populate=localizations").await, ["Thuis", "Maison"]);
    assert_eq!(others("populate=*").await, ["Thuis", "Maison"]);
    assert_eq!(others("populate=localizations&locale=fr").await, ["Home", "Thuis"]);
    let test_answer = server.get(&format!("/api/pages/{id}?populate[localizations][fields][0]=locale")).await;
    let keys: Vec<_> = test_answer.data()["localizations"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "documentId", "locale"]);
    // Drafts have drafts beside them.
    server.update_entry(&format!("/api/pages/{id}?locale=nl&status=draft"), json!({"title": "Concept"})).await;
    assert_eq!(others("populate=localizations&status=draft").await, ["Concept", "Maison"]);
    assert_eq!(others("populate=localizations").await, ["Thuis", "Maison"]);
}

/// `rank`, `shared` and `sharedTags` of every version: (locale, status) to values.
async fn shared(server: &TestServer, id: &str, locale: &str, status: &str) -> (Json, Json, usize, Json) {
    let answer = server.get(&format!("/api/pages/{id}?populate=*&locale={locale}&status={status}")).await;
    let data = answer.data();
    let tags = data["sharedTags"].as_array().unwrap().len();
    (data["rank"].clone(), data["shared"]["label"].clone(), tags, data["sharedPlain"]["name"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocalized_attributes_are_shared_by_all_locales() {
    let server = TestServer::start_with(project()).await;
    let plain = server.create_entry("/api/plains", json!({"name": "p"})).await.document_id();
    let other = server.create_entry("/api/plains", json!({"name": "q"})).await.document_id();
    let tag = server.create_entry("/api/tags", json!({"name": "en"})).await.document_id();
    server.update_entry(&format!("/api/tags/{tag}?locale=nl"), json!({"name": "nl"})).await;
    let data = json!({"title": "Home", "rank": 1, "shared": {"label": "a"}, "own": [{"label": "o"}], "tags": [tag],
        "sharedTags": [tag], "sharedPlain": plain});
    let id = server.create_entry("/api/pages", data).await.document_id();
    server.advance_clock(Duration::from_secs(1));
    // A new version takes over what is shared, and nothing else.
    let nl = server.update_entry(&format!("/api/pages/{id}?locale=nl&populate=*"), json!({"title": "Thuis"})).await;
    assert_eq!(nl.data()["own"], json!([]));
    assert_eq!(nl.data()["tags"], json!([]));
    assert_eq!(shared(&server, &id, "nl", "published").await, (json!(1), json!("a"), 1, json!("p")));
    // A write in one locale changes the others: when publishing, published versions and drafts.
    let nl_before = server.get(&format!("/api/pages/{id}?locale=nl")).await;
    server.advance_clock(Duration::from_secs(1));
    let change = json!({"rank": 2, "shared": {"label": "b"}, "sharedTags": [], "sharedPlain": other});
    server.update_entry(&format!("/api/pages/{id}"), change).await;
    for (locale, status) in [("en", "draft"), ("en", "published"), ("nl", "draft"), ("nl", "published")] {
        let expected = (json!(2), json!("b"), 0, json!("q"));
        assert_eq!(shared(&server, &id, locale, status).await, expected, "{locale} {status}");
    }
    let nl = server.get(&format!("/api/pages/{id}?locale=nl")).await;
    assert_eq!((nl.id(), &nl.data()["updatedAt"]), (nl_before.id(), &nl_before.data()["updatedAt"]));
    assert_eq!(nl.data()["title"], "Thuis");
    // A draft write changes drafts alone, until it is published.
    server.update_entry(&format!("/api/pages/{id}?locale=nl&status=draft"), json!({"rank": 3})).await;
    for (locale, status, rank) in
        [("en", "draft", 3), ("en", "published", 2), ("nl", "draft", 3), ("nl", "published", 2)]
    {
        assert_eq!(shared(&server, &id, locale, status).await.0, rank, "{locale} {status}");
    }
    server.update_entry(&format!("/api/pages/{id}?locale=nl"), json!({})).await;
    for (locale, status) in [("en", "draft"), ("en", "published"), ("nl", "draft"), ("nl", "published")] {
        assert_eq!(shared(&server, &id, locale, status).await.0, 3, "{locale} {status}");
    }
    // The old value does not return with the next publish of the other locale.
    server.update_entry(&format!("/api/pages/{id}"), json!({"title": "Home 2"})).await;
    assert_eq!(shared(&server, &id, "nl", "published").await.0, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_resolve_to_targets_in_the_locale_of_the_entry() {
    let server = TestServer::start_with(project()).await;
    let next = server.create_entry("/api/pages", json!({"title": "Next"})).await.document_id();
    let id = server.create_entry("/api/pages", json!({"title": "Home", "next": next})).await.document_id();
    let message = format!("Document with id \"{next}\", locale \"nl\" not found");
    let body = json!({"data": {"title": "Thuis", "next": next}});
    server.put(&format!("/api/pages/{id}?locale=nl"), body.clone()).await.expect_error(400, &message);
    server.update_entry(&format!("/api/pages/{next}?locale=nl"), json!({"title": "Volgende"})).await;
    server.put(&format!("/api/pages/{id}?locale=nl"), body).await.expect_status(200);
    let title = async |locale: &str| {
        let answer = server.get(&format!("/api/pages/{id}?locale={locale}&populate=next")).await;
        answer.data()["next"]["title"].clone()
    };
    assert_eq!((title("en").await, title("nl").await), (json!("Next"), json!("Volgende")));
    // A list of all locales shows each entry with targets of its own locale.
    let all =
        server.get("/api/pages?locale=*&populate=next&filters[title][$in][0]=Home&filters[title][$in][1]=Thuis").await;
    let pairs: Vec<_> =
        all.data().as_array().unwrap().iter().map(|e| (e["title"].clone(), e["next"]["title"].clone())).collect();
    assert_eq!(pairs, [(json!("Home"), json!("Next")), (json!("Thuis"), json!("Volgende"))]);
    // Deleting the target in one locale takes it from the entries of that locale.
    server.delete(&format!("/api/pages/{next}?locale=nl")).await.expect_status(204);
    assert_eq!((title("en").await, title("nl").await), (json!("Next"), Json::Null));
    assert_eq!(server.get("/api/pages?filters[next][title]=Next").await.pagination_total(), 1);
    assert_eq!(server.get("/api/pages?locale=nl&filters[next][title][$notNull]=true").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_removes_one_locale_or_all() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/pages", json!({"title": "Home"})).await.document_id();
    let path = format!("/api/pages/{id}");
    for locale in ["nl", "fr"] {
        server.update_entry(&format!("{path}?locale={locale}"), json!({"title": locale})).await;
    }
    server.delete(&path).await.expect_status(204);
    server.get(&path).await.expect_error(404, "Not Found");
    assert_eq!(server.get("/api/pages?locale=*").await.pagination_total(), 2);
    assert_eq!(server.get("/api/pages?locale=*&status=draft").await.pagination_total(), 2);
    // Deletion of a missing locale is no error, and deletes nothing.
    server.delete(&path).await.expect_status(204);
    server.delete(&format!("{path}?locale=de")).await.expect_status(204);
    assert_eq!(server.get("/api/pages?locale=*").await.pagination_total(), 2);
    // The deleted locale can be created again.
    server.update_entry(&path, json!({"title": "Again"})).await;
    server.delete(&format!("{path}?locale=*")).await.expect_status(204);
    assert_eq!(server.get("/api/pages?locale=*&status=draft").await.pagination_total(), 0);
    server.put(&path, json!({"data": {"title": "x"}})).await.expect_error(404, "Not Found");
}

#[tokio::test(flavor = "multi_thread")]
async fn uniqueness_is_per_locale() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/pages", json!({"title": "a", "slug": "same"})).await;
    server.create_entry("/api/pages?locale=nl", json!({"title": "b", "slug": "same"})).await;
    let clash = server.post("/api/pages?locale=nl", json!({"data": {"title": "c", "slug": "same"}})).await;
    clash.expect_error(400, "This attribute must be unique");
    server.create_entry("/api/pages?locale=nl&status=draft", json!({"title": "c", "slug": "same"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locale_is_ignored_for_types_without_locales() {
    let server = TestServer::start_with(project()).await;
    let id = server.create_entry("/api/plains?locale=nl", json!({"name": "p"})).await;
    assert_eq!(id.data().get("locale"), None);
    for locale in ["en", "nl", "*", "xx"] {
        assert_eq!(server.get(&format!("/api/plains?locale={locale}")).await.text_column("name"), ["p"], "{locale}");
    }
    server.get("/api/plains?fields=locale").await.expect_error(400, "Invalid key locale");
    server.delete(&format!("/api/plains/{}?locale=nl", id.document_id())).await.expect_status(204);
    assert_eq!(server.get("/api/plains").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn locales_are_listed_and_the_default_can_change() {
    let server = TestServer::start_with(project()).await;
    let list = server.get("/api/i18n/locales").await.expect_status(200).body;
    let codes: Vec<_> = list.as_array().unwrap().iter().map(|l| (l["code"].clone(), l["isDefault"].clone())).collect();
    assert_eq!(codes, [(json!("en"), json!(true)), (json!("nl"), json!(false)), (json!("fr"), json!(false))]);
    assert_eq!(list[0]["name"], "English (en)");
    server.public_client().get("/api/i18n/locales").await.expect_error(403, "Forbidden");
    server.create_entry("/api/pages?locale=nl", json!({"title": "Thuis"})).await;
    server.apply_settings(json!({"locales": {"default": "nl", "available": ["en", "nl", "fr"]}})).await;
    assert_eq!(server.get("/api/pages").await.text_column("title"), ["Thuis"], "the default locale is another now");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_have_one_entry_per_locale() {
    let server = TestServer::start_with(project()).await;
    let en = server.put("/api/home", json!({"data": {"title": "Home", "rank": 1}})).await.expect_status(200);
    server.get("/api/home?locale=nl").await.expect_error(404, "Not Found");
    let nl = server.put("/api/home?locale=nl", json!({"data": {"title": "Thuis"}})).await.expect_status(200);
    assert_eq!((en.document_id(), &nl.data()["rank"]), (nl.document_id(), &json!(1)));
    server.delete("/api/home?locale=nl").await.expect_status(204);
    server.get("/api/home?locale=nl").await.expect_error(404, "Not Found");
    assert_eq!(server.get("/api/home").await.data()["title"], "Home");
}

/// Three pages: in English, French and Dutch; in English and Dutch; in English alone. By the first of its others, each is sorted.
async fn create_translated_pages(server: &TestServer) -> String {
    let home = server.create_entry("/api/pages", json!({"title": "Home"})).await.document_id();
    let about = server.create_entry("/api/pages", json!({"title": "About"})).await.document_id();
    server.create_entry("/api/pages", json!({"title": "Terms"})).await;
    for (id, locale, title) in [(&home, "fr", "Maison"), (&home, "nl", "Thuis"), (&about, "nl", "Over")] {
        server.update_entry(&format!("/api/pages/{id}?locale={locale}"), json!({"title": title})).await;
    }
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_filtered_and_sorted_by_their_localizations() {
    let server = TestServer::start_with(project()).await;
    let home = create_translated_pages(&server).await;
    let titles = async |query: &str| server.get(&format!("/api/pages?{query}")).await.text_column("title");
    for (query, expected) in [
        ("filters[localizations][title][$eq]=Thuis", vec!["Home"]),
        // The entry itself is not one of them.
        ("filters[localizations][title][$eq]=Home", vec![]),
        ("filters[localizations][title][$eq]=Home&locale=nl", vec!["Thuis"]),
        ("filters[localizations][locale][$eq]=nl&sort=title", vec!["About", "Home"]),
        ("filters[localizations][locale][$eq]=fr", vec!["Home"]),
        ("filters[localizations][id][$null]=true", vec!["Terms"]),
        ("filters[$not][localizations][locale][$eq]=fr&sort=title", vec!["About", "Home"]),
        ("filters[localizations][id][$notNull]=true&sort=localizations.title", vec!["Home", "About"]),
        ("filters[localizations][id][$notNull]=true&sort[localizations][title]=desc", vec!["About", "Home"]),
    ] {
        assert_eq!(titles(query).await, expected, "{query}");
    }
    // Drafts have drafts beside them.
    server.update_entry(&format!("/api/pages/{home}?locale=nl&status=draft"), json!({"title": "Concept"})).await;
    assert_eq!(titles("filters[localizations][title][$eq]=Concept").await, [""; 0]);
    assert_eq!(titles("filters[localizations][title][$eq]=Concept&status=draft").await, ["Home"]);
    assert_eq!(titles("filters[localizations][title][$eq]=Thuis&status=draft").await, [""; 0]);
    for query in [
        "filters[localizations][nothing]=x",
        "filters[localizations][localizations][title]=x",
        "sort=localizations",
        "sort=localizations.nothing",
        "sort=localizations.localizations.title",
    ] {
        server.get(&format!("/api/pages?{query}")).await.expect_status(400);
    }
    server.get("/api/plains?filters[localizations][id]=1").await.expect_error(400, "Invalid key localizations");
}

#[tokio::test(flavor = "multi_thread")]
async fn populated_localizations_are_filtered_sorted_and_counted() {
    let server = TestServer::start_with(project()).await;
    let home = create_translated_pages(&server).await;
    let others = async |query: &str| {
        let answer = server.get(&format!("/api/pages/{home}?{query}")).await;
        let list = answer.data()["localizations"].as_array().unwrap().clone();
        list.iter().map(|l| l["title"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(others("populate[localizations][filters][locale][$eq]=fr").await, ["Maison"]);
    assert_eq!(others("populate[localizations][filters][locale][$eq]=en").await, [""; 0]);
    assert_eq!(others("populate[localizations][sort]=title").await, ["Maison", "Thuis"]);
    assert_eq!(
        others("populate[localizations][sort]=title:desc&populate[localizations][fields]=title").await,
        ["Thuis", "Maison"]
    );
    let count = server.get("/api/pages?locale=*&sort=title&populate[localizations][count]=true").await;
    let counts: Vec<_> =
        count.data().as_array().unwrap().iter().map(|page| page["localizations"]["count"].clone()).collect();
    // Of About, Home, Maison, Over, Terms and Thuis.
    assert_eq!(counts, [1, 2, 2, 1, 0, 2].map(Json::from));
    let filtered = "populate[localizations][count]=true&populate[localizations][filters][locale][$eq]=nl";
    let filtered = server.get(&format!("/api/pages/{home}?{filtered}")).await;
    assert_eq!(filtered.data()["localizations"], json!({"count": 1}));
    let nested = server
        .get(&format!("/api/pages/{home}?locale=nl&populate[localizations][populate][localizations][sort]=locale"))
        .await;
    let nested: Vec<_> = nested.data()["localizations"].as_array().unwrap().iter().collect();
    let locales = |entry: &Json| {
        let others = entry["localizations"].as_array().unwrap().iter();
        others.map(|other| other["locale"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((nested.len(), locales(nested[0]), locales(nested[1])), (2, locale_list("fr nl"), locale_list("en nl")));
}

fn locale_list(locales: &str) -> Vec<String> {
    locales.split(' ').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn localizations_that_the_caller_may_not_read_are_neither_shown_nor_found() {
    let server = TestServer::start_with(project()).await;
    create_translated_pages(&server).await;
    let not_french = json!({"where": {"locale": {"$ne": "fr"}}});
    let permissions =
        json!({"api::page.page": {"find": not_french, "findOne": not_french}, "api::plain.plain": ["find"]});
    server.apply_settings(json!({"roles": {"public": {"permissions": permissions}}})).await;
    let public = server.public_client();
    let titles = async |query: &str| public.get(&format!("/api/pages?{query}")).await.text_column("title");
    assert_eq!(titles("filters[localizations][title][$eq]=Maison").await, [""; 0]);
    assert_eq!(titles("filters[localizations][title][$startsWith]=M&locale=*").await, [""; 0]);
    assert_eq!(titles("filters[localizations][title][$eq]=Thuis").await, ["Home"]);
    assert_eq!(titles("filters[localizations][locale][$eq]=fr").await, [""; 0]);
    // Home would come first if Maison counted.
    assert_eq!(titles("filters[localizations][id][$notNull]=true&sort=localizations.title").await, ["About", "Home"]);
    let list = public.get("/api/pages?sort=title&populate[localizations][fields]=title").await.expect_status(200);
    let shown: Vec<_> = list.data().as_array().unwrap().iter().map(|page| page["localizations"].to_string()).collect();
    assert!(shown[1].contains("Thuis") && !shown[1].contains("Maison"), "{shown:?}");
    let counted = public.get("/api/pages?sort=title&populate[localizations][count]=true").await.expect_status(200);
    assert_eq!(counted.data()[1]["localizations"], json!({"count": 1}));
    // Lists of localizations need `find`: `findOne` alone does not show them.
    server.apply_settings(json!({"roles": {"public": {"permissions": {"api::page.page": ["findOne"]}}}})).await;
    let home = server.get("/api/pages?filters[title]=Home").await.data()[0]["documentId"].as_str().unwrap().to_owned();
    let one = public.get(&format!("/api/pages/{home}?populate=localizations")).await.expect_status(200);
    assert_eq!(one.data().get("localizations"), None);
}
