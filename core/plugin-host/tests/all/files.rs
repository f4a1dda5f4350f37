//! Files of plugins, and those that they may see.

use crate::hostile::trial_report;
use crate::test_project::{TestProject, full_access, refusal_parts};
use cairn_assets::{IncomingFile, UploadLimits};
use cairn_content::{FileInfo, RequestContext, Upload};
use cairn_store::events::{Actor, ActorKind};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

/// Uploads a text as somebody.
pub(crate) async fn upload(project: &TestProject, actor: Actor, private: bool) -> String {
    upload_file(project, actor, private, ("notes.txt", "text/plain"), b"not for everybody").await
}

/// Uploads a file with this name and type as somebody.
pub(crate) async fn upload_file(
    project: &TestProject,
    actor: Actor,
    private: bool,
    (name, media_type): (&str, &str),
    content: &[u8],
) -> String {
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(content).unwrap();
    let incoming = IncomingFile {
        file_name: name.into(),
        given_name: None,
        declared_mime: Some(media_type.into()),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let info = FileInfo { private: Some(private), ..FileInfo::default() };
    let (access, actor) = (full_access(), Arc::new(actor));
    let content_type = project.content.registry().file_type().id;
    let context = RequestContext {
        access: &access,
        content_type,
        query: cairn_query::Query::empty(),
        default_locale: "en",
        actor: &actor,
    };
    let limits = UploadLimits { max_bytes: 1 << 20 };
    let added =
        project.content.add_files(&context, project.blobs.clone(), limits, vec![Upload { incoming, info }], None).await;
    added.unwrap().remove(0)
}

fn plugin_actor(id: &str) -> Actor {
    Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_files_are_stored_read_linked_and_deleted() {
    let project = TestProject::with_guests(&["hostile"]).await;
    let message = trial_report(&project, "file-own").await;
    let start = "ok: note.txt text/plain 17 ";
    assert!(message.starts_with(start) && message.ends_with("beyond: Ok(0), gone: true"), "{message}");
    assert!(message.contains("\"file\""), "{message}");
    // The address is signed, and good until it says.
    let link = message.split(' ').find(|word| word.starts_with("https://")).unwrap();
    let rest = link.strip_prefix("https://site.test/uploads/private/").unwrap_or_else(|| panic!("{link}"));
    let (name, query) = rest.split_once('?').unwrap();
    let parts: Vec<&str> = query.split(['=', '&']).collect();
    let ["expires", until, "signature", signature] = parts[..] else { panic!("{query}") };
    assert_eq!(project.access.file_link(name, until, signature), cairn_access::FileLink::Good);
    let seconds = until.parse::<i64>().unwrap() - project.access.now().timestamp();
    assert!((60..=61).contains(&seconds), "{seconds}");
    let later = (until.parse::<i64>().unwrap() + 1).to_string();
    assert_eq!(project.access.file_link(name, &later, signature), cairn_access::FileLink::Bad);
    project.clock.advance(chrono::TimeDelta::seconds(61));
    assert_eq!(project.access.file_link(name, until, signature), cairn_access::FileLink::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_see_public_files_but_no_private_ones_of_others() {
    let project = TestProject::with_guests(&["hostile"]).await;
    let public = upload(&project, Actor::public(), false).await;
    let message = trial_report(&project, &format!("file-see-{public}")).await;
    assert!(
        message.starts_with("notes.txt text/plain 17 ") && message.contains("https://site.test/uploads/notes"),
        "{message}"
    );
    assert!(!message.contains("private"), "{message}");
    // The plugin may see the file, but not delete it.
    assert!(trial_report(&project, &format!("file-delete-{public}")).await.starts_with("denied: "));
    for owner in [
        Actor::public(),
        plugin_actor("allow"),
        plugin_actor("hostile-two"),
        Actor { id: None, ..plugin_actor("hostile") },
    ] {
        let private = upload(&project, owner.clone(), true).await;
        assert_eq!(trial_report(&project, &format!("file-see-{private}")).await, "ok: nothing there", "{owner:?}");
        assert!(trial_report(&project, &format!("file-delete-{private}")).await.starts_with("not-found: "));
        // In a field that it may not read it is no more to be seen than the field.
        project
            .create("api::article.article", json!({ "title": "a", "cover": { "documentId": private } }))
            .await
            .unwrap();
        assert_eq!(trial_report(&project, &format!("file-see-{private}")).await, "ok: nothing there", "{owner:?}");
    }
    let own = upload(&project, plugin_actor("hostile"), true).await;
    assert!(trial_report(&project, &format!("file-see-{own}")).await.starts_with("notes.txt "));
    assert_eq!(trial_report(&project, &format!("file-delete-{own}")).await, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_cannot_attach_files_that_they_cannot_see() {
    let project = TestProject::with_guests(&["hostile"]).await;
    let as_plugin = async |file: &str| {
        let (access, actor) = (full_access(), Arc::new(plugin_actor("hostile")));
        let context = RequestContext { actor: &actor, ..project.request_context(&access, "api::article.article", "") };
        let body = json!({ "data": { "title": "a", "cover": { "documentId": file } } });
        project.content.create(context, Some(body)).await.map(|_| ())
    };
    let foreign = upload(&project, plugin_actor("allow"), true).await;
    let (message, _) = refusal_parts(as_plugin(&foreign).await.unwrap_err());
    let (unknown, _) = refusal_parts(as_plugin("aaaaaaaaaaaaaaaaaaaaaaaa").await.unwrap_err());
    // A private file of others cannot be told from a file that does not exist.
    assert_eq!(message.replace(&foreign, ""), unknown.replace("aaaaaaaaaaaaaaaaaaaaaaaa", ""));
    assert!(project.find_all("api::article.article").await.is_empty());
    as_plugin(&upload(&project, Actor::public(), false).await).await.unwrap();
    as_plugin(&upload(&project, plugin_actor("hostile"), true).await).await.unwrap();
    // A file in a document that the plugin may read is visible to it.
    project.create("api::article.article", json!({ "title": "b", "cover": { "documentId": foreign } })).await.unwrap();
    as_plugin(&foreign).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_limited_in_number_and_size() {
    let project = TestProject::with_guests(&["hostile"]).await;
    assert_eq!(trial_report(&project, "file-flood").await, "after 16: exhausted: exhausted: file-bytes");
    assert!(trial_report(&project, "file-huge").await.starts_with("invalid: "));
    assert!(trial_report(&project, "file-name").await.starts_with("invalid: "));
    let message = trial_report(&project, "file-in-transaction").await;
    assert!(message.starts_with("denied: ") && message.contains("transaction"), "{message}");
    // Files stored before the limit stay, and nothing is left of the refused ones.
    let staged = std::fs::read_dir(project.blobs.staging_folder().unwrap()).unwrap();
    let remaining =
        staged.filter(|f| f.as_ref().unwrap().file_name().to_str().unwrap().starts_with(".incoming-")).count();
    assert_eq!(remaining, 0);
}
