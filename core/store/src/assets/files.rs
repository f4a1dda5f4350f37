//! `cairn_assets`, `cairn_asset_blobs` and `cairn_asset_versions`: what is known of a file besides its row.

use crate::connection::{Row, Value};
use crate::events::{Actor, ActorKind};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// How a picture looks before it has loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageAppearance {
    /// A ThumbHash in base64.
    pub placeholder: Option<String>,
    /// The dominant colour, `#rrggbb`.
    pub colour: Option<String>,
    /// True if the picture is animated.
    pub animated: Option<bool>,
    /// True if the picture has transparent parts.
    pub alpha: Option<bool>,
}

/// A file, without what its row holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Id of the file's document.
    pub document_id: String,
    /// The number of its current version, from 1.
    pub number: i64,
    /// The SHA-256 of the original's bytes; empty where it is not known.
    pub sha256: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// `image`, `video`, `audio`, `document`, `model` or `other`.
    pub kind: String,
    /// The folder it is in; 0 is the root.
    pub folder: i64,
    /// True if only those may see it who may read an entry that uses it.
    pub private: bool,
    /// Document id of the file it was made from.
    pub derived_from: Option<String>,
    /// Placeholder, colour and transparency of a picture.
    pub appearance: ImageAppearance,
    /// Further facts about the file: duration, pages, codecs.
    pub facts: Option<Json>,
    /// Time at which it was added.
    pub added_at: i64,
    /// Actor who added the file.
    pub added_by: Actor,
    /// When it was moved to the trash; `None` if it is not there.
    pub deleted_at: Option<i64>,
    /// Actor who moved it to the trash; `None` if it is not there.
    pub deleted_by: Option<Actor>,
}

/// An object that belongs to a version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetBlob {
    /// Empty for the file itself, else `thumbnail`, `small`, `poster`, ….
    pub variant: String,
    /// Served under `/uploads/<name>`.
    pub name: String,
    /// The key of the object.
    pub blob: String,
    /// Its content type.
    pub mime: String,
    /// Its length in bytes.
    pub length: u64,
}

/// A version of a file that was replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetVersion {
    /// Number of the version, from 1.
    pub number: i64,
    /// The values of the file's row and asset that belong to the bytes, in the form that the caller wrote.
    pub file: Json,
    /// When it was replaced.
    pub replaced_at: i64,
    /// Actor who replaced the file.
    pub replaced_by: Actor,
}

/// The object that is served under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedBlob {
    /// Document id of the file.
    pub document_id: String,
    /// The key of the object.
    pub blob: String,
    /// Empty for the file itself.
    pub variant: String,
    /// Its content type.
    pub mime: String,
    /// Its length in bytes.
    pub length: u64,
    /// True if only those may read it who may read an entry that uses the file.
    pub private: bool,
}

const COLUMNS: &str = "document_id, number, sha256, bytes, kind, folder, private, derived_from, placeholder, colour, animated, alpha, facts, \
                       added_at, added_by, deleted_at, deleted_by";

fn read_asset(r: &Row<'_>) -> Result<Asset> {
    let (facts, by, deleted_by): (Option<String>, String, Option<String>) = (r.get(12)?, r.get(14)?, r.get(16)?);
    Ok(Asset {
        document_id: r.get(0)?,
        number: r.get(1)?,
        sha256: r.get(2)?,
        bytes: r.get::<i64>(3)?.unsigned_abs(),
        kind: r.get(4)?,
        folder: r.get(5)?,
        private: r.get(6)?,
        derived_from: r.get(7)?,
        appearance: ImageAppearance {
            placeholder: r.get(8)?,
            colour: r.get(9)?,
            animated: r.get(10)?,
            alpha: r.get(11)?,
        },
        facts: facts.and_then(|f| serde_json::from_str(&f).ok()),
        added_at: r.get(13)?,
        added_by: Actor::from_json(&by),
        deleted_at: r.get(15)?,
        deleted_by: deleted_by.map(|by| Actor::from_json(&by)),
    })
}

fn read_blob(r: &Row<'_>) -> Result<AssetBlob> {
    Ok(AssetBlob {
        variant: r.get(0)?,
        name: r.get(1)?,
        blob: r.get(2)?,
        mime: r.get(3)?,
        length: r.get::<i64>(4)?.unsigned_abs(),
    })
}

fn parse_json(place: &str, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { place: place.to_owned(), message: e.to_string() })
}

impl namespaces::Blobs<Reader<'_>> {
    /// Finds the object that is served under a name; `None` for files in the trash.
    pub fn get_served(&self, name: &str) -> Result<Option<ServedBlob>> {
        let sql = "SELECT b.document_id, b.blob, b.variant, b.mime, b.length, a.private FROM cairn_asset_blobs b
                   JOIN cairn_assets a ON a.document_id = b.document_id
                   WHERE b.name = ?1 AND b.serving AND a.deleted_at IS NULL";
        self.tx.conn.query_first("looking up a file", sql, [name], |r| {
            Ok(ServedBlob {
                document_id: r.get(0)?,
                blob: r.get(1)?,
                variant: r.get(2)?,
                mime: r.get(3)?,
                length: r.get::<i64>(4)?.unsigned_abs(),
                private: r.get(5)?,
            })
        })
    }
}

impl namespaces::Assets<Reader<'_>> {
    /// The focal point that editors set: attribute `focalPoint` of the file.
    pub fn get_focal_point(&self, document_id: &str) -> Result<Option<Json>> {
        let file = self.tx.store.registry.file_type();
        let Some((_, attribute)) = file.attributes.get("focalPoint") else { return Ok(None) };
        let (column, table) = (crate::ident::Ident::column(attribute), crate::ident::Ident::table(file));
        let sql = format!("SELECT {column} FROM {table} WHERE document_id = ?1");
        let text: Option<Option<String>> =
            self.tx.conn.query_first("reading a focal point", &sql, [document_id], |r| r.get(0))?;
        Ok(text.flatten().and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Gets the asset of a file, in the trash or not.
    pub fn get(&self, document_id: &str) -> Result<Option<Asset>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_assets WHERE document_id = ?1");
        self.tx.conn.query_first("reading a file", &sql, [document_id], read_asset)
    }

    /// Gets the assets of those files that exist, in no order.
    pub fn get_many(&self, documents: &[&str]) -> Result<Vec<Asset>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("SELECT {COLUMNS} FROM cairn_assets WHERE {inside}");
        self.tx.conn.query_all("reading files", &sql, [crate::connection::Param::Texts(documents)], read_asset)
    }

    /// Ids of the files that a plugin has added and that are not in the trash. Scans all files. Returns an error if the
    /// database cannot be read.
    pub fn find_by_plugin(&self, plugin: &str) -> Result<Vec<Asset>> {
        let by = Actor { kind: ActorKind::Plugin, id: Some(plugin.to_owned()), ..Actor::public() }.to_json();
        // The closing brace is left out: the stored actor may have more members.
        let begins = by.trim_end_matches('}');
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_assets WHERE deleted_at IS NULL AND substr(added_by, 1, length(?1)) = ?1
             ORDER BY document_id"
        );
        let mut assets = self.tx.conn.query_all("reading the files of a plugin", &sql, [begins], read_asset)?;
        assets.retain(|asset| asset.added_by.id.as_deref() == Some(plugin));
        Ok(assets)
    }

    /// The objects of a version of a file, the file itself first.
    pub fn list_blobs(&self, document_id: &str, number: i64) -> Result<Vec<AssetBlob>> {
        let sql = "SELECT variant, name, blob, mime, length FROM cairn_asset_blobs WHERE document_id = ?1 AND number = ?2 ORDER BY variant";
        self.tx.conn.query_all("reading the objects of a file", sql, (document_id, number), read_blob)
    }

    /// The replaced versions of a file, the newest first.
    pub fn list_versions(&self, document_id: &str) -> Result<Vec<AssetVersion>> {
        let sql = "SELECT number, file, replaced_at, replaced_by FROM cairn_asset_versions WHERE document_id = ?1 ORDER BY number DESC";
        self.tx.conn.query_all("reading the versions of a file", sql, [document_id], |r| {
            let (number, file, by): (i64, String, String) = (r.get(0)?, r.get(1)?, r.get(3)?);
            let file = parse_json(&format!("cairn_asset_versions {document_id} {number}"), &file)?;
            Ok(AssetVersion { number, file, replaced_at: r.get(2)?, replaced_by: Actor::from_json(&by) })
        })
    }

    /// The state of a file in the trash that [`assets().trash`](crate::namespaces::Assets::trash) stored.
    pub fn get_trashed(&self, document_id: &str) -> Result<Option<Json>> {
        let sql = "SELECT trash FROM cairn_assets WHERE document_id = ?1 AND deleted_at IS NOT NULL";
        let text: Option<Option<String>> =
            self.tx.conn.query_first("reading the trash", sql, [document_id], |r| r.get(0))?;
        text.flatten().map(|text| parse_json(&format!("the trash of cairn_assets {document_id}"), &text)).transpose()
    }

    /// The states of those of the files that are in the trash, as [`Self::get_trashed`].
    pub fn get_many_trashed(&self, documents: &[&str]) -> Result<std::collections::HashMap<String, Json>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!(
            "SELECT document_id, trash FROM cairn_assets WHERE deleted_at IS NOT NULL AND trash IS NOT NULL AND {inside}"
        );
        let found: Vec<(String, String)> =
            self.tx.conn.query_all("reading the trash", &sql, [crate::connection::Param::Texts(documents)], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })?;
        found
            .into_iter()
            .map(|(id, text)| parse_json(&format!("the trash of cairn_assets {id}"), &text).map(|t| (id, t)))
            .collect()
    }

    /// Files that were moved to the trash before a time, oldest first.
    pub fn list_trashed_before(&self, before: i64, limit: i64) -> Result<Vec<String>> {
        let sql = "SELECT document_id FROM cairn_assets WHERE deleted_at < ?1 ORDER BY deleted_at LIMIT ?2";
        self.tx.conn.query_all("reading the trash", sql, (before, limit), |r| r.get(0))
    }
}

impl namespaces::Folders<Reader<'_>> {
    /// True if uploads into a folder are private; `None` if the folder does not exist.
    pub fn is_private(&self, folder: i64) -> Result<Option<bool>> {
        if folder == 0 {
            return Ok(Some(false));
        }
        let sql = "SELECT private FROM cairn_asset_folders WHERE id = ?1";
        self.tx.conn.query_first("looking up a folder", sql, [folder], |r| r.get(0))
    }
}

impl WriteTx<'_> {
    /// Notes that files changed: caches that read them are stale after the commit.
    pub(crate) fn touch_files(&mut self) {
        self.touch_type(self.store.registry.file_type().id);
    }
}

impl namespaces::Assets<&mut WriteTx<'_>> {
    /// Replaces the asset of a file, and deletes what the trash holds of it.
    pub fn save(&mut self, a: &Asset) -> Result<()> {
        let values: Vec<Value> = vec![
            a.document_id.as_str().into(),
            a.number.into(),
            a.sha256.as_str().into(),
            (a.bytes as i64).into(),
            a.kind.as_str().into(),
            a.folder.into(),
            a.private.into(),
            a.derived_from.clone().into(),
            a.appearance.placeholder.clone().into(),
            a.appearance.colour.clone().into(),
            a.appearance.animated.into(),
            a.appearance.alpha.into(),
            a.facts.as_ref().map(Json::to_string).into(),
            a.added_at.into(),
            a.added_by.to_json().into(),
            a.deleted_at.into(),
            a.deleted_by.as_ref().map(Actor::to_json).into(),
        ];
        self.tx.touch_files();
        let sql = format!(
            "INSERT INTO cairn_assets ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT (document_id) DO UPDATE SET number = excluded.number, sha256 = excluded.sha256, bytes = excluded.bytes,
               kind = excluded.kind, folder = excluded.folder, private = excluded.private, derived_from = excluded.derived_from,
               placeholder = excluded.placeholder, colour = excluded.colour, animated = excluded.animated, alpha = excluded.alpha,
               facts = excluded.facts, deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by, trash = NULL"
        );
        self.tx.conn.execute("writing a file", &sql, &values[..]).map(drop)
    }

    /// Writes the objects of a version of a file. From now on they are served under their names, in place of those of other versions.
    pub fn serve_blobs(&mut self, document_id: &str, number: i64, blobs: &[AssetBlob]) -> Result<()> {
        self.tx.touch_files();
        let sql = "UPDATE cairn_asset_blobs SET serving = ?2 WHERE document_id = ?1 AND serving";
        self.tx.conn.execute("replacing the objects of a file", sql, (document_id, false))?;
        let sql = "INSERT INTO cairn_asset_blobs (document_id, number, variant, name, blob, mime, length, serving)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (document_id, number, variant) DO UPDATE SET name = excluded.name, blob = excluded.blob,
                     mime = excluded.mime, length = excluded.length, serving = excluded.serving";
        for b in blobs {
            let values = (document_id, number, &b.variant, &b.name, &b.blob, &b.mime, b.length as i64, true);
            self.tx.conn.execute("writing an object of a file", sql, values)?;
        }
        Ok(())
    }

    /// Moves a file to a folder, and sets whether it is private.
    pub fn move_to_folder(&mut self, document_id: &str, folder: i64, private: bool) -> Result<()> {
        self.tx.touch_files();
        let sql = "UPDATE cairn_assets SET folder = ?2, private = ?3 WHERE document_id = ?1";
        self.tx.conn.execute("moving a file", sql, (document_id, folder, private)).map(drop)
    }

    /// Stores the version of a file that is about to be replaced.
    pub fn store_version(&mut self, document_id: &str, v: &AssetVersion) -> Result<()> {
        let sql = "INSERT INTO cairn_asset_versions (document_id, number, file, replaced_at, replaced_by) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (document_id, number) DO UPDATE SET file = excluded.file, replaced_at = excluded.replaced_at,
                     replaced_by = excluded.replaced_by";
        let values = (document_id, v.number, v.file.to_string(), v.replaced_at, v.replaced_by.to_json());
        self.tx.conn.execute("saving a version of a file", sql, values).map(drop)
    }

    /// Moves a file to the trash, with the state needed to restore it. Returns `false` if it is unknown, or in the trash already.
    pub fn trash(&mut self, document_id: &str, trash: &Json, at: i64, by: &Actor) -> Result<bool> {
        self.tx.touch_files();
        let sql = "UPDATE cairn_assets SET deleted_at = ?2, deleted_by = ?3, trash = ?4 WHERE document_id = ?1 AND deleted_at IS NULL";
        let values = (document_id, at, by.to_json(), trash.to_string());
        Ok(self.tx.conn.execute("moving a file to the trash", sql, values)? > 0)
    }

    /// Restores a file from the trash. Returns `false` if it is not there.
    pub fn restore(&mut self, document_id: &str) -> Result<bool> {
        self.tx.touch_files();
        let sql = "UPDATE cairn_assets SET deleted_at = NULL, deleted_by = NULL, trash = NULL WHERE document_id = ?1 AND deleted_at IS NOT NULL";
        Ok(self.tx.conn.execute("restoring a file", sql, [document_id])? > 0)
    }

    /// Deletes all that is known of a file, for good; its objects are orphans from `now` on.
    pub fn delete(&mut self, document_id: &str, now: i64) -> Result<()> {
        self.tx.touch_files();
        let doing = "deleting a file permanently";
        let sql =
            "UPDATE cairn_blobs SET at = ?2 WHERE key IN (SELECT blob FROM cairn_asset_blobs WHERE document_id = ?1)";
        self.tx.conn.execute(doing, sql, (document_id, now))?;
        for table in
            ["cairn_asset_blobs", "cairn_asset_versions", "cairn_asset_tags", "cairn_asset_texts", "cairn_assets"]
        {
            self.tx.conn.execute(doing, &format!("DELETE FROM {table} WHERE document_id = ?1"), [document_id])?;
        }
        Ok(())
    }
}
