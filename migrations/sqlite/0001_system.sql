-- The system tables. A merged file is never edited: fix forward (migrations/README.md).

-- Numbers given out in blocks: component instances.
CREATE TABLE cairn_sequences (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;

-- Rows by type, status (0 draft, 1 published) and locale ('' where the type is not localised).
CREATE TABLE cairn_counts (
  type TEXT NOT NULL, status INTEGER NOT NULL, locale TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (type, status, locale)
) WITHOUT ROWID;

CREATE TABLE cairn_locales (
  id INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL UNIQUE, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  is_default INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);

-- Settings by key, as JSON: auth, ...
CREATE TABLE cairn_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Rights of a role (up_roles.type) on a type's action; condition and fields as JSON, null for none.
CREATE TABLE cairn_permissions (
  role TEXT NOT NULL, subject TEXT NOT NULL, action TEXT NOT NULL, condition TEXT, fields TEXT,
  PRIMARY KEY (role, subject, action)
) WITHOUT ROWID;

-- Roles that may see drafts.
CREATE TABLE cairn_role_options (role TEXT PRIMARY KEY, read_drafts INTEGER NOT NULL) WITHOUT ROWID;

-- API tokens: HMAC-SHA-256 of the clear text, never the text. permissions: a list of grants as JSON, for custom tokens.
CREATE TABLE cairn_api_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '', type TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE, permissions TEXT, read_drafts INTEGER NOT NULL DEFAULT 0, expires_at TEXT, created_at TEXT NOT NULL
);

-- Sessions of content API users. A JWT names its session; ending the row ends the token.
-- generation: how often the refresh token was rotated; null where the session has none. An older one's use ends the session.
CREATE TABLE cairn_sessions (
  id TEXT PRIMARY KEY, user_document_id TEXT NOT NULL, generation INTEGER, created_at TEXT NOT NULL, expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_sessions_user ON cairn_sessions (user_document_id);
CREATE INDEX cairn_sessions_expiry ON cairn_sessions (expires_at);

-- One-time codes: password reset and e-mail confirmation, hashed.
CREATE TABLE cairn_one_time_codes (
  hash BLOB PRIMARY KEY, purpose TEXT NOT NULL, user_document_id TEXT NOT NULL, expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_one_time_codes_user ON cairn_one_time_codes (user_document_id, purpose);

-- Admin users (the admin UI comes with a later issue; apply and the command line make them).
CREATE TABLE cairn_admin_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, roles TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
