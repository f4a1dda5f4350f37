-- Groups that plugins gave to users of the content API. name: behind the plugin's id and a colon.
CREATE TABLE cairn_user_groups (
  user_document_id TEXT COLLATE "C" NOT NULL, plugin TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, PRIMARY KEY (user_document_id, plugin, name)
);
CREATE INDEX cairn_user_groups_members ON cairn_user_groups (plugin, name, user_document_id);
