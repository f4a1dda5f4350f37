-- Views of lists that somebody saved. owner: the admin user, null for what was made by a token. shared: everybody who may list the type has
-- it. definition: one JSON object, in the vocabulary of the views. Times are milliseconds.
CREATE TABLE cairn_admin_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, name TEXT NOT NULL, owner INTEGER, shared INTEGER NOT NULL, definition TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX cairn_admin_views_type ON cairn_admin_views (type, id);
