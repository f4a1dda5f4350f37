//! The whole manifest, and every way it goes wrong.

mod choices;
mod reference;
mod requests;
mod responses;

use super::*;
use crate::grants::{Capability, Fields, Scope};
use crate::problem::Severity;
use std::time::{Duration, Instant};

const FULL: &str = include_str!("tests/full.toml");

/// The sections after `[plugin]` of a manifest with every section.
pub(crate) fn full_sections() -> String {
    let start = FULL.find("[[grant]]").unwrap_or_default();
    let required = "[plugin.requires.plugins]\nesign = \"^1\"\n";
    format!("{required}{}", &FULL[start..])
}

/// Seven lines; what is tested begins on the eighth.
const BASE: &str = "[plugin]\nid = \"crm\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"CRM\"\nlicense = \"MIT\"\n\n";

fn parse_with_base(extra_toml: &str) -> Result<Manifest, Vec<String>> {
    Manifest::parse(&format!("{BASE}{extra_toml}")).map_err(|p| p.iter().map(ToString::to_string).collect())
}

fn first_problem(text: &str) -> String {
    Manifest::parse(text).expect_err("is refused").first().map(ToString::to_string).unwrap_or_default()
}

/// The only problem of a manifest.
fn only_problem(extra_toml: &str) -> String {
    let problems = parse_with_base(extra_toml).expect_err(extra_toml);
    assert_eq!(problems.len(), 1, "{extra_toml}\n{problems:#?}");
    problems.into_iter().next().unwrap_or_default()
}

#[test]
fn manifest_with_every_section_parses() {
    let m =
        Manifest::parse(FULL).unwrap_or_else(|p| panic!("{}", p.iter().map(|p| format!("{p}\n")).collect::<String>()));
    assert_eq!(m.id(), "crm");
    assert_eq!(m.plugin.version.to_string(), "1.4.0");
    assert!(m.plugin.requires.plugins["esign"].optional);
    assert_eq!(m.grants.len(), 8);
    assert!(matches!(&m.grants[0].scope, Scope::DataRead { fields: Fields::Only(f), .. } if f.len() == 4));
    assert_eq!(m.grants[2].scope.capability(), Capability::Http);
    assert!(m.grants[2].optional);
    let types = m.content_types.as_ref().map(|c| &c.types["lead"]);
    assert_eq!(types.map(|t| t.unique.clone()), Some(vec![vec!["source".to_owned(), "externalId".to_owned()]]));
    let hook = &m.hooks[0];
    assert_eq!((hook.phase, hook.order, hook.budget), (Phase::Before, 500, Duration::from_millis(20)));
    assert_eq!(serde_json::to_string(&hook.when.filter).unwrap(), r#"{"archived":{"$eq":false}}"#);
    assert!(hook.on[0].matches_change("plugin::crm.deal", HookAction::Create));
    assert!(!hook.on[0].matches_change("plugin::crm.deal", HookAction::Delete));
    assert_eq!(m.subscriptions[0].retry.attempts, 14);
    assert_eq!(m.schedules[0].zone, Zone::Setting("timezone".into()));
    assert_eq!(m.schedules[0].name, "digest");
    let route = &m.routes[0];
    assert_eq!(route.body.max, 256 << 10);
    assert_eq!(route.idempotency.as_ref().and_then(|i| i.body_path.clone()), Some(vec!["eventId".to_owned()]));
    assert_eq!(m.limits, ManifestLimits { total_memory: Some(256 << 20), ..ManifestLimits::default() });
    let keys: Vec<&str> = m.displayed_texts().filter_map(ManifestText::locale_key).collect();
    assert_eq!(keys, ["plugin.name", "grant.customer", "permission.read", "calendar.due"]);
    assert_eq!((m.calendars[0].start.as_str(), m.calendars[0].tone), ("closeDate", CalendarTone::Neutral));
}

#[test]
fn minimal_manifest_gets_defaults() {
    let m = parse_with_base("").unwrap();
    assert_eq!(m.limits, ManifestLimits::default());
    assert_eq!(m.plugin.default_locale, "en");
    let hook = parse_with_base("[content-types]\n[[hook]]\nname = \"h\"\non = [\"plugin::crm.a:update\"]")
        .unwrap()
        .hooks
        .remove(0);
    assert_eq!((hook.phase, hook.on_failure, hook.order), (Phase::Prepare, OnFailure::Refuse, 500));
    assert_eq!(hook.budget, Duration::from_millis(50));
    assert_eq!(hook.on[0].action, Some(HookAction::Update));
}

#[test]
fn hooks_of_a_phase_that_never_runs_are_refused() {
    let hook =
        |on: &str, extra_toml: &str| format!("[content-types]\n[[hook]]\nname = \"h\"\non = [\"{on}\"]\n{extra_toml}");
    for action in HookAction::ALL {
        let on = format!("plugin::crm.a:{action}");
        assert!(parse_with_base(&hook(&on, "phase = \"before\"")).is_ok(), "{on}");
        let has_values = matches!(action, HookAction::Create | HookAction::Update);
        // `prepare` is the default: a hook that says nothing is no exception.
        for extra_toml in ["", "phase = \"prepare\""] {
            assert_eq!(parse_with_base(&hook(&on, extra_toml)).is_ok(), has_values, "{on} {extra_toml}");
        }
    }
    assert_eq!(
        only_problem(&hook("plugin::crm.a:delete", "")),
        "plugin.toml:11: [[hook]] has phase \"prepare\", which does not run for \"delete\" (plugin::crm.a); write phase = \"before\""
    );
    assert!(
        only_problem(&hook("plugin::crm.a:*", "")).contains("or \"plugin::crm.a:create\" and \"plugin::crm.a:update\"")
    );
    assert!(parse_with_base(&hook("plugin::crm.a:*", "phase = \"before\"")).is_ok());
    let granted = |uid: &str, toml: &str| {
        format!(
            "[[grant]]\nuse = \"data.read\"\ntypes = [\"{uid}\"]\n[[hook]]\nname = \"h\"\non = [\"{uid}:update\"]\n{toml}"
        )
    };
    assert!(only_problem(&granted("plugin::upload.file", "phase = \"before\"")).contains("write a [[subscription]]"));
    assert!(only_problem(&granted("plugin::users-permissions.user", "")).contains("write phase = \"before\""));
    assert!(parse_with_base(&granted("plugin::users-permissions.user", "phase = \"before\"")).is_ok());
}

#[test]
fn missing_keys_are_reported_with_the_line_to_add() {
    let problems = Manifest::parse("[plugin]\nid = \"crm\"\n").expect_err("incomplete");
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "plugin.toml:1: [plugin] has no `version`; add version = \"0.1.0\"",
            "plugin.toml:1: [plugin] has no `api`; add api = \"0.1\"",
            "plugin.toml:1: [plugin] has no `name`; add name = \"My plugin\"",
            "plugin.toml:1: [plugin] has no `license`; add license = \"MIT\"",
        ]
    );
    let none = Manifest::parse("").expect_err("empty");
    assert!(none[0].to_string().starts_with("plugin.toml: has no section [plugin]; add:\n[plugin]\nid = "), "{none:?}");
    assert!(none.iter().all(|p| p.severity == Severity::Error));
}

#[test]
fn all_problems_are_reported_in_line_order() {
    let problems =
        parse_with_base("[[hook]]\nname = \"A B\"\nonn = []\nphase = \"befor\"\nbudget = \"5 min\"\norder = 5000\n")
            .expect_err("bad");
    assert_eq!(
        problems,
        [
            "plugin.toml:8: [[hook]] has no `on`; add on = [\"plugin::crm.deal:update\"]",
            "plugin.toml:9: `hook.name` is \"A B\"; write a name of lowercase letters, digits and single `-`",
            "plugin.toml:10: [[hook]] has no key \"onn\"; did you mean `on`?",
            "plugin.toml:11: `hook.phase` is \"befor\"; did you mean \"before\"? Supported here: \"prepare\" or \"before\"",
            "plugin.toml:12: `hook.budget` is \"5 min\", which is not a duration; write a whole number and a unit (ms, s, m, h or d), such as \"20ms\" or \"14d\"",
            "plugin.toml:13: `hook.order` is 5000; write 0 to 1000",
        ]
    );
}

#[test]
fn invalid_values_are_reported_with_a_hint() {
    for (extra_toml, expected) in [
        ("[[grants]]\nuse = \"kv\"", "plugin.toml:8: the file has no key \"grants\"; did you mean `grant`?"),
        ("[hook]\nname = \"x\"", "plugin.toml:8: `hook` must be a list; write `[[hook]]` instead of `[hook]`"),
        (
            "[[limits]]\nmemory = \"64MiB\"",
            "plugin.toml:8: `limits` must be a table; write `[limits]` instead of `[[limits]]`",
        ),
        (
            "[limits]\nmemory = 64",
            "plugin.toml:9: `limits.memory` must be a whole number and a unit (B, KiB, MiB or GiB), such as \"64MiB\", but is a whole number",
        ),
        (
            "[limits]\nmemory = \"64MB\"",
            "plugin.toml:9: `limits.memory` is \"64MB\", which is not a size; write a whole number and a unit (B, KiB, MiB or GiB), such as \"64MiB\"",
        ),
        ("[limits]\nmemory = \"8GiB\"", "plugin.toml:9: `limits.memory` is 8GiB; write 4MiB to 1GiB"),
        (
            "[limits]\ntotal-memory = \"32MiB\"",
            "plugin.toml:9: `limits.total-memory` is less than `limits.memory`, the limit of one call; write at least as much",
        ),
        ("[limits]\nconcurrency = 8.5", "plugin.toml:9: `limits.concurrency` must be a whole number, but is a number"),
        (
            "[limits]\nconcurrency = 99999999999999999999",
            "plugin.toml:9: `limits.concurrency` is \"99999999999999999999\"; write 1 to 256",
        ),
        (
            "[[job]]\nname = \"a\"\n[[job]]\nname = \"a\"",
            "plugin.toml:10: [[job]] \"a\" already exists in line 8; give one of them another name",
        ),
        (
            "[[job]]\nname = \"digest\"\n[[schedule]]\njob = \"digets\"\ncron = \"0 8 * * *\"",
            "plugin.toml:10: [[schedule]] refers to the job \"digets\", which is not declared; did you mean \"digest\"?",
        ),
        (
            "[[schedule]]\njob = \"x\"\ncron = \"0 8 * * *\"",
            "plugin.toml:8: [[schedule]] refers to the job \"x\", which is not declared; add:\n[[job]]\nname = \"x\"",
        ),
        (
            "[[event]]\nname = \"lead.qualified\"\n[[grant]]\nuse = \"events.publish\"",
            "plugin.toml:8: [[event]] \"lead.qualified\" does not begin with the plugin's id; write name = \"crm.qualified\"",
        ),
        (
            "[[index]]\nname = \"x\"\nfields = { a = \"text\" }",
            "plugin.toml:8: [[index]] requires a grant; add:\n[[grant]]\nuse = \"search\"",
        ),
        (
            "[[index]]\nname = \"x\"\nfields = { a = \"test\" }\n[[grant]]\nuse = \"search\"\nreason = \"Finds\"",
            "plugin.toml:10: `index.fields.a` is \"test\"; did you mean \"text\"? Supported here: \"text\", \"facet\", \"keyword\", \"number\", \"date\" or \"boolean\"",
        ),
        (
            "[[index]]\nname = \"x\"\nfields = {}\n[[grant]]\nuse = \"search\"\nreason = \"Finds\"",
            "plugin.toml:10: [index.fields] has 0 fields; declare 1 to 64 fields",
        ),
        (
            "[[index]]\nname = \"x\"\nfields = { title = \"text\", topic = \"facet\" }\nimportant = [\"titel\"]\n[[grant]]\nuse = \"search\"\nreason = \"Finds\"",
            "plugin.toml:11: `index.important` names \"titel\", which is not a `text` field of the index; did you mean \"title\"?",
        ),
        (
            "[[index]]\nname = \"x\"\nfields = { topic = \"facet\" }\nimportant = [\"topic\"]\n[[grant]]\nuse = \"search\"\nreason = \"Finds\"",
            "plugin.toml:11: `index.important` names \"topic\", which is not a `text` field of the index; declare fields of kind \"text\" first",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"page\"\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] has no `path`, which kind = \"page\" requires; add path = \"/pipeline\"",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"widget\"\nframe = \"admin/../x.html\"",
            "plugin.toml:11: `admin.view.frame` is \"admin/../x.html\"; write a page of the package, such as \"admin/pipeline/index.html\"",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"field\"\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] is declarative, which kind = \"field\" does not support; write frame = \"admin/colour.html\" instead of `source`",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"document\"\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] has no `types`, which kind = \"document\" requires; add the plugin's own types whose documents it shows: types = [\"plugin::crm.deal\"]",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"widget\"\ntypes = [\"plugin::crm.deal\"]\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] has `types`, which only kind = \"panel\", kind = \"list\" and kind = \"document\" support; remove it",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"document\"\npath = \"/x\"\ntypes = [\"plugin::crm.deal\"]\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] has a `path`, which kind = \"document\" does not support; remove it",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"document\"\ntypes = [\"api::article.article\"]\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] \"x\" refers to api::article.article, which is not the plugin's own; kind = \"document\" shows content types of the plugin: types = [\"plugin::crm.deal\"]; others can have a panel",
        ),
        (
            "[[admin.view]]\nname = \"x\"\nkind = \"document\"\ntypes = [\"plugin::crm.deal\"]\nsource = \"declarative\"",
            "plugin.toml:8: [[admin.view]] \"x\" refers to plugin::crm.deal, but the plugin has no content types; add:\n[content-types]\ndir = \"content-types\"",
        ),
        (
            "[content-types]\n[[admin.view]]\nname = \"x\"\nkind = \"document\"\ntypes = [\"plugin::crm.deal\"]\nsource = \"declarative\"\n[[admin.view]]\nname = \"y\"\nkind = \"document\"\ntypes = [\"plugin::crm.lead\", \"plugin::crm.deal\"]\nframe = \"admin/y.html\"",
            "plugin.toml:14: [[admin.view]] \"y\" refers to plugin::crm.deal, which \"x\" in line 9 shows already; remove it from one of them",
        ),
        ("[admin]\nviews = []", "plugin.toml:9: [admin] has no key \"views\"; did you mean `view`?"),
        (
            "[content-types]\ndir = \"../x\"",
            "plugin.toml:9: `content-types.dir` is \"../x\"; write \"content-types\", the folder of the package they are in",
        ),
        (
            "[content-types.lead]\nunique = [\"a\"]",
            "plugin.toml:9: `content-types.lead.unique` must be a list, but is a text; put it in [ and ]",
        ),
    ] {
        let found = match parse_with_base(extra_toml) {
            Err(problems) => problems,
            Ok(_) => panic!("accepted: {extra_toml}"),
        };
        assert_eq!(found.first().map(String::as_str), Some(expected), "{extra_toml}");
    }
}

#[test]
fn reserved_and_invalid_ids_are_refused() {
    for id in ["auth", "users", "upload", "i18n", "users-permissions", "graphql", "admin", "cairn", "CRM", "a", "../x"]
    {
        let text = BASE.replace("\"crm\"", &format!("{id:?}"));
        let problems = Manifest::parse(&text).expect_err(id);
        assert_eq!((problems.len(), problems[0].line, problems[0].column), (1, 2, 6), "{id} {problems:?}");
    }
}

#[test]
fn invalid_grants_are_reported() {
    for (grant, expected) in [
        ("use = \"data.reed\"", "did you mean \"data.read\"?"),
        (
            "use = \"http\"\nto = [\"https://a.example/*\"]\nfields = [\"x\"]",
            "[[grant]] has no key \"fields\"; it belongs to data.read and data.write; \"http\" has to, methods, secrets",
        ),
        (
            "use = \"kv\"\nmax-per-hour = 5",
            "[[grant]] has no key \"max-per-hour\"; it belongs to mail, notify and users.invite; \"kv\" has no scope",
        ),
        ("use = \"mail\"\nmax_per_hour = 5", "did you mean `max-per-hour`?"),
        (
            "use = \"http\"\nto = [\"*\"]",
            "`grant.to` is \"*\", which has no scheme; write it as \"https://host/path/*\"",
        ),
        ("use = \"http\"\nto = []", "`grant.to` is empty; write to = [\"https://api.example.com/v1/*\"]"),
        ("use = \"http\"\nto = [\"https://a.example/*\"]\nmethods = [\"get\"]", "did you mean \"GET\"?"),
        ("use = \"data.read\"\ntypes = [\"article\"]", "write the uid of a content type, such as"),
        (
            "use = \"data.read\"\ntypes = [\"api::a.a\"]\nfields = []",
            "remove the key to include every field that is not private",
        ),
        ("use = \"data.write\"\ntypes = [\"api::a.a\"]", "has no `actions`; add actions = [\"create\", \"update\"]"),
        ("use = \"data.read\"\ntypes = [\"plugin::crm.deal\"]", "a plugin needs no grant for its own documents"),
        ("use = \"data.read\"\ntypes = [\"plugin::other.deal\"]", "add:\n[plugin.requires.plugins]\nother = \"^1\""),
        ("use = \"secrets\"\nsecrets = [\"hmac\"]", "add:\n[settings]\nsecrets = [\"hmac\"]"),
        ("use = \"http\"\nto = [\"secret:hook\"]", "add:\n[settings]\nsecrets = [\"hook\"]"),
        (
            "use = \"http\"\nto = [\"secret:hook/x\"]",
            "which does not name a secret; write it as \"secret:webhook-address\"",
        ),
        ("use = \"pdf.seal\"", "has no `profiles`"),
        ("use = \"signing\"", "has no `keys`; add keys = [\"invoices\"]"),
        ("use = \"signing\"\nkeys = [\"hook\"]", "add:\n[[signing-key]]\nname = \"hook\"\nalgorithm = \"es256\""),
        ("use = \"mail\"\nmax-per-hour = 0", "write 1 to 1000000"),
        ("use = \"users.invite\"\nroles = []", "remove the key to invite people with the role of new users"),
        ("use = \"users.invite\"\nroles = [\"public\"]", "is the role of visitors without an account"),
        ("use = \"users.invite\"\nroles = [\"role editor\"]", "write the type of a role"),
        ("use = \"users.invite\"\nmax-per-hour = 1000001", "write 1 to 1000000"),
        ("use = \"mail\"\nroles = [\"editor\"]", "it belongs to users.invite"),
        ("use = \"kv\"\nreason = \"t:\"", "write it as \"t:part.name\""),
    ] {
        let found = only_problem(&format!("[[grant]]\n{grant}"));
        assert!(found.contains(expected), "{grant}\n{found}");
    }
    assert!(parse_with_base("[[grant]]\nuse = \"data.read\"\ntypes = [\"plugin::users-permissions.user\"]").is_ok());
}

#[test]
fn signing_keys_have_an_algorithm_and_a_name_of_their_own() {
    let key = "[[signing-key]]\nname = \"invoices\"\nalgorithm = \"es256\"\ntitle = \"Invoices\"";
    let grant = "[[grant]]\nuse = \"signing\"\nkeys = [\"invoices\"]";
    let manifest = parse_with_base(&format!("{key}\n{grant}")).unwrap();
    assert_eq!(manifest.signing_key("invoices").map(|key| key.algorithm), Some(SigningAlgorithm::Es256));
    assert!(manifest.signing_key("other").is_none());
    let two = format!("{key}\n{key}");
    let many: String = (0..17).map(|n| format!("{}\n", key.replace("invoices", &format!("key-{n}")))).collect();
    for (text, expected) in [
        (key.replace("es256", "es384"), "es256"),
        (key.replace("name = \"invoices\"\n", ""), "has no `name`"),
        (key.replace("algorithm = \"es256\"\n", ""), "has no `algorithm`"),
        (two, "already exists"),
        (many, "at most 16 signing keys"),
        (format!("{key}\n{}", grant.replace("invoices", "invoice")), "did you mean \"invoices\"?"),
    ] {
        let found = only_problem(&text);
        assert!(found.contains(expected), "{text}\n{found}");
    }
}

#[test]
fn addresses_that_are_secrets_are_for_nothing_else() {
    let settings = "[settings]\nsecrets = [\"hook\", \"key\"]";
    let parse = |grants: &str| parse_with_base(&format!("{grants}\n{settings}"));
    let hook = "[[grant]]\nuse = \"http\"\nto = [\"secret:hook\"]\nmethods = [\"POST\"]";
    let manifest = parse(hook).unwrap();
    assert!(manifest.is_address_secret("hook") && !manifest.is_address_secret("key"));
    let key = "[[grant]]\nuse = \"http\"\nto = [\"https://a.example/*\"]\nsecrets = [\"key\"]";
    assert!(parse(&format!("{hook}\n{key}")).is_ok());
    for (grants, expected) in [
        (format!("{hook}\n[[grant]]\nuse = \"secrets\"\nsecrets = [\"hook\"]"), "which is an address"),
        (format!("{hook}\n{}", key.replace("key", "hook")), "which is an address"),
        (format!("{hook}\nsecrets = [\"key\"]"), "are not sent to addresses that are secrets"),
    ] {
        let problems = parse(&grants).expect_err(&grants);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{grants}\n{problems:?}");
    }
}

#[test]
fn hooks_and_subscriptions_require_valid_granted_targets() {
    for (section, expected) in [
        (
            "[[hook]]\nname = \"h\"\non = [\"deal:create\"]",
            "write it as \"plugin::crm.deal:update\" or \"plugin::crm.deal:*\"",
        ),
        ("[[hook]]\nname = \"h\"\non = [\"api::a.a\"]", "write it as \"api::a.a:update\" or \"api::a.a:*\""),
        ("[[hook]]\nname = \"h\"\non = [\"api::a.a:updat\"]", "did you mean \"api::a.a:update\"?"),
        (
            "[[hook]]\nname = \"h\"\non = [\"api::a.a:update\"]",
            "add:\n[[grant]]\nuse = \"data.read\"\ntypes = [\"api::a.a\"]",
        ),
        ("[[hook]]\nname = \"h\"\non = [\"plugin::crm.a:update\"]", "the plugin has no content types"),
        ("[[subscription]]\nname = \"s\"\nto = [\"*\"]", "is not the name of an event"),
        ("[[subscription]]\nname = \"s\"\nto = [\"crm.deal.won\"]", "add:\n[[event]]\nname = \"crm.deal.won\""),
        (
            "[[subscription]]\nname = \"s\"\nto = [\"esign.envelope.completed@1\"]",
            "add:\n[plugin.requires.plugins]\nesign = \"^1\"",
        ),
        ("[[subscription]]\nname = \"s\"\nto = [\"cairn.document.*\"]", "use = \"data.read\""),
        (
            "[[subscription]]\nname = \"s\"\nto = [\"cairn.user.created\"]",
            "types = [\"plugin::users-permissions.user\"]",
        ),
        ("[[subscription]]\nname = \"s\"\nto = [\"cairn.documents.*\"]", "did you mean \"cairn.document.*\"?"),
        ("[[subscription]]\nname = \"s\"\nto = [\"cairn.*\"]", "which Cairn does not publish"),
        ("[[subscription]]\nname = \"s\"\nto = [\"cairn.settings.calendar-changed\"]", "use = \"calendar\""),
        (
            "[[subscription]]\nname = \"s\"\nto = [\"cairn.settings.changed\"]",
            "which Cairn does not publish to plugins",
        ),
        ("[[subscription]]\nname = \"s\"\nto = [\"cairn.settings.*\"]", "there is \"cairn.settings.calendar-changed\""),
        (
            "[[subscription]]\nname = \"s\"\nto = [\"cairn.settings.calendar-changed.*\"]",
            "which Cairn does not publish to plugins",
        ),
        (
            "[[subscription]]\nname = \"s\"\nto = [\"crm.a.b@0\"]",
            "has a version that is not a whole number of at least 1",
        ),
        ("[read-policy]\ntypes = [\"api::a.a\"]", "use = \"data.read\""),
    ] {
        let found = only_problem(section);
        assert!(found.contains(expected), "{section}\n{found}");
    }
}

#[test]
fn invalid_schedules_are_reported() {
    for (line, expected) in [
        ("cron = \"0 8 * *\"", "is not a valid cron expression; write five parts"),
        ("cron = \"@daily\"", "is not a valid cron expression"),
        ("cron = \"61 * * * *\"", "is not a valid cron expression"),
        ("cron = \"0 0 31 2 *\"", "never runs"),
        ("cron = \"0 8 * * *\"\nzone = \"Europe/Amsterdm\"", "write a name such as \"Europe/Amsterdam\""),
        ("cron = \"0 8 * * *\"\nzone = \"settings:\"", "does not name a setting"),
        ("cron = \"0 8 * * *\"\nzone = \"settings:tz\"", "but the plugin has no settings"),
        ("cron = \"0 8 * * *\"\nspread = \"2h\"", "write 0ms to 1h"),
    ] {
        let found = only_problem(&format!("[[job]]\nname = \"digest\"\n[[schedule]]\njob = \"digest\"\n{line}"));
        assert!(found.contains(expected), "{line}\n{found}");
    }
}

#[test]
fn invalid_and_conflicting_routes_are_reported() {
    let route = |extra_toml: &str| format!("[[route]]\nname = \"r\"\nmethod = \"POST\"\n{extra_toml}");
    for (line, expected) in [
        ("path = \"/a\"", "has no `auth`; add auth = \"user\""),
        ("path = \"a\"\nauth = \"none\"", "does not begin with \"/\""),
        ("path = \"/a/../b\"\nauth = \"none\"", "neither plain"),
        ("path = \"/a//b\"\nauth = \"none\"", "neither plain"),
        ("path = \"/{a}/{a}\"\nauth = \"none\"", "twice"),
        ("path = \"/{*a}/b\"\nauth = \"none\"", "before its last part"),
        ("path = \"/{}\"\nauth = \"none\"", "without a valid name"),
        ("path = \"/a\"\nauth = \"admin\"", "add permission ="),
        ("path = \"/a\"\nauth = \"none\"\npermission = \"a.b\"", "everybody may call it; remove it"),
        ("path = \"/a\"\nauth = \"user\"\npermission = \"a.b\"", "add:\n[[permission]]\nname = \"a.b\""),
        ("path = \"/a\"\nauth = [\"admin\", \"user\"]", "add permission ="),
        ("path = \"/a\"\nauth = []", "`route.auth` is empty; write auth = [\"user\", \"token\"]"),
        ("path = \"/a\"\nauth = [\"user\", \"token\", \"user\"]", "names \"user\" twice; remove one of them"),
        ("path = \"/a\"\nauth = [\"user\", \"none\"]", "remove \"none\" from the list, or write auth = \"none\""),
        ("path = \"/a\"\nauth = [\"user\", \"tokens\"]", "did you mean \"token\"?"),
        ("path = \"/a\"\nauth = true", "`route.auth` must be a list, but is true or false"),
        ("path = \"/a\"\nauth = [\"user\", \"token\"]\npages = true", "which only auth = \"none\" supports"),
        ("path = \"/a\"\nauth = \"admin\"\npermission = \"a.b\"", "add:\n[[permission]]\nname = \"a.b\""),
        ("path = \"/a\"\nauth = \"none\"\nrate = { per = \"ip\", limit = 0, every = \"1m\" }", "write 1 to 1000000"),
        ("path = \"/a\"\nauth = \"none\"\nidempotency = { keep = \"1h\" }", "add header = \"Idempotency-Key\""),
        ("path = \"/a\"\nauth = \"none\"\nidempotency = { or = \"$.x\" }", "write it as \"body:$.eventId\""),
        ("path = \"/a\"\nauth = \"none\"\ncors = { origins = [\"*\"] }", "no wildcard"),
        ("path = \"/a\"\nauth = \"none\"\nbody = { max = \"65MiB\" }", "write 1B to 64MiB"),
        ("path = \"/a\"\nauth = \"none\"\nbody = { as = \"files\" }", "did you mean \"file\"?"),
        (
            "path = \"/a\"\nauth = \"none\"\nbody = { as = \"file\", max = \"2GiB\" }",
            "add:\n[[grant]]\nuse = \"files.read\"",
        ),
        (
            "path = \"/a\"\nauth = \"none\"\nbody = { as = \"file\" }\nidempotency = { or = \"body:$.id\" }\n[[grant]]\nuse = \"files.read\"",
            "write idempotency = { header = \"Idempotency-Key\" }",
        ),
        ("path = \"/a\"\nauth = \"none\"\nbody = { types = [\"json\"] }", "such as \"application/json\""),
        ("path = \"/a\"\nauth = \"user\"\nprovides = \"translation\"", "admits other callers"),
        ("path = \"/a\"\nauth = \"user\"\nprovides = \"translations\"", "did you mean \"translation\"?"),
    ] {
        let found = only_problem(&route(line));
        assert!(found.contains(expected), "{line}\n{found}");
    }
    let callers = |auth: &str| {
        let permission = "permission = \"a.b\"\n[[permission]]\nname = \"a.b\"";
        parse_with_base(&route(&format!("path = \"/a\"\nauth = {auth}\n{permission}"))).unwrap().routes.remove(0).auth
    };
    assert_eq!(callers("[\"admin\", \"token\"]"), std::collections::BTreeSet::from([Auth::Token, Auth::Admin]));
    assert_eq!(callers("[\"user\"]"), callers("\"user\""));
    let file =
        "path = \"/a\"\nauth = \"user\"\nbody = { as = \"file\", max = \"2GiB\" }\n[[grant]]\nuse = \"files.write\"";
    let body = parse_with_base(&route(file)).unwrap().routes.remove(0).body;
    assert_eq!((body.form, body.max), (BodyForm::File, 2 << 30));
    let two = |a: &str, b: &str| {
        let one = |name: &str, path: &str| {
            format!("[[route]]\nname = \"{name}\"\nmethod = \"GET\"\npath = \"{path}\"\nauth = \"none\"\n")
        };
        parse_with_base(&format!("{}{}", one("a", a), one("b", b)))
    };
    assert!(two("/x/{id}", "/x/{name}").is_err());
    assert!(two("/x/{*id}", "/x/{*name}").is_err());
    assert!(two("/x/{id}", "/x/new").is_ok());
    assert!(two("/x/{id}", "/x/{id}/y").is_ok());
}

#[test]
fn routes_that_provide_a_service_can_be_called_for_it() {
    let route = |name: &str, lines: &str| {
        let auth = "auth = \"admin\"\npermission = \"a.b\"\nprovides = \"translation\"";
        format!("[[route]]\nname = \"{name}\"\n{auth}\n{lines}\n")
    };
    let permission = "[[permission]]\nname = \"a.b\"\n";
    let good = route("a", "method = \"POST\"\npath = \"/a\"");
    let parsed = parse_with_base(&format!("{permission}{good}")).unwrap();
    assert_eq!(parsed.routes[0].provides, Some(ProvidedService::Translation));
    for (lines, expected) in [
        ("method = \"GET\"\npath = \"/b\"", "provides \"translation\", but has another method than POST"),
        ("method = \"POST\"\npath = \"/{b}\"", "has parameters in its path"),
        ("method = \"POST\"\npath = \"/b\"\nidempotency = { header = \"X\" }", "remove it"),
    ] {
        let found = only_problem(&format!("{permission}{}", route("b", lines)));
        assert!(found.contains(expected), "{lines}\n{found}");
    }
    let twice = format!("{permission}{good}{}", route("b", "method = \"POST\"\npath = \"/b\""));
    assert!(only_problem(&twice).contains("[[route]] that provides \"translation\" already exists"));
}

#[test]
fn damaged_manifests_never_panic() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 20).unwrap() % below
    };
    let letters: Vec<char> = FULL.chars().collect();
    let start = Instant::now();
    for _ in 0..3_000 {
        let mut damaged = letters.clone();
        for _ in 0..=random(6) {
            let (at, from) = (random(damaged.len()), random(letters.len()));
            match random(4) {
                0 => damaged[at] = letters[from],
                1 => damaged.insert(at, ['é', '\u{0}', '*', '/', '9', '"', '\n'][random(7)]),
                2 => damaged.truncate(at.max(1)),
                _ => {
                    let word: Vec<char> = letters[from..].iter().take(random(30)).copied().collect();
                    damaged.splice(at..at, word);
                }
            }
        }
        let text: String = damaged.into_iter().collect();
        if let Err(problems) = Manifest::parse(&text) {
            assert!(!problems.is_empty());
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn cron_expressions_are_checked_quickly() {
    let start = Instant::now();
    let parts = [
        "*", "*/0", "*/7", "0", "59", "60", "1-5", "5-1", "L", "LW", "15W", "31", "30", "2", "FEB", "MON#5", "7L",
        "0#6", "?", "1,2,3",
    ];
    for (i, a) in parts.iter().enumerate() {
        for b in parts {
            let expressions = [
                format!("{a} {b} * * *"),
                format!("0 0 {a} {b} *"),
                format!("0 0 {a} 2 {b}"),
                format!("{i} 0 * {a} {b}"),
            ];
            for cron in expressions {
                let _ =
                    parse_with_base(&format!("[[job]]\nname = \"j\"\n[[schedule]]\njob = \"j\"\ncron = \"{cron}\""));
            }
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn hostile_files_are_refused_quickly() {
    let line = format!("{BASE}x = [{}]", "1,".repeat(100_000));
    assert!(first_problem(&line).starts_with("plugin.toml:8: this line is longer than 4000 characters"));
    let deep = format!("{BASE}a = {}1{}", "[\n".repeat(50_000), "]\n".repeat(50_000));
    let tables = format!("{BASE}a = {}1{}", "{a=[\n".repeat(20_000), "]}\n".repeat(20_000));
    let dotted = format!("{BASE}{}x = 1", "a.".repeat(1_900));
    let huge = format!("{BASE}x = \"{}\"", "x".repeat(300 * 1024));
    let many = format!("{BASE}{}", "[[job]]\n".repeat(20_000));
    let unknown: String = (0..10_000).map(|i| format!("k{i} = 1\n")).collect();
    let invalid = format!("{BASE}x = \"a\u{0}b\"\ny = 'unclosed\nz = = 2\n[[[");
    for text in [deep, tables, dotted, huge, many, unknown, invalid, "\u{feff}[plugin]".into(), "=".repeat(10_000)] {
        let problems = Manifest::parse(&text).expect_err("hostile");
        assert!((1..=200).contains(&problems.len()));
        assert!(problems.iter().all(|p| p.to_string().len() < 2_000));
    }
    // A key that is there twice is an error of form.
    assert!(
        only_problem("[limits]\nconcurrency = 1\nconcurrency = 2")
            .starts_with("plugin.toml:10: is not valid TOML here: duplicate key")
    );
}
