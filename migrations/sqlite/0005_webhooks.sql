-- Webhooks. events: JSON list of names; types: JSON list of uids, null for all; condition: JSON in the query language. headers and
-- secrets are sealed with the installation's key. revision counts changes. failing_since: milliseconds, the first failure after
-- the last success.
CREATE TABLE cairn_webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, events TEXT NOT NULL, types TEXT, condition TEXT,
  headers TEXT, secrets TEXT NOT NULL, enabled INTEGER NOT NULL, disabled_reason TEXT, revision INTEGER NOT NULL,
  failing_since INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);

-- What was sent to webhooks and what came back, each attempt. pos: the event's place, null for a test. duration: milliseconds.
-- request, response: JSON (headers, body).
CREATE TABLE cairn_webhook_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, webhook INTEGER NOT NULL, event_id TEXT NOT NULL, pos INTEGER, event TEXT NOT NULL,
  type TEXT, document_id TEXT, attempt INTEGER NOT NULL, at INTEGER NOT NULL, duration INTEGER NOT NULL, ok INTEGER NOT NULL,
  status INTEGER, error TEXT, request TEXT NOT NULL, response TEXT
);
CREATE INDEX cairn_webhook_attempts_webhook ON cairn_webhook_attempts (webhook, id);
CREATE INDEX cairn_webhook_attempts_at ON cairn_webhook_attempts (at);
