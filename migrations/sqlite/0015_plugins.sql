-- Plugins. digest: SHA-256 of the package, hexadecimal. publisher: the key that signed it; null where nobody did. state: installed,
-- enabled, disabled, quarantined, upgrading, removed; reason: why. grants, settings: JSON. checkpoint: how far a migration has got, JSON.
-- previous: version and digest to go back to, JSON. generation grows with every change. changed_by: JSON of who did it. Times are milliseconds.
CREATE TABLE cairn_plugins (
  id TEXT PRIMARY KEY, version TEXT NOT NULL, digest TEXT NOT NULL, publisher TEXT, state TEXT NOT NULL, grants TEXT NOT NULL, settings TEXT NOT NULL,
  checkpoint TEXT, previous TEXT, generation INTEGER NOT NULL, reason TEXT, installed_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

-- What plugins may use but not read. value: sealed.
CREATE TABLE cairn_plugin_secrets (
  plugin TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, changed_at INTEGER NOT NULL, PRIMARY KEY (plugin, name)
) WITHOUT ROWID;

-- What plugins keep by key. revision grows with every write. expires_at: from then on the entry is not there.
CREATE TABLE cairn_plugin_kv (
  plugin TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, revision INTEGER NOT NULL, expires_at INTEGER, PRIMARY KEY (plugin, key)
);
CREATE INDEX cairn_plugin_kv_expires ON cairn_plugin_kv (expires_at) WHERE expires_at IS NOT NULL;

-- Calls of plugins that failed, the last ones of each plugin. kind: trap, deadline, memory, exhausted, output, error. input: JSON.
CREATE TABLE cairn_plugin_calls (
  id TEXT PRIMARY KEY, plugin TEXT NOT NULL, version TEXT NOT NULL, export TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, took_us INTEGER NOT NULL,
  kind TEXT NOT NULL, message TEXT NOT NULL, backtrace TEXT, input TEXT, attempt INTEGER NOT NULL
);
CREATE INDEX cairn_plugin_calls_at ON cairn_plugin_calls (plugin, at, id);

-- What plugins log, the last lines of each plugin. level: 0 trace to 4 error. fields: JSON. call: the id of the call that logged it.
CREATE TABLE cairn_plugin_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, plugin TEXT NOT NULL, at INTEGER NOT NULL, level INTEGER NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL, call TEXT
);
CREATE INDEX cairn_plugin_logs_plugin ON cairn_plugin_logs (plugin, id);

-- Runs are asked for so many milliseconds later: chosen once, so that not all databases do the same at the same time.
ALTER TABLE cairn_cron ADD COLUMN delay INTEGER NOT NULL DEFAULT 0;

-- Jobs whose handler is not there wait; they must not be in the way of those whose is.
CREATE INDEX cairn_jobs_waiting ON cairn_jobs (name, due, id) WHERE state = 'waiting';
CREATE INDEX cairn_jobs_running ON cairn_jobs (name, leased_until) WHERE state = 'running';
CREATE INDEX cairn_jobs_lane ON cairn_jobs (lane, state, due, id) WHERE lane IS NOT NULL;
