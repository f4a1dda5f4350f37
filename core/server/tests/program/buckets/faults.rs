//! A bucket that fails while files come and go: no row without its object, no file lost, an error that says what to do.

use super::{bucket_variables, cairn, output_text};
use crate::pictures::png;
use crate::proxy::{Fault, Proxy, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestProject, TestResponse, TestServer};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server whose bucket is seen through faults.
struct FaultyBucket {
    server: TestServer,
    variables: [(&'static str, String); 3],
    /// Fault planned for the requests of a method; shared with the proxy.
    plan: Arc<Mutex<Option<FaultPlan>>>,
    proxy: Proxy,
}

struct FaultPlan {
    method: &'static str,
    fault: Fault,
    /// Requests of the method that pass before, and those that are hit then.
    pass: usize,
    hit: usize,
}

impl FaultyBucket {
    /// `None` where there is no store to test with.
    async fn new(name: &str) -> Option<FaultyBucket> {
        let variables = bucket_variables(name)?;
        let plan = Arc::new(Mutex::new(None::<FaultPlan>));
        let shared = plan.clone();
        let url = variables[0].1.clone();
        let endpoint = url.split("endpoint=http://").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let proxy = Proxy::new(&endpoint, move |request: &Request| {
            let mut plan = shared.lock().unwrap();
            let plan = plan.as_mut().filter(|plan| plan.method == request.method)?;
            match (plan.pass, plan.hit) {
                (0, 0) => None,
                (0, _) => {
                    plan.hit -= 1;
                    Some(plan.fault.clone())
                }
                _ => {
                    plan.pass -= 1;
                    None
                }
            }
        });
        let through = url.replace(&endpoint, &proxy.address.to_string());
        let (id, secret) = (variables[1].1.clone(), variables[2].1.clone());
        let server = TestServer::start_configured(TestProject::newsroom(), move |config| {
            config.assets.url = Some(through);
            config.assets.s3_access_key_id = Some(id);
            config.assets.s3_secret_access_key = Some(secret);
        })
        .await;
        Some(FaultyBucket { server, variables, plan, proxy })
    }

    /// From now on that many requests of a method fail, after some that pass.
    fn fail(&self, method: &'static str, pass: usize, hit: usize, fault: Fault) {
        *self.plan.lock().unwrap() = Some(FaultPlan { method, fault, pass, hit });
    }

    fn heal(&self) {
        *self.plan.lock().unwrap() = None;
    }

    async fn files(&self) -> usize {
        self.server.get("/api/upload/files").await.expect_status(200).body.as_array().unwrap().len()
    }

    /// Every object that a row names is there, with its bytes; seen past the proxy, by another process.
    fn verify(&self) {
        let database = self.server.project.database().url().to_owned();
        let verified = cairn(&self.server.project.path(), &database, &["assets", "verify"], &self.variables);
        let message = output_text(&verified);
        assert!(verified.status.success() && message.contains("all unchanged since upload"), "{message}");
    }
}

/// An error of the store: not the sender's mistake, in a sentence, and without what the store said or where it is.
fn assert_unavailable(answer: &TestResponse, proxy: &Proxy) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.message().len() > 10 && !answer.text().contains(&proxy.address.to_string()), "{}", answer.text());
}

/// Those after which the store is away, however often it is asked.
fn lasting_faults() -> [Fault; 4] {
    [Fault::Refuse(500), Fault::Reset, Fault::CutUp(10), Fault::Etag("\"00000000000000000000000000000000\"")]
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_uploads_store_no_row_and_can_be_retried() {
    let Some(case) = FaultyBucket::new("failing").await else { return };
    for (turn, fault) in lasting_faults().into_iter().enumerate() {
        // Bytes that are in the store already are not sent again.
        let picture = png(800 + turn as u32, 600);
        // The file itself, and then one of its variants.
        for pass in [0, 1] {
            case.fail("PUT", pass, usize::MAX, fault.clone());
            assert_unavailable(&case.server.upload_file("a.png", "image/png", &picture).await, &case.proxy);
            assert_eq!(case.files().await, turn, "{fault:?}");
        }
        case.heal();
        let created = case.server.upload_file("a.png", "image/png", &picture).await.expect_status(201).body;
        for url in [&created[0]["url"], &created[0]["formats"]["thumbnail"]["url"]] {
            case.server.public_client().get(url.as_str().unwrap()).await.expect_status(200);
        }
        assert_eq!(case.files().await, turn + 1);
    }
    case.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_bucket_faults_are_retried() {
    let Some(case) = FaultyBucket::new("passing").await else { return };
    let faults = [Fault::Refuse(503), Fault::Reset, Fault::Deny(500), Fault::Wait(Duration::from_secs(2))];
    for (turn, fault) in faults.into_iter().enumerate() {
        case.fail("PUT", 0, 2, fault);
        let text = format!("text {turn}");
        let created = case.server.upload_file("a.txt", "text/plain", text.as_bytes()).await.expect_status(201).body;
        case.fail("GET", 0, 2, Fault::Refuse(503));
        let read = case.server.public_client().get(created[0]["url"].as_str().unwrap()).await.expect_status(200);
        assert_eq!(read.text(), text);
        case.heal();
    }
    case.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_replacements_leave_the_old_bytes() {
    let Some(case) = FaultyBucket::new("replacing").await else { return };
    let created = case.server.upload_file("a.txt", "text/plain", b"old").await.expect_status(201).body;
    let (id, url) = (created[0]["id"].to_string(), created[0]["url"].as_str().unwrap().to_owned());
    let replace = |new: String| async {
        let part = reqwest::multipart::Part::bytes(new.into_bytes()).file_name("a.txt").mime_str("text/plain").unwrap();
        let form = reqwest::multipart::Form::new().part("files", part);
        case.server.send(case.server.request("POST", &format!("/api/upload?id={id}")).multipart(form)).await
    };
    for fault in lasting_faults() {
        case.fail("PUT", 0, usize::MAX, fault);
        assert_unavailable(&replace("these words are new".into()).await, &case.proxy);
        assert_eq!(case.server.public_client().get(&url).await.expect_status(200).text(), "old");
    }
    case.heal();
    replace("these words are new".into()).await.expect_status(200);
    assert_eq!(case.server.public_client().get(&url).await.expect_status(200).text(), "these words are new");
}

/// The pieces stay until the file is stored: the last one is sent again, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn resumable_uploads_survive_an_unavailable_bucket() {
    let Some(case) = FaultyBucket::new("resuming").await else { return };
    let send = |method: &'static str, path: String, headers: Vec<(&'static str, String)>, body: &'static [u8]| {
        let mut request = case.server.request(method, &path).header("tus-resumable", "1.0.0").body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        case.server.send(request)
    };
    let name = format!("filename {}", STANDARD.encode("a.txt"));
    let headers = vec![("upload-length", "11".to_owned()), ("upload-metadata", name)];
    let created = send("POST", "/api/upload/resumable".into(), headers, b"").await.expect_status(201);
    let at = created.header("location").to_owned();
    let patch = |offset: usize, body: &'static [u8]| {
        let kind = "application/offset+octet-stream".to_owned();
        send("PATCH", at.clone(), vec![("content-type", kind), ("upload-offset", offset.to_string())], body)
    };
    patch(0, b"hello ").await.expect_status(204);
    for (turn, fault) in lasting_faults().into_iter().enumerate() {
        case.fail("PUT", 0, usize::MAX, fault);
        // A request for the offset stores the file if all bytes are there.
        let answer = match turn {
            0 => patch(6, b"world").await,
            1 => patch(6, b"world").await,
            2 => send("GET", at.clone(), vec![], b"").await,
            _ => patch(11, b"").await,
        };
        assert_unavailable(&answer, &case.proxy);
        assert_eq!(case.files().await, 0);
    }
    case.heal();
    let upload = send("HEAD", at.clone(), vec![], b"").await.expect_status(200);
    assert_eq!(upload.header("upload-offset"), "11");
    let file = upload.header("cairn-file").to_owned();
    assert!(!file.is_empty());
    let files = case.server.get("/api/upload/files").await.expect_status(200).body;
    assert_eq!((files.as_array().unwrap().len(), &files[0]["documentId"]), (1, &json!(file)));
    assert_eq!(
        case.server.public_client().get(files[0]["url"].as_str().unwrap()).await.expect_status(200).text(),
        "hello world"
    );
    case.verify();
}

/// Whoever reads sees an error or a connection that ends, never part of a file as the whole.
#[tokio::test(flavor = "multi_thread")]
async fn interrupted_reads_resume_or_fail_visibly() {
    let Some(case) = FaultyBucket::new("reading").await else { return };
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let created = case.server.upload_file("a.bin", "application/octet-stream", &bytes).await.expect_status(201).body;
    let url = format!("{}{}", case.server.base_url(), created[0]["url"].as_str().unwrap());
    // A read that breaks off is resumed from there.
    case.fail("GET", 0, usize::MAX, Fault::CutDown(1_000_000));
    assert!(reqwest::get(&url).await.unwrap().bytes().await.unwrap() == bytes);
    for fault in [Fault::CutDown(0), Fault::Refuse(500), Fault::Reset] {
        case.fail("GET", 0, usize::MAX, fault.clone());
        let answer = reqwest::get(&url).await.unwrap();
        let is_complete =
            answer.status().is_success() && answer.bytes().await.is_ok_and(|read| read.len() == bytes.len());
        assert!(!is_complete, "{fault:?}");
        case.heal();
        let answer = reqwest::get(&url).await.unwrap();
        assert!(answer.status().is_success() && answer.bytes().await.unwrap() == bytes, "{fault:?}");
    }
}
