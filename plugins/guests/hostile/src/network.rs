//! Getting out: addresses that were not granted, that mean this machine, or that a redirect leads to. The manifest grants
//! `http://allowed.test/*` only.

use crate::report::{ended, refused};
use cairn_plugin::bindings::{data, http_client};

/// Each trial and the address it asks for; what the host answers with must be a refusal.
const ADDRESSES: [(&str, &str); 26] = [
    ("http-localhost", "http://localhost:1337/_health"),
    ("http-localhost-dot", "http://localhost./"),
    ("http-loopback", "http://127.0.0.1/"),
    ("http-loopback-short", "http://127.1/"),
    ("http-loopback-decimal", "http://2130706433/"),
    ("http-loopback-octal", "http://0177.0.0.1/"),
    ("http-loopback-hex", "http://0x7f.0.0.1/"),
    ("http-any", "http://0.0.0.0/"),
    ("http-loopback-6", "http://[::1]/"),
    ("http-mapped", "http://[::ffff:127.0.0.1]/"),
    ("http-mapped-hex", "http://[::ffff:7f00:1]/"),
    ("http-compatible", "http://[::127.0.0.1]/"),
    ("http-nat64", "http://[64:ff9b::7f00:1]/"),
    ("http-6to4", "http://[2002:7f00:1::]/"),
    ("http-private-10", "http://10.0.0.1/"),
    ("http-private-172", "http://172.16.0.1/"),
    ("http-private-192", "http://192.168.0.1/"),
    ("http-shared", "http://100.64.0.1/"),
    ("http-metadata", "http://169.254.169.254/latest/meta-data/"),
    ("http-link-local-6", "http://[fe80::1]/"),
    ("http-unique-local", "http://[fd00::1]/"),
    ("http-userinfo", "http://allowed.test@127.0.0.1/"),
    ("http-credentials", "http://user:password@allowed.test/"),
    ("http-other-host", "http://allowed.test.evil.test/"),
    ("http-other-port", "http://allowed.test:22/"),
    ("http-scheme", "file:///etc/passwd"),
];

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    if let Some((_, url)) = ADDRESSES.iter().find(|(name, _)| *name == trial) {
        return Some(refused(get(request(url))));
    }
    Some(match trial {
        "http-granted" => match get(request("http://allowed.test/")) {
            Ok(response) => format!("ok: {}", response.status),
            Err(error) => crate::report::error(&error),
        },
        // The granted address answers with a redirect to one that is not.
        "http-redirect" => {
            refused(get(http_client::Request { follow_redirects: 10, ..request("http://allowed.test/redirect") }))
        }
        "http-method" => {
            refused(get(http_client::Request { method: "CONNECT".into(), ..request("http://allowed.test/") }))
        }
        "http-header" => refused(get(http_client::Request {
            headers: vec![("x-a".into(), "b\r\nhost: evil.test".into())],
            ..request("http://allowed.test/")
        })),
        "http-host" => refused(get(http_client::Request {
            headers: vec![("host".into(), "evil.test".into())],
            ..request("http://allowed.test/")
        })),
        "http-secret" => refused(get(http_client::Request {
            secret_headers: vec![http_client::SecretHeader {
                name: "authorization".into(),
                prefix: "Bearer ".into(),
                secret: "key".into(),
            }],
            ..request("http://elsewhere.test/")
        })),
        "http-flood" => {
            let requests = vec![request("http://allowed.test/"); 10_000];
            let answers = http_client::send(&requests);
            format!("{} of {} answered", answers.iter().filter(|a| a.is_ok()).count(), requests.len())
        }
        "http-in-transaction" => match data::Transaction::begin() {
            Ok(open) => {
                let report = refused(get(request("http://allowed.test/")));
                drop(open);
                report
            }
            Err(error) => crate::report::error(&error),
        },
        "http-forever" => {
            ended(get(http_client::Request { timeout: Some(u64::MAX), ..request("http://allowed.test/slow") }))
        }
        _ => return None,
    })
}

pub(crate) fn request(url: &str) -> http_client::Request {
    http_client::Request {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        body: http_client::Body::Empty,
        timeout: Some(2_000),
        follow_redirects: 0,
        keep_as_file: false,
    }
}

/// Sends one request.
///
/// # Errors
/// What the host says.
pub(crate) fn get(request: http_client::Request) -> cairn_plugin::Result<http_client::Response> {
    let mut answers = http_client::send(&[request]);
    answers.pop().unwrap_or_else(|| Err(cairn_plugin::Error::Internal("a request without an answer".into())))
}
