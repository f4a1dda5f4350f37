-- What happened, in the order of commits: written in the transaction that did it. pos is the place in that order; event_id
-- is the same wherever it is delivered. actor and data are JSON.
CREATE TABLE cairn_outbox (
  pos INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, type TEXT, document_id TEXT,
  locale TEXT, status TEXT, at INTEGER NOT NULL, actor TEXT NOT NULL, data TEXT NOT NULL
);

-- Who hears of events, and how far it has got. holder, fence, leased_until: the process that drives it. state: active, paused
-- or disabled (with the reason).
CREATE TABLE cairn_consumers (
  name TEXT PRIMARY KEY, position INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, holder TEXT, fence INTEGER NOT NULL,
  leased_until INTEGER NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Deliveries that are not simply behind a consumer's position: failed and waiting to be tried again, held behind a failed one
-- of the same key, asked for anew (replayed), or given up (dead). due, at: milliseconds. state: waiting, dead, discarded.
CREATE TABLE cairn_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, consumer TEXT NOT NULL, pos INTEGER NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, due INTEGER NOT NULL, replayed INTEGER NOT NULL DEFAULT 0, error TEXT, reason TEXT, at INTEGER NOT NULL
);
CREATE INDEX cairn_deliveries_key ON cairn_deliveries (consumer, state, key, id);
CREATE INDEX cairn_deliveries_due ON cairn_deliveries (consumer, state, due, id);

-- Work to be done, once, at or after due (milliseconds). unique_key: at most one waiting job per name and key. lane: jobs of one
-- lane run one after another. state: waiting, running, done, dead, cancelled.
CREATE TABLE cairn_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, unique_key TEXT, lane TEXT, payload TEXT NOT NULL, checkpoint TEXT,
  state TEXT NOT NULL, due INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, holder TEXT, fence INTEGER NOT NULL DEFAULT 0,
  leased_until INTEGER NOT NULL DEFAULT 0, error TEXT, created_at INTEGER NOT NULL, ended_at INTEGER
);
CREATE INDEX cairn_jobs_due ON cairn_jobs (state, due, id);
CREATE UNIQUE INDEX cairn_jobs_key ON cairn_jobs (name, unique_key) WHERE state = 'waiting' AND unique_key IS NOT NULL;
CREATE INDEX cairn_jobs_named ON cairn_jobs (name, unique_key, id);
CREATE INDEX cairn_jobs_ended ON cairn_jobs (ended_at) WHERE ended_at IS NOT NULL;

-- Jobs that recur. missed: once, each, skip. next: milliseconds; null where it never comes again.
CREATE TABLE cairn_cron (
  name TEXT PRIMARY KEY, job TEXT NOT NULL, payload TEXT NOT NULL, cron TEXT NOT NULL, zone TEXT NOT NULL, missed TEXT NOT NULL,
  next INTEGER, last INTEGER, paused INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX cairn_cron_next ON cairn_cron (next);

-- Every save of a version: who, when, what. snapshot: the version as JSON, relations and media by the ids of their targets;
-- null where the version went. changed: names of attributes, as a JSON list. n counts per document and locale.
CREATE TABLE cairn_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, action TEXT NOT NULL,
  status TEXT NOT NULL, version INTEGER NOT NULL, autosave INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, actor TEXT NOT NULL,
  actor_key TEXT NOT NULL, changed TEXT NOT NULL, note TEXT, snapshot TEXT
);
CREATE INDEX cairn_history_document ON cairn_history (type, document_id, locale, id);
CREATE INDEX cairn_history_at ON cairn_history (at);

-- The audit log: what the outbox told, chained: hash covers the entry and the hash before it. Rows are only ever added.
CREATE TABLE cairn_audit (
  n INTEGER PRIMARY KEY, event_id TEXT NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
  actor_key TEXT NOT NULL, type TEXT, document_id TEXT, locale TEXT, details TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX cairn_audit_document ON cairn_audit (type, document_id, n);
CREATE INDEX cairn_audit_actor ON cairn_audit (actor_key, n);
CREATE INDEX cairn_audit_at ON cairn_audit (at);

-- Sessions of admin users: SHA-256 of the token.
CREATE TABLE cairn_admin_sessions (
  hash BLOB PRIMARY KEY, admin_user INTEGER NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cairn_admin_sessions_user ON cairn_admin_sessions (admin_user);
CREATE INDEX cairn_admin_sessions_expiry ON cairn_admin_sessions (expires_at);
