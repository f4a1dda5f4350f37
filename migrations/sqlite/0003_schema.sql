-- What the content tables were made from: one row. generation grows with every change of a table or of stored values; a
-- process that opened with another one must not write.
CREATE TABLE cairn_schema (
  id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, snapshot TEXT NOT NULL, hash TEXT NOT NULL,
  applied_at TEXT NOT NULL
);

-- Every change that was applied: the plan as JSON, its hash, who applied it (start, command).
CREATE TABLE cairn_schema_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, plan TEXT NOT NULL, by TEXT NOT NULL, applied_at TEXT NOT NULL
);

-- Content that a change dropped, until expires_at. kind: type, attribute, zone, conversion, versions. owner: uid of a type or
-- component, by its name of today. definition: what it was, as JSON. tables: of a type, its tables under their new names.
CREATE TABLE cairn_trash (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, owner TEXT NOT NULL, attribute TEXT, definition TEXT NOT NULL,
  tables TEXT, n INTEGER NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL
);

-- Its values, in the form of stored components. instance: of a component, 0 for the row itself. position: in its list.
CREATE TABLE cairn_trash_values (
  id INTEGER PRIMARY KEY AUTOINCREMENT, trash INTEGER NOT NULL, type TEXT NOT NULL, document_id TEXT NOT NULL,
  locale TEXT NOT NULL, status INTEGER NOT NULL, instance INTEGER NOT NULL, position INTEGER NOT NULL, value TEXT NOT NULL
);
CREATE INDEX cairn_trash_values_trash ON cairn_trash_values (trash, id);
