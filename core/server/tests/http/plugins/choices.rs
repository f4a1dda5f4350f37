//! Choices of operators: content types of the project that a plugin works on.

use super::{PLUGINS, guest, install, stage};
use crate::tenants;
use cairn_app::plugins::consent::Consent;
use cairn_app::plugins::install::plan_installation;
use cairn_app::plugins::record::ChangeError;
use cairn_plugin_package::package::{Package, PackageLimits, pack};
use cairn_store::events::Actor;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const APPLY: &str = "/admin/api/content-types/apply";
const PLAN: &str = "/admin/api/content-types/plan";
const NOTE: &str = "api::note.note";
const MEMO: &str = "api::memo.memo";

/// The guest with a read policy, which hides what has `canary` in its title, with chosen types among its own.
fn choosing_package() -> Vec<u8> {
    choosing_version("1.0.0", |text| text)
}

fn choosing_version(version: &str, adapt: impl Fn(String) -> String) -> Vec<u8> {
    let choice_toml = "\n[[choice]]\nname = \"pages\"\nkind = \"content-types\"\ntitle = \"Pages\"\n\
        needs = [\"title:string\"]\n\n\
        [[grant]]\nuse = \"data.read\"\ntypes = [\"choice:pages\"]\nreason = \"to hide some\"\n";
    let change = |text: String| {
        let text = text.replace("version = \"1.0.0\"", &format!("version = \"{version}\""));
        adapt(text.replace("\"plugin::policy.trap\"]", "\"plugin::policy.trap\", \"choice:pages\"]") + choice_toml)
    };
    pack(&guest("policy", change), None).unwrap()
}

fn titled() -> Json {
    json!({ "title": { "type": "string" } })
}

fn project() -> TestProject {
    let reads = json!(["find", "findOne"]);
    TestProject::new()
        .with_type(SchemaBuilder::collection("note", titled()))
        .with_type(SchemaBuilder::collection("memo", titled()))
        .with_type(SchemaBuilder::collection("bare", json!({ "rank": { "type": "integer" } })))
        .with_type(SchemaBuilder::collection("other", json!({ "title": { "type": "integer" } })))
        .with_role("public", false, json!({ NOTE: reads, MEMO: reads }))
}

async fn titles(client: &TestClient, path: &str) -> Vec<String> {
    client.get(path).await.expect_status(200).text_column("title")
}

async fn choose(client: &TestClient, pages: &[&str], agreed: Json) -> TestResponse {
    client.put(&format!("{PLUGINS}/policy/choices"), json!({ "choices": { "pages": pages }, "agreed": agreed })).await
}

/// Chooses, and agrees to everything that is asked.
async fn choose_agreeing(client: &TestClient, pages: &[&str]) -> TestResponse {
    let asked = choose(client, pages, json!([])).await.expect_status(409);
    let list = |key: &str| asked.details()[key].as_array().unwrap().clone();
    choose(client, pages, json!([list("widened"), list("opened")].concat())).await.expect_status(200)
}

async fn detail(client: &TestClient) -> Json {
    client.get(&format!("{PLUGINS}/policy")).await.expect_status(200).data().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_types_are_agreed_to_and_changed_later() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    for path in ["/api/notes", "/api/memos"] {
        server.create_entry(path, json!({ "title": "open" })).await;
        server.create_entry(path, json!({ "title": "canary" })).await;
    }
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    let choice = &staged.data()["choices"][0];
    assert_eq!((&choice["name"], &choice["title"], &choice["chosen"]), (&json!("pages"), &json!("Pages"), &json!([])));
    let candidates: Vec<(&str, Option<&str>)> = choice["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["uid"].as_str().unwrap(), one["problem"].as_str()))
        .collect();
    assert_eq!(
        candidates,
        [
            (MEMO, None),
            (NOTE, None),
            ("api::bare.bare", Some("has no attribute title")),
            ("api::other.other", Some("has the attribute title of type integer, where string is needed")),
        ]
    );
    let sentences = |answer: &TestResponse, key: &str| -> Vec<String> {
        let lines = answer.data()[key].as_array().unwrap();
        lines.iter().map(|line| line["sentence"].as_str().unwrap().to_owned()).collect()
    };
    assert!(sentences(&staged, "grants")[2].contains("the content types chosen for “pages”"), "{}", staged.text());
    let preview = format!("{PLUGINS}/packages/{}/preview", staged.data()["digest"].as_str().unwrap());
    for (pages, says) in [
        (json!(["api::bare.bare"]), "api::bare.bare has no attribute title"),
        (json!(["plugin::users-permissions.user"]), "is not a content type of the project"),
        (json!(["plugin::policy.page"]), "is not a content type of the project"),
        (json!(["admin::user"]), "is not a content type of the project"),
        (json!(["api::gone.gone"]), "is not a content type of this project"),
    ] {
        let refused = server.post(&preview, json!({ "choices": { "pages": pages } })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["choices.pages"]), "{}", refused.text());
        assert!(refused.message().contains(says), "{}", refused.message());
        let words = json!({ "unsigned": true, "choices": { "pages": pages } });
        install(&server, &staged, words).await.expect_status(400);
    }
    let previewed = server.post(&preview, json!({ "choices": { "pages": [NOTE] } })).await.expect_status(200);
    assert!(sentences(&previewed, "does").contains(&format!("Decides who sees which documents of {NOTE}")));
    assert!(sentences(&previewed, "grants")[2].ends_with(NOTE), "{}", previewed.text());

    let words = json!({ "unsigned": true, "choices": { "pages": [NOTE] } });
    install(&server, &staged, words).await.expect_status(201);
    assert_eq!(titles(&public, "/api/notes").await, ["open"]);
    assert_eq!(titles(&public, "/api/memos").await.len(), 2, "it was not chosen");

    // More is agreed to first, and what is agreed to is what was shown.
    let asked = choose(&server, &[NOTE, MEMO], json!([])).await.expect_status(409);
    let widened: Vec<&str> =
        asked.details()["widened"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(widened.len(), 2, "{widened:?}");
    assert!(widened.iter().all(|sentence| sentence.contains(MEMO)), "{widened:?}");
    choose(&server, &[NOTE, MEMO], json!(["Decides something else"])).await.expect_status(409);
    assert_eq!(titles(&public, "/api/memos").await.len(), 2, "nothing was changed");
    let changed = choose_agreeing(&server, &[NOTE, MEMO]).await;
    assert_eq!(changed.data()["choices"][0]["chosen"].as_array().unwrap().len(), 2);
    assert_eq!(titles(&public, "/api/memos").await, ["open"]);

    // Less is agreed to where it lets people see more.
    let asked = choose(&server, &[MEMO], json!([])).await.expect_status(409);
    assert_eq!((&asked.details()["widened"], &asked.details()["opened"]), (&json!([]), &json!([NOTE])));
    choose(&server, &[MEMO], json!([NOTE])).await.expect_status(200);
    assert_eq!(titles(&public, "/api/notes").await.len(), 2);
    assert_eq!(titles(&public, "/api/memos").await, ["open"]);
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    let audit = server.get("/admin/api/audit?limit=50").await.expect_status(200).text();
    assert!(audit.contains("plugin.choices-changed"), "{audit}");
    // The same again is no change, and asks nothing.
    choose(&server, &[MEMO], json!([])).await.expect_status(200);
    let unknown = server.put(&format!("{PLUGINS}/policy/choices"), json!({ "choices": { "page": [] } })).await;
    assert!(unknown.expect_status(400).message().contains("did you mean \"pages\"?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn installations_open_a_policy_only_with_consent() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    server.create_entry("/api/memos", json!({ "title": "canary" })).await;
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    let chosen = json!({ "unsigned": true, "choices": { "pages": [NOTE, MEMO] } });
    install(&server, &staged, chosen).await.expect_status(201);
    let hidden = async || assert_eq!(titles(&public, "/api/memos").await, Vec::<String>::new());
    let open = |package: &TestResponse| package.data()["opened"].clone();

    // The same package, and a higher version, each with a smaller choice.
    for version in ["1.0.0", "1.1.0"] {
        let staged = stage(&server, &choosing_version(version, |text| text)).await.expect_status(201);
        assert_eq!(open(&staged), json!([]));
        let preview = format!("{PLUGINS}/packages/{}/preview", staged.data()["digest"].as_str().unwrap());
        let previewed = server.post(&preview, json!({ "choices": { "pages": [NOTE] } })).await.expect_status(200);
        assert_eq!(open(&previewed), json!([MEMO]));
        let sentence = format!("No longer decides who sees which documents of {MEMO}: roles alone do");
        let line = json!({ "kind": "read-policy", "sentence": sentence, "isNew": true });
        assert!(previewed.data()["does"].as_array().unwrap().contains(&line), "{}", previewed.text());
        let words = json!({ "unsigned": true, "choices": { "pages": [NOTE] } });
        let refused = install(&server, &previewed, words).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["opened"]), "{}", refused.text());
        hidden().await;
    }

    // A version whose policy is about its own types alone, and one that calls the choice something else.
    let dropped = |text: String| text.replace(", \"choice:pages\"]", "]");
    let renamed =
        |text: String| text.replace("choice:pages", "choice:texts").replace("name = \"pages\"", "name = \"texts\"");
    for package in [choosing_version("1.2.0", dropped), choosing_version("1.3.0", renamed)] {
        let staged = stage(&server, &package).await.expect_status(201);
        assert_eq!(open(&staged), json!([MEMO, NOTE]));
        install(&server, &staged, json!({ "unsigned": true })).await.expect_status(400);
        hidden().await;
        let agreed = json!({ "unsigned": true, "opened": [MEMO, NOTE] });
        install(&server, &staged, agreed).await.expect_status(201);
        assert_eq!(titles(&public, "/api/memos").await, ["canary"]);
        // The version before governs what it governed.
        server.post(&format!("{PLUGINS}/policy/rollback"), json!({})).await.expect_status(200);
        hidden().await;
    }
    server.process.default_tenant().engine.run_until_idle().await.unwrap();
    let audit = server.get("/admin/api/audit?limit=50").await.expect_status(200);
    let opened = json!([MEMO, NOTE]);
    let count = audit.data().as_array().unwrap().iter().filter(|entry| entry["details"]["opened"] == opened).count();
    assert_eq!(count, 2, "{}", audit.text());

    let names: serde_json::Map<String, Json> = (0..500).map(|n| (format!("none-{n}"), json!([]))).collect();
    let refused = server.put(&format!("{PLUGINS}/policy/choices"), json!({ "choices": names })).await;
    let errors = refused.expect_status(400).details()["errors"].as_array().unwrap().clone();
    assert_eq!((errors.len(), &errors[20]["message"]), (21, &json!("and 480 more")));
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_made_during_an_installation_are_not_lost() {
    let server = TestServer::start_with(project()).await;
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let tenant = server.process.default_tenant();
    let store = tenant.content.store();

    // An upgrade that was decided before somebody chose.
    let package = Package::read(&choosing_version("1.1.0", |text| text), &PackageLimits::default()).unwrap();
    let rows = store.read(|r| r.plugins().list()).unwrap();
    let consent = Consent { unsigned: true, ..Consent::default() };
    let (path, actor) = (server.project.path(), Actor::system("test"));
    let record = plan_installation(&path, &package, &rows, tenant.content.registry(), &consent, &actor).unwrap();
    choose_agreeing(&server, &[NOTE]).await;
    let written = store.write(move |tx| record.clone().write_row(tx, 1)).await;
    assert!(matches!(written, Err(ChangeError::Changed)), "{written:?}");
    assert_eq!(detail(&server).await["version"], "1.0.0");

    // The lock of a change that is under way refuses a choice.
    let lock = std::fs::File::create(path.join("data/plugins.lock")).unwrap();
    lock.lock().unwrap();
    let refused = choose(&server, &[MEMO], json!([])).await.expect_status(409);
    assert!(refused.message().contains("try again"), "{}", refused.message());
    drop(lock);
    assert_eq!(detail(&server).await["choices"][0]["chosen"][0]["value"], NOTE);
    choose_agreeing(&server, &[MEMO]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rolled_back_versions_have_their_grants_again() {
    let server = TestServer::start_with(project()).await;
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    let chosen = json!({ "unsigned": true, "choices": { "pages": [NOTE] } });
    let installed = install(&server, &staged, chosen).await.expect_status(201);
    let grants = installed.data()["grants"].clone();
    assert!(grants.to_string().contains(NOTE), "{grants}");
    // A version that reads none of them.
    let plain = |text: String| text.replace("version = \"1.0.0\"", "version = \"1.1.0\"");
    let staged = stage(&server, &pack(&guest("policy", plain), None).unwrap()).await.expect_status(201);
    let agreed = json!({ "unsigned": true, "opened": [NOTE] });
    let upgraded = install(&server, &staged, agreed).await.expect_status(201);
    assert!(!upgraded.data()["grants"].to_string().contains(NOTE));
    server.post(&format!("{PLUGINS}/policy/rollback"), json!({})).await.expect_status(200);
    assert_eq!(detail(&server).await["grants"], grants);
    // A second rollback returns to that version, with the grants that it had.
    server.post(&format!("{PLUGINS}/policy/rollback"), json!({})).await.expect_status(200);
    assert_eq!(detail(&server).await["grants"], upgraded.data()["grants"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_run_before_anything_is_chosen() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/notes", json!({ "title": "canary" })).await;
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    let installed = install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    assert_eq!((&installed.data()["running"], &installed.data()["off"]), (&json!(true), &json!([])));
    assert_eq!(titles(&server.public_client(), "/api/notes").await, ["canary"]);
    choose_agreeing(&server, &[NOTE]).await;
    assert_eq!(titles(&server.public_client(), "/api/notes").await, Vec::<String>::new());
    choose_agreeing(&server, &[]).await;
    assert_eq!(titles(&server.public_client(), "/api/notes").await, ["canary"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_that_no_longer_fit_stay_hidden_until_they_fit_again() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/notes", json!({ "title": "open" })).await;
    server.create_entry("/api/notes", json!({ "title": "canary" })).await;
    server.create_entry("/api/memos", json!({ "title": "open" })).await;
    let staged = stage(&server, &choosing_package()).await.expect_status(201);
    let words = json!({ "unsigned": true, "choices": { "pages": [NOTE, MEMO] } });
    install(&server, &staged, words).await.expect_status(201);
    let public = server.public_client();
    assert_eq!(titles(&public, "/api/notes").await, ["open"]);

    // The needed attribute is renamed: the policy cannot be applied, and what it would have hidden stays hidden.
    let note = |attributes: Json| {
        json!({ "contentTypes": { NOTE: {
            "kind": "collectionType", "collectionName": "notes",
            "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
            "options": { "draftAndPublish": false }, "attributes": attributes,
        } } })
    };
    let renamed = |to: &str, from: &str| note(json!({ to: { "type": "string", "renamedFrom": from } }));
    server.post(APPLY, renamed("heading", "title")).await.expect_status(200);
    assert_eq!(public.get("/api/notes").await.expect_status(200).data(), &json!([]));
    let view = detail(&server).await;
    assert_eq!(view["off"], json!([format!("{NOTE} has no attribute title")]), "{view:#}");
    assert_eq!(view["running"], true);
    assert_eq!(titles(&public, "/api/memos").await, ["open"], "the others go on");
    let list = server.get(PLUGINS).await.expect_status(200);
    assert_eq!(list.data()[0]["off"].as_array().unwrap().len(), 1);
    // Writing goes on: no hook rests on it.
    server.create_entry("/api/notes", json!({ "heading": "more" })).await;
    server.post(APPLY, renamed("title", "heading")).await.expect_status(200);
    assert_eq!(titles(&public, "/api/notes").await, ["open", "more"]);
    assert_eq!(detail(&server).await["off"], json!([]));

    // The type goes, and another of its name comes: it is governed from its first document on.
    let mut removal = json!({ "contentTypes": { NOTE: null } });
    let plan = server.post(PLAN, removal.clone()).await.expect_status(200).data().clone();
    removal["answers"] = json!({ "consent": plan["hash"] });
    server.post(APPLY, removal).await.expect_status(200);
    public.get("/api/notes").await.expect_status(404);
    let view = detail(&server).await;
    assert_eq!(view["off"], json!([format!("{NOTE} is not a content type of this project")]), "{view:#}");
    assert_eq!(titles(&public, "/api/memos").await, ["open"]);
    server.post(APPLY, note(titled())).await.expect_status(200);
    server.create_entry("/api/notes", json!({ "title": "canary again" })).await;
    server.create_entry("/api/notes", json!({ "title": "new" })).await;
    let seen = public.get("/api/notes").await;
    assert!(seen.status == 403 || seen.text_column("title") == ["new"], "{}", seen.text());
    // A type that does not fit can still be removed from the choice.
    choose(&server, &[MEMO], json!([NOTE])).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_chooses_for_itself() {
    let project = tenants::two_tenant_project().with_tenant_type("a", SchemaBuilder::collection("own", titled()));
    let server = TestServer::start_with(project).await;
    let (a, b) = (server.with_host(tenants::A), server.with_host(tenants::B));
    for client in [&*server, &a, &b] {
        for path in ["/api/articles", "/api/pages"] {
            client.create_entry(path, json!({ "title": "canary" })).await;
        }
    }
    const ARTICLE: &str = "api::article.article";
    const PAGE: &str = "api::page.page";
    let package = choosing_package();
    let staged = stage(&server, &package).await.expect_status(201);
    let words = |uid: &str| json!({ "unsigned": true, "choices": { "pages": [uid] } });
    // A type of another tenant is none.
    install(&server, &staged, words("api::own.own")).await.expect_status(400);
    install(&server, &staged, words(ARTICLE)).await.expect_status(201);
    let staged = stage(&a, &package).await.expect_status(201);
    assert_eq!(staged.data()["choices"][0]["chosen"], json!([]), "what another tenant chose is not seen");
    let candidates = staged.data()["choices"][0]["candidates"].to_string();
    assert!(candidates.contains("api::own.own"), "{candidates}");
    install(&a, &staged, words(PAGE)).await.expect_status(201);

    let count = async |client: &TestClient, path: &str| client.without_token().get(path).await.pagination_total();
    let counts = async |client: &TestClient| (count(client, "/api/articles").await, count(client, "/api/pages").await);
    assert_eq!(counts(&server).await, (0, 1));
    assert_eq!(counts(&a).await, (1, 0));
    assert_eq!(counts(&b).await, (1, 1), "it is not installed there");
    assert_eq!(detail(&server).await["choices"][0]["chosen"][0]["value"], ARTICLE);
    assert_eq!(detail(&a).await["choices"][0]["chosen"][0]["value"], PAGE);
    b.get(&format!("{PLUGINS}/policy")).await.expect_status(404);
    choose(&b, &[PAGE], json!([])).await.expect_status(404);
    choose_agreeing(&a, &[]).await;
    assert_eq!(counts(&a).await, (1, 1));
    assert_eq!(counts(&server).await, (0, 1));
    assert!(!server.get(&format!("{PLUGINS}/policy")).await.text().contains("api::own.own"));
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_origins_may_call_routes() {
    let server = TestServer::start().await;
    let change = |text: String| {
        let cors = "path = \"/read-notes\"\ncors = { origins = [\"choice:sites\"], credentials = true }\n";
        text.replace("path = \"/read-notes\"\n", cors) + "\n[[choice]]\nname = \"sites\"\nkind = \"origins\"\n"
    };
    let staged = stage(&server, &pack(&guest("allow", change), None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let public = server.public_client();
    let allowed = async |origin: &str| {
        let request = public.request("OPTIONS", "/api/allow/read-notes").header("origin", origin);
        let preflight = public.send(request.header("access-control-request-method", "GET")).await;
        let read = public.get_with("/api/allow/read-notes", ("origin", origin)).await.expect_status(200);
        let header = |answer: &TestResponse| answer.header("access-control-allow-origin").to_owned();
        assert_eq!(header(&preflight), header(&read));
        header(&read)
    };
    const SITE: &str = "https://www.example.com";
    assert_eq!(allowed(SITE).await, "");
    let put = async |sites: Json, agreed: Json| {
        server
            .put(&format!("{PLUGINS}/allow/choices"), json!({ "choices": { "sites": sites }, "agreed": agreed }))
            .await
    };
    for bad in ["*", "https://www.example.com/", "null"] {
        put(json!([bad]), json!([])).await.expect_status(400);
    }
    let asked = put(json!([SITE]), json!([])).await.expect_status(409);
    assert!(asked.details()["widened"][0].as_str().unwrap().contains(SITE), "{}", asked.text());
    put(json!([SITE]), asked.details()["widened"].clone()).await.expect_status(200);
    assert_eq!(allowed(SITE).await, SITE);
    assert_eq!(allowed("https://other.example.com").await, "");
    put(json!([]), json!([])).await.expect_status(200);
    assert_eq!(allowed(SITE).await, "");
}
