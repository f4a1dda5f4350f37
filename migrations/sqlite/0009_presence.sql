-- Who has which document open, a row per browser tab. field: where the cursor is, empty for none. locked_at: since when it holds
-- that field (or, where field is empty, the whole document); the earliest one there is holds it. A row counts until expires_at;
-- times are milliseconds.
CREATE TABLE cairn_presence (
  type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, actor_key TEXT NOT NULL, tab TEXT NOT NULL, name TEXT NOT NULL,
  field TEXT NOT NULL, locked_at INTEGER, since INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (type, document_id, locale, actor_key, tab)
) WITHOUT ROWID;
CREATE INDEX cairn_presence_expiry ON cairn_presence (expires_at);

-- Preview links that have not been withdrawn. actor is JSON.
CREATE TABLE cairn_preview_links (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, actor TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_preview_links_document ON cairn_preview_links (type, document_id, locale, created_at);
CREATE INDEX cairn_preview_links_expiry ON cairn_preview_links (expires_at);

-- When the first of the autosaves was that are one row; null of other rows.
ALTER TABLE cairn_history ADD COLUMN began INTEGER;
-- Documents that can be brought back.
CREATE INDEX cairn_history_deleted ON cairn_history (type, id) WHERE action = 'deleted';

-- What things were called when entries of the history were written: entries up to number upto have the old name for what is
-- called by the new one since then. owner: uid of the type or component whose attribute it is; empty where the names are uids.
CREATE TABLE cairn_history_names (
  id INTEGER PRIMARY KEY AUTOINCREMENT, upto INTEGER NOT NULL, owner TEXT NOT NULL, old_name TEXT NOT NULL, new_name TEXT NOT NULL
);
