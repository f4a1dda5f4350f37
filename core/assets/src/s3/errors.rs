//! Errors of failed requests, in a sentence that says what to do.

use crate::AssetError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;
use std::io;

/// Turns a failed request into the error of the store; for `map_err`.
pub(super) fn to_asset_error<E>(
    action: &'static str,
    bucket: &str,
) -> impl FnOnce(SdkError<E, HttpResponse>) -> AssetError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let bucket = bucket.to_owned();
    move |error| match failure_reason(&error, &bucket) {
        FailureReason::Away(why) => AssetError::Unavailable { action, why },
        FailureReason::Refused(why) => AssetError::Io { action, source: io::Error::other(why) },
    }
}

enum FailureReason {
    /// May be over in a moment.
    Away(String),
    /// Somebody has to do something.
    Refused(String),
}

fn failure_reason<E>(error: &SdkError<E, HttpResponse>, bucket: &str) -> FailureReason
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::TimeoutError(_) => FailureReason::Away("the object store did not respond in time".into()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            FailureReason::Away("the object store did not respond in time".into())
        }
        SdkError::DispatchFailure(failure) => {
            let cause = failure.as_connector_error().map(|e| error_chain(e)).unwrap_or_default();
            FailureReason::Away(format!(
                "the object store cannot be reached or closed the connection ({cause}): check its endpoint and the \
                 network"
            ))
        }
        SdkError::ServiceError(answer) => {
            let (code, status) = (answer.err().code().unwrap_or_default(), answer.raw().status().as_u16());
            if code.is_empty() && answer.raw().status().is_success() {
                let cause = error_chain(answer.err());
                return FailureReason::Refused(format!("the server's response is not valid Amazon S3 ({cause})"));
            }
            refusal_reason(code, answer.err().message().unwrap_or_default(), status, bucket)
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            FailureReason::Away(format!(
                "the server's response (status {status}) is incomplete or not S3: check the endpoint"
            ))
        }
        other => FailureReason::Refused(error_chain(other)),
    }
}

fn refusal_reason(code: &str, message: &str, status: u16, bucket: &str) -> FailureReason {
    FailureReason::Refused(match (code, status) {
        ("NoSuchBucket", _) => format!("the bucket {bucket:?} does not exist: create it, or correct the URL"),
        ("RequestTimeTooSkewed", _) => {
            "this machine's clock differs from the object store's: synchronise it with NTP".into()
        }
        ("InvalidAccessKeyId", _) => "the object store does not know the access key id".into(),
        ("SignatureDoesNotMatch", _) => {
            "the signature is wrong: the secret access key is incorrect, or a proxy changes requests".into()
        }
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _) | (_, 301) => {
            format!(
                "the bucket {bucket:?} is in a different region, or not at this endpoint: correct the region and \
                 the endpoint"
            )
        }
        ("AccessDenied", _) | (_, 401 | 403) => format!(
            "access to the bucket {bucket:?} was denied: check the credentials and this machine's clock; required \
             permissions are s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and \
             s3:AbortMultipartUpload below the prefix"
        ),
        (_, 429 | 500..) => {
            return FailureReason::Away(format!("the object store failed repeatedly (status {status} {code})"));
        }
        _ => format!("the object store rejected the request: status {status} {code}: {message}"),
    })
}

/// An error with its causes.
fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let message = next.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_errors_name_their_cause_or_report_unavailability() {
        for (code, status, part) in [
            ("NoSuchBucket", 404, "\"b\""),
            ("RequestTimeTooSkewed", 403, "clock"),
            ("InvalidAccessKeyId", 403, "access key id"),
            ("SignatureDoesNotMatch", 403, "secret"),
            ("AccessDenied", 403, "s3:ListBucket"),
            ("", 403, "s3:ListBucket"),
            ("PermanentRedirect", 301, "region"),
            ("Odd", 400, "Odd"),
        ] {
            let FailureReason::Refused(text) = refusal_reason(code, "", status, "b") else { panic!("{code}") };
            assert!(text.contains(part), "{text}");
        }
        assert!(matches!(refusal_reason("SlowDown", "", 503, "b"), FailureReason::Away(_)));
        assert!(matches!(refusal_reason("", "", 429, "b"), FailureReason::Away(_)));
    }
}
