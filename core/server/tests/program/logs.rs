//! The log at its most talkative level: whatever the program and its libraries write of what they do, no secret is in it.

use crate::killed::{ServerProcess, copy, run_cairn};
use cairn_testkit::{FULL_TOKEN, TestProject};
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";
const WRONG: &str = "another password of some length";
const SECRET_PATH: &str = "Swordfish-98765";
/// Everything but how components are compiled, which is hundreds of megabytes and nobody's secret.
const LEVEL: &str =
    "trace,cranelift_codegen=info,cranelift_frontend=info,wasmtime_internal_cranelift=info,wasmtime=info";
const GRANT: &str =
    "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Begins transactions.\"\n";

/// Sends a request. Returns its status and body.
async fn send(server: &ServerProcess, method: Method, path: &str, token: Option<&str>, body: &Json) -> (u16, Json) {
    let request = Client::new().request(method, format!("{}{path}", server.base()));
    let request = request.header("content-type", "application/json").body(body.to_string());
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Json::Null))
}

/// A project with the guest that does what it is told.
fn project_with_teller() -> TestProject {
    let root = json!({ "email": EMAIL, "password": PASSWORD, "roles": ["super-admin"] });
    let project = TestProject::newsroom().with_settings("adminUsers", json!([root]));
    run_cairn(&project, &["apply", "-"], &project.settings_json());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = project.path().join("author");
    copy(&root.join("plugins/guests/teller"), &folder);
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    std::fs::write(folder.join("plugin.toml"), format!("{manifest}\n{GRANT}")).unwrap();
    let component = root.join("target/plugins/teller.wasm");
    std::fs::copy(&component, folder.join("plugin.wasm"))
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    let (folder, out) = (folder.display().to_string(), project.path().display().to_string());
    let packed = run_cairn(&project, &["plugin", "pack", &folder, "--out", &out], "");
    run_cairn(&project, &["plugin", "install", packed.trim(), "--unsigned", "--yes"], "");
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_at_any_level() {
    let project = project_with_teller();
    let log = project.path().join("trace.log");
    // Takes connections, and speaks no TLS: requests there fail, with errors that could name the address.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let environment = [("CAIRN_LOG", LEVEL), ("CAIRN_PLUGINS_ALLOW_PRIVATE", &*host.to_string())];
    let mut server =
        ServerProcess::start_logging(&project, &environment, Stdio::from(File::create(&log).unwrap())).await;
    let credentials = |password: &str| json!({ "email": EMAIL, "password": password, "token": true });
    assert_eq!(send(&server, Method::POST, "/admin/api/login", None, &credentials(WRONG)).await.0, 400);
    let (status, session) = send(&server, Method::POST, "/admin/api/login", None, &credentials(PASSWORD)).await;
    assert_eq!(status, 200, "{session}");
    let token = session["data"]["token"].as_str().unwrap();
    let address = format!("https://{host}/services/{SECRET_PATH}");
    let secret = "/admin/api/plugins/teller/secrets/team-chat";
    let (status, answer) = send(&server, Method::PUT, secret, Some(token), &json!({ "value": address })).await;
    assert_eq!(status, 204, "{answer}");
    let key = "/admin/api/plugins/teller/signing-keys/receipts";
    assert_eq!(send(&server, Method::PUT, key, Some(token), &json!({})).await.0, 204);
    let ask = json!({ "do": "chat", "secret": "team-chat", "body": { "text": "Sold" } });
    let (status, answer) = send(&server, Method::POST, "/api/teller/ask", None, &ask).await;
    assert!(status >= 400 && !answer.to_string().contains(SECRET_PATH), "{status} {answer}");
    let sign = json!({ "do": "sign", "key": "receipts", "data": "x" });
    assert_eq!(send(&server, Method::POST, "/api/teller/ask", None, &sign).await.0, 200);
    let user = json!({ "username": "ann", "email": "ann@example.com", "password": WRONG });
    let (status, registered) = send(&server, Method::POST, "/api/auth/local/register", None, &user).await;
    assert_eq!(status, 200, "{registered}");
    let jwt = registered["jwt"].as_str().unwrap();
    let path = "/api/articles?filters[title]=Hello";
    assert_eq!(send(&server, Method::GET, path, Some(FULL_TOKEN), &Json::Null).await.0, 200);
    send(&server, Method::GET, path, Some(jwt), &Json::Null).await;
    server.kill();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("\"level\":\"TRACE\""), "the log is not at that level");
    for secret in
        [PASSWORD, WRONG, SECRET_PATH, FULL_TOKEN, token, jwt, "$argon2", "PRIVATE KEY", "AAAAAAAAAAAAAAAAAAAA"]
    {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
