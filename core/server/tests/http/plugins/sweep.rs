//! A sweep over all routes, content types and hooks of the applications in every state in which a plugin does not run.

mod full {
    use crate::plugins::{PLUGINS, install, package_files, root, stage};
    use cairn_plugin_package::Manifest;
    use cairn_plugin_package::manifest::OnFailure;
    use cairn_plugin_package::package::{PackageFiles, pack};
    use cairn_store::WriteTx;
    use cairn_store::plugins::PluginState;
    use cairn_testkit::{TestClient, TestResponse, TestServer};
    use serde_json::{Value as Json, json};
    use std::collections::{BTreeMap, BTreeSet};

    const CONTENT: &str = "/admin/api/content";

    /// Why a plugin does not run, as its refusals call it.
    const CAUSES: [&str; 3] = ["disabled", "quarantined", "broken"];

    /// A plugin of this repository, and what of it others can reach.
    struct Application {
        id: String,
        /// Method and address of each route.
        routes: Vec<(String, String)>,
        own_types: BTreeMap<String, Json>,
        /// Types whose changes its hooks check before they are stored.
        checked: BTreeSet<String>,
        package: Vec<u8>,
    }

    impl Application {
        fn read(folder: &str) -> Self {
            let files = package_files(&root().join("plugins").join(folder), |manifest| manifest);
            let text = String::from_utf8(files.get("plugin.toml").unwrap().to_vec()).unwrap();
            let manifest = Manifest::parse(&text).unwrap();
            let id = manifest.id().to_owned();
            let routes = manifest.routes.iter();
            let routes =
                routes.map(|route| (route.method.as_str().to_owned(), fill(&format!("/api/{id}{}", route.path))));
            let hooks = manifest.hooks.iter().filter(|hook| hook.on_failure == OnFailure::Refuse);
            let checked = hooks.flat_map(|hook| hook.on.iter().map(|target| target.uid.clone()));
            let own_types = own_types(&files, &id);
            let (routes, checked) = (routes.collect(), checked.collect());
            Self { routes, checked, own_types, package: pack(&files, None).unwrap(), id }
        }
    }

    /// The address of a route with something in its parameters.
    fn fill(path: &str) -> String {
        path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part }).collect::<Vec<_>>().join("/")
    }

    /// The plugin's content types with their schemas, by uid.
    fn own_types(files: &PackageFiles, id: &str) -> BTreeMap<String, Json> {
        let folder = |name: &str| Some(name.strip_prefix("content-types/")?.strip_suffix("/schema.json")?.to_owned());
        let read = |(name, bytes): (&str, &[u8])| {
            Some((format!("plugin::{id}.{}", folder(name)?), serde_json::from_slice(bytes).unwrap()))
        };
        let types: BTreeMap<String, Json> = files.iter().filter_map(read).collect();
        assert!(!types.is_empty());
        types
    }

    /// The first entry of each type that has one.
    async fn first_entries(admin: &TestClient, types: &BTreeMap<String, Json>) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        for uid in types.keys() {
            let list = admin.get(&format!("{CONTENT}/{uid}")).await.expect_status(200);
            if let Some(id) =
                list.data().as_array().and_then(|all| all.first()?["documentId"].as_str().map(str::to_owned))
            {
                entries.push((uid.clone(), id));
            }
        }
        entries
    }

    async fn call(client: &TestClient, method: &str, path: &str) -> TestResponse {
        let request = client.request(method, path);
        let body = json!({ "data": {} });
        client.send(if method == "GET" { request } else { request.header("if-match", "*").json(&body) }).await
    }

    /// Changes of a plugin's own content that are well-formed, each of which it would have to be asked about.
    async fn change_own(
        admin: &TestClient,
        application: &Application,
        entries: &[(String, String)],
    ) -> Vec<TestResponse> {
        let mut answers = Vec::new();
        for (uid, schema) in &application.own_types {
            let body = json!({ "data": fill_required(schema) });
            answers.push(admin.post(&format!("{CONTENT}/{uid}"), body).await);
        }
        for (uid, id) in entries {
            answers.push(call(admin, "PUT", &format!("{CONTENT}/{uid}/{id}")).await);
            answers.push(call(admin, "DELETE", &format!("{CONTENT}/{uid}/{id}")).await);
        }
        answers
    }

    /// Values for the required attributes of a type.
    fn fill_required(schema: &Json) -> Json {
        let attributes = schema["attributes"].as_object().unwrap();
        let value = |attribute: &Json| match attribute["type"].as_str().unwrap() {
            "boolean" => json!(true),
            "integer" | "biginteger" | "decimal" | "float" => attribute.get("min").cloned().unwrap_or(json!(1)),
            "date" => json!("2027-01-01"),
            "datetime" => json!("2027-01-01T00:00:00.000Z"),
            "email" => json!("anna@example.com"),
            "enumeration" => attribute["enum"][0].clone(),
            "json" => json!([]),
            "relation" | "media" => json!(null),
            _ => json!("abc"),
        };
        let required = attributes.iter().filter(|(_, attribute)| attribute["required"] == true);
        required.map(|(name, attribute)| (name.clone(), value(attribute))).collect()
    }

    /// Puts an installed plugin into the state that a cause stands for.
    async fn stop_plugin(server: TestServer, application: &Application, cause: &str) -> TestServer {
        let id = &application.id;
        if cause == "disabled" {
            server.post(&format!("{PLUGINS}/{id}/disable"), json!({})).await.expect_status(200);
            return server;
        }
        if cause == "quarantined" {
            let named = id.clone();
            let quarantine = move |tx: &mut WriteTx<'_>| {
                let mut row = tx.reader().plugins().get(&named)?.unwrap();
                row.state = PluginState::Quarantined;
                row.reason = Some("It failed three times within an hour".to_owned());
                tx.plugins().save(&row, 0)
            };
            // The restart opens the store with the content types of the installation.
            let server = server.stop().await.restart_server().await;
            server.app.content.store().write(quarantine).await.unwrap().unwrap();
            return server.stop().await.restart_server().await;
        }
        // A package that is another than the one that was agreed to.
        let server = server.stop().await;
        let files = std::fs::read_dir(server.project.path().join("plugins").join(id)).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        let package = files.find(|file| file.extension().is_some_and(|extension| extension == "cairnplugin")).unwrap();
        std::fs::write(package, "broken").unwrap();
        server.restart_server().await
    }

    async fn sweep(folder: &str) {
        let application = Application::read(folder);
        let id = &application.id;
        assert!(application.routes.len() > 4 && !application.checked.is_empty());
        // A hook on another type needs a change of that type here.
        assert!(
            application.checked.iter().all(|uid| application.own_types.contains_key(uid)),
            "{:?}",
            application.checked
        );
        for cause in CAUSES {
            let server = TestServer::start().await;
            let staged = stage(&server, &application.package).await.expect_status(201);
            install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
            server.run_until_idle().await;
            let admin = server.super_admin().await;
            let entries = first_entries(&admin, &application.own_types).await;
            // While it runs, each route is answered by it, and nothing is an error of the server.
            for (method, path) in &application.routes {
                let answer = call(&server, method, path).await;
                assert!(answer.status < 500, "{method} {path}: {}", answer.text());
            }
            let server = stop_plugin(server, &application, cause).await;
            let admin = server.super_admin().await;
            let before = server.dump_content().await;
            for (method, path) in &application.routes {
                for client in [&server.public_client(), &*server, &admin] {
                    let answer = call(client, method, path).await;
                    assert!(
                        [401, 403, 404, 503].contains(&answer.status),
                        "{cause}: {method} {path}: {}",
                        answer.text()
                    );
                }
            }
            let answers = change_own(&admin, &application, &entries).await;
            for answer in answers {
                assert_eq!(answer.status, 503, "{cause}: {}", answer.text());
                assert_eq!(answer.details()["code"], "plugin_not_running", "{cause}: {}", answer.text());
                assert_eq!(answer.details()["plugin"], json!(id), "{cause}: {}", answer.text());
            }
            assert_eq!(server.dump_content().await, before, "{cause}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_the_crm_goes_past_its_rules() {
        sweep("crm").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_contracts_goes_past_their_rules() {
        sweep("esign").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_journeys_goes_past_their_rules() {
        sweep("journey").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_the_portal_goes_past_its_rules() {
        sweep("portal").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_the_knowledge_base_goes_past_its_rules() {
        sweep("knowledge-base").await;
    }
}
