//! A project in a temporary folder.

use crate::{SchemaBuilder, TestDatabase};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Default folder of the tenant's data.
const TENANT_FOLDER: &str = "data/tenants/default";

/// Files of a project under test; deleted when dropped.
#[derive(Debug)]
pub struct TestProject {
    database: Arc<TestDatabase>,
    folder: tempfile::TempDir,
    settings: Json,
}

impl Default for TestProject {
    fn default() -> Self {
        Self::new()
    }
}

impl TestProject {
    /// An empty folder, with a full-access token (`full`), a read-only one (`read`) and an admin token (`tests`) in its settings.
    pub fn new() -> Self {
        // Where a server makes its file by itself: on SQLite nothing has to be configured.
        Self::with_database(|folder| TestDatabase::new(&folder.join(TENANT_FOLDER)))
    }

    /// As [`Self::new`], one on every available database.
    pub fn on_every_database() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let count = TestDatabase::all_kinds(folder.path()).len();
        (0..count)
            .map(|i| Self::with_database(|folder| TestDatabase::all_kinds(&folder.join(TENANT_FOLDER)).swap_remove(i)))
            .collect()
    }

    fn with_database(database: impl FnOnce(&Path) -> TestDatabase) -> Self {
        let settings = json!({
            "locales": { "default": "en", "available": ["en", "nl", "fr"] },
            "apiTokens": [
                { "name": "full", "type": "full-access", "token": crate::server::FULL_TOKEN },
                { "name": "read", "type": "read-only", "token": crate::server::READ_TOKEN },
            ],
            "adminTokens": [admin_token()],
        });
        let folder = tempfile::tempdir().unwrap();
        share_compiled_plugins(folder.path());
        Self { database: Arc::new(database(folder.path())), folder, settings }
    }

    /// The model most tests use, shared with the planner's: articles, authors, categories, localised pages, a site.
    pub fn newsroom() -> Self {
        Self::new().with_model(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model/content-types"))
    }

    /// Adds the files of a folder laid out as `content-types/` is.
    pub fn with_model(self, folder: &Path) -> Self {
        copy_folder(folder, &self.folder.path().join("content-types"));
        self
    }

    /// Adds one content type.
    pub fn with_type(self, schema: SchemaBuilder) -> Self {
        let SchemaBuilder { name, json } = schema;
        self.with_file(&format!("content-types/api/{name}/content-types/{name}/schema.json"), &json.to_string())
    }

    /// Adds one content type of one tenant.
    pub fn with_tenant_type(self, tenant: &str, schema: SchemaBuilder) -> Self {
        let SchemaBuilder { name, json } = schema;
        let path = format!("tenants/{tenant}/content-types/api/{name}/content-types/{name}/schema.json");
        self.with_file(&path, &json.to_string())
    }

    /// Adds attributes to the user of users & permissions, as Strapi's extensions do.
    pub fn with_user_attributes(self, attributes: Json) -> Self {
        let schema =
            json!({ "kind": "collectionType", "collectionName": "up_users", "info": {}, "attributes": attributes });
        self.with_file("content-types/extensions/users-permissions/content-types/user/schema.json", &schema.to_string())
    }

    /// Adds one component, by its uid (`category.name`) and attributes.
    pub fn with_component(self, uid: &str, attributes: Json) -> Self {
        let (category, name) = uid.split_once('.').unwrap();
        let schema = json!({ "info": { "displayName": name }, "attributes": attributes });
        self.with_file(&format!("content-types/components/{category}/{name}.json"), &schema.to_string())
    }

    /// Adds a text file, by its path in the project.
    pub fn with_file(self, path: &str, text: &str) -> Self {
        let file = self.folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self
    }

    /// Sets a key of the settings that are applied before the start (see `cairn apply`): `roles`, `auth`, …
    pub fn with_settings(mut self, key: &str, value: Json) -> Self {
        self.settings[key] = value;
        self
    }

    /// Grants a role permissions (uid → actions), and whether it may see drafts.
    pub fn with_role(mut self, role: &str, read_drafts: bool, permissions: Json) -> Self {
        self.settings["roles"][role] = json!({ "name": role, "readDrafts": read_drafts, "permissions": permissions });
        self
    }

    /// Adds an API token.
    pub fn with_token(mut self, token: Json) -> Self {
        self.settings["apiTokens"].as_array_mut().unwrap().push(token);
        self
    }

    /// The database of the project.
    pub fn database(&self) -> &Arc<TestDatabase> {
        &self.database
    }

    /// Path of the project's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The settings as `cairn apply` reads them.
    pub fn settings_json(&self) -> String {
        self.settings.to_string()
    }
}

/// Lets the servers of a project load the machine code of plugins that a server of any other test has compiled, in place of compiling it for
/// seconds in each test. Files there are named by a hash of what they were made of, and appear whole.
fn share_compiled_plugins(project: &Path) {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/compiled");
    let cache = project.join("data/cache");
    for folder in [&shared, &cache] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::os::unix::fs::symlink(shared, cache.join("plugins")).unwrap();
}

/// [`crate::ADMIN_TOKEN`] as in settings: with every permission that a token can have, until a year after tests begin.
pub fn admin_token() -> Json {
    let actions = cairn_access::AdminAction::ALL.iter().filter(|action| !action.is_for_people());
    let actions: Vec<&str> = actions.map(|action| action.as_str()).collect();
    let user_actions = ["find", "findOne", "create", "update", "delete"];
    let types = ["find", "findOne", "create", "update", "delete", "publish"];
    json!({
        "name": "tests",
        "token": crate::ADMIN_TOKEN,
        "actions": actions,
        "permissions": { "*": types, "plugin::users-permissions.user": user_actions },
        "expiresAt": "2027-01-02T00:00:00Z",
    })
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
