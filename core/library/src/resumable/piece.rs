//! One piece of an upload, while it is received.

use super::{Checksum, Done, Problem, Resumable, Sender, missing};
use crate::input::refuse;
use cairn_content::RefusalKind;
use cairn_store::library::ResumableState;
use serde_json::json;
use std::io::{Seek, SeekFrom};
use tokio::io::{AsyncWriteExt, BufWriter};

/// Bytes that are buffered before they are written.
const BUFFER: usize = 512 * 1024;
/// Bytes after which what was received is made durable: a crash loses no more than that.
const SETTLED: u64 = 16 * 1024 * 1024;

/// A piece that is being received. When dropped, it leaves what is durable.
pub struct Piece {
    resumable: Resumable,
    sender: Sender,
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
pub struct Added {
    /// Number of bytes received so far.
    pub offset: u64,
    /// Document id of the file, where this piece was the last.
    pub file: Option<String>,
    /// Time at which an unfinished upload is deleted, in milliseconds since 1970.
    pub expires_at: i64,
}

impl Resumable {
    /// Begins a piece at `offset`. `None`: the upload is done, and the piece is a repetition of the last one.
    ///
    /// # Errors
    /// 404; [`Problem::Locked`]; [`Problem::Offset`] where the upload continues elsewhere.
    pub async fn piece(
        &self,
        sender: &Sender,
        id: &str,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> Done<Option<Piece>> {
        if self.row(sender, id)?.state == ResumableState::Done {
            return Ok(None);
        }
        let lock = self.open(id).await?;
        // Only now nobody else changes it.
        let row = self.row(sender, id)?;
        let length = row.upload.length.unsigned_abs();
        let arrived = self.arrived(&row);
        match row.state {
            ResumableState::Done => return Ok(None),
            ResumableState::Open if arrived < length => {}
            // All bytes are there, the file is not: a crash, or no room for it then.
            ResumableState::Open | ResumableState::Storing => {
                self.finish(sender, id, lock).await?;
                return Ok(None);
            }
        }
        if offset != arrived {
            return Err(Problem::Offset(arrived));
        }
        let file = super::blocking(move || {
            let mut file = lock;
            file.set_len(arrived)?;
            file.seek(SeekFrom::Start(arrived))?;
            Ok(file)
        })
        .await?;
        Ok(Some(Piece {
            resumable: self.clone(),
            sender: sender.clone(),
            id: id.to_owned(),
            length,
            file: BufWriter::with_capacity(BUFFER, tokio::fs::File::from_std(file)),
            start: arrived,
            at: arrived,
            settled: arrived,
            checksum,
            expires_at: row.upload.expires_at,
        }))
    }
}

impl Piece {
    /// Appends bytes to the piece; they count when they are durable.
    ///
    /// # Errors
    /// 413 for more than announced; 404 where the upload was ended meanwhile.
    pub async fn add(&mut self, bytes: &[u8]) -> Done {
        if bytes.len() as u64 > self.length - self.at {
            let message =
                format!("The upload was created with a length of {} bytes, but more bytes were sent", self.length);
            return Err(refuse(RefusalKind::TooLarge, message, json!({ "length": self.length })).into());
        }
        self.file.write_all(bytes).await?;
        self.at += bytes.len() as u64;
        match &mut self.checksum {
            // Before the end nobody knows whether they count.
            Some(checksum) => checksum.add(bytes),
            None if self.at - self.settled >= SETTLED => self.settle().await?,
            None => {}
        }
        Ok(())
    }

    /// Makes the received bytes durable, and records them.
    async fn settle(&mut self) -> Done {
        self.file.flush().await?;
        self.file.get_ref().sync_data().await?;
        let (id, at, expires_at) = (self.id.clone(), self.at as i64, self.resumable.expiry());
        let store = self.resumable.store();
        if !store.write(move |tx| tx.set_resumable_received(&id, at, expires_at)).await? {
            return Err(missing());
        }
        (self.settled, self.expires_at) = (self.at, expires_at);
        Ok(())
    }

    /// Ends the piece. `whole`: it is complete; else what was received is retained. The last piece stores the file.
    ///
    /// # Errors
    /// [`Problem::Mismatch`]; the errors of storing the file, after which the upload is deleted.
    pub async fn end(mut self, whole: bool) -> Done<Added> {
        if let Some(checksum) = self.checksum.take()
            && !(whole && checksum.holds())
        {
            self.file.flush().await?;
            self.file.get_ref().set_len(self.start).await?;
            return match whole {
                true => Err(Problem::Mismatch),
                false => Ok(Added { offset: self.start, file: None, expires_at: self.expires_at }),
            };
        }
        if self.at > self.settled {
            self.settle().await?;
        }
        let mut added = Added { offset: self.at, file: None, expires_at: self.expires_at };
        if self.at == self.length {
            let lock = self.file.into_inner().into_std().await;
            added.file = Some(self.resumable.finish(&self.sender, &self.id, lock).await?);
        }
        Ok(added)
    }
}
