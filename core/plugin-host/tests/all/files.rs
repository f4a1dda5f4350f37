//! Files of plugins, and those that they may see.

use crate::hostile::report;
use crate::world::{World, full, refusal};
use cairn_assets::{IncomingFile, UploadLimits};
use cairn_content::{FileInfo, RequestContext, Upload};
use cairn_store::events::{Actor, ActorKind};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

/// Uploads a file as somebody.
pub(crate) async fn upload(world: &World, actor: Actor, private: bool) -> String {
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(b"not for everybody").unwrap();
    let incoming = IncomingFile {
        file_name: "notes.txt".into(),
        given_name: None,
        declared_mime: Some("text/plain".into()),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let info = FileInfo { private: Some(private), ..FileInfo::default() };
    let (access, actor) = (full(), Arc::new(actor));
    let content_type = world.content.registry().file_type().id;
    let ask = RequestContext { access: &access, content_type, query: "", default_locale: "en", actor: &actor };
    let limits = UploadLimits { max_bytes: 1 << 20 };
    let added = world.content.add_files(&ask, world.blobs.clone(), limits, vec![Upload { incoming, info }], None).await;
    added.unwrap().remove(0)
}

fn plugin(id: &str) -> Actor {
    Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_its_own_is_stored_read_linked_and_deleted() {
    let world = World::of(&["hostile"]).await;
    let told = report(&world, "file-own").await;
    let start = "ok: note.txt text/plain 17 ";
    assert!(told.starts_with(start) && told.ends_with("beyond: Ok(0), gone: true"), "{told}");
    assert!(told.contains("\"file\""), "{told}");
    // The address is signed, and good until it says.
    let link = told.split(' ').find(|word| word.starts_with("https://")).unwrap();
    let rest = link.strip_prefix("https://site.test/uploads/private/").unwrap_or_else(|| panic!("{link}"));
    let (name, query) = rest.split_once('?').unwrap();
    let parts: Vec<&str> = query.split(['=', '&']).collect();
    let ["expires", until, "signature", signature] = parts[..] else { panic!("{query}") };
    assert_eq!(world.access.file_link(name, until, signature), cairn_access::FileLink::Good);
    let seconds = until.parse::<i64>().unwrap() - world.access.now().timestamp();
    assert!((60..=61).contains(&seconds), "{seconds}");
    let later = (until.parse::<i64>().unwrap() + 1).to_string();
    assert_eq!(world.access.file_link(name, &later, signature), cairn_access::FileLink::Bad);
    world.clock.advance(chrono::TimeDelta::seconds(61));
    assert_eq!(world.access.file_link(name, until, signature), cairn_access::FileLink::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sees_public_files_and_no_private_ones_of_others() {
    let world = World::of(&["hostile"]).await;
    let public = upload(&world, Actor::public(), false).await;
    let told = report(&world, &format!("file-see-{public}")).await;
    assert!(told.starts_with("notes.txt text/plain 17 ") && told.contains("https://site.test/uploads/notes"), "{told}");
    assert!(!told.contains("private"), "{told}");
    // It may look at it, and not delete it.
    assert!(report(&world, &format!("file-delete-{public}")).await.starts_with("denied: "));
    for owner in [Actor::public(), plugin("allow"), plugin("hostile-two"), Actor { id: None, ..plugin("hostile") }] {
        let private = upload(&world, owner.clone(), true).await;
        assert_eq!(report(&world, &format!("file-see-{private}")).await, "ok: nothing there", "{owner:?}");
        assert!(report(&world, &format!("file-delete-{private}")).await.starts_with("not-found: "));
        // In a field that it may not read it is no more to be seen than the field.
        world
            .create("api::article.article", json!({ "title": "a", "cover": { "documentId": private } }))
            .await
            .unwrap();
        assert_eq!(report(&world, &format!("file-see-{private}")).await, "ok: nothing there", "{owner:?}");
    }
    let own = upload(&world, plugin("hostile"), true).await;
    assert!(report(&world, &format!("file-see-{own}")).await.starts_with("notes.txt "));
    assert_eq!(report(&world, &format!("file-delete-{own}")).await, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_puts_no_file_into_a_document_that_it_does_not_see() {
    let world = World::of(&["hostile"]).await;
    let as_plugin = async |file: &str| {
        let (access, actor) = (full(), Arc::new(plugin("hostile")));
        let ask = RequestContext { actor: &actor, ..world.ask(&access, "api::article.article", "") };
        let body = json!({ "data": { "title": "a", "cover": { "documentId": file } } });
        world.content.create(ask, Some(body)).await.map(|_| ())
    };
    let foreign = upload(&world, plugin("allow"), true).await;
    let (message, _) = refusal(as_plugin(&foreign).await.unwrap_err());
    let (unknown, _) = refusal(as_plugin("aaaaaaaaaaaaaaaaaaaaaaaa").await.unwrap_err());
    // It cannot be told from one that is not there.
    assert_eq!(message.replace(&foreign, ""), unknown.replace("aaaaaaaaaaaaaaaaaaaaaaaa", ""));
    assert!(world.all("api::article.article").await.is_empty());
    as_plugin(&upload(&world, Actor::public(), false).await).await.unwrap();
    as_plugin(&upload(&world, plugin("hostile"), true).await).await.unwrap();
    // Somebody has put it where it may look.
    world.create("api::article.article", json!({ "title": "b", "cover": { "documentId": foreign } })).await.unwrap();
    as_plugin(&foreign).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_an_end_in_number_and_size() {
    let world = World::of(&["hostile"]).await;
    assert_eq!(report(&world, "file-flood").await, "after 16: exhausted: exhausted: file-bytes");
    assert!(report(&world, "file-huge").await.starts_with("invalid: "));
    assert!(report(&world, "file-name").await.starts_with("invalid: "));
    let told = report(&world, "file-in-transaction").await;
    assert!(told.starts_with("denied: ") && told.contains("transaction"), "{told}");
    // What was stored before it ran dry is there, and nothing is left of what was refused.
    let staged = std::fs::read_dir(world.blobs.staging_folder().unwrap()).unwrap();
    let left = staged.filter(|f| f.as_ref().unwrap().file_name().to_str().unwrap().starts_with(".incoming-")).count();
    assert_eq!(left, 0);
}
