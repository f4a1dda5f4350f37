-- Licences and releases. channels, territories, products: JSON lists; empty: all. start_local, end_local: as given, a day or a time in zone (an
-- end that is a day is the end of that day); starts_at, ends_at: the instants, in milliseconds. evidence: a file (document). version: counts changes.
CREATE TABLE cairn_asset_rights (
  id INTEGER PRIMARY KEY AUTOINCREMENT, holder TEXT NOT NULL, licence TEXT NOT NULL, channels TEXT NOT NULL, territories TEXT NOT NULL,
  products TEXT NOT NULL, start_local TEXT, end_local TEXT, zone TEXT, starts_at INTEGER, ends_at INTEGER, evidence TEXT, cost TEXT, currency TEXT,
  notes TEXT, version INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
);
CREATE INDEX cairn_asset_rights_ends ON cairn_asset_rights (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE cairn_asset_right_links (
  document_id TEXT NOT NULL, right_id INTEGER NOT NULL, PRIMARY KEY (document_id, right_id)
) WITHOUT ROWID;
CREATE INDEX cairn_asset_right_links_right ON cairn_asset_right_links (right_id, document_id);

-- What people who are to be seen or heard agreed to. given_at: null until they do.
CREATE TABLE cairn_asset_consents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, kind TEXT NOT NULL, given_at INTEGER, withdrawn_at INTEGER, evidence TEXT, notes TEXT,
  version INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
);
CREATE INDEX cairn_asset_consents_withdrawn ON cairn_asset_consents (withdrawn_at) WHERE withdrawn_at IS NOT NULL;

CREATE TABLE cairn_asset_consent_links (
  document_id TEXT NOT NULL, consent_id INTEGER NOT NULL, PRIMARY KEY (document_id, consent_id)
) WITHOUT ROWID;
CREATE INDEX cairn_asset_consent_links_consent ON cairn_asset_consent_links (consent_id, document_id);

-- What is said of one file. embargo_local, embargo_zone: as given. fallback: the file (document) that is shown instead. owner: an admin user.
-- policy: what its lack of records means, in the place of what the tenant says.
CREATE TABLE cairn_asset_settings (
  document_id TEXT PRIMARY KEY, embargo_local TEXT, embargo_zone TEXT, embargo_until INTEGER, fallback TEXT, owner INTEGER, policy TEXT,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) WITHOUT ROWID;

-- How files stood when it was last told: what has changed since is told once. next_change: when it has to be looked at again.
CREATE TABLE cairn_asset_standings (
  document_id TEXT PRIMARY KEY, state TEXT NOT NULL, delivered INTEGER NOT NULL, next_change INTEGER, told_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_asset_standings_next ON cairn_asset_standings (next_change) WHERE next_change IS NOT NULL;
