//! Read policies of plugins at every door. A plugin hides what has `canary` in its name: entries, users and files. Whoever asks, wherever
//! they ask, no answer has that word in it, nor the id of what is hidden, and what is asked for with the word is answered as what is asked
//! for with one that nothing has.

mod lazy;
mod live;
mod sweep;
mod unanswered;

use crate::plugins::{guest, install, stage};
use cairn_plugin_package::package::{PackageFiles, pack};
use cairn_testkit::{FULL_TOKEN, READ_TOKEN, SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// The types that the plugin has a policy for, beside its own.
const TYPES: [&str; 4] =
    ["api::note.note", "plugin::users-permissions.user", "plugin::upload.file", "plugin::allow.note"];
/// Word in the names of everything hidden.
const CANARY: &str = "canary";
/// Word in no name.
const ABSENT: &str = "absent";

/// Entries, users and files, of each kind one that everybody sees and one that nobody sees; the one leads to the other.
struct PolicyFixture {
    server: TestServer,
    /// A user who signs in.
    ann: TestClient,
    /// Numbers and document ids of what is hidden.
    note: (i64, String),
    user: (i64, String),
    file: (i64, String),
    /// An entry that shows, and what it leads to does not.
    plain: (i64, String),
    plain_file: (i64, String),
}

fn project() -> TestProject {
    let note = json!({
        "title": { "type": "string" },
        "body": { "type": "text" },
        "related": { "type": "relation", "relation": "manyToMany", "target": "api::note.note" },
        "owner": { "type": "relation", "relation": "manyToOne", "target": "plugin::users-permissions.user", "inversedBy": "notes" },
        "files": { "type": "media", "multiple": true },
        "cover": { "type": "media", "multiple": false },
        "box": { "type": "component", "component": "parts.box", "repeatable": true },
        "zone": { "type": "dynamiczone", "components": ["parts.box"] },
    });
    let link = json!({ "type": "relation", "relation": "oneToOne", "target": "api::note.note" });
    let of_users = json!({
        "notes": { "type": "relation", "relation": "oneToMany", "target": "api::note.note", "mappedBy": "owner" },
        "friend": { "type": "relation", "relation": "oneToOne", "target": "plugin::users-permissions.user" },
        "photo": { "type": "media", "multiple": false },
    });
    TestProject::new()
        .with_component(
            "parts.box",
            json!({ "label": { "type": "string" }, "note": link, "file": { "type": "media", "multiple": false } }),
        )
        .with_type(SchemaBuilder::collection("note", note).with_drafts())
        .with_type(SchemaBuilder::single("home", json!({ "title": { "type": "string" }, "note": link })))
        .with_user_attributes(of_users)
        .with_role("public", true, all_permissions())
        .with_role("authenticated", true, all_permissions())
}

/// All that a role can be given.
fn all_permissions() -> Json {
    let every = json!(["find", "findOne", "create", "update", "delete"]);
    json!({
        "api::note.note": every, "api::home.home": ["find", "update", "delete"],
        "plugin::users-permissions.user": ["find", "findOne", "create", "update", "destroy", "count", "me"],
        "plugin::users-permissions.role": ["find", "findOne"],
        "plugin::users-permissions.auth": ["callback", "changePassword", "forgotPassword", "resetPassword"],
        "plugin::upload.file": ["find", "findOne", "upload", "replace", "destroy"],
        "plugin::i18n.locale": ["find"],
    })
}

/// Installs a package that is not signed.
async fn install_unsigned(server: &TestServer, package: &PackageFiles) {
    let staged = stage(server, &pack(package, None).unwrap()).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

/// A plugin with a content type, and permissions for it and all other types.
async fn install_plugin_with_notes(server: &TestServer) {
    install_unsigned(server, &guest("allow", |text| text)).await;
    let mut rights = all_permissions();
    rights["plugin::allow.note"] = json!(["find", "findOne", "create", "update", "delete"]);
    let root = server.super_admin().await;
    for role in ["public", "authenticated"] {
        root.put(&format!("/admin/api/content-roles/{role}"), json!({ "permissions": rights }))
            .await
            .expect_status(200);
    }
}

/// A plugin with a policy for these types.
async fn install_policy_plugin(server: &TestServer) {
    let manifest = |text: String| {
        let own = "types = [\"plugin::policy.page\", ";
        let all: String = TYPES.iter().map(|uid| format!("{uid:?}, ")).collect();
        let grant = format!("[[grant]]\nuse = \"data.read\"\ntypes = [{all}]\nreason = \"t:grant.policies\"\n\n");
        let text =
            text.replace(own, &format!("{own}{all}")).replace("[content-types]", &format!("{grant}[content-types]"));
        let requires = "requires = { cairn = \">=0.1\", plugins = { allow = \"^1\" } }";
        text.replace("requires = { cairn = \">=0.1\" }", requires)
    };
    install_unsigned(server, &guest("policy", manifest)).await;
}

impl PolicyFixture {
    async fn new() -> Self {
        // Heartbeats are so rare that none delivers a change.
        let server = TestServer::start_configured(project(), |config| config.live.heartbeat_seconds = 3_600).await;
        install_plugin_with_notes(&server).await;
        let admin = TestClient::clone(&server);
        // The token is a caller of the content API as any other: what is hidden is made while nothing is.
        let uploaded = async |name: &str| {
            let file = admin.upload_file(name, "text/plain", name.as_bytes()).await.expect_status(201).body[0].clone();
            (file["id"].as_i64().unwrap(), file["documentId"].as_str().unwrap().to_owned())
        };
        let (plain_file, file) = (uploaded("plain.txt").await, uploaded("canary.txt").await);
        let added = async |name: &str, extra_fields: Json| {
            let user = admin.add_user(name, "authenticated", extra_fields).await.body;
            (user["id"].as_i64().unwrap(), user["documentId"].as_str().unwrap().to_owned())
        };
        let user = added("canary-user", json!({ "photo": file.0 })).await;
        let ann = added("ann", json!({ "friend": user.0, "photo": file.0 })).await;
        let create_note = async |data: Json| {
            let answer = admin.create_entry("/api/notes", data).await;
            (answer.id(), answer.document_id())
        };
        let note =
            create_note(json!({ "title": "canary-note", "body": "canary-body", "owner": user.0, "cover": file.0, "files": [plain_file.0] }))
                .await;
        let part = json!({ "label": "x", "note": note.1, "file": file.0 });
        let lead = json!({
            "title": "plain-note", "related": [note.1], "owner": user.0, "files": [file.0, plain_file.0], "cover": file.0, "box": [part],
            "zone": [{ "__component": "parts.box", "label": "x", "note": note.1, "file": file.0 }],
        });
        let plain = create_note(lead).await;
        admin.update_entry("/api/home", json!({ "title": "plain-home", "note": note.1 })).await;
        create_note(json!({ "title": "canary-of-ann", "owner": ann.0 })).await;
        admin.create_entry("/api/allow/notes", json!({ "title": "plain" })).await;
        admin.create_entry("/api/allow/notes", json!({ "title": "canary-of-plugin" })).await;
        install_policy_plugin(&server).await;
        let signed_in = json!({ "identifier": "ann", "password": "Passw0rd!" });
        let signed_in = server.public_client().post("/api/auth/local", signed_in).await.expect_status(200);
        let ann = server.with_token(signed_in.body["jwt"].as_str().unwrap());
        Self { server, ann, note, user, file, plain, plain_file }
    }

    /// Everybody whom the policies are for.
    fn callers(&self) -> [(&'static str, TestClient); 4] {
        [
            ("public", self.server.public_client()),
            ("user", self.ann.clone()),
            ("read-only token", self.server.with_token(READ_TOKEN)),
            ("full-access token", self.server.with_token(FULL_TOKEN)),
        ]
    }

    /// Words of which no answer may have one.
    fn hidden_words(&self) -> [&str; 4] {
        [CANARY, &self.note.1, &self.user.1, &self.file.1]
    }
}

/// Uninstalls the plugin with the policy: all is seen by everybody whose role allows it.
async fn uninstall_policy_plugin(admin: &TestClient) {
    admin.delete("/admin/api/plugins/policy?data=keep").await.expect_status(204);
}
