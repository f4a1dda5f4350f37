//! The options of a bucket, parsed from the URL in the configuration.

use std::fmt;
use std::time::Duration;
use url::Url;

const MIB: u64 = 1 << 20;
/// Sizes of a part in MiB: S3's minimum for all parts but the last, and the largest that is accepted here.
const PART_MIB_RANGE: std::ops::RangeInclusive<u64> = 5..=1024;

/// A bucket, the prefix in it, and how to reach it.
#[derive(Clone)]
pub struct S3Options {
    /// Name of the bucket.
    pub bucket: String,
    /// Prefix of every object's name: empty, or ending with a slash.
    pub prefix: String,
    /// Address of the store; `None`: Amazon's, by region.
    pub endpoint: Option<String>,
    /// Region; default `us-east-1`.
    pub region: String,
    /// True if addresses are `https://host/bucket/name` instead of `https://bucket.host/name`: most stores but Amazon's need it.
    pub path_style: bool,
    /// Encryption that the store is asked for; `None`: the bucket's default.
    pub sse: Option<StoreEncryption>,
    /// Id of the access key.
    pub access_key_id: String,
    /// Secret of the access key; never shown.
    pub secret_access_key: String,
    /// Size of a part in bytes; a file up to this size is sent whole.
    pub part_bytes: u64,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one attempt of a request may take, its body included; and how long a download may make no progress.
    pub request_timeout: Duration,
    /// Number of attempts of a request.
    pub attempts: u32,
}

/// Encryption by the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreEncryption {
    /// `AES256`: with keys of the store.
    Aes256,
    /// `aws:kms`: with a key of the key service, by default the account's own.
    Kms {
        /// Id or ARN of the key.
        key: Option<String>,
    },
}

impl S3Options {
    /// Parses `s3://bucket/prefix?…` and takes the credentials. Parameters of the URL, all optional: `endpoint`, `region`,
    /// `path_style`, `sse`, `sse_key`, `part_mib`, `timeout_seconds`.
    ///
    /// # Errors
    /// A sentence that names the part of the URL, and shows neither credentials nor misplaced parts, which may be some.
    pub fn parse(url: &str, access_key_id: &str, secret_access_key: &str) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|e| format!("not a URL: {e}"))?;
        if url.scheme() != "s3" {
            return Err(format!("expected s3://<bucket>, not {:?}", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL must not contain credentials: logs would show them".into());
        }
        let bucket = url.host_str().unwrap_or_default().to_owned();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if bucket.is_empty() || !bucket.bytes().all(plain) || url.port().is_some() {
            return Err("the bucket name is missing or invalid: expected s3://<bucket>/<prefix>".into());
        }
        let mut options = Self {
            bucket,
            prefix: parse_prefix(url.path())?,
            endpoint: None,
            region: "us-east-1".into(),
            path_style: false,
            sse: None,
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            part_bytes: 8 * MIB,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(60),
            attempts: 4,
        };
        let mut sse_key = None;
        let mut seen_names = Vec::new();
        for (name, value) in url.query_pairs() {
            if seen_names.contains(&name) {
                return Err(format!("{name} is given more than once"));
            }
            match &*name {
                "endpoint" => options.endpoint = Some(parse_endpoint(&value)?),
                "region" if !value.is_empty() => options.region = value.into_owned(),
                "path_style" => {
                    options.path_style = value.parse().map_err(|_| "path_style: expected true or false")?;
                }
                "sse" => {
                    options.sse = match &*value {
                        "none" => None,
                        "AES256" => Some(StoreEncryption::Aes256),
                        "aws:kms" => Some(StoreEncryption::Kms { key: None }),
                        _ => return Err("sse: expected none, AES256 or aws:kms".into()),
                    }
                }
                "sse_key" if !value.is_empty() => sse_key = Some(value.into_owned()),
                "part_mib" => {
                    let mib = value.parse().ok().filter(|mib| PART_MIB_RANGE.contains(mib));
                    options.part_bytes = mib.ok_or("part_mib: expected a number from 5 to 1024")? * MIB;
                }
                "timeout_seconds" => {
                    let seconds = value.parse().ok().filter(|s| (1..=3600).contains(s));
                    let seconds = seconds.ok_or("timeout_seconds: expected a number from 1 to 3600")?;
                    options.request_timeout = Duration::from_secs(seconds);
                }
                "region" | "sse_key" => return Err(format!("{name}: must not be empty")),
                _ => {
                    return Err(format!(
                        "unknown parameter {name:?}; use endpoint, region, path_style, sse, sse_key, part_mib or \
                         timeout_seconds"
                    ));
                }
            }
            seen_names.push(name);
        }
        match (&mut options.sse, sse_key) {
            (_, None) => {}
            (Some(StoreEncryption::Kms { key }), key_id) => *key = key_id,
            _ => return Err("sse_key: can only be used with aws:kms".into()),
        }
        for (subject, value) in [("access key id", access_key_id), ("secret access key", secret_access_key)] {
            if value.is_empty() {
                return Err(format!("the {subject} is missing"));
            }
        }
        Ok(options)
    }
}

/// Leaves out the secret.
impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Options")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("path_style", &self.path_style)
            .field("sse", &self.sse)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Normalises a prefix: empty, or with a slash at its end and none at its beginning.
fn parse_prefix(path: &str) -> Result<String, String> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let flat = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
    if !path.split('/').all(flat) || path.len() > 200 {
        return Err("the prefix can contain letters, digits and . - _ between slashes, at most 200 bytes".into());
    }
    Ok(format!("{path}/"))
}

fn parse_endpoint(value: &str) -> Result<String, String> {
    let endpoint_error =
        || "endpoint: expected http://<host>:<port> or https://<host>, without credentials or query".to_owned();
    let url = Url::parse(value).map_err(|_| endpoint_error())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain || url.host().is_none() {
        return Err(endpoint_error());
    }
    Ok(value.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<S3Options, String> {
        S3Options::parse(url, "the-id", "the-secret")
    }

    #[test]
    fn s3_url_sets_every_option() {
        let all = "s3://files/a/b/?endpoint=http://127.0.0.1:9000/&region=eu-west-1&path_style=true&sse=aws:kms&sse_key=k1\
                   &part_mib=16&timeout_seconds=5";
        let options = parse(all).unwrap();
        assert_eq!((options.bucket.as_str(), options.prefix.as_str()), ("files", "a/b/"));
        assert_eq!(options.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!((options.region.as_str(), options.path_style), ("eu-west-1", true));
        assert_eq!(options.sse, Some(StoreEncryption::Kms { key: Some("k1".into()) }));
        assert_eq!((options.part_bytes, options.request_timeout.as_secs()), (16 << 20, 5));
        let least = parse("s3://files").unwrap();
        assert_eq!((least.prefix.as_str(), least.region.as_str(), least.endpoint), ("", "us-east-1", None));
        assert_eq!(least.part_bytes, 8 << 20);
    }

    #[test]
    fn invalid_s3_urls_are_reported_without_credentials() {
        for (url, part) in [
            ("s3:", "bucket"),
            ("s3:///prefix", "bucket"),
            ("http://files", "s3://"),
            ("s3://files?regoin=x", "\"regoin\""),
            ("s3://files?region=", "region"),
            ("s3://files?path_style=yes", "path_style"),
            ("s3://files?sse=rot13", "sse"),
            ("s3://files?sse=AES256&sse_key=k", "sse_key"),
            ("s3://files?part_mib=1", "part_mib"),
            ("s3://files?timeout_seconds=0", "timeout_seconds"),
            ("s3://files?region=a&region=b", "more than once"),
            ("s3://files?endpoint=127.0.0.1:9000", "endpoint"),
            ("s3://files?endpoint=http://me:hidden@host", "endpoint"),
            ("s3://me:hidden@files", "credentials"),
            ("s3://files/a//b", "prefix"),
            ("s3://files/%2e%2e%2fa", "prefix"),
        ] {
            let message = parse(url).unwrap_err();
            assert!(message.contains(part) && !message.contains("hidden"), "{url}: {message}");
        }
        assert!(S3Options::parse("s3://files", "", "x").unwrap_err().contains("access key id"));
        assert!(S3Options::parse("s3://files", "x", "").unwrap_err().contains("secret"));
    }

    #[test]
    fn debug_output_hides_the_secret() {
        assert!(!format!("{:?}", parse("s3://files").unwrap()).contains("the-secret"));
    }
}
