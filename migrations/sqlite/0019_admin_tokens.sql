-- Tokens for programs in the admin API: HMAC-SHA-256 of the clear text, never the text. admin_user: who made it and whose rights bound it; null: a
-- settings file did. actions: a list of names; permissions: a list of grants on content; both JSON.
CREATE TABLE cairn_admin_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, admin_user INTEGER, hash BLOB NOT NULL UNIQUE,
  actions TEXT NOT NULL, permissions TEXT NOT NULL, expires_at TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX cairn_admin_tokens_user ON cairn_admin_tokens (admin_user);

-- When one was last used, to the minute.
CREATE TABLE cairn_admin_token_uses (token INTEGER PRIMARY KEY, at TEXT NOT NULL);
