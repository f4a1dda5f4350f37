-- What PDFs are sealed with. certificates: DER in base64, a line each, the key's own first. key: sealed with a key of the installation.
CREATE TABLE cairn_seal_profiles (
  name TEXT PRIMARY KEY, certificates TEXT NOT NULL, key TEXT NOT NULL, changed_at INTEGER NOT NULL
) WITHOUT ROWID;
