-- Uploads that arrive in pieces. owner: who began it. received: bytes that are on disk for good. state: open, storing (all bytes are
-- there, the file is being made), done. mark: the last entry of the history before the file was made, so that after a crash it is found
-- rather than made twice. document_id: the file, when done. expires_at: milliseconds; what is not done by then goes.
CREATE TABLE cairn_resumable (
  id TEXT COLLATE "C" PRIMARY KEY, owner TEXT COLLATE "C" NOT NULL, length BIGINT NOT NULL, received BIGINT NOT NULL, metadata TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL,
  mark BIGINT NOT NULL, document_id TEXT COLLATE "C", created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX cairn_resumable_owner ON cairn_resumable (owner) WHERE state <> 'done';
CREATE INDEX cairn_resumable_expires ON cairn_resumable (expires_at);

-- The orders in which the media library shows its files.
CREATE INDEX cairn_assets_added ON cairn_assets (added_at, document_id) WHERE deleted_at IS NULL;
CREATE INDEX cairn_assets_folder_added ON cairn_assets (folder, added_at, document_id) WHERE deleted_at IS NULL;
CREATE INDEX cairn_assets_kind_added ON cairn_assets (kind, added_at, document_id) WHERE deleted_at IS NULL;
CREATE INDEX cairn_assets_bytes ON cairn_assets (bytes, document_id) WHERE deleted_at IS NULL;
