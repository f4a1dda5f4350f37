//! Pages of plugins for one document, the names that plugins give their types and fields, and the names of people in documents.

use super::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
const UID: &str = "plugin::policy.page";
const VIEW: &str = "/admin/api/plugins/policy/views/page";

/// A server with the guest that has a page for its documents; readers with and without the permission for it, and for the documents.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &pack(&guest("policy", |text| text), None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let public_pages = json!({ "where": { "audience": { "$eq": "public" } } });
    server
        .apply_settings(json!({
            "adminRoles": {
                "all": { "actions": ["plugin::policy.pages.read"], "permissions": { UID: ["find", "findOne", "update"] } },
                "some": { "actions": ["plugin::policy.pages.read"], "permissions": { UID: { "find": public_pages, "findOne": public_pages } } },
                "form": { "actions": [], "permissions": { UID: ["find", "findOne"] } },
                "page": { "actions": ["plugin::policy.pages.read"] },
            },
            "adminUsers": (["all", "some", "form", "page"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    server
}

async fn sign_in(server: &TestServer, role: &str) -> TestClient {
    server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await
}

/// The guest's type in the model, as somebody with that language gets it.
async fn page_type(client: &TestClient, language: &str) -> Json {
    let model = client.get_with("/admin/api/content-types", ("accept-language", language)).await.expect_status(200);
    let types = model.data()["contentTypes"].as_array().unwrap();
    types.iter().find(|ct| ct["uid"] == UID).unwrap_or_else(|| panic!("{types:#?}")).clone()
}

async fn show(client: &TestClient, content_type: &str, document: &str) -> TestResponse {
    client.post(VIEW, json!({ "document": { "contentType": content_type, "documentId": document } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_fields_of_plugins_are_named_in_the_readers_language() {
    let server = server().await;
    let admin = server.super_admin().await;
    let english = page_type(&admin, "en").await;
    let info = &english["info"];
    assert_eq!((&info["displayName"], &info["displayNamePlural"]), (&json!("Page"), &json!("Pages")));
    assert_eq!(info["description"], "A page that not everybody sees.");
    let labels = json!({
        "title": { "label": "Title", "hint": "What visitors read first." },
        "audience": { "label": "Audience", "valueLabels": { "public": "Everybody", "members": "Members" } },
        "owner": { "label": "Owner" },
    });
    assert_eq!(english["labels"], labels);
    // The attributes are those of the file, which the builder sends back.
    assert_eq!(english["attributes"]["title"], json!({ "type": "string", "required": true }));
    let dutch = page_type(&admin, "nl").await;
    let info = &dutch["info"];
    assert_eq!((&info["displayName"], &info["displayNamePlural"]), (&json!("Pagina"), &json!("Pagina's")));
    assert_eq!(dutch["labels"]["owner"], json!({ "label": "Eigenaar" }));
    // Texts that one language lacks are in the plugin's own.
    assert_eq!(info["description"], "A page that not everybody sees.");
    assert_eq!(dutch["labels"]["title"], json!({ "label": "Titel", "hint": "What visitors read first." }));
    assert_eq!(dutch["labels"]["audience"]["valueLabels"], json!({ "public": "Iedereen", "members": "Members" }));
    assert_eq!(page_type(&admin, "fr").await, english);
    // The reader's own choice goes before that of their browser.
    admin.put("/admin/api/me", json!({ "language": "nl" })).await.expect_status(200);
    assert_eq!(page_type(&admin, "en").await, dutch);
    // A plugin that does not run keeps its names, and types that belong to none have none.
    admin.post(&format!("{PLUGINS}/policy/disable"), json!({})).await.expect_status(200);
    assert_eq!(page_type(&admin, "en").await["labels"], dutch["labels"]);
    let model = admin.get("/admin/api/content-types").await.expect_status(200);
    let types = model.data()["contentTypes"].as_array().unwrap();
    let own = types.iter().find(|ct| ct["uid"] == "api::article.article").unwrap();
    assert_eq!((own.get("labels"), own["info"].get("displayNamePlural")), (None, None));
    // The type of another file has a name of its own, without a text for it.
    let trap = types.iter().find(|ct| ct["uid"] == "plugin::policy.trap").unwrap();
    assert_eq!((trap["info"]["displayName"].as_str(), trap.get("labels")), (Some("Trap"), None));
    let detail = admin.get(&format!("{PLUGINS}/policy")).await.expect_status(200);
    let types = detail.data()["contentTypes"].as_array().unwrap();
    assert!(types.iter().any(|ct| ct["uid"] == UID && ct["displayName"] == "Pagina"), "{types:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_documents_are_listed_for_those_who_may_see_them() {
    let server = server().await;
    let document_views = async |client: &TestClient| {
        let views = client.get_with("/admin/api/plugin-views", ("accept-language", "nl")).await.expect_status(200);
        let views = views.data().as_array().unwrap().clone();
        views.into_iter().filter(|view| view["kind"] == "document").collect::<Vec<_>>()
    };
    let all = sign_in(&server, "all").await;
    let [view] = &document_views(&all).await[..] else { panic!("one view") };
    assert_eq!((view["name"].as_str(), view["title"].as_str()), (Some("page"), Some("Pagina")));
    assert_eq!((&view["types"], &view["path"], &view["frame"]), (&json!([UID]), &Json::Null, &Json::Null));
    assert_eq!(document_views(&sign_in(&server, "form").await).await, Vec::<Json>::new());
    server.post(&format!("{PLUGINS}/policy/disable"), json!({})).await.expect_status(200);
    assert_eq!(document_views(&all).await, Vec::<Json>::new());
    show(&all, UID, "x").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_documents_that_the_reader_may_see() {
    let server = server().await;
    let create = async |audience: &str| {
        let data = json!({ "title": audience, "audience": audience });
        server.create_entry("/api/policy/pages", data).await.expect_status(201).document_id()
    };
    let (public, members) = (create("public").await, create("members").await);
    let [all, some, form, page] = [
        sign_in(&server, "all").await,
        sign_in(&server, "some").await,
        sign_in(&server, "form").await,
        sign_in(&server, "page").await,
    ];
    let shown = show(&all, UID, &members).await.expect_status(200);
    let fields = &shown.data()["show"][1];
    assert_eq!(fields["document"], json!({ "type": UID, "documentId": members }));
    assert_eq!(fields["fields"][2], json!({ "field": "owner", "format": "user" }));
    assert_eq!(fields["edit"], json!(["title", "audience"]));
    // By row; without rights to the type; without the plugin's permission.
    show(&some, UID, &public).await.expect_status(200);
    for (client, document, status) in [(&some, &members, 404), (&page, &public, 404), (&form, &public, 403)] {
        show(client, UID, document).await.expect_status(status);
        let body = json!({ "document": { "contentType": UID, "documentId": document }, "values": {} });
        client.post(&format!("{VIEW}/actions/forget"), body).await.expect_status(status);
    }
    server.public_client().post(VIEW, json!({})).await.expect_status(401);
    // Of a type that the page does not show, of none, deleted, and never there.
    let path = |refused: TestResponse| refused.expect_status(400).details()["errors"][0]["path"].clone();
    assert_eq!(path(all.post(VIEW, json!({})).await), json!(["document"]));
    assert_eq!(path(show(&all, "plugin::policy.trap", &public).await), json!(["document", "contentType"]));
    assert_eq!(path(show(&all, "api::article.article", &public).await), json!(["document", "contentType"]));
    server.delete(&format!("/api/policy/pages/{public}")).await;
    for client in [&all, &server.super_admin().await] {
        show(client, UID, &public).await.expect_status(404);
        show(client, UID, "nothere").await.expect_status(404);
    }
    let body = json!({ "document": { "contentType": UID, "documentId": members }, "values": {} });
    let acted = all.post(&format!("{VIEW}/actions/forget"), body).await.expect_status(200);
    assert_eq!(acted.data()["notice"], "forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_people_are_told_to_everybody_in_the_admin_and_addresses_are_not() {
    let server = server().await;
    let root = server.super_admin().await;
    let users = root.get("/admin/api/users").await.expect_status(200);
    let id = |email: &str| {
        let user = users.data().as_array().unwrap().iter().find(|user| user["email"] == email);
        user.unwrap_or_else(|| panic!("{email}"))["id"].as_i64().unwrap()
    };
    let (all, some, page) = (id("all@example.com"), id("some@example.com"), id("page@example.com"));
    let named = json!({ "firstName": "Bart", "lastName": "de Vries", "active": false });
    root.put(&format!("/admin/api/users/{all}"), named).await.expect_status(200);
    root.delete(&format!("/admin/api/users/{page}")).await.expect_status(204);
    // A role without any rights.
    let reader = sign_in(&server, "form").await;
    let ids = format!("{some},{all},{all},{page},0,-1,ann,all@example.com, ,99999999999999999999");
    let names = reader.get(&format!("/admin/api/people/names?ids={ids}")).await.expect_status(200);
    let mut expected = [
        json!({ "id": all.to_string(), "name": "Bart de Vries", "active": false }),
        json!({ "id": some.to_string(), "name": null, "active": true }),
    ];
    expected.sort_by_key(|person| person["id"].as_str().unwrap().parse::<i64>().unwrap());
    assert_eq!(*names.data(), json!(expected));
    assert!(!names.text().contains('@'), "{}", names.text());
    let many = |n: usize| (0..n).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    reader.get(&format!("/admin/api/people/names?ids={}", many(100))).await.expect_status(200);
    for bad in [String::new(), "ids=".to_owned(), "ids=,".to_owned(), format!("ids={}", many(101))] {
        let refused = reader.get(&format!("/admin/api/people/names?{bad}")).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["ids"]), "{bad}");
    }
    server.public_client().get("/admin/api/people/names?ids=1").await.expect_status(401);
    let token = server.read_only().get("/admin/api/people/names?ids=1").await;
    assert!(matches!(token.status, 401 | 403), "{}", token.text());
}
