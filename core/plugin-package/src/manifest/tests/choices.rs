//! `[[choice]]`, and what refers to it.

use super::{only_problem, parse_with_base};
use crate::Choices;
use crate::component::UndeclaredParts;
use crate::grants::{Grants, Scope};
use crate::manifest::{ChoiceKind, ManifestChoice, SubscriptionTarget};
use crate::reach::PluginReach;
use std::collections::BTreeMap;

const PAGES: &str = "[[choice]]\nname = \"pages\"\nkind = \"content-types\"\n";
const READ: &str = "[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:pages\"]\n";

fn choose(values: &[&str]) -> Choices {
    let mut choices = Choices::default();
    choices.set("pages", values.iter().map(|uid| (*uid).to_owned()));
    choices
}

#[test]
fn choices_stand_wherever_content_types_do() {
    let m = parse_with_base(&format!(
        "{PAGES}title = \"Pages\"\nneeds = [\"title\", \"audience:json\"]\n{READ}\
         [[grant]]\nuse = \"data.write\"\ntypes = [\"api::a.a\", \"choice:pages\"]\nactions = [\"update\"]\n\
         [read-policy]\ntypes = [\"choice:pages\"]\n\
         [[hook]]\nname = \"h\"\non = [\"choice:pages:create\", \"choice:pages:update\"]\nselect = [\"title\"]\n\
         [[subscription]]\nname = \"s\"\nto = [\"choice:pages:*\"]\n"
    ))
    .unwrap();
    let ManifestChoice { name, kind, needs, .. } = &m.choices[0];
    assert_eq!((name.as_str(), *kind), ("pages", ChoiceKind::ContentTypes));
    let needs: Vec<_> = needs.iter().map(|needed| (needed.name.as_str(), needed.kind.as_deref())).collect();
    assert_eq!(needs, [("title", None), ("audience", Some("json"))]);

    let resolved = m.resolve(&choose(&["api::b.b", "api::a.a"]));
    let Scope::DataWrite { types, .. } = &resolved.grants[1].scope else { panic!("{:?}", resolved.grants) };
    assert_eq!(types.iter().map(String::as_str).collect::<Vec<_>>(), ["api::a.a", "api::b.b"]);
    let on: Vec<_> = resolved.hooks[0].on.iter().map(|target| target.uid.as_str()).collect();
    assert_eq!(on, ["api::a.a", "api::b.b", "api::a.a", "api::b.b"]);
    assert_eq!(resolved.read_policy.unwrap().types, ["api::a.a", "api::b.b"]);
    assert!(
        matches!(&resolved.subscriptions[0].to[1].0, SubscriptionTarget::Documents { uid, .. } if uid == "api::b.b")
    );

    // An empty choice permits nothing, and leaves nothing that could be taken for a content type.
    let empty = m.resolve(&Choices::default());
    assert!(
        !format!("{:?}", (&empty.grants, &empty.hooks, &empty.subscriptions, &empty.read_policy)).contains("choice:")
    );
    let grants = Grants::from_manifest(&empty);
    assert_eq!(grants.list().len(), 2, "their places stay");
    assert!(grants.may_read("api::b.b").is_none() && grants.may_read("choice:pages").is_none());
    assert_eq!(grants.without_empty().list().len(), 1);
    let does = PluginReach::from_manifest(&empty, &Grants::from_manifest(&empty), UndeclaredParts::default());
    assert_eq!(does.lines().len(), 1, "the limits alone: {:?}", does.lines());
}

#[test]
fn invalid_choices_are_reported_with_their_line() {
    let kind = "kind = \"content-types\"";
    for (section, expected) in [
        ("[[choice]]\nname = \"A b\"\nkind = \"content-types\"".to_owned(), "plugin.toml:9: `choice.name` is \"A b\"; write a name"),
        (format!("[[choice]]\nname = \"{}\"\n{kind}", "x".repeat(51)), "plugin.toml:9: `choice.name` is"),
        (format!("[[choice]]\nname = \"{}\"\n{kind}", "x".repeat(3_900)), "plugin.toml:9: `choice.name` is"),
        ("[[choice]]\nname = \"a\"\nkind = \"content-type\"".to_owned(), "did you mean \"content-types\"?"),
        ("[[choice]]\nname = \"a\"".to_owned(), "has no `kind`; add kind = \"content-types\""),
        (format!("[[choice]]\nname = \"a\"\n{kind}"), "plugin.toml:8: [[choice]] \"a\" is not used; write \"choice:a\" in"),
        (format!("{PAGES}{PAGES}{READ}"), "[[choice]] \"pages\" already exists in line 8"),
        (READ.to_owned(), "refers to the choice \"pages\", which is not declared; add:\n[[choice]]"),
        (format!("{PAGES}{READ}[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:page\"]"), "did you mean \"choice:pages\"?"),
        ("[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:\"]".to_owned(), "or \"choice:pages\""),
        ("[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:A.b\"]".to_owned(), "or \"choice:pages\""),
        (format!("{PAGES}needs = [\"a b\"]\n{READ}"), "is not an attribute; write it as \"phases\""),
        (format!("{PAGES}needs = [\"phases:jsn\"]\n{READ}"), "did you mean \"phases:json\"?"),
        (format!("{PAGES}needs = [\"phases:thing\"]\n{READ}"), "has the unknown type \"thing\""),
        (format!("{PAGES}needs = [{}]\n{READ}", (0..17).map(|n| format!("\"a{n}\"")).collect::<Vec<_>>().join(",")), "needs more than 16"),
        // A hook, policy or subscription only comes to what may be read.
        (format!("{PAGES}[read-policy]\ntypes = [\"choice:pages\"]"), "add:\n[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:pages\"]"),
        (format!("{PAGES}{READ}[[hook]]\nname = \"h\"\non = [\"choice:pages\"]"), "write it as \"choice:pages:update\" or \"choice:pages:*\""),
        (format!("{PAGES}{READ}[[hook]]\nname = \"h\"\non = [\"choice:pages:delete\"]"), "write phase = \"before\""),
        (
            format!("{PAGES}{READ}[[hook]]\nname = \"h\"\non = [\"choice:pages:update\"]\nwhen = {{ filter = {{ \"$and\" = [{{ rank = 1 }}] }} }}"),
            "names the attribute \"rank\", which the choice \"pages\" does not need; add \"rank\" to its `needs`",
        ),
        (
            format!("{PAGES}needs = [\"owner\"]\n{READ}[[hook]]\nname = \"h\"\non = [\"choice:pages:update\"]\nselect = [\"owner.documentId\"]"),
            "add \"owner:relation\" to its `needs`",
        ),
        // Of another kind.
        (
            format!("[[choice]]\nname = \"pages\"\nkind = \"origins\"\n{READ}"),
            "refers to \"choice:pages\", which is a choice of origins; a choice of content-types is needed here",
        ),
        ("[[choice]]\nname = \"pages\"\nkind = \"content-types\"\n[[grant]]\nuse = \"http\"\nto = [\"choice:pages\"]".to_owned(),
            "refers to \"choice:pages\", which is a choice of content-types; a choice of addresses is needed here"),
        ("[[choice]]\nname = \"a\"\nkind = \"origins\"\nneeds = [\"x\"]\n[[route]]\nname = \"r\"\nmethod = \"GET\"\npath = \"/r\"\nauth = \"none\"\ncors = { origins = [\"choice:a\"] }".to_owned(),
            "has `needs`, which only a choice of content types can have"),
        // Content types of a view are for show only, so they cannot be chosen.
        (format!("{PAGES}{READ}[[admin.view]]\nname = \"v\"\nkind = \"panel\"\nsource = \"declarative\"\ntypes = [\"choice:pages\"]"), "write the uid of a content type"),
    ] {
        let found = only_problem(&section);
        assert!(found.contains(expected), "{section}\n{found}");
    }
    let many: String = (0..17)
        .map(|n| {
            format!("[[choice]]\nname = \"c{n}\"\n{kind}\n[[grant]]\nuse = \"data.read\"\ntypes = [\"choice:c{n}\"]\n")
        })
        .collect();
    assert!(only_problem(&many).contains("more than 16 choices"));
}

#[test]
fn only_content_types_of_the_project_can_be_chosen() {
    let m = parse_with_base(&format!("{PAGES}{READ}")).unwrap();
    assert_eq!(choose(&["api::a.a"]).check(&m), Ok(()));
    for bad in [
        "plugin::users-permissions.user",
        "plugin::upload.file",
        "plugin::kb.article",
        "plugin::crm.deal",
        "admin::user",
        "cairn::x.y",
        "choice:pages",
        "api::a",
        "api::A.a",
        "",
        "*",
    ] {
        let problems = choose(&[bad]).check(&m).expect_err(bad);
        assert_eq!(problems[0].0, "choices.pages", "{bad}");
        // Values written into the database directly are not used either.
        let (fitting, _) = choose(&[bad]).split_unfit(&m, &|_| Some(BTreeMap::new()));
        assert_eq!(m.resolve(&fitting), m.resolve(&Choices::default()), "{bad}");
    }
    let long = format!("api::a.{}", "a".repeat(10_000));
    assert!(choose(&[&long]).check(&m).is_err());
    let many: Vec<String> = (0..201).map(|n| format!("api::a.a{n}")).collect();
    assert!(choose(&many.iter().map(String::as_str).collect::<Vec<_>>()).check(&m).is_err());
    let mut unknown = Choices::default();
    unknown.set("page", ["api::a.a".to_owned()]);
    assert!(unknown.check(&m).unwrap_err()[0].1.contains("did you mean \"pages\"?"));
}

#[test]
fn unfit_types_are_left_out_with_a_reason() {
    let m = parse_with_base(&format!("{PAGES}needs = [\"title\", \"phases:json\"]\n{READ}")).unwrap();
    let attributes = |uid: &str| -> Option<BTreeMap<String, &'static str>> {
        let list: &[(&str, &'static str)] = match uid {
            "api::fits.fits" => &[("title", "text"), ("phases", "json"), ("more", "date")],
            "api::other.other" => &[("title", "text"), ("phases", "string")],
            "api::bare.bare" => &[],
            _ => return None,
        };
        Some(list.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect())
    };
    let chosen = choose(&["api::fits.fits", "api::other.other", "api::bare.bare", "api::gone.gone"]);
    let (fitting, unfit) = chosen.split_unfit(&m, &attributes);
    assert_eq!(fitting.values("pages").collect::<Vec<_>>(), ["api::fits.fits"]);
    let reasons: Vec<String> = unfit.iter().map(|unfit| format!("{} {}", unfit.uid, unfit.reason.english())).collect();
    assert_eq!(
        reasons,
        [
            "api::bare.bare has no attribute title",
            "api::gone.gone is not a content type of this project",
            "api::other.other has the attribute phases of type string, where json is needed",
        ]
    );
}

#[test]
fn wider_choices_widen_the_reach() {
    let m = parse_with_base(&format!(
        "{PAGES}{READ}[read-policy]\ntypes = [\"choice:pages\"]\n[[subscription]]\nname = \"s\"\nto = [\"choice:pages:publish\"]"
    ))
    .unwrap();
    let reach = |choices: &Choices| {
        let resolved = m.resolve(choices);
        PluginReach::from_manifest(&resolved, &Grants::from_manifest(&resolved), UndeclaredParts::default())
    };
    let (none, one, two) =
        (reach(&choose(&[])), reach(&choose(&["api::a.a"])), reach(&choose(&["api::a.a", "api::b.b"])));
    assert_eq!(one.widened_from(&none).len(), 3, "{:?}", one.widened_from(&none));
    assert!(two.widened_from(&one).iter().all(|line| line.contains("api::b.b")));
    assert_eq!(two.widened_from(&two), Vec::<String>::new());
    assert_eq!(one.widened_from(&two), Vec::<String>::new());
    assert_eq!(none.widened_from(&two), Vec::<String>::new());
}

#[test]
fn addresses_can_be_chosen() {
    let m = parse_with_base(
        "[[choice]]\nname = \"api\"\nkind = \"addresses\"\n\
         [[grant]]\nuse = \"http\"\nto = [\"https://a.example/*\", \"choice:api\"]\nmethods = [\"POST\"]\n",
    )
    .unwrap();
    let grants = |choices: &Choices| Grants::from_manifest(&m.resolve(choices)).without_empty();
    let url = |text: &str| url::Url::parse(text).unwrap();
    let mut chosen = Choices::default();
    assert!(!grants(&chosen).may_send("POST", &url("https://b.example/v1/x")));
    assert!(grants(&chosen).may_send("POST", &url("https://a.example/x")));
    chosen.set("api", ["https://b.example/v1/*".to_owned()]);
    assert_eq!(chosen.check(&m), Ok(()));
    assert!(grants(&chosen).may_send("POST", &url("https://b.example/v1/x")));
    assert!(!grants(&chosen).may_send("GET", &url("https://b.example/v1/x")));
    assert_eq!(grants(&chosen).widened_from(&grants(&Choices::default())).len(), 1);
    for bad in
        ["https://b.example", "*", "https://*/*", "file:///etc/passwd", "choice:api", "https://u:p@b.example/*", ""]
    {
        chosen.set("api", [bad.to_owned()]);
        assert!(chosen.check(&m).is_err(), "{bad}");
        assert_eq!(grants(&chosen.known_to(&m)), grants(&Choices::default()), "{bad}");
    }
    let alone = parse_with_base(
        "[[choice]]\nname = \"api\"\nkind = \"addresses\"\n[[grant]]\nuse = \"http\"\nto = [\"choice:api\"]\n",
    )
    .unwrap();
    let sentence = &Grants::from_manifest(&alone.resolve_for_display(&Choices::default())).sentences()[0];
    assert_eq!(sentence.english, "Sends GET requests to the addresses chosen for \u{201c}api\u{201d}");
    assert!(Grants::from_manifest(&alone.resolve(&Choices::default())).without_empty().list().is_empty());
    assert!(Grants::from_manifest(&alone).list().iter().all(|granted| !granted.scope.is_empty()));
}

#[test]
fn origins_can_be_chosen() {
    let m = parse_with_base(
        "[[choice]]\nname = \"sites\"\nkind = \"origins\"\n[[route]]\nname = \"r\"\nmethod = \"GET\"\npath = \"/r\"\nauth = \"none\"\n\
         cors = { origins = [\"https://a.example\", \"choice:sites\"] }\n",
    )
    .unwrap();
    let mut chosen = Choices::default();
    chosen.set("sites", ["https://b.example:8443".to_owned()]);
    assert_eq!(chosen.check(&m), Ok(()));
    let origins =
        |choices: &Choices| m.resolve(choices).routes.remove(0).cors.unwrap().origins.into_iter().collect::<Vec<_>>();
    assert_eq!(origins(&chosen), ["https://a.example", "https://b.example:8443"]);
    assert_eq!(origins(&Choices::default()), ["https://a.example"]);
    for bad in [
        "https://b.example/",
        "b.example",
        "*",
        "null",
        "https://*.example",
        "https://u@b.example",
        "ftp://b.example",
        "choice:sites",
    ] {
        chosen.set("sites", [bad.to_owned()]);
        assert!(chosen.check(&m).is_err(), "{bad}");
        assert_eq!(origins(&chosen.known_to(&m)), ["https://a.example"], "{bad}");
    }
}
