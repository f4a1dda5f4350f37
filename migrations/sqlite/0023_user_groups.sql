-- Groups that plugins gave to users of the content API. name: behind the plugin's id and a colon.
CREATE TABLE cairn_user_groups (
  user_document_id TEXT NOT NULL, plugin TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (user_document_id, plugin, name)
) WITHOUT ROWID;
CREATE INDEX cairn_user_groups_members ON cairn_user_groups (plugin, name, user_document_id);
