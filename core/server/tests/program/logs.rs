//! The log at its most talkative level: whatever the program and its libraries write of what they do, no secret is in it.

use crate::killed::{ServerProcess, project_with_guest};
use crate::test_clock::{EMAIL, PASSWORD, send, sign_in};
use cairn_testkit::{FULL_TOKEN, TestProject};
use reqwest::Method;
use serde_json::json;
use std::fs::File;
use std::net::TcpListener;
use std::process::Stdio;

const WRONG: &str = "another password of some length";
const SECRET_PATH: &str = "Swordfish-98765";
/// Everything but how components are compiled, which is hundreds of megabytes and nobody's secret.
const LEVEL: &str =
    "trace,cranelift_codegen=info,cranelift_frontend=info,wasmtime_internal_cranelift=info,wasmtime=info";
const GRANT: &str =
    "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Begins transactions.\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_at_any_level() {
    let root = json!({ "email": EMAIL, "password": PASSWORD, "roles": ["super-admin"] });
    let project = TestProject::newsroom().with_settings("adminUsers", json!([root]));
    let project = project_with_guest(project, "teller", GRANT);
    let log = project.path().join("trace.log");
    // Takes connections, and speaks no TLS: requests there fail, with errors that could name the address.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let environment = [("CAIRN_LOG", LEVEL), ("CAIRN_PLUGINS_ALLOW_PRIVATE", &*host.to_string())];
    let mut server =
        ServerProcess::start_logging(&project, &environment, Stdio::from(File::create(&log).unwrap())).await;
    let wrong = json!({ "email": EMAIL, "password": WRONG, "token": true });
    assert_eq!(send(&server, Method::POST, "/admin/api/login", "", Some(wrong)).await.0, 400);
    let token = &sign_in(&server).await;
    let address = format!("https://{host}/services/{SECRET_PATH}");
    let secret = "/admin/api/plugins/teller/secrets/team-chat";
    let (status, answer) = send(&server, Method::PUT, secret, token, Some(json!({ "value": address }))).await;
    assert_eq!(status, 204, "{answer}");
    let key = "/admin/api/plugins/teller/signing-keys/receipts";
    assert_eq!(send(&server, Method::PUT, key, token, Some(json!({}))).await.0, 204);
    let ask = json!({ "do": "chat", "secret": "team-chat", "body": { "text": "Sold" } });
    let (status, answer) = send(&server, Method::POST, "/api/teller/ask", "", Some(ask)).await;
    assert!(status >= 400 && !answer.to_string().contains(SECRET_PATH), "{status} {answer}");
    let sign = json!({ "do": "sign", "key": "receipts", "data": "x" });
    assert_eq!(send(&server, Method::POST, "/api/teller/ask", "", Some(sign)).await.0, 200);
    let user = json!({ "username": "ann", "email": "ann@example.com", "password": WRONG });
    let (status, registered) = send(&server, Method::POST, "/api/auth/local/register", "", Some(user)).await;
    assert_eq!(status, 200, "{registered}");
    let jwt = registered["jwt"].as_str().unwrap();
    let path = "/api/articles?filters[title]=Hello";
    assert_eq!(send(&server, Method::GET, path, FULL_TOKEN, None).await.0, 200);
    send(&server, Method::GET, path, jwt, None).await;
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
