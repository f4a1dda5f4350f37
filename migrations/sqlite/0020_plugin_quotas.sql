-- How much of what is limited each plugin has, kept by the triggers below, so that whoever writes is counted. files: those in the trash too.
-- jobs: those that wait. events: published within the hour that began at `hour` (milliseconds). slot: 0 here.
CREATE TABLE cairn_plugin_usage (
  plugin TEXT NOT NULL, slot INTEGER NOT NULL, kv_keys INTEGER NOT NULL DEFAULT 0, kv_bytes INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL DEFAULT 0, file_bytes INTEGER NOT NULL DEFAULT 0, jobs INTEGER NOT NULL DEFAULT 0,
  hour INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (plugin, slot)
) WITHOUT ROWID;

INSERT INTO cairn_plugin_usage (plugin, slot, kv_keys, kv_bytes)
  SELECT plugin, 0, count(*), sum(length(CAST(key AS BLOB)) + length(value)) FROM cairn_plugin_kv WHERE instr(plugin, '/') = 0 GROUP BY plugin;
INSERT INTO cairn_plugin_usage (plugin, slot, jobs)
  SELECT substr(name, 8, instr(substr(name, 8), ':') - 1), 0, count(*) FROM cairn_jobs
  WHERE state = 'waiting' AND name >= 'plugin:' AND name < 'plugin;' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET jobs = excluded.jobs;
INSERT INTO cairn_plugin_usage (plugin, slot, files, file_bytes)
  SELECT json_extract(added_by, '$.id'), 0, count(*), sum(bytes) FROM cairn_assets
  WHERE added_by LIKE '{"kind":"plugin","id":%' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET files = excluded.files, file_bytes = excluded.file_bytes;

-- What the host keeps beside a plugin's own entries is under a name with a slash, and not the plugin's.
CREATE TRIGGER cairn_plugin_kv_added AFTER INSERT ON cairn_plugin_kv WHEN instr(NEW.plugin, '/') = 0 BEGIN
  INSERT INTO cairn_plugin_usage (plugin, slot, kv_keys, kv_bytes) VALUES (NEW.plugin, 0, 1, length(CAST(NEW.key AS BLOB)) + length(NEW.value))
    ON CONFLICT (plugin, slot) DO UPDATE SET kv_keys = kv_keys + excluded.kv_keys, kv_bytes = kv_bytes + excluded.kv_bytes;
END;
CREATE TRIGGER cairn_plugin_kv_changed AFTER UPDATE OF value ON cairn_plugin_kv
WHEN instr(NEW.plugin, '/') = 0 AND length(NEW.value) <> length(OLD.value) BEGIN
  UPDATE cairn_plugin_usage SET kv_bytes = kv_bytes + length(NEW.value) - length(OLD.value) WHERE plugin = NEW.plugin AND slot = 0;
END;
CREATE TRIGGER cairn_plugin_kv_removed AFTER DELETE ON cairn_plugin_kv WHEN instr(OLD.plugin, '/') = 0 BEGIN
  UPDATE cairn_plugin_usage SET kv_keys = kv_keys - 1, kv_bytes = kv_bytes - length(CAST(OLD.key AS BLOB)) - length(OLD.value)
    WHERE plugin = OLD.plugin AND slot = 0;
END;

CREATE TRIGGER cairn_plugin_jobs_added AFTER INSERT ON cairn_jobs
WHEN NEW.state = 'waiting' AND NEW.name >= 'plugin:' AND NEW.name < 'plugin;' BEGIN
  INSERT INTO cairn_plugin_usage (plugin, slot, jobs) VALUES (substr(NEW.name, 8, instr(substr(NEW.name, 8), ':') - 1), 0, 1)
    ON CONFLICT (plugin, slot) DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER cairn_plugin_jobs_changed AFTER UPDATE OF state ON cairn_jobs
WHEN (NEW.state = 'waiting') <> (OLD.state = 'waiting') AND NEW.name >= 'plugin:' AND NEW.name < 'plugin;' BEGIN
  INSERT INTO cairn_plugin_usage (plugin, slot, jobs)
    VALUES (substr(NEW.name, 8, instr(substr(NEW.name, 8), ':') - 1), 0, iif(NEW.state = 'waiting', 1, -1))
    ON CONFLICT (plugin, slot) DO UPDATE SET jobs = jobs + excluded.jobs;
END;
CREATE TRIGGER cairn_plugin_jobs_removed AFTER DELETE ON cairn_jobs
WHEN OLD.state = 'waiting' AND OLD.name >= 'plugin:' AND OLD.name < 'plugin;' BEGIN
  UPDATE cairn_plugin_usage SET jobs = jobs - 1 WHERE plugin = substr(OLD.name, 8, instr(substr(OLD.name, 8), ':') - 1) AND slot = 0;
END;

CREATE TRIGGER cairn_plugin_files_added AFTER INSERT ON cairn_assets WHEN NEW.added_by LIKE '{"kind":"plugin","id":%' BEGIN
  INSERT INTO cairn_plugin_usage (plugin, slot, files, file_bytes) VALUES (json_extract(NEW.added_by, '$.id'), 0, 1, NEW.bytes)
    ON CONFLICT (plugin, slot) DO UPDATE SET files = files + 1, file_bytes = file_bytes + excluded.file_bytes;
END;
CREATE TRIGGER cairn_plugin_files_changed AFTER UPDATE OF bytes ON cairn_assets
WHEN NEW.bytes <> OLD.bytes AND NEW.added_by LIKE '{"kind":"plugin","id":%' BEGIN
  UPDATE cairn_plugin_usage SET file_bytes = file_bytes + NEW.bytes - OLD.bytes
    WHERE plugin = json_extract(NEW.added_by, '$.id') AND slot = 0;
END;
CREATE TRIGGER cairn_plugin_files_removed AFTER DELETE ON cairn_assets WHEN OLD.added_by LIKE '{"kind":"plugin","id":%' BEGIN
  UPDATE cairn_plugin_usage SET files = files - 1, file_bytes = file_bytes - OLD.bytes
    WHERE plugin = json_extract(OLD.added_by, '$.id') AND slot = 0;
END;

-- How many events in a row led to this one: 0 for what nothing but a request or the time caused. Of a job: of what it will publish.
ALTER TABLE cairn_outbox ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cairn_jobs ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
