-- What is stored under idempotency keys for a plugin counts towards its quota of entries, in columns of its own: it goes where the plugin's own
-- entries need the room.
ALTER TABLE cairn_plugin_usage ADD COLUMN responses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cairn_plugin_usage ADD COLUMN response_bytes INTEGER NOT NULL DEFAULT 0;

-- A key is used for one request only, whatever its route: keys were `<route>:<hash>` before.
UPDATE OR REPLACE cairn_plugin_kv SET key = substr(key, instr(key, ':') + 1) WHERE plugin LIKE '%/answers';

INSERT INTO cairn_plugin_usage (plugin, slot, responses, response_bytes)
  SELECT substr(plugin, 1, length(plugin) - 8), 0, count(*), sum(length(CAST(key AS BLOB)) + length(value)) FROM cairn_plugin_kv
  WHERE plugin LIKE '%/answers' GROUP BY 1
  ON CONFLICT (plugin, slot) DO UPDATE SET responses = excluded.responses, response_bytes = excluded.response_bytes;

CREATE TRIGGER cairn_plugin_responses_added AFTER INSERT ON cairn_plugin_kv WHEN NEW.plugin LIKE '%/answers' BEGIN
  INSERT INTO cairn_plugin_usage (plugin, slot, responses, response_bytes)
    VALUES (substr(NEW.plugin, 1, length(NEW.plugin) - 8), 0, 1, length(CAST(NEW.key AS BLOB)) + length(NEW.value))
    ON CONFLICT (plugin, slot) DO UPDATE SET responses = responses + 1, response_bytes = response_bytes + excluded.response_bytes;
END;
CREATE TRIGGER cairn_plugin_responses_changed AFTER UPDATE OF value ON cairn_plugin_kv
WHEN NEW.plugin LIKE '%/answers' AND length(NEW.value) <> length(OLD.value) BEGIN
  UPDATE cairn_plugin_usage SET response_bytes = response_bytes + length(NEW.value) - length(OLD.value)
    WHERE plugin = substr(NEW.plugin, 1, length(NEW.plugin) - 8) AND slot = 0;
END;
CREATE TRIGGER cairn_plugin_responses_removed AFTER DELETE ON cairn_plugin_kv WHEN OLD.plugin LIKE '%/answers' BEGIN
  UPDATE cairn_plugin_usage
    SET responses = responses - 1, response_bytes = response_bytes - length(CAST(OLD.key AS BLOB)) - length(OLD.value)
    WHERE plugin = substr(OLD.plugin, 1, length(OLD.plugin) - 8) AND slot = 0;
END;
