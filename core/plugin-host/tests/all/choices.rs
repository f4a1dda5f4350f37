//! Chosen content types: what rests on them runs, as far as they fit.

use crate::test_project::{TestProject, installed_guest, plugin_folder, refusal_parts};
use crate::views::view_context;
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_package::{Choices, Grants, Manifest};
use serde_json::json;
use std::sync::Arc;

const ARTICLE: &str = "api::article.article";

/// A guest with a choice, and these types chosen.
fn choosing(name: &str, extra_toml: &str, change: impl Fn(String) -> String, chosen: &[&str]) -> InstalledPlugin {
    let text = std::fs::read_to_string(plugin_folder(name).join("plugin.toml")).unwrap();
    let choice = "\n[[choice]]\nname = \"texts\"\nkind = \"content-types\"\n";
    let grant = "\n[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:texts\"]\n";
    let manifest = Manifest::parse(&(change(text) + choice + extra_toml + grant)).unwrap_or_else(|p| panic!("{p:#?}"));
    let mut choices = Choices::default();
    choices.set("texts", chosen.iter().map(|uid| (*uid).to_owned()));
    let grants = Grants::from_manifest(&manifest.resolve(&choices)).without_empty();
    InstalledPlugin { manifest: Arc::new(manifest), grants, choices, ..installed_guest(name) }
}

fn hooked(needs: &str, chosen: &[&str]) -> InstalledPlugin {
    let change = |text: String| {
        let hook = "\"plugin::allow.note:update\"]\nphase = \"before\"";
        text.replace(hook, &hook.replace(']', ", \"choice:texts:create\"]"))
            .replace("to = [\"plugin::allow.plain:*\"]", "to = [\"plugin::allow.plain:*\", \"choice:texts:*\"]")
    };
    choosing("allow", needs, change, chosen)
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_and_subscriptions_run_for_chosen_types() {
    let project = TestProject::with_guests(&["allow"]).await;
    let heard = async || {
        project.engine.run_until_idle().await.unwrap();
        project.kv_value("allow", "events/tally").map_or(0, |text| text.parse::<i64>().unwrap())
    };
    let run = |plugin: InstalledPlugin, number: i64| {
        let answers = project.plugins.replace_running(vec![InstalledPlugin { number, ..plugin }]);
        answers.into_iter().for_each(|answer| answer.unwrap());
        project.engine.set_subscribers("plugins", project.plugins.subscribers());
    };
    let bad = || project.create(ARTICLE, json!({ "title": "bad" }));
    run(hooked("needs = [\"title:string\"]\n", &[]), 2);
    bad().await.unwrap();
    assert_eq!(heard().await, 0, "nothing is chosen");
    run(hooked("needs = [\"title:string\"]\n", &[ARTICLE]), 3);
    assert_eq!(refusal_parts(bad().await.unwrap_err()).0, "This title is not allowed.");
    project.create(ARTICLE, json!({ "title": "good" })).await.unwrap();
    assert_eq!(heard().await, 1);
    // The chosen type lacks a required attribute: the parts that use it are off, and the rest of the plugin runs.
    run(hooked("needs = [\"title:string\", \"rank\"]\n", &[ARTICLE]), 4);
    bad().await.unwrap();
    assert_eq!(heard().await, 1);
    let refused = project.create("plugin::allow.note", json!({ "title": "bad" })).await.unwrap_err();
    assert_eq!(refusal_parts(refused).0, "This title is not allowed.");
    // A chosen type that the project does not have has the same effect; one that the manifest names would stop the plugin.
    run(hooked("needs = [\"title:string\"]\n", &["api::gone.gone"]), 5);
    bad().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_ask_what_is_chosen() {
    let project = TestProject::with_guests(&["policy"]).await;
    let rename = |text: String| text;
    let ask = async |chosen: &[&str], number: i64| {
        let plugin = choosing("policy", "needs = [\"title\"]\n", rename, chosen);
        let answers = project.plugins.replace_running(vec![InstalledPlugin { number, ..plugin }]);
        answers.into_iter().for_each(|answer| answer.unwrap());
        let acted = project.plugins.run_action("policy", view_context("pages"), "chosen", &json!({})).await.unwrap();
        acted.notice.unwrap_or_default()
    };
    assert_eq!(ask(&[], 2).await, "");
    assert_eq!(ask(&[ARTICLE], 3).await, ARTICLE);
    assert_eq!(ask(&[ARTICLE, "api::gone.gone"], 4).await, ARTICLE, "what does not fit is left out");
    assert_eq!(ask(&["plugin::users-permissions.user", "plugin::policy.page"], 5).await, "");
}
