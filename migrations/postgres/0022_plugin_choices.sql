-- What the administrator chose where a plugin's manifest leaves a choice: a JSON object, lists of values by the name of the choice.
ALTER TABLE cairn_plugins ADD COLUMN choices TEXT COLLATE "C" NOT NULL DEFAULT '{}';
