-- Search indexes of plugins. seq: the last number given to a change; numbers are given under the row's lock, so who sees one sees all before it.
-- live: the copy that is searched; shadow: the one that is being rebuilt. purged: removals up to it are forgotten. synonyms: JSON by locale.
CREATE TABLE cairn_plugin_indexes (
  plugin TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, live BIGINT NOT NULL, shadow BIGINT, purged BIGINT NOT NULL, synonyms TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plugin, name)
);

-- What is in them: each node makes its own index of it. seq: of the last change. direct: put into both copies, and not by the rebuild.
-- audience: JSON. document: JSON; null where it was removed.
CREATE TABLE cairn_plugin_search (
  plugin TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, copy BIGINT NOT NULL, id TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, direct BIGINT NOT NULL, locale TEXT COLLATE "C", audience TEXT COLLATE "C" NOT NULL, document TEXT COLLATE "C",
  PRIMARY KEY (plugin, name, copy, id)
);
CREATE INDEX cairn_plugin_search_seq ON cairn_plugin_search (plugin, name, copy, seq);
CREATE INDEX cairn_plugin_search_removed ON cairn_plugin_search (plugin, name, copy, seq) WHERE document IS NULL;
