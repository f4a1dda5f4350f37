-- Objects in the store of files. key: the SHA-256 of their bytes (of files from before this table their name). state: writing while the
-- uploads that claim it are under way, stored, removing. at: milliseconds, when it was claimed or let go of last.
CREATE TABLE cairn_blobs (
  key TEXT PRIMARY KEY, length INTEGER NOT NULL, state TEXT NOT NULL, claims INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_blobs_at ON cairn_blobs (at);

-- What Cairn knows of a file (a document of plugin::upload.file) beside Strapi's attributes. number: of its version, from 1. sha256: of the
-- original's bytes; empty for files from before this table. kind: image, video, audio, document, model, other. folder: 0 is the root.
-- derived_from: the file (document) it was made of. facts: JSON. deleted_at: in the trash since; trash: the row and links it had, JSON.
CREATE TABLE cairn_assets (
  document_id TEXT PRIMARY KEY, number INTEGER NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, kind TEXT NOT NULL,
  folder INTEGER NOT NULL, private INTEGER NOT NULL, derived_from TEXT, placeholder TEXT, colour TEXT, animated INTEGER, alpha INTEGER,
  facts TEXT, added_at INTEGER NOT NULL, added_by TEXT NOT NULL, deleted_at INTEGER, deleted_by TEXT, trash TEXT
) WITHOUT ROWID;
CREATE INDEX cairn_assets_sha256 ON cairn_assets (sha256) WHERE sha256 <> '';
CREATE INDEX cairn_assets_folder ON cairn_assets (folder);
CREATE INDEX cairn_assets_derived ON cairn_assets (derived_from) WHERE derived_from IS NOT NULL;
CREATE INDEX cairn_assets_deleted ON cairn_assets (deleted_at) WHERE deleted_at IS NOT NULL;

-- The objects of a file's versions. variant: empty for the file itself, else thumbnail, small, poster, …. name: what is served under
-- /uploads/<name> while the version is the current one (serving).
CREATE TABLE cairn_asset_blobs (
  document_id TEXT NOT NULL, number INTEGER NOT NULL, variant TEXT NOT NULL, name TEXT NOT NULL, blob TEXT NOT NULL, mime TEXT NOT NULL,
  length INTEGER NOT NULL, serving INTEGER NOT NULL, PRIMARY KEY (document_id, number, variant)
) WITHOUT ROWID;
CREATE UNIQUE INDEX cairn_asset_blobs_name ON cairn_asset_blobs (name) WHERE serving;
CREATE INDEX cairn_asset_blobs_blob ON cairn_asset_blobs (blob);

-- What a file was before it was replaced. file: the values of its row that go with its bytes, JSON.
CREATE TABLE cairn_asset_versions (
  document_id TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, replaced_at INTEGER NOT NULL, replaced_by TEXT NOT NULL,
  PRIMARY KEY (document_id, number)
) WITHOUT ROWID;

-- Folders of the library. parent: 0 is the root. private: what is uploaded into it is private.
CREATE TABLE cairn_asset_folders (
  id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER NOT NULL, name TEXT NOT NULL, private INTEGER NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX cairn_asset_folders_name ON cairn_asset_folders (parent, name);

CREATE TABLE cairn_asset_tags (document_id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (document_id, tag)) WITHOUT ROWID;
CREATE INDEX cairn_asset_tags_tag ON cairn_asset_tags (tag);

-- What people say about a file in a locale; in the others they read what its row says.
CREATE TABLE cairn_asset_texts (
  document_id TEXT NOT NULL, locale TEXT NOT NULL, alternative_text TEXT, caption TEXT, PRIMARY KEY (document_id, locale)
) WITHOUT ROWID;

-- Private files are few: lists of them begin here.
CREATE INDEX cairn_assets_private ON cairn_assets (document_id) WHERE private;
