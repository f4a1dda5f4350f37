//! A file on its way to the store: whole or in parts, and compared with what the store has when it is there.
//!
//! A failed request may have been carried out all the same. So what is there is looked at before and after: what has
//! arrived whole has arrived, and what is there in part is removed.

use super::errors::to_asset_error;
use super::{ObjectInfo, S3};
use crate::{AssetError, BlobSource};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ServerSideEncryption};
use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

const WRITE_ACTION: &str = "write a file";
/// Of one upload, by the rules of S3.
const MAX_PARTS: u64 = 10_000;

/// As [`crate::BlobStore::put`].
pub(super) async fn write_object(s3: &S3, name: &str, source: BlobSource<'_>) -> Result<(), AssetError> {
    let mut input =
        UploadInput::open_source(source, s3.shared.options.part_bytes).map_err(AssetError::io(WRITE_ACTION))?;
    let before = s3.head_object(WRITE_ACTION, name).await?;
    match send_object(s3, name, &mut input).await {
        Ok(receipt) => match verify_stored(s3, name, &input, Some(&receipt)).await {
            Ok(()) => Ok(()),
            Err(failed) => Err(clear_partial(s3, name, failed).await),
        },
        Err(failed) => settle_failed(s3, name, &input, before, failed).await,
    }
}

/// After a failure: has it arrived all the same, is there a part of it, or is all as it was before?
async fn settle_failed(
    s3: &S3,
    name: &str,
    input: &UploadInput<'_>,
    before: Option<ObjectInfo>,
    failed: AssetError,
) -> Result<(), AssetError> {
    match s3.head_object(WRITE_ACTION, name).await {
        Ok(now) if now == before => Err(failed),
        Ok(Some(_)) if input.is_all_read() && verify_stored(s3, name, input, None).await.is_ok() => Ok(()),
        Ok(Some(_)) => Err(clear_partial(s3, name, failed).await),
        Ok(None) => Err(failed),
        Err(_) => Err(add_context(failed, "a part of it may still be in the object store")),
    }
}

/// Removes what must not stay, and adds to the error whether it could.
async fn clear_partial(s3: &S3, name: &str, failed: AssetError) -> AssetError {
    match s3.remove_object(name).await {
        Ok(()) => add_context(failed, "the uploaded part was removed"),
        Err(e) => add_context(failed, &format!("the uploaded part remains as {name:?} ({e})")),
    }
}

fn add_context(failed: AssetError, subject: &str) -> AssetError {
    match failed {
        AssetError::Unavailable { action, why } => AssetError::Unavailable { action, why: format!("{why}; {subject}") },
        AssetError::Io { action, source } => {
            AssetError::Io { action, source: io::Error::new(source.kind(), format!("{source}; {subject}")) }
        }
        other => other,
    }
}

/// Response of the store to an upload.
struct UploadReceipt {
    etag: Option<String>,
    sse: Option<ServerSideEncryption>,
}

impl UploadReceipt {
    /// The ETag, where it has the form of the one expected and is made of MD5: with a key service it only looks like it.
    fn md5_etag(&self, expected: &str) -> Option<&str> {
        let hashed = matches!(self.sse, None | Some(ServerSideEncryption::Aes256));
        let etag = self.etag.as_deref()?.trim_matches('"');
        let form = |text: &str| {
            let (hash, parts) =
                text.split_once('-').map_or((text, None), |(hash, parts)| (hash, Some(parts.to_owned())));
            (hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(parts)
        };
        (hashed && form(etag).is_some() && form(etag) == form(expected)).then_some(etag)
    }
}

async fn send_object(s3: &S3, name: &str, input: &mut UploadInput<'_>) -> Result<UploadReceipt, AssetError> {
    if input.in_parts() {
        return send_parts(s3, name, input).await;
    }
    let (bytes, md5) = input.next_part().map_err(AssetError::io(WRITE_ACTION))?;
    input.check_end().map_err(AssetError::io(WRITE_ACTION))?;
    let request = s3.client().put_object().bucket(s3.bucket()).key(name).content_md5(BASE64_STANDARD.encode(md5));
    let output = request
        .set_server_side_encryption(s3.shared.sse.clone())
        .set_ssekms_key_id(s3.shared.sse_key.clone())
        .body(ByteStream::from(bytes))
        .send()
        .await
        .map_err(to_asset_error(WRITE_ACTION, s3.bucket()))?;
    Ok(UploadReceipt { etag: output.e_tag, sse: output.server_side_encryption })
}

async fn send_parts(s3: &S3, name: &str, input: &mut UploadInput<'_>) -> Result<UploadReceipt, AssetError> {
    let request = s3.client().create_multipart_upload().bucket(s3.bucket()).key(name);
    let created = request
        .set_server_side_encryption(s3.shared.sse.clone())
        .set_ssekms_key_id(s3.shared.sse_key.clone())
        .send()
        .await
        .map_err(to_asset_error(WRITE_ACTION, s3.bucket()))?;
    let Some(upload) = created.upload_id else {
        return Err(AssetError::io(WRITE_ACTION)(io::Error::other("the object store returned no id for the upload")));
    };
    let failed = match upload_parts(s3, name, &upload, input).await {
        Ok(receipt) => return Ok(receipt),
        Err(failed) => failed,
    };
    let abort = s3.client().abort_multipart_upload().bucket(s3.bucket()).key(name).upload_id(&upload).send().await;
    // An upload that no longer exists needs no removal.
    Err(match abort.map_err(|e| (e.as_service_error().is_some_and(|e| e.is_no_such_upload()), e)) {
        Ok(_) | Err((true, _)) => failed,
        Err((false, _)) => add_context(
            failed,
            "its parts could not be removed either: add a lifecycle rule for unfinished uploads to the bucket",
        ),
    })
}

async fn upload_parts(
    s3: &S3,
    name: &str,
    upload: &str,
    input: &mut UploadInput<'_>,
) -> Result<UploadReceipt, AssetError> {
    let mut completed_parts = CompletedMultipartUpload::builder();
    let mut number = 0;
    while !input.is_all_read() {
        number += 1;
        let (bytes, md5) = input.next_part().map_err(AssetError::io(WRITE_ACTION))?;
        let request = s3.client().upload_part().bucket(s3.bucket()).key(name).upload_id(upload).part_number(number);
        let part_output = request
            .content_md5(BASE64_STANDARD.encode(md5))
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(to_asset_error(WRITE_ACTION, s3.bucket()))?;
        completed_parts =
            completed_parts.parts(CompletedPart::builder().part_number(number).set_e_tag(part_output.e_tag).build());
    }
    input.check_end().map_err(AssetError::io(WRITE_ACTION))?;
    let request = s3.client().complete_multipart_upload().bucket(s3.bucket()).key(name).upload_id(upload);
    let output = request
        .multipart_upload(completed_parts.build())
        .send()
        .await
        .map_err(to_asset_error(WRITE_ACTION, s3.bucket()))?;
    Ok(UploadReceipt { etag: output.e_tag, sse: output.server_side_encryption })
}

/// Checks that the store has what was sent: by its length, and by the hash that it tells or else by reading it.
async fn verify_stored(
    s3: &S3,
    name: &str,
    input: &UploadInput<'_>,
    receipt: Option<&UploadReceipt>,
) -> Result<(), AssetError> {
    // The difference may have arisen on the way: the error is one after which uploads are tried again.
    let differs = |difference: String| {
        Err(AssetError::Unavailable {
            action: WRITE_ACTION,
            why: format!("the stored file differs from the uploaded one: {difference}"),
        })
    };
    let info = s3.head_object(WRITE_ACTION, name).await?;
    let length = info.and_then(|found| found.length);
    if length != Some(input.length) {
        let stored = length.map_or("nothing".to_owned(), |n| format!("{n} bytes"));
        return differs(format!("{} bytes were sent, but {stored} are stored", input.length));
    }
    let expected = input.expected_etag();
    match receipt.and_then(|receipt| receipt.md5_etag(&expected)) {
        Some(etag) if etag.eq_ignore_ascii_case(&expected) => Ok(()),
        Some(etag) => differs(format!("{expected} was sent, but {etag} is stored")),
        None if read_back(s3, name, input).await? => Ok(()),
        None => differs("reading it back returned different content".into()),
    }
}

/// Reads an object and tells whether its parts have the hashes of those that were sent.
async fn read_back(s3: &S3, name: &str, input: &UploadInput<'_>) -> Result<bool, AssetError> {
    let request = s3.client().get_object().bucket(s3.bucket()).key(name).send();
    let mut stream = request.await.map_err(to_asset_error(WRITE_ACTION, s3.bucket()))?.body;
    let (mut hash, mut in_part, mut found) = (Md5::new(), 0, Vec::<[u8; 16]>::new());
    loop {
        let next = tokio::time::timeout(s3.shared.options.request_timeout, stream.try_next()).await;
        let next = next.map_err(io::Error::from).and_then(|next| next.map_err(io::Error::other));
        let Some(bytes) = next.map_err(AssetError::io("read a file back"))? else { break };
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let n = rest.len().min((input.part - in_part).try_into().unwrap_or(usize::MAX));
            hash.update(&rest[..n]);
            in_part += n as u64;
            rest = &rest[n..];
            if in_part == input.part {
                found.push(hash.finalize_reset().into());
                in_part = 0;
            }
        }
    }
    if in_part > 0 || found.is_empty() {
        found.push(hash.finalize().into());
    }
    Ok(found == input.md5s)
}

/// Bytes to be sent, read a part at a time, so that no more than one is in memory.
struct UploadInput<'a> {
    from: Box<dyn Read + Send + 'a>,
    length: u64,
    /// Bytes of a part.
    part: u64,
    remaining: u64,
    /// Hashes of the parts that were read.
    md5s: Vec<[u8; 16]>,
}

impl<'a> UploadInput<'a> {
    fn open_source(source: BlobSource<'a>, part: u64) -> io::Result<Self> {
        let (from, length): (Box<dyn Read + Send + 'a>, u64) = match source {
            BlobSource::Bytes(bytes) => (Box::new(bytes), bytes.len() as u64),
            BlobSource::File(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                if !metadata.is_file() {
                    return Err(io::Error::new(ErrorKind::InvalidInput, "not a file"));
                }
                (Box::new(file), metadata.len())
            }
        };
        let part = part.max(length.div_ceil(MAX_PARTS));
        Ok(Self { from, length, part, remaining: length, md5s: Vec::new() })
    }

    fn in_parts(&self) -> bool {
        self.length > self.part
    }

    fn is_all_read(&self) -> bool {
        self.remaining == 0 && !self.md5s.is_empty()
    }

    /// The next part and its hash; of nothing the only part is empty.
    fn next_part(&mut self) -> io::Result<(Vec<u8>, [u8; 16])> {
        let n = self.remaining.min(self.part);
        let mut bytes = vec![0; usize::try_from(n).map_err(io::Error::other)?];
        self.from.read_exact(&mut bytes)?;
        self.remaining -= n;
        let md5 = Md5::digest(&bytes).into();
        self.md5s.push(md5);
        Ok((bytes, md5))
    }

    /// Sees to it that the file has not grown meanwhile.
    fn check_end(&mut self) -> io::Result<()> {
        match self.from.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(io::Error::new(ErrorKind::InvalidData, "the file changed while it was being read")),
        }
    }

    /// ETag that the store should return: the hash, or that of all parts' hashes and their number.
    fn expected_etag(&self) -> String {
        match &self.md5s[..] {
            [whole] if !self.in_parts() => hex_string(whole),
            parts => format!("{}-{}", hex_string(&Md5::digest(parts.concat())), parts.len()),
        }
    }
}

fn hex_string(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all_parts(bytes: &[u8], part: u64) -> UploadInput<'_> {
        let mut input = UploadInput::open_source(BlobSource::Bytes(bytes), part).unwrap();
        while !input.is_all_read() {
            input.next_part().unwrap();
        }
        input.check_end().unwrap();
        input
    }

    #[test]
    fn computed_etags_match_s3() {
        assert_eq!(read_all_parts(b"", 4).expected_etag(), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(read_all_parts(b"abc", 4).expected_etag(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(read_all_parts(b"abcd", 4).md5s.len(), 1);
        let parts = read_all_parts(b"abcde", 4);
        let both = [Md5::digest(b"abcd"), Md5::digest(b"e")].concat();
        assert_eq!(parts.expected_etag(), format!("{}-2", hex_string(&Md5::digest(both))));
    }

    #[test]
    fn only_md5_etags_are_compared() {
        let (single_etag, parts) = ("900150983cd24fb0d6963f7d28e17f72", "900150983cd24fb0d6963f7d28e17f72-2");
        let receipt = |etag: &str, sse| UploadReceipt { etag: Some(format!("\"{etag}\"")), sse };
        assert_eq!(receipt(single_etag, None).md5_etag(single_etag), Some(single_etag));
        assert_eq!(receipt(single_etag, Some(ServerSideEncryption::Aes256)).md5_etag(single_etag), Some(single_etag));
        assert_eq!(receipt(single_etag, Some(ServerSideEncryption::AwsKms)).md5_etag(single_etag), None);
        assert_eq!(receipt(parts, None).md5_etag(parts), Some(parts));
        assert_eq!(receipt(parts, None).md5_etag(single_etag), None);
        assert_eq!(receipt("opaque", None).md5_etag(single_etag), None);
        assert_eq!(receipt("opaque", None).md5_etag("opaque"), None);
    }

    #[test]
    fn huge_files_use_larger_parts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MAX_PARTS * 4096 + 1).unwrap();
        assert_eq!(UploadInput::open_source(BlobSource::File(file.path()), 4096).unwrap().part, 4097);
    }

    #[test]
    fn growing_files_are_rejected() {
        let mut input = UploadInput::open_source(BlobSource::Bytes(b"abc"), 4).unwrap();
        (input.length, input.remaining) = (2, 2);
        input.next_part().unwrap();
        assert!(input.check_end().is_err());
    }
}
