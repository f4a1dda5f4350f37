//! Errors of the configuration are explained in words, and no word is the secret.

use super::{isolated_bucket, key, options};
use cairn_assets::{AssetError, BlobSource, BlobStore, S3, S3Options};
use std::net::TcpListener;

fn put_error(options: S3Options) -> AssetError {
    let secret = options.secret_access_key.clone();
    let failed = S3::new(options).unwrap().put(&key("a"), BlobSource::Bytes(b"a")).unwrap_err();
    let text = format!("{failed} {failed:?}");
    assert!(!text.contains(&secret), "the secret is shown");
    failed
}

#[test]
fn unreachable_store_is_unavailable() {
    // The listener is closed at once: the port refuses connections.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("s3://files?path_style=true&endpoint=http://{address}");
    let failed = put_error(S3Options::parse(&url, "some-id", "some-secret").unwrap());
    assert!(matches!(failed, AssetError::Unavailable { .. }), "{failed:?}");
    assert!(failed.to_string().contains("cannot be reached"), "{failed}");
}

#[test]
fn silent_server_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url =
        format!("s3://files?path_style=true&timeout_seconds=1&endpoint=http://{}", listener.local_addr().unwrap());
    // The server accepts connections and never responds.
    let failed = put_error(S3Options::parse(&url, "some-id", "some-secret").unwrap());
    assert!(failed.to_string().contains("did not respond in time"), "{failed}");
}

#[test]
fn wrong_credentials_and_buckets_are_reported() {
    let Some(options) = options() else { return };
    let (bucket, options) = isolated_bucket(&options);
    bucket.check_bucket().unwrap();
    let wrong_options = S3Options { secret_access_key: "another-secret".into(), ..options.clone() };
    let text = format!("{:?}", put_error(wrong_options.clone()));
    assert!(text.contains("denied") || text.contains("secret access key"), "{text}");
    let message = format!("{:?}", S3::new(wrong_options).unwrap().check_bucket().unwrap_err());
    assert!(message.contains("denied") || message.contains("secret access key"), "{message}");
    let message = format!("{:?}", put_error(S3Options { bucket: "no-such-bucket".into(), ..options }));
    assert!(message.contains("the bucket \\\"no-such-bucket\\\" does not exist"), "{message}");
}
