-- Who works in the admin. active: may sign in. totp: the secret of their authenticator, sealed; null without one. totp_used: the last step (30
-- seconds) whose code was taken, so that none is taken twice. signed_in_at: ISO time.
ALTER TABLE cairn_admin_users ADD COLUMN first_name TEXT;
ALTER TABLE cairn_admin_users ADD COLUMN last_name TEXT;
ALTER TABLE cairn_admin_users ADD COLUMN language TEXT;
ALTER TABLE cairn_admin_users ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE cairn_admin_users ADD COLUMN totp TEXT;
ALTER TABLE cairn_admin_users ADD COLUMN totp_used INTEGER;
ALTER TABLE cairn_admin_users ADD COLUMN signed_in_at TEXT;

-- Where a session is used. expires_at moves on while it is used, up to a longest time after created_at. seen_at: written now and then only.
ALTER TABLE cairn_admin_sessions ADD COLUMN seen_at TEXT;
ALTER TABLE cairn_admin_sessions ADD COLUMN ip TEXT;
ALTER TABLE cairn_admin_sessions ADD COLUMN agent TEXT;

-- What the admin UI keeps for somebody: one JSON object.
CREATE TABLE cairn_admin_preferences (admin_user INTEGER PRIMARY KEY, value TEXT NOT NULL);

-- Roles of admin users and their rights. actions: a list of names; permissions: a list of grants on content; both JSON.
CREATE TABLE cairn_admin_roles (
  code TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, actions TEXT NOT NULL, permissions TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;

-- Codes that admin users get by mail (invitations, new passwords) and challenges of passkeys, hashed; each is good once.
CREATE TABLE cairn_admin_codes (hash BLOB PRIMARY KEY, purpose TEXT NOT NULL, admin_user INTEGER, expires_at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX cairn_admin_codes_user ON cairn_admin_codes (admin_user, purpose);

-- Codes for who has lost their authenticator, hashed; each is good once.
CREATE TABLE cairn_admin_recovery_codes (admin_user INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (admin_user, hash)) WITHOUT ROWID;

-- Passkeys. credential: what the authenticator registered, as JSON; nothing in it is secret.
CREATE TABLE cairn_admin_passkeys (
  id INTEGER PRIMARY KEY AUTOINCREMENT, admin_user INTEGER NOT NULL, credential_id TEXT NOT NULL UNIQUE, credential TEXT NOT NULL, name TEXT NOT NULL,
  created_at TEXT NOT NULL, used_at TEXT
);
CREATE INDEX cairn_admin_passkeys_user ON cairn_admin_passkeys (admin_user);

-- When a token was last used, to the minute.
CREATE TABLE cairn_api_token_uses (token INTEGER PRIMARY KEY, at TEXT NOT NULL);
