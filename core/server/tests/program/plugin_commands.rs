//! `cairn plugin`, as an operator and an author use it.

use cairn_server::config::Config;
use cairn_store::plugins::{CallFailure, FailedCall, RecordedCall};
use cairn_store::{Store, StoreError, StoreOptions};
use cairn_testkit::{FULL_TOKEN, TestProject};
use serde_json::{Value as Json, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Runs a command, and returns its standard output, or its standard error where it failed.
fn cairn(project: &TestProject, args: &[&str], in_project: bool) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    command.args(args).env("CAIRN_LOG", "error").env("CAIRN_SECRET_KEY", SECRET_KEY);
    if in_project {
        command.arg("--project").arg(project.path());
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn plugin(project: &TestProject, args: &[&str]) -> Result<String, String> {
    cairn(project, &[&["plugin"], args].concat(), true)
}

fn plugin_without_project(project: &TestProject, args: &[&str]) -> Result<String, String> {
    cairn(project, &[&["plugin"], args].concat(), false)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
    }
}

/// A package of the guest that behaves, in a version of its own; `key`: the file to sign it with.
fn pack_allow(project: &TestProject, version: &str, extra_toml: &str, key: Option<&Path>) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = project.path().join(format!("made-{version}"));
    copy(&root.join("plugins/guests/allow"), &folder);
    let component = root.join("target/plugins/allow.wasm");
    std::fs::copy(&component, folder.join("plugin.wasm"))
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let manifest = manifest.replace("version = \"1.0.0\"", &format!("version = \"{version}\""));
    std::fs::write(folder.join("plugin.toml"), format!("{manifest}{extra_toml}")).unwrap();
    let mut args = vec!["pack", folder.to_str().unwrap(), "--out"];
    let out = project.path();
    args.push(out.to_str().unwrap());
    if let Some(key) = key {
        args.extend(["--key", key.to_str().unwrap()]);
    }
    PathBuf::from(plugin_without_project(project, &args).unwrap().trim())
}

/// A project whose database is there.
fn project() -> TestProject {
    let project = TestProject::newsroom();
    let settings = project.path().join("settings.json");
    std::fs::write(&settings, json!({ "locales": { "default": "en", "available": ["en"] } }).to_string()).unwrap();
    cairn(&project, &["apply", settings.to_str().unwrap()], true).unwrap();
    project
}

fn list_plugins(project: &TestProject) -> Vec<Json> {
    let lines = plugin(project, &["list", "--json"]).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn packages_are_verified_and_inspected() {
    let project = project();
    let key = project.path().join("publisher.key");
    let public = plugin_without_project(&project, &["key", key.to_str().unwrap()]).unwrap();
    let file = pack_allow(&project, "1.0.0", "", Some(&key));
    let file = file.to_str().unwrap();
    let text = plugin_without_project(&project, &["verify", file]).unwrap();
    assert!(text.starts_with(&format!("allow 1.0.0: signed by {}", public.trim())), "{text}");
    let output = plugin_without_project(&project, &["inspect", file]).unwrap();
    for line in [
        "asks for:",
        "  Stores small private state",
        "content type plugin::allow.plain",
        "route GET /api/allow/read-notes",
        "hook count",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
    let details: Json =
        serde_json::from_str(&plugin_without_project(&project, &["inspect", "--json", file]).unwrap()).unwrap();
    assert_eq!((&details["id"], &details["publisher"]), (&json!("allow"), &json!(public.trim())));
    // A single byte is changed.
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let broken = project.path().join("broken.cairnplugin");
    std::fs::write(&broken, bytes).unwrap();
    for command in ["verify", "inspect"] {
        plugin_without_project(&project, &[command, broken.to_str().unwrap()]).unwrap_err();
    }
}

#[test]
fn choices_are_made_with_the_installation_and_later() {
    let project = project();
    let choice_toml = "\n[[choice]]\nname = \"texts\"\nkind = \"content-types\"\nneeds = [\"title:string\"]\n\
        [[grant]]\nuse = \"data.read\"\ntypes = [\"choice:texts\"]\n";
    let file = pack_allow(&project, "1.0.0", choice_toml, None);
    let file = file.to_str().unwrap();
    let output = plugin_without_project(&project, &["inspect", file]).unwrap();
    assert!(output.contains("choice texts (content-types; needs title:string)"), "{output}");
    assert!(output.contains("of the content types chosen for \u{201c}texts\u{201d}"), "{output}");
    let details: Json =
        serde_json::from_str(&plugin_without_project(&project, &["inspect", "--json", file]).unwrap()).unwrap();
    assert_eq!(details["choices"][0]["needs"], json!(["title:string"]));
    let install = |extra_args: &[&str]| plugin(&project, &[&["install", file, "--unsigned"], extra_args].concat());
    for (choose, says) in [
        ("texts", "is not a choice; write it as NAME=VALUE"),
        ("text=api::article.article", "did you mean \"texts\"?"),
        ("texts=api::gone.gone", "choices.texts: api::gone.gone is not a content type of this project"),
        ("texts=plugin::users-permissions.user", "is not a content type of the project"),
    ] {
        let message = install(&["--yes", "--choose", choose]).unwrap_err();
        assert!(message.contains(says), "{choose}: {message}");
    }
    let twice = install(&["--yes", "--choose", "texts=", "--choose", "texts=api::article.article"]).unwrap_err();
    assert!(twice.contains("is given twice"), "{twice}");
    let message = install(&["--choose", "texts=api::article.article"]).unwrap_err();
    assert!(message.contains("of api::article.article") && message.contains("Nothing was installed"), "{message}");
    assert_eq!(list_plugins(&project), Vec::<Json>::new());
    let installed = install(&["--yes"]).unwrap();
    assert!(
        installed.contains("Nothing is chosen for \"texts\": run `cairn plugin choose allow texts=…`"),
        "{installed}"
    );

    let choose = |arguments: &[&str]| plugin(&project, &[&["choose", "allow"], arguments].concat());
    let shown = choose(&[]).unwrap();
    assert!(
        shown.contains("texts (content-types): nothing") && shown.contains("can be chosen: api::article.article"),
        "{shown}"
    );
    assert!(shown.contains("cannot: "), "{shown}");
    let message = choose(&["texts=api::article.article"]).unwrap_err();
    assert!(message.contains("of api::article.article") && message.contains("Nothing was changed"), "{message}");
    choose(&["texts=api::article.article", "--yes"]).unwrap();
    let shown = choose(&[]).unwrap();
    assert!(shown.contains("texts (content-types): api::article.article"), "{shown}");
    // Fewer is nothing to agree to, and the same again is no change.
    choose(&["texts=api::article.article"]).unwrap();
    choose(&["texts="]).unwrap();
    assert!(choose(&[]).unwrap().contains("texts (content-types): nothing"));
    assert!(choose(&["texts=api::gone.gone", "--yes"]).unwrap_err().contains("is not a content type of this project"));
    assert!(plugin(&project, &["choose", "other"]).unwrap_err().contains("not found"));
    // An upgrade keeps what was chosen, and the same choice asks nothing anew.
    choose(&["texts=api::article.article", "--yes"]).unwrap();
    let next = pack_allow(&project, "1.1.0", choice_toml, None);
    plugin(&project, &["install", next.to_str().unwrap(), "--unsigned"]).unwrap();
    assert!(choose(&[]).unwrap().contains("texts (content-types): api::article.article"));
}

#[test]
fn plugins_are_installed_rolled_back_and_uninstalled() {
    let project = project();
    let mail_grant = "\n[[grant]]\nuse = \"mail\"\nmax-per-hour = 5\noptional = true\n";
    let first = pack_allow(&project, "1.0.0", mail_grant, None);
    let first = first.to_str().unwrap();
    let text = plugin(&project, &["install", first]).unwrap_err();
    assert!(text.contains("not signed"), "{text}");
    let message = plugin(&project, &["install", first, "--unsigned"]).unwrap_err();
    assert!(message.contains("Sends up to 5 mails an hour") && message.contains("Nothing was installed"), "{message}");
    assert_eq!(list_plugins(&project), Vec::<Json>::new());
    assert!(!project.path().join("plugins").exists());
    let message = plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "kv"]).unwrap_err();
    assert!(message.contains("the plugin requires kv"), "{message}");
    let message = plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "nothing"]).unwrap_err();
    assert!(message.contains("unknown capability"), "{message}");
    plugin(&project, &["install", first, "--unsigned", "--yes", "--without", "mail"]).unwrap();
    let installed = &list_plugins(&project)[0];
    assert_eq!((&installed["version"], &installed["state"]), (&json!("1.0.0"), &json!("enabled")));
    // A grant that was withheld needs consent again, and no other grant does.
    let second = pack_allow(&project, "1.1.0", mail_grant, None);
    let second = second.to_str().unwrap();
    let message = plugin(&project, &["install", second, "--unsigned"]).unwrap_err();
    assert!(message.contains("mails an hour"), "{message}");
    plugin(&project, &["install", second, "--unsigned", "--yes"]).unwrap();
    let installed = &list_plugins(&project)[0];
    assert_eq!((&installed["version"], &installed["previous"]), (&json!("1.1.0"), &json!("1.0.0")));
    plugin(&project, &["disable", "allow"]).unwrap();
    assert_eq!(plugin(&project, &["rollback", "allow"]).unwrap(), "allow 1.0.0: enabled\n");
    assert!(plugin(&project, &["rollback", "nothing"]).unwrap_err().contains("cairn plugin list"));
    // Uninstallation must say what to do with the data.
    let message = plugin(&project, &["uninstall", "allow"]).unwrap_err();
    assert!(message.contains("documents: 0") && message.contains("Nothing was changed"), "{message}");
    plugin(&project, &["uninstall", "allow", "--keep"]).unwrap();
    assert_eq!(plugin(&project, &["list"]).unwrap(), "");
    assert!(project.path().join("plugins/allow/plugin.toml").exists());
    plugin(&project, &["uninstall", "allow", "--delete"]).unwrap();
    assert!(!project.path().join("plugins/allow").exists());
    assert_eq!(list_plugins(&project), Vec::<Json>::new());
    // The project opens as before.
    plugin(&project, &["install", first, "--unsigned", "--yes"]).unwrap();
}

#[test]
fn upgrades_that_do_more_require_new_consent() {
    let project = project();
    let install = |version: &str, extra_toml: &str, words: &[&str]| {
        let file = pack_allow(&project, version, extra_toml, None);
        plugin(&project, &[&["install", file.to_str().unwrap(), "--unsigned"], words].concat())
    };
    let text = install("1.0.0", "", &[]).unwrap_err();
    assert!(text.contains("Handles GET /api/allow/read-notes: anyone may call this"), "{text}");
    install("1.0.1", "", &["--yes"]).unwrap();
    // An upgrade without new grants needs no consent.
    install("1.1.0", "", &[]).unwrap();
    let route = "\n[[route]]\nname = \"open\"\nmethod = \"GET\"\npath = \"/open\"\nauth = \"none\"\n";
    let message = install("1.2.0", route, &[]).unwrap_err();
    assert!(message.contains("does more than the installed version"), "{message}");
    assert!(message.contains("Handles GET /api/allow/open: anyone may call this"), "{message}");
    assert!(!message.contains("read-notes") && message.contains("Nothing was installed"), "{message}");
    assert_eq!(list_plugins(&project)[0]["version"], "1.1.0");
    install("1.2.1", route, &["--yes"]).unwrap();
    assert_eq!(list_plugins(&project)[0]["version"], "1.2.1");
}

#[test]
fn plugin_ids_cannot_equal_the_route_of_a_content_type() {
    let project = project();
    let root = project.path().join("content-types/api/allow/content-types/allow");
    std::fs::create_dir_all(&root).unwrap();
    let schema = json!({ "kind": "collectionType", "collectionName": "allowances",
        "info": { "singularName": "allowance", "pluralName": "allow", "displayName": "Allowance" }, "attributes": {} });
    std::fs::write(root.join("schema.json"), schema.to_string()).unwrap();
    let file = pack_allow(&project, "1.0.0", "", None);
    let text = plugin(&project, &["install", file.to_str().unwrap(), "--unsigned", "--yes"]).unwrap_err();
    assert!(text.contains("allow") && text.contains("api::allow.allow"), "{text}");
    assert!(!project.path().join("plugins/allow").exists());
}

#[test]
fn grants_file_can_narrow_but_not_widen_grants() {
    let project = project();
    let mail_grant = "\n[[grant]]\nuse = \"mail\"\nmax-per-hour = 500\n";
    let file = pack_allow(&project, "1.0.0", mail_grant, None);
    let file = file.to_str().unwrap();
    let mut view: Json =
        serde_json::from_str(&plugin_without_project(&project, &["inspect", "--json", file]).unwrap()).unwrap();
    let mail = view["grants"].as_array().unwrap().iter().position(|grant| grant.to_string().contains("500")).unwrap();
    let narrowed = view["grants"][mail].to_string().replace("500", "5");
    let widened = view["grants"][mail].to_string().replace("500", "5000");
    let grants = project.path().join("grants.json");
    let place = grants.to_str().unwrap();
    view["grants"][mail] = serde_json::from_str(&widened).unwrap();
    std::fs::write(&grants, view.to_string()).unwrap();
    let text = plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap_err();
    assert!(text.contains("the plugin did not request"), "{text}");
    view["grants"][mail] = serde_json::from_str(&narrowed).unwrap();
    std::fs::write(&grants, view.to_string()).unwrap();
    let message = plugin(&project, &["install", file, "--unsigned", "--grants", place]).unwrap_err();
    assert!(message.contains("Sends up to 5 mails an hour"), "{message}");
    plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap();
    for broken in ["", "{", "[1]", "{\"grants\": 1}"] {
        std::fs::write(&grants, broken).unwrap();
        let message = plugin(&project, &["install", file, "--unsigned", "--yes", "--grants", place]).unwrap_err();
        assert!(message.contains("grants.json"), "{message}");
    }
}

/// A package of the guest whose own installation says that.
fn pack_with_greeting(project: &TestProject, version: &str, greeting: &str) -> PathBuf {
    let file = pack_allow(project, version, "", None);
    let folder = project.path().join(format!("made-{version}"));
    let place = folder.join("settings.schema.json");
    let mut schema: Json = serde_json::from_str(&std::fs::read_to_string(&place).unwrap()).unwrap();
    schema["properties"]["greeting"]["default"] = json!(greeting);
    std::fs::write(&place, schema.to_string()).unwrap();
    std::fs::remove_file(&file).unwrap();
    let out = project.path();
    let package =
        plugin_without_project(project, &["pack", folder.to_str().unwrap(), "--out", out.to_str().unwrap()]).unwrap();
    PathBuf::from(package.trim())
}

#[test]
fn installations_refused_by_the_plugin_leave_nothing() {
    let project = project();
    let tables = |project: &TestProject| cairn(project, &["schema", "plan"], true);
    let before = tables(&project).unwrap();
    for (greeting, says) in [("refuse-install", "There is no room."), ("trap-install", "asked for a trap")] {
        let file = pack_with_greeting(&project, "1.0.0", greeting);
        let text = plugin(&project, &["install", file.to_str().unwrap(), "--unsigned", "--yes"]).unwrap_err();
        assert!(text.contains("allow was not installed") && text.contains(says), "{text}");
        assert_eq!(list_plugins(&project), Vec::<Json>::new());
        assert!(!project.path().join("plugins/allow").exists());
        assert!(!project.path().join("data/plugin-change.json").exists());
        assert_eq!(tables(&project).unwrap(), before);
        std::fs::remove_dir_all(project.path().join("made-1.0.0")).unwrap();
    }
    // Data retained from before an installation stays if that installation fails.
    let good = pack_allow(&project, "1.0.0", "", None);
    plugin(&project, &["install", good.to_str().unwrap(), "--unsigned", "--yes"]).unwrap();
    plugin(&project, &["uninstall", "allow", "--keep"]).unwrap();
    let bad = pack_with_greeting(&project, "1.1.0", "refuse-install");
    plugin(&project, &["install", bad.to_str().unwrap(), "--unsigned", "--yes"]).unwrap_err();
    assert_eq!(list_plugins(&project)[0]["state"], "removed");
    assert!(project.path().join("plugins/allow/content-types").exists());
    plugin(&project, &["install", good.to_str().unwrap(), "--unsigned", "--yes", "--older"]).unwrap();
    assert_eq!(list_plugins(&project)[0]["state"], "enabled");
}

#[test]
fn uninstall_exports_plugin_data_to_a_new_file() {
    let project = project();
    let file = pack_allow(&project, "1.0.0", "", None);
    plugin(&project, &["install", file.to_str().unwrap(), "--unsigned", "--yes"]).unwrap();
    let existing_file = project.path().join("taken.ndjson");
    std::fs::write(&existing_file, "something else").unwrap();
    let nowhere = project.path().join("no/such/folder/x.ndjson");
    for bad in [&existing_file, &nowhere] {
        plugin(&project, &["uninstall", "allow", "--export", bad.to_str().unwrap()]).unwrap_err();
        assert_eq!(list_plugins(&project)[0]["state"], "enabled");
    }
    assert_eq!(std::fs::read_to_string(&existing_file).unwrap(), "something else");
    for both in ["--keep", "--delete"] {
        plugin(&project, &["uninstall", "allow", both, "--export", "x.ndjson"]).unwrap_err();
    }
    let out = project.path().join("allow.ndjson");
    let output = plugin(&project, &["uninstall", "allow", "--export", out.to_str().unwrap()]).unwrap();
    assert!(output.contains("0 documents were written to"), "{output}");
    let text = std::fs::read_to_string(&out).unwrap();
    let first: Json = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&first["plugin"], &first["version"]), (&json!("allow"), &json!("1.0.0")));
    // The export has what the plugin stored about its own lifecycle.
    assert!(text.contains("lifecycle/install"), "{text}");
    assert_eq!(list_plugins(&project), Vec::<Json>::new());
    assert!(!project.path().join("plugins/allow").exists());
}

/// The database of a project.
fn store(project: &TestProject) -> Store {
    let mut config = Config::load(&project.path(), &|_| None).unwrap();
    config.database.url = project.database().is_postgres().then(|| project.database().url().to_owned());
    let loaded = cairn_model::load::load_project(&project.path()).unwrap();
    Store::open(StoreOptions { database: config.tenant_database("default").unwrap() }, Arc::new(loaded.registry))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_calls_are_listed_and_replayed() {
    let project = project();
    let file = pack_allow(&project, "1.0.0", "", None);
    plugin(&project, &["install", file.to_str().unwrap(), "--unsigned", "--yes"]).unwrap();
    assert_eq!(plugin(&project, &["replay", "allow"]).unwrap(), "");
    for (args, says) in [
        (&["replay", "nobody"][..], "cairn plugin list"),
        (&["replay", "allow", "nothing"], "to see its failed calls"),
        (&["replay", "allow", "--dry-run"], "CALL"),
    ] {
        let text = plugin(&project, args).unwrap_err();
        assert!(text.contains(says), "{text}");
    }
    // The calls are stored as a server does: one that works when replayed, and one that fails again.
    let request = |path: &str| {
        json!({
            "method": "GET", "path": format!("/api/allow/{path}"), "query": [], "headers": [], "bytes": 0,
            "actor": { "kind": "public" }, "locale": "en", "key": "k",
        })
    };
    let opened = store(&project);
    let calls = [("good", "notes", request("read-notes")), ("bad", "error", request("error/trap"))];
    for (id, name, input) in calls {
        let call = FailedCall {
            id: id.into(),
            plugin: "allow".into(),
            version: "1.0.0".into(),
            export: "route".into(),
            name: name.into(),
            at: 1,
            took_us: 1,
            kind: CallFailure::Trap,
            message: "it fell".into(),
            attempt: 1,
        };
        let recorded_call = RecordedCall { call, backtrace: None, input: Some(input) };
        opened
            .write(move |tx| tx.plugin_calls().record(&recorded_call))
            .await
            .map_err(|e: StoreError| e.to_string())
            .unwrap();
    }
    drop(opened);
    let printed = plugin(&project, &["replay", "allow"]).unwrap();
    assert!(printed.contains("good") && printed.contains("route error  trap: it fell"), "{printed}");
    let dry: Json =
        serde_json::from_str(&plugin(&project, &["replay", "allow", "good", "--dry-run", "--json"]).unwrap()).unwrap();
    assert_eq!(
        (&dry["outcome"], &dry["dryRun"], &dry["answer"]["status"]),
        (&json!("worked"), &json!(true), &json!(200))
    );
    let message = plugin(&project, &["replay", "allow", "bad"]).unwrap_err();
    assert!(message.contains("bad failed again"), "{message}");
    let output = plugin(&project, &["replay", "allow", "good"]).unwrap();
    assert!(output.contains("returned status 200"), "{output}");
    let left = plugin(&project, &["replay", "allow", "--json"]).unwrap();
    let left: Vec<Json> = left.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(left.iter().all(|call| call["id"] != "good") && left.iter().any(|call| call["id"] == "bad"), "{left:?}");
    plugin(&project, &["disable", "allow"]).unwrap();
    let message = plugin(&project, &["replay", "allow", "bad"]).unwrap_err();
    assert!(message.contains("switch it on first"), "{message}");
}

/// A server that is running.
struct ServerProcess(Child, String);

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl ServerProcess {
    fn start(project: &TestProject) -> Self {
        // Free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        if project.database().is_postgres() {
            command.env("CAIRN_DATABASE_URL", project.database().url());
        }
        let command =
            command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--project"]).arg(project.path());
        let command = command.env("CAIRN_LOG", "error").env("CAIRN_SECRET_KEY", SECRET_KEY);
        Self(command.stdout(Stdio::null()).spawn().unwrap(), format!("http://127.0.0.1:{port}"))
    }

    /// Sends a request, and returns the status of the response; 0 where there is none.
    async fn status(&self, method: reqwest::Method, path: &str, body: Option<&Json>) -> u16 {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.1)).bearer_auth(FULL_TOKEN);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    /// Asks until it is answered so.
    async fn wait_for_status(&self, expected: u16, method: reqwest::Method, path: &str, body: Option<&Json>) {
        let mut last_status = 0;
        for _ in 0..1_800 {
            last_status = self.status(method.clone(), path, body).await;
            if last_status == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{method} {path} is still answered {last_status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn running_server_follows_plugin_installs_and_uninstalls() {
    let project = TestProject::newsroom();
    let settings = project.path().join("settings.json");
    std::fs::write(&settings, project.settings_json()).unwrap();
    cairn(&project, &["apply", settings.to_str().unwrap()], true).unwrap();
    let file = pack_allow(&project, "1.0.0", "", None);
    let file = file.to_str().unwrap();
    let serving = ServerProcess::start(&project);
    let author = json!({ "data": { "name": "Ann" } });
    let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
    serving.wait_for_status(201, post.clone(), "/api/authors", Some(&author)).await;
    for _ in 0..2 {
        plugin(&project, &["install", file, "--unsigned", "--yes"]).unwrap();
        // Content types and routes are served without a restart.
        serving.wait_for_status(200, get.clone(), "/api/allow/read-notes", None).await;
        serving.wait_for_status(200, get.clone(), "/api/allow/notes", None).await;
        serving.wait_for_status(201, post.clone(), "/api/authors", Some(&author)).await;
        plugin(&project, &["uninstall", "allow", "--delete"]).unwrap();
        serving.wait_for_status(404, get.clone(), "/api/allow/notes", None).await;
        // Writes used to be refused after this until a restart.
        serving.wait_for_status(201, post.clone(), "/api/authors", Some(&author)).await;
        for _ in 0..5 {
            assert_eq!(serving.status(post.clone(), "/api/authors", Some(&author)).await, 201);
        }
    }
}

#[test]
fn plugins_install_into_a_project_that_was_never_started() {
    let project = TestProject::newsroom();
    let file = pack_allow(&project, "1.0.0", "", None);
    plugin(&project, &["install", file.to_str().unwrap(), "--unsigned", "--yes"]).unwrap();
    assert_eq!(list_plugins(&project)[0]["state"], json!("enabled"));
}
