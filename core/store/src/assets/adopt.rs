//! Files that predate `cairn_assets`: their objects are named like the files, and nothing but their rows is known of them.

use super::AssetBlob;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// A file that has a row but no entry in `cairn_assets`.
#[derive(Debug, Clone, PartialEq)]
pub struct UnadoptedFile {
    /// Numeric id of its row.
    pub id: i64,
    /// Id of its document.
    pub document_id: String,
    /// Its content type.
    pub mime: String,
    /// Its objects, the file itself first; their lengths are not known to the last byte.
    pub blobs: Vec<AssetBlob>,
}

/// Returns the file name in an address that this server serves; `None` for any other address.
fn served_file_name(url: &str) -> Option<&str> {
    url.strip_prefix("/uploads/")
}

impl namespaces::Blobs<Reader<'_>> {
    /// Lists files that have nothing but a row, from behind row number `after` on.
    pub fn list_unadopted_files(&self, after: i64, limit: i64) -> Result<Vec<UnadoptedFile>> {
        let file = self.tx.store.registry.file_type();
        let column = |name: &str| file.attributes.get(name).map(|(_, a)| Ident::column(a));
        let (Some(url), Some(formats), Some(mime), Some(size)) =
            (column("url"), column("formats"), column("mime"), column("size"))
        else {
            return Ok(Vec::new());
        };
        let sql = format!(
            "SELECT f.id, f.document_id, f.{mime}, f.{url}, f.{formats}, f.{size} FROM {} f
             WHERE f.id > ?1 AND NOT EXISTS (SELECT 1 FROM cairn_assets a WHERE a.document_id = f.document_id)
             ORDER BY f.id LIMIT ?2",
            Ident::table(file)
        );
        self.tx.conn.query_all("finding files of earlier versions", &sql, (after, limit), |r| {
            let (mime, url, formats): (Option<String>, Option<String>, Option<String>) =
                (r.get(2)?, r.get(3)?, r.get(4)?);
            let mime = mime.unwrap_or_default();
            let blob = |variant: &str, url: &str, mime: &str, length: u64| {
                let name = served_file_name(url)?.to_owned();
                Some(AssetBlob { variant: variant.into(), blob: name.clone(), name, mime: mime.to_owned(), length })
            };
            let mut blobs: Vec<AssetBlob> = Vec::new();
            blobs.extend(url.as_deref().and_then(|url| blob("", url, &mime, 0)));
            let formats: Json = formats.and_then(|f| serde_json::from_str(&f).ok()).unwrap_or_default();
            for (variant, format) in formats.as_object().into_iter().flatten() {
                let length = format["sizeInBytes"].as_u64().unwrap_or_default();
                let mime = format["mime"].as_str().unwrap_or(&mime);
                blobs.extend(format["url"].as_str().and_then(|url| blob(variant, url, mime, length)));
            }
            Ok(UnadoptedFile { id: r.get(0)?, document_id: r.get(1)?, mime, blobs })
        })
    }
}

impl namespaces::Blobs<&mut WriteTx<'_>> {
    /// Adds rows for the objects of an adopted file, which exist already, as if they had been claimed and settled.
    pub fn adopt(&mut self, blobs: &[AssetBlob], now: i64) -> Result<()> {
        let sql = "INSERT INTO cairn_blobs (key, length, state, claims, at) VALUES (?1, ?2, 'stored', 0, ?3)
                   ON CONFLICT (key) DO UPDATE SET state = 'stored', length = excluded.length";
        for blob in blobs {
            self.tx.conn.execute("adopting an object", sql, (&blob.blob, blob.length as i64, now))?;
        }
        Ok(())
    }
}
