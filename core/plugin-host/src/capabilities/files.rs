//! `files`: files that the plugin has stored, and what it may see of the media library.
//!
//! A plugin's file is private: its address must be signed, and only administrators see it, until it is put into a document. From then on it
//! is visible to everybody who may read that document.

mod known;
mod seen;

pub(crate) use known::Known;

use crate::bindings::host::files::{Host, Info};
use crate::bindings::types::Error;
use crate::faults::{denied, internal, invalid, of_content};
use crate::files::FileStore;
use crate::quotas::{self, Bounds};
use crate::state::{Ambient, State, charged};
use bytes::Bytes;
use cairn_assets::{Incoming, Key, Limits, Range};
use cairn_content::{Ask, FileInfo, Upload};
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::Quota;
use cairn_query::Access;
use cairn_store::assets::{Asset, AssetBlob};
use cairn_store::library::{AssetFilter, AssetPage};
use seen::{is_own, seen};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// Largest number of files of one call.
const MOST: usize = 100;
/// Longest name, in bytes.
const NAME: usize = 255;
/// Largest file that a plugin hands over in one piece, in bytes.
const LARGEST: usize = 32 << 20;
/// Longest validity of an address of a private file.
const LINK: Duration = Duration::from_secs(7 * 86_400);

impl Host for State {
    async fn stat(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<Info>>, Error>> {
        if let Err(error) = self.files_call(&ids)? {
            return Ok(Err(error));
        }
        let (generation, wanted) = (self.generation.clone(), ids.clone());
        let found = self.read(move |r| {
            let seen = seen(r, &generation, &wanted)?;
            let documents: Vec<String> = seen.keys().cloned().collect();
            let page = AssetPage { limit: documents.len() as i64, ..AssetPage::default() };
            let filter = AssetFilter { documents: Some(documents), ..AssetFilter::default() };
            let rows = r.library(&filter, &page).map_err(|e| of_content(e.into()))?;
            Ok(rows.into_iter().map(|row| (row.document_id.clone(), (row.name, row.mime))).collect::<HashMap<_, _>>())
                .map(|rows| (seen, rows))
        });
        let (assets, mut rows) = match found.await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(ids
            .into_iter()
            .map(|id| {
                let asset = assets.get(&id)?;
                let (name, mime) = rows.remove(&id).unwrap_or_default();
                Some(Info {
                    id,
                    name: name.unwrap_or_default(),
                    media_type: mime.unwrap_or_else(|| "application/octet-stream".to_owned()),
                    size: asset.bytes,
                    sha256: unhex(&asset.sha256),
                })
            })
            .collect()))
    }

    async fn read(&mut self, id: String, offset: u64, length: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        if let Err(error) = self.files_call(std::slice::from_ref(&id))? {
            return Ok(Err(error));
        }
        let most = length.min(u32::try_from(self.budget.limits().output).unwrap_or(u32::MAX));
        Ok(self.part(&id, offset, u64::from(most)).await.map(|bytes| bytes.to_vec()))
    }

    async fn create(
        &mut self,
        name: String,
        media_type: String,
        content: Vec<u8>,
    ) -> wasmtime::Result<Result<String, Error>> {
        if let Err(error) = self.granted_call(Capability::FilesWrite)? {
            return Ok(Err(error));
        }
        self.store_file(&name, &media_type, content).await
    }

    async fn link(&mut self, id: String, valid_for: u64) -> wasmtime::Result<Result<String, Error>> {
        if let Err(error) = self.files_call(std::slice::from_ref(&id))? {
            return Ok(Err(error));
        }
        if !(1..=LINK.as_millis()).contains(&u128::from(valid_for)) {
            let message = format!("a link must be valid for 1 ms to {} days", LINK.as_secs() / 86_400);
            return Ok(Err(invalid("valid-for", "range", message)));
        }
        let (asset, blob) = match self.original(&id).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let Some(files) = self.generation.ground().files() else { return Ok(Err(no_files())) };
        let site = (files.site)();
        Ok(Ok(match asset.private {
            // Everybody has its address: it has no end.
            false => format!("{site}/uploads/{}", blob.name),
            true => {
                // A second more than less: addresses end at whole ones.
                let until = State::now(self).saturating_add_unsigned(valid_for).div_euclid(1_000) + 1;
                let query = self.generation.access().sign_file_until(&blob.name, until);
                format!("{site}/uploads/private/{}{query}", blob.name)
            }
        }))
    }

    async fn delete(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::FilesWrite)? {
            return Ok(Err(error));
        }
        if let Err(error) = self.many(&ids).and_then(|()| self.outside_transactions()) {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.write(ids.len()))? {
            return Ok(Err(error));
        }
        Ok(self.delete_own(ids).await)
    }
}

impl State {
    /// Stores a file of the plugin. The caller has checked that it may.
    pub(crate) async fn store_file(
        &mut self,
        name: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> wasmtime::Result<Result<String, Error>> {
        if let Err(error) = self.outside_transactions() {
            return Ok(Err(error));
        }
        if let Err(error) = self.fits_name(name) {
            return Ok(Err(error));
        }
        if content.len() > LARGEST {
            let message = format!("{} bytes exceed the limit of {LARGEST}", content.len());
            return Ok(Err(invalid("content", "too-large", message)));
        }
        if let Err(error) = charged(self.budget.write(1))? {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.file(content.len()))? {
            return Ok(Err(error));
        }
        if let Err(error) = self.has_room(content.len()).await {
            return Ok(Err(error));
        }
        Ok(self.put_file(name.to_owned(), media_type.to_owned(), content).await)
    }

    /// Checks that there is room for one more file of that size. Files that are stored at the same time do not see each other: a plugin may
    /// exceed its quota by as many as it is called at a time.
    async fn has_room(&mut self, bytes: usize) -> Result<(), Error> {
        let (bounds, plugin, now) = (Bounds::of(&self.generation), self.generation.id().to_owned(), State::now(self));
        self.read(move |r| {
            let usage = r.plugin_usage(&plugin, now).map_err(|e| of_content(e.into()))?;
            let more = [(Quota::Files, 1), (Quota::FileBytes, bytes as u64)];
            let over = |(quota, more): &&(Quota, u64)| {
                quotas::of(&usage, *quota).saturating_add(*more) > bounds.allowed(*quota)
            };
            more.iter().find(over).map_or(Ok(()), |(quota, _)| Err(quotas::exhausted(*quota)))
        })
        .await
    }

    /// Checks the name of a file.
    pub(crate) fn fits_name(&self, name: &str) -> Result<(), Error> {
        match name.trim().is_empty() || name.len() > NAME || name.chars().any(char::is_control) {
            true => {
                Err(invalid("name", "name", format!("a name must have 1 to {NAME} bytes and no control characters")))
            }
            false => Ok(()),
        }
    }

    /// The whole content of a file that the plugin may see, if it has no more than `most` bytes.
    pub(crate) async fn file_bytes(&mut self, id: &str, most: usize) -> Result<Bytes, Error> {
        let generation = &self.generation;
        if !generation.may(Capability::FilesRead) && !generation.may(Capability::FilesWrite) {
            return Err(denied("files are not granted: plugin.toml needs a [[grant]] with use = \"files.read\""));
        }
        let (asset, _) = self.original(id).await?;
        if asset.bytes > most as u64 {
            return Err(Error::Exhausted("file-bytes".to_owned()));
        }
        self.part(id, 0, asset.bytes).await
    }

    async fn put_file(&mut self, name: String, media_type: String, content: Vec<u8>) -> Result<String, Error> {
        let generation = self.generation.clone();
        let files = generation.ground().files().ok_or_else(no_files)?;
        let incoming = {
            let (files, name) = (files.clone(), name.clone());
            let written = tokio::task::spawn_blocking(move || arrived(&files, name, media_type, &content));
            written.await.map_err(internal)?.map_err(internal)?
        };
        let info = FileInfo { name: Some(name), private: Some(true), ..FileInfo::default() };
        let limits = Limits { max_bytes: files.max_bytes };
        let (access, content) = (Arc::new(Access::full()), generation.content());
        let ask = ask(&generation, &access);
        let added = content.add_files(&ask, files.blobs.clone(), limits, vec![Upload { incoming, info }], None).await;
        added.map_err(of_content)?.pop().ok_or_else(|| internal("a stored file has no id"))
    }

    async fn delete_own(&mut self, ids: Vec<String>) -> Result<(), Error> {
        let (generation, wanted) = (self.generation.clone(), ids.clone());
        let seen = self.read(move |r| seen(r, &generation, &wanted)).await?;
        let generation = self.generation.clone();
        // All are looked at before one is deleted.
        for id in &ids {
            match seen.get(id) {
                None => return Err(not_found(id)),
                Some(asset) if !is_own(&generation, asset) => {
                    return Err(denied(format!("the file {id:?} does not belong to the plugin")));
                }
                Some(_) => {}
            }
        }
        let access = Arc::new(Access::full());
        for id in ids {
            generation.content().delete_file(&ask(&generation, &access), &id).await.map_err(of_content)?;
        }
        Ok(())
    }

    /// A file that the plugin may see, with the blob of its content.
    async fn original(&mut self, id: &str) -> Result<(Asset, AssetBlob), Error> {
        let (generation, id) = (self.generation.clone(), id.to_owned());
        self.read(move |r| {
            let mut seen = seen(r, &generation, std::slice::from_ref(&id))?;
            let asset = seen.remove(&id).ok_or_else(|| not_found(&id))?;
            let blobs = r.asset_blobs(&id, asset.number).map_err(|e| of_content(e.into()))?;
            let original = blobs.into_iter().find(|blob| blob.variant.is_empty());
            Ok((asset, original.ok_or_else(|| internal(format!("the file {id} has no blob")))?))
        })
        .await
    }

    /// A part of a file that the plugin may see.
    async fn part(&mut self, id: &str, offset: u64, length: u64) -> Result<Bytes, Error> {
        if matches!(self.ambient, Ambient::Inside) {
            return Err(denied("hooks and event handlers cannot read the content of files: use a job instead"));
        }
        let (_, blob) = self.original(id).await?;
        let end = offset.saturating_add(length).min(blob.length);
        if offset >= end {
            return Ok(Bytes::new());
        }
        let Some(files) = self.generation.ground().files() else { return Err(no_files()) };
        let blobs = files.blobs.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let key = Key::parse(&blob.blob).map_err(|e| e.to_string())?;
            let range = Range { start: offset, end: end - 1 };
            let Some(mut opened) = blobs.open(&key, Some(range)).map_err(|e| e.to_string())? else {
                return Err(format!("the blob {} is missing from the file storage", blob.blob));
            };
            let mut bytes = Vec::with_capacity((end - offset) as usize);
            opened.body.by_ref().take(end - offset).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            Ok(Bytes::from(bytes))
        });
        opened.await.map_err(internal)?.map_err(internal)
    }

    fn files_call(&mut self, ids: &[String]) -> wasmtime::Result<Result<(), Error>> {
        let own = self.generation.may(Capability::FilesWrite);
        let capability = if own { Capability::FilesWrite } else { Capability::FilesRead };
        if let Err(error) = self.granted_call(capability)? {
            return Ok(Err(error));
        }
        if let Err(error) = self.many(ids) {
            return Ok(Err(error));
        }
        charged(self.budget.read(ids.len()))
    }

    fn many(&self, ids: &[String]) -> Result<(), Error> {
        match ids.len() > MOST {
            true => Err(invalid("ids", "too-many", format!("{} files in one call; the limit is {MOST}", ids.len()))),
            false => Ok(()),
        }
    }

    /// Refuses calls inside transactions: files are stored and deleted in transactions of their own, which take time.
    pub(crate) fn outside_transactions(&self) -> Result<(), Error> {
        let inside = !matches!(self.ambient, Ambient::None) || self.budget.limits().file_bytes == 0;
        match inside {
            true => Err(denied(
                "files can only be stored, created and deleted in jobs and routes, and not while a transaction is open",
            )),
            false => Ok(()),
        }
    }
}

/// Writes bytes to the folder for uploads. Blocks.
fn arrived(files: &FileStore, name: String, media_type: String, content: &[u8]) -> std::io::Result<Incoming> {
    let mut temp = match files.blobs.staging() {
        Some(folder) => tempfile::Builder::new().prefix(cairn_assets::STAGED).tempfile_in(folder)?,
        None => tempfile::NamedTempFile::new()?,
    };
    temp.write_all(content)?;
    Ok(Incoming {
        file_name: name,
        given_name: None,
        declared_mime: Some(media_type),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    })
}

fn ask<'a>(generation: &'a crate::generation::Generation, access: &'a Arc<Access>) -> Ask<'a> {
    Ask {
        access,
        content_type: generation.content().registry().file().id,
        query: "",
        default_locale: "",
        actor: &generation.actor,
    }
}

fn not_found(id: &str) -> Error {
    Error::NotFound(format!("file {id:?} not found, or the plugin may not see it"))
}

fn no_files() -> Error {
    denied("file storage is not available here")
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map_while(pair).collect()
}
