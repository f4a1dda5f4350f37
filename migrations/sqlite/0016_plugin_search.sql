-- Search indexes of plugins. seq: the last number given to a change; numbers are given under the row's lock, so who sees one sees all before it.
-- live: the copy that is searched; shadow: the one that is being rebuilt. purged: removals up to it are forgotten. synonyms: JSON by locale.
CREATE TABLE cairn_plugin_indexes (
  plugin TEXT NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL, live INTEGER NOT NULL, shadow INTEGER, purged INTEGER NOT NULL, synonyms TEXT NOT NULL,
  PRIMARY KEY (plugin, name)
) WITHOUT ROWID;

-- What is in them: each node makes its own index of it. seq: of the last change. direct: put into both copies, and not by the rebuild.
-- audience: JSON. document: JSON; null where it was removed.
CREATE TABLE cairn_plugin_search (
  plugin TEXT NOT NULL, name TEXT NOT NULL, copy INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, direct INTEGER NOT NULL, locale TEXT, audience TEXT NOT NULL, document TEXT,
  PRIMARY KEY (plugin, name, copy, id)
);
CREATE INDEX cairn_plugin_search_seq ON cairn_plugin_search (plugin, name, copy, seq);
CREATE INDEX cairn_plugin_search_removed ON cairn_plugin_search (plugin, name, copy, seq) WHERE document IS NULL;
