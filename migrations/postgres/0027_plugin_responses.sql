-- What is stored under idempotency keys for a plugin counts towards its quota of entries, in columns of its own: it goes where the plugin's own
-- entries need the room.
ALTER TABLE cairn_plugin_usage ADD COLUMN responses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cairn_plugin_usage ADD COLUMN response_bytes BIGINT NOT NULL DEFAULT 0;

-- A key is used for one request only, whatever its route: keys were `<route>:<hash>` before.
DELETE FROM cairn_plugin_kv older USING cairn_plugin_kv newer
  WHERE older.plugin LIKE '%/answers' AND newer.plugin = older.plugin AND newer.key > older.key
    AND split_part(newer.key, ':', 2) = split_part(older.key, ':', 2);
UPDATE cairn_plugin_kv SET key = split_part(key, ':', 2) WHERE plugin LIKE '%/answers' AND position(':' IN key) > 0;

INSERT INTO cairn_plugin_usage AS u (plugin, slot, responses, response_bytes)
  SELECT left(plugin, -8), 0, count(*), sum(octet_length(key) + octet_length(value)) FROM cairn_plugin_kv
  WHERE plugin LIKE '%/answers' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET responses = excluded.responses, response_bytes = excluded.response_bytes;

CREATE FUNCTION cairn_count_plugin_responses() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  place TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.plugin ELSE NEW.plugin END;
  more BIGINT := CASE TG_OP WHEN 'INSERT' THEN 1 WHEN 'DELETE' THEN -1 ELSE 0 END;
  more_bytes BIGINT := 0;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    more_bytes := more_bytes + octet_length(NEW.key) + octet_length(NEW.value);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    more_bytes := more_bytes - octet_length(OLD.key) - octet_length(OLD.value);
  END IF;
  INSERT INTO cairn_plugin_usage AS u (plugin, slot, responses, response_bytes)
  VALUES (left(place, -8), CAST(pg_backend_pid() % 64 AS SMALLINT), more, more_bytes)
  ON CONFLICT (plugin, slot) DO UPDATE SET responses = u.responses + excluded.responses,
    response_bytes = u.response_bytes + excluded.response_bytes;
  RETURN NULL;
END $$;
CREATE TRIGGER cairn_plugin_responses_added AFTER INSERT ON cairn_plugin_kv FOR EACH ROW
  WHEN (NEW.plugin LIKE '%/answers') EXECUTE FUNCTION cairn_count_plugin_responses();
CREATE TRIGGER cairn_plugin_responses_changed AFTER UPDATE OF value ON cairn_plugin_kv FOR EACH ROW
  WHEN (NEW.plugin LIKE '%/answers' AND octet_length(NEW.value) <> octet_length(OLD.value))
  EXECUTE FUNCTION cairn_count_plugin_responses();
CREATE TRIGGER cairn_plugin_responses_removed AFTER DELETE ON cairn_plugin_kv FOR EACH ROW
  WHEN (OLD.plugin LIKE '%/answers') EXECUTE FUNCTION cairn_count_plugin_responses();
