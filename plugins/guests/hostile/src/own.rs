//! Permitted trials, so that a test can tell a refusal from something that never works.

use crate::report::{ended, error};
use cairn_plugin::Result;
use cairn_plugin::bindings::http_client::{self, Body, SecretHeader};
use cairn_plugin::bindings::{data, files, secrets};
use cairn_plugin::search;

const TEXT: &[u8] = b"a file of its own";

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    if let Some(id) = trial.strip_prefix("file-see-") {
        return Some(see(id));
    }
    if let Some(id) = trial.strip_prefix("file-delete-") {
        return Some(ended(files::delete(&[id.to_owned()])));
    }
    Some(match trial {
        "search-own" => said(search::search("own", "").run::<serde_json::Value>().map(|found| found.total.to_string())),
        "secret-set" => secrets::is_set("key").to_string(),
        "secret-sign" => said(signed()),
        "secret-verify" => said(verified()),
        "http-secret-granted" => said(sent("http://allowed.test/secret", Body::Empty, false)),
        "http-post" => said(sent("http://allowed.test/post", Body::Bytes(b"hello".to_vec()), false)),
        "http-keep" => said(sent("http://allowed.test/keep/report.txt", Body::Empty, true)),
        "http-file" => said(file().and_then(|id| sent("http://allowed.test/post", Body::File(id), false))),
        "file-own" => said(file().and_then(|id| round(&id))),
        "file-create" => said(file()),
        "file-flood" => {
            crate::report::until_refused(1_000, |_| files::create("flood.txt", "text/plain", &vec![b'x'; 1 << 20]))
        }
        "file-huge" => ended(files::create("huge.txt", "text/plain", &vec![b'x'; 33 << 20])),
        "file-name" => ended(files::create("a\r\nb", "text/plain", TEXT)),
        "file-in-transaction" => match data::Transaction::begin() {
            Ok(open) => {
                let report = ended(files::create("open.txt", "text/plain", TEXT));
                drop(open);
                report
            }
            Err(failed) => error(&failed),
        },
        _ => return None,
    })
}

fn said(result: Result<String>) -> String {
    match result {
        Ok(text) => format!("ok: {text}"),
        Err(failed) => error(&failed),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn signed() -> Result<String> {
    let all = [secrets::Mac::HmacSha1, secrets::Mac::HmacSha256, secrets::Mac::HmacSha512];
    let each: Result<Vec<String>> =
        all.into_iter().map(|mac| secrets::sign("key", mac, b"message").map(|tag| hex(&tag))).collect();
    Ok(each?.join(" "))
}

/// Its own signature is good, and none that is near it.
fn verified() -> Result<String> {
    let mac = secrets::Mac::HmacSha256;
    let tag = secrets::sign("key", mac, b"message")?;
    let mut turned = tag.clone();
    turned[31] ^= 1;
    let check = |message: &[u8], tag: &[u8]| secrets::verify("key", mac, message, tag);
    let all = [
        check(b"message", &tag)?,
        check(b"message", &turned)?,
        check(b"massage", &tag)?,
        check(b"message", &tag[..16])?,
        check(b"message", b"")?,
    ];
    Ok(format!("{all:?}"))
}

fn sent(url: &str, body: Body, keep_as_file: bool) -> Result<String> {
    let request = http_client::Request {
        method: if matches!(body, Body::Empty) { "GET" } else { "POST" }.into(),
        url: url.into(),
        headers: Vec::new(),
        secret_headers: vec![SecretHeader {
            name: "authorization".into(),
            prefix: "Bearer ".into(),
            secret: "key".into(),
        }],
        body,
        timeout: None,
        follow_redirects: 0,
        keep_as_file,
    };
    let answer = http_client::send(&[request]).pop();
    let answer = answer.unwrap_or_else(|| Err(cairn_plugin::Error::Internal("no answer".into())))?;
    let body = match answer.body {
        Body::Empty => String::new(),
        Body::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Body::File(id) => round(&id)?,
    };
    Ok(format!("{} {body}", answer.status))
}

fn file() -> Result<String> {
    files::create("note.txt", "text/plain", TEXT)
}

/// All that can be done with a file, and then it is deleted.
fn round(id: &str) -> Result<String> {
    let seen = see(id);
    files::delete(&[id.to_owned()])?;
    let after = files::stat(&[id.to_owned()])?.pop().flatten();
    Ok(format!("{seen}, gone: {}", after.is_none()))
}

/// Tries all ways to see a file, and returns what they show.
fn see(id: &str) -> String {
    let told = files::stat(&[id.to_owned()]).map(|mut all| all.pop().flatten());
    let info = match told {
        Ok(None) => return "ok: nothing there".to_owned(),
        Ok(Some(info)) => info,
        Err(failed) => return error(&failed),
    };
    let part = match files::read(id, 2, 4) {
        Ok(part) => String::from_utf8_lossy(&part).into_owned(),
        Err(failed) => error(&failed),
    };
    let link = match files::link(id, 60_000) {
        Ok(link) => link,
        Err(failed) => error(&failed),
    };
    let beyond = files::read(id, 1 << 40, 10).map(|part| part.len());
    format!("{} {} {} {} {part:?} {link} beyond: {beyond:?}", info.name, info.media_type, info.size, &hex(&info.sha256))
}
