//! One piece of an upload, while it is received.

use super::{Checksum, ResumableError, ResumableResult, ResumableUploads, UploadSender, missing_upload};
use crate::input::refusal_error;
use cairn_content::RefusalKind;
use cairn_store::library::ResumableState;
use serde_json::json;
use std::io::{Seek, SeekFrom};
use tokio::io::{AsyncWriteExt, BufWriter};

/// Bytes that are buffered before they are written.
const BUFFER_BYTES: usize = 512 * 1024;
/// Bytes after which what was received is made durable: a crash loses no more than that.
const SYNC_INTERVAL_BYTES: u64 = 16 * 1024 * 1024;

/// A piece that is being received. When dropped, it leaves what is durable.
pub struct UploadPiece {
    resumable: ResumableUploads,
    sender: UploadSender,
    id: String,
    length: u64,
    file: BufWriter<tokio::fs::File>,
    start: u64,
    at: u64,
    settled: u64,
    checksum: Option<Checksum>,
    expires_at: i64,
}

/// The result of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceOutcome {
    /// Number of bytes received so far.
    pub offset: u64,
    /// Document id of the file, where this piece was the last.
    pub file: Option<String>,
    /// Time at which an unfinished upload is deleted, in milliseconds since 1970.
    pub expires_at: i64,
}

impl ResumableUploads {
    /// Begins a piece at `offset`. `None`: the upload is done, and the piece is a repetition of the last one.
    ///
    /// # Errors
    /// 404; [`ResumableError::Locked`]; [`ResumableError::Offset`] where the upload continues elsewhere.
    pub async fn begin_piece(
        &self,
        sender: &UploadSender,
        id: &str,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> ResumableResult<Option<UploadPiece>> {
        if self.require_row(sender, id)?.state == ResumableState::Done {
            return Ok(None);
        }
        let lock = self.open_bytes(id).await?;
        // The row is read again, because only the lock keeps others from changing it.
        let row = self.require_row(sender, id)?;
        let length = row.upload.length.unsigned_abs();
        let arrived = self.arrived_bytes(&row);
        match row.state {
            ResumableState::Done => return Ok(None),
            ResumableState::Open if arrived < length => {}
            // All bytes have arrived but the file is missing: the server crashed, or had no room for it.
            ResumableState::Open | ResumableState::Storing => {
                self.finish(sender, id, lock).await?;
                return Ok(None);
            }
        }
        if offset != arrived {
            return Err(ResumableError::Offset(arrived));
        }
        let file = super::run_blocking(move || {
            let mut file = lock;
            file.set_len(arrived)?;
            file.seek(SeekFrom::Start(arrived))?;
            Ok(file)
        })
        .await?;
        Ok(Some(UploadPiece {
            resumable: self.clone(),
            sender: sender.clone(),
            id: id.to_owned(),
            length,
            file: BufWriter::with_capacity(BUFFER_BYTES, tokio::fs::File::from_std(file)),
            start: arrived,
            at: arrived,
            settled: arrived,
            checksum,
            expires_at: row.upload.expires_at,
        }))
    }
}

impl UploadPiece {
    /// Appends bytes to the piece; they count when they are durable.
    ///
    /// # Errors
    /// 413 for more than announced; 404 where the upload was ended meanwhile.
    pub async fn add(&mut self, bytes: &[u8]) -> ResumableResult {
        if bytes.len() as u64 > self.length - self.at {
            let message =
                format!("The upload was created with a length of {} bytes, but more bytes were sent", self.length);
            return Err(refusal_error(RefusalKind::TooLarge, message, json!({ "length": self.length })).into());
        }
        self.file.write_all(bytes).await?;
        self.at += bytes.len() as u64;
        match &mut self.checksum {
            // Bytes with a checksum do not count before the end, so they are not recorded either.
            Some(checksum) => checksum.add(bytes),
            None if self.at - self.settled >= SYNC_INTERVAL_BYTES => self.sync_bytes().await?,
            None => {}
        }
        Ok(())
    }

    /// Makes the received bytes durable, and records them.
    async fn sync_bytes(&mut self) -> ResumableResult {
        self.file.flush().await?;
        self.file.get_ref().sync_data().await?;
        let (id, at, expires_at) = (self.id.clone(), self.at as i64, self.resumable.expiry_ms());
        let store = self.resumable.store();
        if !store.write(move |tx| tx.resumable_uploads().set_received(&id, at, expires_at)).await? {
            return Err(missing_upload());
        }
        (self.settled, self.expires_at) = (self.at, expires_at);
        Ok(())
    }

    /// Ends the piece. `is_complete`: it is complete; else what was received is retained. The last piece stores the file.
    ///
    /// # Errors
    /// [`ResumableError::Mismatch`]; the errors of storing the file, after which the upload is deleted.
    pub async fn end(mut self, is_complete: bool) -> ResumableResult<PieceOutcome> {
        if let Some(checksum) = self.checksum.take()
            && !(is_complete && checksum.verify())
        {
            self.file.flush().await?;
            self.file.get_ref().set_len(self.start).await?;
            return match is_complete {
                true => Err(ResumableError::Mismatch),
                false => Ok(PieceOutcome { offset: self.start, file: None, expires_at: self.expires_at }),
            };
        }
        if self.at > self.settled {
            self.sync_bytes().await?;
        }
        let mut added = PieceOutcome { offset: self.at, file: None, expires_at: self.expires_at };
        if self.at == self.length {
            let lock = self.file.into_inner().into_std().await;
            added.file = Some(self.resumable.finish(&self.sender, &self.id, lock).await?);
        }
        Ok(added)
    }
}
