//! Tests of what is asked again after an upgrade, section by section.

use super::PluginReach;
use crate::component::UndeclaredParts;
use crate::grants::Grants;
use crate::manifest::Manifest;

const HEAD: &str = r#"
[plugin]
id = "crm"
version = "1.0.0"
api = "0.1"
name = "CRM"
license = "MIT"

[[grant]]
use = "data.read"
types = ["api::article.article", "api::page.page"]

[[grant]]
use = "data.write"
types = ["api::article.article"]
fields = ["title"]
actions = ["update"]

[[permission]]
name = "deals.read"
[[permission]]
name = "deals.write"
"#;

fn parse_reach(extra_toml: &str) -> PluginReach {
    let manifest = Manifest::parse(&format!("{HEAD}{extra_toml}"))
        .unwrap_or_else(|problems| panic!("{extra_toml}\n{problems:#?}"));
    let undeclared = UndeclaredParts {
        lifecycle: extra_toml.contains("# lifecycle"),
        privacy: extra_toml.contains("# privacy"),
        public_files: extra_toml.contains("# public"),
    };
    PluginReach::from_manifest(&manifest, &Grants::from_manifest(&manifest), undeclared)
}

fn hook(on: &str, extra_toml: &str) -> String {
    format!("[[hook]]\nname = \"check\"\non = [{on}]\n{extra_toml}\n")
}

fn route(auth: &str, extra_toml: &str) -> String {
    format!("[[route]]\nname = \"a\"\nmethod = \"GET\"\npath = \"/a/{{id}}\"\nauth = {auth}\n{extra_toml}\n")
}

#[test]
fn only_wider_reach_counts_as_widened() {
    let article = hook(r#""api::article.article:update""#, "");
    let narrow = hook(r#""api::article.article:update""#, "select = [\"title\"]\nwhen = { changed = [\"title\"] }");
    let admin = "\"admin\"\npermission = \"deals.read\"";
    let user = "\"user\"\npermission = \"deals.read\"";
    let view = |extra_toml: &str| format!("[[admin.view]]\nname = \"p\"\nkind = \"panel\"\n{extra_toml}\n");
    let job = |cron: &str| format!("[[job]]\nname = \"j\"\n[[schedule]]\njob = \"j\"\ncron = \"{cron}\"\n");
    let subscription = |to: &str| format!("[[subscription]]\nname = \"s\"\nto = [{to}]\n");
    let rate = |n: u32| format!("rate = {{ per = \"ip\", limit = {n}, every = \"1m\" }}");
    let cors = |extra_origins: &str| format!("cors = {{ origins = [\"https://a.example\"{extra_origins}] }}");
    for (name, before, now, wider) in [
        ("nothing", String::new(), String::new(), false),
        ("a hook", String::new(), article.clone(), true),
        ("no hook any more", article.clone(), String::new(), false),
        ("the same hook by another name", article.clone(), article.replace("check", "other"), false),
        ("another type", article.clone(), hook(r#""api::article.article:update", "api::page.page:update""#, ""), true),
        ("another action", article.clone(), hook(r#""api::article.article:*""#, "phase = \"before\""), true),
        ("another phase", article.clone(), hook(r#""api::article.article:update""#, "phase = \"before\""), true),
        ("select", narrow.clone(), narrow.replace("[\"title\"]\nwhen", "[\"title\", \"body\"]\nwhen"), true),
        ("no select", narrow.clone(), narrow.replace("select = [\"title\"]", ""), true),
        ("when", narrow.clone(), narrow.replace("when = { changed = [\"title\"] }", ""), true),
        ("narrower", article.clone(), narrow.clone(), false),
        ("skip to refuse", hook(r#""api::article.article:update""#, "on-failure = \"skip\""), article.clone(), true),
        ("refuse to skip", article.clone(), hook(r#""api::article.article:update""#, "on-failure = \"skip\""), false),
        ("a hook's budget", article.clone(), hook(r#""api::article.article:update""#, "budget = \"100ms\""), true),
        ("a route", String::new(), route("\"none\"", ""), true),
        ("a public route", route("\"user\"", ""), route("\"none\"", ""), true),
        ("a route for fewer", route("\"none\"", ""), route("\"user\"", ""), false),
        ("another parameter's name", route("\"none\"", ""), route("\"none\"", "").replace("{id}", "{slug}"), false),
        ("another path", route("\"none\"", ""), route("\"none\"", "").replace("/a/", "/b/"), true),
        ("another permission", route(admin, ""), route(admin, "").replace("deals.read", "deals.write"), true),
        ("more callers", route("\"user\"", ""), route("[\"user\", \"token\"]", ""), true),
        ("fewer callers", route("[\"user\", \"token\"]", ""), route("\"token\"", ""), false),
        ("users beside admins", route(admin, ""), route(admin, "").replace("\"admin\"", "[\"admin\", \"user\"]"), true),
        ("no permission", route(user, ""), route("\"user\"", ""), true),
        ("a permission of a route", route("\"user\"", ""), route(user, ""), false),
        ("a rate", route("\"none\"", &rate(60)), route("\"none\"", &rate(61)), true),
        ("no rate", route("\"none\"", &rate(60)), route("\"none\"", ""), true),
        ("a lower rate", route("\"none\"", ""), route("\"none\"", &rate(1)), false),
        ("a body", route("\"none\"", ""), route("\"none\"", "body = { max = \"1MiB\" }"), true),
        ("an origin", route("\"none\"", &cors("")), route("\"none\"", &cors(", \"https://b.example\"")), true),
        ("no origin", route("\"none\"", &cors("")), route("\"none\"", ""), false),
        ("a subscription", String::new(), subscription("\"api::page.page:update\""), true),
        ("more of one", subscription("\"api::page.page:update\""), subscription("\"api::page.page:*\""), true),
        ("less of one", subscription("\"api::page.page:*\""), subscription("\"api::page.page:update\""), false),
        ("more events", subscription("\"cairn.document.published\""), subscription("\"cairn.document.*\""), true),
        ("fewer events", subscription("\"cairn.document.*\""), subscription("\"cairn.document.published\""), false),
        ("a schedule", String::new(), job("0 8 * * *"), true),
        ("another time", job("0 8 * * *"), job("* * * * *"), true),
        (
            "a job that takes longer",
            job("0 8 * * *"),
            job("0 8 * * *").replace("\"j\"\n[[s", "\"j\"\ntimeout = \"60s\"\n[[s"),
            true,
        ),
        ("a view", String::new(), view("source = \"declarative\""), true),
        ("a frame", view("source = \"declarative\""), view("frame = \"admin/a.html\""), true),
        ("no frame", view("frame = \"admin/a.html\""), view("source = \"declarative\""), false),
        (
            "more types",
            view("types = [\"api::page.page\"]\nsource = \"declarative\""),
            view("source = \"declarative\""),
            true,
        ),
        ("a read policy", String::new(), "[read-policy]\ntypes = [\"api::page.page\"]\n".into(), true),
        ("memory", String::new(), "[limits]\nmemory = \"65MiB\"\n".into(), true),
        ("less memory", String::new(), "[limits]\nmemory = \"32MiB\"\n".into(), false),
        ("concurrency", String::new(), "[limits]\nconcurrency = 9\n".into(), true),
        ("lifecycle", String::new(), "# lifecycle\n".into(), true),
        ("personal data", "# lifecycle\n".into(), "# lifecycle\n# privacy\n".into(), true),
        ("personal data as before", "# privacy\n".into(), "# privacy\n".into(), false),
        ("public files", String::new(), "# public\n".into(), true),
        ("pages beside public files", route("\"none\"", "# public"), route("\"none\"", "pages = true"), false),
        ("pages", route("\"none\"", ""), route("\"none\"", "pages = true"), true),
        ("outside images", route("\"none\"", "pages = true"), route("\"none\"", "outside-images = true"), true),
        ("a service", service_route(""), service_route("provides = \"translation\"\n"), true),
        (
            "a service as before",
            service_route("provides = \"translation\"\n"),
            service_route("provides = \"translation\"\n"),
            false,
        ),
        ("a permission", String::new(), "[[permission]]\nname = \"more\"\n".into(), false),
        ("a metric", String::new(), "[[metric]]\nname = \"m\"\nkind = \"counter\"\n".into(), false),
        (
            "a grant",
            String::new(),
            "[[grant]]\nuse = \"data.write\"\ntypes = [\"api::page.page\"]\nactions = [\"update\"]\n".into(),
            true,
        ),
    ] {
        let widened = parse_reach(&now).widened_from(&parse_reach(&before));
        assert_eq!(!widened.is_empty(), wider, "{name}: {widened:?}");
    }
}

fn service_route(extra_toml: &str) -> String {
    let permission = "[[permission]]\nname = \"use\"\n";
    let route = "name = \"t\"\nmethod = \"POST\"\npath = \"/t\"\nauth = \"admin\"\npermission = \"use\"\n";
    format!("{permission}[[route]]\n{route}{extra_toml}")
}

#[test]
fn own_content_types_do_not_widen_the_reach() {
    let own = "[content-types]\ndir = \"content-types\"\n";
    let own_types_toml = format!(
        "{own}[[hook]]\nname = \"h\"\non = [\"plugin::crm.deal:update\"]\n[[subscription]]\nname = \"s\"\nto = [\"plugin::crm.deal:*\"]\n\
         [[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"at\"\n\
         [read-policy]\ntypes = [\"plugin::crm.deal\"]\n"
    );
    // The budget of the first hook is a limit of its own.
    let before = parse_reach(&format!("{own}[[hook]]\nname = \"x\"\non = [\"plugin::crm.other:update\"]\n"));
    assert_eq!(parse_reach(&own_types_toml).widened_from(&before), Vec::<String>::new());
}

#[test]
fn sentences_name_types_fields_and_permitted_callers() {
    let all = format!(
        "{}{}",
        hook(r#""api::article.article:update", "api::page.page:create""#, "select = [\"title\"]"),
        route("\"none\"", "")
    );
    let reach = parse_reach(&all);
    let english: Vec<&str> = reach.lines().iter().map(|line| line.english.as_str()).collect();
    assert_eq!(
        english[..3],
        [
            "When api::article.article is updated: sees title, may refuse the change and may change title before it is saved",
            "When api::page.page is created: sees title and may refuse the change",
            "Handles GET /api/crm/a/{id}: anyone may call this",
        ]
    );
    let dutch: Vec<&str> = reach.lines().iter().map(|line| line.dutch.as_str()).collect();
    assert_eq!(dutch[1], "Wanneer api::page.page wordt aangemaakt: ziet title en mag dat weigeren");
    assert_eq!(dutch[2], "Beantwoordt GET /api/crm/a/{id}: iedereen mag dit aanroepen");
}

#[test]
fn sentences_of_routes_list_their_callers() {
    let sentences = |auth: &str, extra_toml: &str| {
        let reach = parse_reach(&route(auth, extra_toml));
        let line = reach.lines().iter().find(|line| line.kind == "route").cloned().unwrap();
        let of = |sentence: &str| sentence.split_once(": ").unwrap().1.to_owned();
        (of(&line.english), of(&line.dutch))
    };
    let texts = |english: &str, dutch: &str| (english.to_owned(), dutch.to_owned());
    assert_eq!(
        sentences("[\"user\", \"token\"]", ""),
        texts("signed-in users and API tokens may call this", "ingelogde gebruikers en API-tokens mogen dit aanroepen")
    );
    assert_eq!(
        sentences("[\"admin\", \"token\", \"user\"]", "permission = \"deals.read\""),
        texts(
            "signed-in users, API tokens and people in the admin with the permission deals.read may call this",
            "ingelogde gebruikers, API-tokens en mensen in het beheer met het recht deals.read mogen dit aanroepen"
        )
    );
}

#[test]
fn pages_for_visitors_are_mentioned_in_both_languages() {
    let sentences = |extra_toml: &str| {
        let reach = parse_reach(&route("\"none\"", extra_toml));
        let line = reach.lines().iter().find(|line| line.kind == "pages").cloned();
        line.map(|line| (line.english, line.dutch))
    };
    assert_eq!(sentences(""), None);
    let (english, dutch) = sentences("pages = true").unwrap();
    assert!(english.starts_with("Shows pages to visitors") && !english.contains("pictures"), "{english}");
    assert!(dutch.starts_with("Toont pagina\u{2019}s aan bezoekers") && !dutch.contains("afbeeldingen"), "{dutch}");
    let (english, dutch) = sentences("outside-images = true").unwrap();
    assert!(english.ends_with("with pictures of other sites"), "{english}");
    assert!(dutch.ends_with("met afbeeldingen van andere sites"), "{dutch}");
}

#[test]
fn calendars_are_mentioned_once_per_content_type() {
    let calendar = |name: &str, start: &str| {
        format!("[[calendar]]\nname = \"{name}\"\ntype = \"plugin::crm.deal\"\nstart = \"{start}\"\n")
    };
    let reach = parse_reach(&format!("[content-types]\n{}{}", calendar("a", "due"), calendar("b", "at")));
    let lines: Vec<_> = reach.lines().iter().filter(|line| line.kind == "calendar").collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].english.as_str(), lines[0].dutch.as_str()),
        (
            "Shows its own plugin::crm.deal in the content calendar, to people who may read them",
            "Toont zijn eigen plugin::crm.deal in de contentkalender, aan wie ze mag lezen"
        )
    );
}
