//! `cairn_asset_folders`: the tree that files are in.

use crate::connection::Param;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use std::collections::HashMap;

/// Number of levels above any allowed depth, so that walking a damaged tree ends.
const MAX_LEVELS: usize = 64;

/// A folder of the media library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFolder {
    /// Numeric id of the folder.
    pub id: i64,
    /// The folder it is in; 0 is the root.
    pub parent: i64,
    /// Its name, unique in its parent.
    pub name: String,
    /// True if uploads into it are private.
    pub private: bool,
    /// True if uploads into it retain their metadata; `None`: as in its parent.
    pub keeps_metadata: Option<bool>,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change.
    pub updated_at: i64,
}

/// The properties of a folder that callers set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderProperties {
    /// Value of [`AssetFolder::parent`].
    pub parent: i64,
    /// Value of [`AssetFolder::name`].
    pub name: String,
    /// Value of [`AssetFolder::private`].
    pub private: bool,
    /// Value of [`AssetFolder::keeps_metadata`].
    pub keeps_metadata: Option<bool>,
}

impl namespaces::Folders<Reader<'_>> {
    /// Lists every folder, in the order of their names.
    pub fn list(&self) -> Result<Vec<AssetFolder>> {
        let sql = "SELECT id, parent, name, private, created_at, updated_at, keeps_metadata FROM cairn_asset_folders ORDER BY name, id";
        self.tx.conn.query_all("reading the folders of files", sql, (), |r| {
            Ok(AssetFolder {
                id: r.get(0)?,
                parent: r.get(1)?,
                name: r.get(2)?,
                private: r.get(3)?,
                created_at: r.get(4)?,
                updated_at: r.get(5)?,
                keeps_metadata: r.get(6)?,
            })
        })
    }

    /// True if uploads into a folder retain their metadata: its own setting, or else that of the nearest ancestor. The root, and a folder
    /// that does not exist, retain none.
    pub fn retains_metadata(&self, folder: i64) -> Result<bool> {
        let sql = "SELECT parent, keeps_metadata FROM cairn_asset_folders WHERE id = ?1";
        let mut at = folder;
        for _ in 0..MAX_LEVELS {
            if at == 0 {
                break;
            }
            let found: Option<(i64, Option<bool>)> =
                self.tx.conn.query_first("looking up a folder", sql, [at], |r| Ok((r.get(0)?, r.get(1)?)))?;
            match found {
                Some((_, Some(keeps))) => return Ok(keeps),
                Some((parent, None)) => at = parent,
                None => break,
            }
        }
        Ok(false)
    }

    /// Number of files in each folder that has any, the root (0) included, without those in the trash.
    pub fn count_files(&self) -> Result<Vec<(i64, i64)>> {
        let doing = "counting the files of folders";
        let read = |r: &crate::connection::Row<'_>| Ok((r.get(0)?, r.get(1)?));
        // The counts come from an index; the few files in the trash are subtracted from them.
        let all: Vec<(i64, i64)> =
            self.tx.conn.query_all(doing, "SELECT folder, count(*) FROM cairn_assets GROUP BY folder", (), read)?;
        // Grouped here: grouped there SQLite would read every file in the order of the folders.
        let mut trashed: HashMap<i64, i64> = HashMap::new();
        self.tx.conn.query(doing, "SELECT folder FROM cairn_assets WHERE deleted_at IS NOT NULL", (), |r| {
            *trashed.entry(r.get(0)?).or_default() += 1;
            Ok(())
        })?;
        let left = all.into_iter().map(|(folder, n)| (folder, n - trashed.get(&folder).copied().unwrap_or_default()));
        Ok(left.filter(|(_, n)| *n > 0).collect())
    }
}

impl namespaces::Folders<&mut WriteTx<'_>> {
    /// Locks the tree of folders until this transaction ends.
    pub fn lock_all(&self) -> Result<()> {
        self.tx.lock_name("cairn.asset.folders")
    }

    /// Adds a folder; returns its id. [`crate::StoreError::Unique`] if its name is taken.
    pub fn create(&mut self, folder: &FolderProperties, now: i64) -> Result<i64> {
        let FolderProperties { parent, name, private, keeps_metadata } = folder;
        let sql = "INSERT INTO cairn_asset_folders (parent, name, private, keeps_metadata, created_at, updated_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
        self.tx.conn.insert("adding a folder", sql, (*parent, name.as_str(), *private, *keeps_metadata, now), true)
    }

    /// Changes a folder. Returns `false` if it does not exist; [`crate::StoreError::Unique`] if its name is taken.
    pub fn update(&mut self, id: i64, folder: &FolderProperties, now: i64) -> Result<bool> {
        let FolderProperties { parent, name, private, keeps_metadata } = folder;
        let sql = "UPDATE cairn_asset_folders SET parent = ?2, name = ?3, private = ?4, keeps_metadata = ?5, updated_at = ?6 WHERE id = ?1";
        let values = (id, *parent, name.as_str(), *private, *keeps_metadata, now);
        Ok(self.tx.conn.execute_unique("changing a folder", sql, values)? > 0)
    }

    /// Deletes folders. Their content, files in the trash included, is moved to `to`.
    pub fn delete(&mut self, ids: &[i64], to: i64) -> Result<()> {
        let inside = self.tx.conn.dialect().in_list("folder", 1);
        let sql = format!("UPDATE cairn_assets SET folder = ?2 WHERE {inside}");
        let values = [Param::Integers(ids), Param::Integer(to)];
        self.tx.conn.execute("emptying folders", &sql, values)?;
        let sql = format!("DELETE FROM cairn_asset_folders WHERE {}", self.tx.conn.dialect().in_list("id", 1));
        self.tx.conn.execute("removing folders", &sql, [Param::Integers(ids)]).map(drop)
    }
}
