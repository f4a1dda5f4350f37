-- How much of what is limited each plugin has, kept by the triggers below, so that whoever writes is counted. files: those in the trash too.
-- jobs: those that wait. events: published within the hour that began at `hour` (milliseconds). slot: of the connection that wrote, so that
-- those who write at the same time do not wait for each other; what a plugin has is the sum.
CREATE TABLE cairn_plugin_usage (
  plugin TEXT COLLATE "C" NOT NULL, slot SMALLINT NOT NULL, kv_keys BIGINT NOT NULL DEFAULT 0, kv_bytes BIGINT NOT NULL DEFAULT 0,
  files BIGINT NOT NULL DEFAULT 0, file_bytes BIGINT NOT NULL DEFAULT 0, jobs BIGINT NOT NULL DEFAULT 0,
  hour BIGINT NOT NULL DEFAULT 0, events BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (plugin, slot)
);

INSERT INTO cairn_plugin_usage (plugin, slot, kv_keys, kv_bytes)
  SELECT plugin, 0, count(*), sum(octet_length(key) + octet_length(value)) FROM cairn_plugin_kv WHERE position('/' IN plugin) = 0 GROUP BY plugin;
INSERT INTO cairn_plugin_usage (plugin, slot, jobs)
  SELECT split_part(name, ':', 2), 0, count(*) FROM cairn_jobs
  WHERE state = 'waiting' AND name >= 'plugin:' AND name < 'plugin;' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET jobs = excluded.jobs;
INSERT INTO cairn_plugin_usage (plugin, slot, files, file_bytes)
  SELECT CAST(added_by AS jsonb) ->> 'id', 0, count(*), sum(bytes) FROM cairn_assets
  WHERE added_by LIKE '{"kind":"plugin","id":%' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET files = excluded.files, file_bytes = excluded.file_bytes;

CREATE FUNCTION cairn_count_plugin(of_plugin TEXT, more_keys BIGINT, more_kv_bytes BIGINT, more_files BIGINT, more_file_bytes BIGINT, more_jobs BIGINT)
RETURNS VOID LANGUAGE sql AS $$
  INSERT INTO cairn_plugin_usage AS u (plugin, slot, kv_keys, kv_bytes, files, file_bytes, jobs)
  VALUES (of_plugin, CAST(pg_backend_pid() % 64 AS SMALLINT), more_keys, more_kv_bytes, more_files, more_file_bytes, more_jobs)
  ON CONFLICT (plugin, slot) DO UPDATE SET kv_keys = u.kv_keys + excluded.kv_keys, kv_bytes = u.kv_bytes + excluded.kv_bytes,
    files = u.files + excluded.files, file_bytes = u.file_bytes + excluded.file_bytes, jobs = u.jobs + excluded.jobs
$$;

-- What the host keeps beside a plugin's own entries is under a name with a slash, and not the plugin's.
CREATE FUNCTION cairn_count_plugin_kv() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM cairn_count_plugin(NEW.plugin, 1, octet_length(NEW.key) + octet_length(NEW.value), 0, 0, 0);
  ELSIF TG_OP = 'UPDATE' THEN
    PERFORM cairn_count_plugin(NEW.plugin, 0, octet_length(NEW.value) - octet_length(OLD.value), 0, 0, 0);
  ELSE
    PERFORM cairn_count_plugin(OLD.plugin, -1, -octet_length(OLD.key) - octet_length(OLD.value), 0, 0, 0);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cairn_plugin_kv_added AFTER INSERT ON cairn_plugin_kv FOR EACH ROW
  WHEN (position('/' IN NEW.plugin) = 0) EXECUTE FUNCTION cairn_count_plugin_kv();
CREATE TRIGGER cairn_plugin_kv_changed AFTER UPDATE OF value ON cairn_plugin_kv FOR EACH ROW
  WHEN (position('/' IN NEW.plugin) = 0 AND octet_length(NEW.value) <> octet_length(OLD.value)) EXECUTE FUNCTION cairn_count_plugin_kv();
CREATE TRIGGER cairn_plugin_kv_removed AFTER DELETE ON cairn_plugin_kv FOR EACH ROW
  WHEN (position('/' IN OLD.plugin) = 0) EXECUTE FUNCTION cairn_count_plugin_kv();

CREATE FUNCTION cairn_count_plugin_jobs() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM cairn_count_plugin(split_part(OLD.name, ':', 2), 0, 0, 0, 0, -1);
  ELSIF NEW.state = 'waiting' THEN
    PERFORM cairn_count_plugin(split_part(NEW.name, ':', 2), 0, 0, 0, 0, 1);
  ELSE
    PERFORM cairn_count_plugin(split_part(NEW.name, ':', 2), 0, 0, 0, 0, -1);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cairn_plugin_jobs_added AFTER INSERT ON cairn_jobs FOR EACH ROW
  WHEN (NEW.state = 'waiting' AND NEW.name >= 'plugin:' AND NEW.name < 'plugin;') EXECUTE FUNCTION cairn_count_plugin_jobs();
CREATE TRIGGER cairn_plugin_jobs_changed AFTER UPDATE OF state ON cairn_jobs FOR EACH ROW
  WHEN ((NEW.state = 'waiting') <> (OLD.state = 'waiting') AND NEW.name >= 'plugin:' AND NEW.name < 'plugin;')
  EXECUTE FUNCTION cairn_count_plugin_jobs();
CREATE TRIGGER cairn_plugin_jobs_removed AFTER DELETE ON cairn_jobs FOR EACH ROW
  WHEN (OLD.state = 'waiting' AND OLD.name >= 'plugin:' AND OLD.name < 'plugin;') EXECUTE FUNCTION cairn_count_plugin_jobs();

CREATE FUNCTION cairn_count_plugin_files() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM cairn_count_plugin(CAST(NEW.added_by AS jsonb) ->> 'id', 0, 0, 1, NEW.bytes, 0);
  ELSIF TG_OP = 'UPDATE' THEN
    PERFORM cairn_count_plugin(CAST(NEW.added_by AS jsonb) ->> 'id', 0, 0, 0, NEW.bytes - OLD.bytes, 0);
  ELSE
    PERFORM cairn_count_plugin(CAST(OLD.added_by AS jsonb) ->> 'id', 0, 0, -1, -OLD.bytes, 0);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cairn_plugin_files_added AFTER INSERT ON cairn_assets FOR EACH ROW
  WHEN (NEW.added_by LIKE '{"kind":"plugin","id":%') EXECUTE FUNCTION cairn_count_plugin_files();
CREATE TRIGGER cairn_plugin_files_changed AFTER UPDATE OF bytes ON cairn_assets FOR EACH ROW
  WHEN (NEW.bytes <> OLD.bytes AND NEW.added_by LIKE '{"kind":"plugin","id":%') EXECUTE FUNCTION cairn_count_plugin_files();
CREATE TRIGGER cairn_plugin_files_removed AFTER DELETE ON cairn_assets FOR EACH ROW
  WHEN (OLD.added_by LIKE '{"kind":"plugin","id":%') EXECUTE FUNCTION cairn_count_plugin_files();

-- How many events in a row led to this one: 0 for what nothing but a request or the time caused. Of a job: of what it will publish.
ALTER TABLE cairn_outbox ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cairn_jobs ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
