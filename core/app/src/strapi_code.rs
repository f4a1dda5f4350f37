//! The code of a Strapi project, which Cairn does not run: found by where it is, counted and named.
//!
//! Files are read as text, and only to tell code from what Strapi's generator writes. Outside `src/` only `package.json` and the files of
//! cron tasks are read; no symbolic link to a folder is followed, and the number and size of the files that are read have limits.

use crate::config::Config;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;

/// Largest number of files and folders that are looked at.
const MAX_ENTRIES: usize = 50_000;
/// Deepest folder below `src/`.
const MAX_DEPTH: usize = 8;
/// Largest file that is read, in bytes: what Strapi's generator writes is far smaller.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// A kind of code, in the order of its importance to a front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StrapiCodeKind {
    Routes,
    RouterOptions,
    Controllers,
    Apis,
    Services,
    Lifecycles,
    Policies,
    Middlewares,
    Start,
    CronTasks,
    Plugins,
    Overrides,
    Packages,
}

impl StrapiCodeKind {
    /// The name in lists.
    fn name(self) -> &'static str {
        match self {
            Self::Routes => "custom route files",
            Self::RouterOptions => "core routers with options",
            Self::Controllers => "controllers",
            Self::Apis => "APIs without a content type",
            Self::Services => "services",
            Self::Lifecycles => "lifecycles",
            Self::Policies => "policies",
            Self::Middlewares => "middlewares",
            Self::Start => "register or bootstrap functions",
            Self::CronTasks => "cron tasks",
            Self::Plugins => "plugins of the project",
            Self::Overrides => "overrides of plugins (strapi-server)",
            Self::Packages => "installed packages for Strapi",
        }
    }
}

/// The code that was found, by kind, with the files or folders of each.
#[derive(Debug, Default)]
pub struct StrapiCode(BTreeMap<StrapiCodeKind, Vec<String>>);

impl StrapiCode {
    /// The kinds that were found, with the paths of each.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.0.iter().map(|(kind, places)| (kind.name(), places.as_slice()))
    }

    /// The findings in one line; `None` where there are none.
    fn summary(&self) -> Option<String> {
        let counts: Vec<String> = self.parts().map(|(name, places)| format!("{name}: {}", places.len())).collect();
        (!counts.is_empty()).then(|| counts.join(", "))
    }

    fn add_place(&mut self, kind: StrapiCodeKind, place: String) {
        self.0.entry(kind).or_default().push(place);
    }
}

/// Warns of code in the project that is not run, and of its settings that are not taken over.
pub fn warn_unsupported(config: &Config) {
    for note in &config.rest.notes {
        tracing::warn!("{note}");
    }
    if let Some(summary) = find_code(&config.project).summary() {
        tracing::warn!(
            "this Strapi project contains code that Cairn does not run: {summary}; run `cairn doctor` for the full list"
        );
    }
}

/// Searches for code below `src/`.
pub fn find_code(project: &Path) -> StrapiCode {
    let mut search = CodeSearch { project, code: StrapiCode::default(), left: MAX_ENTRIES };
    for api in search.list_folders("src/api") {
        search.search_api(&api);
    }
    search.add_all_files("src/policies", StrapiCodeKind::Policies);
    search.add_all_files("src/middlewares", StrapiCodeKind::Middlewares);
    for (folder, file) in search.list_sources("src", 1) {
        let path = format!("{folder}/{file}");
        if file_stem(&file) == "index" && search.read_source(&path).is_none_or(|text| starts_something(&text)) {
            search.code.add_place(StrapiCodeKind::Start, path);
        }
    }
    for plugin in search.list_folders("src/plugins") {
        search.code.add_place(StrapiCodeKind::Plugins, plugin);
    }
    for extension in search.list_folders("src/extensions") {
        for (folder, file) in search.list_sources(&extension, 1) {
            if file_stem(&file) == "strapi-server" {
                search.code.add_place(StrapiCodeKind::Overrides, format!("{folder}/{file}"));
            }
        }
    }
    for file in CRON_FILES.iter().flat_map(|name| ["ts", "js"].map(|end| format!("config/{name}.{end}"))) {
        if search.project.join(&file).is_file() && search.read_source(&file).is_none_or(|text| has_functions(&text)) {
            search.code.add_place(StrapiCodeKind::CronTasks, file);
        }
    }
    for package in search.list_packages() {
        search.code.add_place(StrapiCodeKind::Packages, package);
    }
    search.code
}

/// Files in which Strapi projects have their cron tasks, below `config/`.
const CRON_FILES: [&str; 3] = ["cron-tasks", "cron", "functions/cron"];

/// Strapi's packages whose work Cairn does itself, or that only matter to Strapi's own cloud.
const COVERED_PACKAGES: [&str; 7] = [
    "@strapi/plugin-cloud",
    "@strapi/plugin-content-releases",
    "@strapi/plugin-documentation",
    "@strapi/plugin-graphql",
    "@strapi/plugin-i18n",
    "@strapi/plugin-upload",
    "@strapi/plugin-users-permissions",
];

/// True if that dependency adds something to Strapi that Cairn does not have by it: a plugin, or a provider of files or mail.
fn is_strapi_package(name: &str) -> bool {
    let own = name
        .strip_prefix("@strapi/")
        .is_some_and(|name| ["plugin-", "provider-"].iter().any(|prefix| name.starts_with(prefix)));
    let others = ["strapi-plugin", "strapi-provider"].iter().any(|part| name.contains(part));
    (own || others) && !COVERED_PACKAGES.contains(&name)
}

struct CodeSearch<'a> {
    project: &'a Path,
    code: StrapiCode,
    /// Number of files and folders that may still be looked at.
    left: usize,
}

impl CodeSearch<'_> {
    fn search_api(&mut self, api: &str) {
        let types = self.list_folders(&format!("{api}/content-types"));
        let has_type = types.iter().any(|folder| self.project.join(folder).join("schema.json").is_file());
        if !has_type && !self.list_sources(api, MAX_DEPTH).is_empty() {
            self.code.add_place(StrapiCodeKind::Apis, api.to_owned());
        }
        for (part, factory, kind) in [
            ("controllers", "createCoreController", StrapiCodeKind::Controllers),
            ("services", "createCoreService", StrapiCodeKind::Services),
            ("routes", "createCoreRouter", StrapiCodeKind::Routes),
        ] {
            for (folder, file) in self.list_sources(&format!("{api}/{part}"), MAX_DEPTH) {
                let path = format!("{folder}/{file}");
                let text = self.read_source(&path);
                match text.as_deref().map_or(SourceContent::Code, |text| classify_source(text, factory)) {
                    SourceContent::Nothing => {}
                    SourceContent::Options if kind == StrapiCodeKind::Routes => {
                        self.code.add_place(StrapiCodeKind::RouterOptions, path)
                    }
                    SourceContent::Options | SourceContent::Code => self.code.add_place(kind, path),
                }
            }
        }
        self.add_all_files(&format!("{api}/policies"), StrapiCodeKind::Policies);
        self.add_all_files(&format!("{api}/middlewares"), StrapiCodeKind::Middlewares);
        for folder in types {
            for (folder, file) in self.list_sources(&folder, 1) {
                if file_stem(&file) == "lifecycles" {
                    self.code.add_place(StrapiCodeKind::Lifecycles, format!("{folder}/{file}"));
                }
            }
        }
    }

    /// Adds every code file in a folder.
    fn add_all_files(&mut self, folder: &str, kind: StrapiCodeKind) {
        for (folder, file) in self.list_sources(folder, MAX_DEPTH) {
            self.code.add_place(kind, format!("{folder}/{file}"));
        }
    }

    /// The folders in a folder, sorted.
    fn list_folders(&mut self, folder: &str) -> Vec<String> {
        let entries = self.list_entries(folder).into_iter();
        entries.filter(|(_, is_folder)| *is_folder).map(|(name, _)| format!("{folder}/{name}")).collect()
    }

    /// The code files in a folder and those below it, to that many levels: folder and name, sorted.
    fn list_sources(&mut self, folder: &str, levels: usize) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), levels)];
        while let Some((folder, levels)) = open.pop() {
            for (name, is_folder) in self.list_entries(&folder) {
                if is_folder && levels > 1 {
                    open.push((format!("{folder}/{name}"), levels - 1));
                } else if !is_folder && is_source(&name) {
                    found.push((folder.clone(), name));
                }
            }
        }
        found.sort();
        found
    }

    /// Names in a folder and whether each is a folder: no links to folders, nothing hidden, no installed packages.
    fn list_entries(&mut self, folder: &str) -> Vec<(String, bool)> {
        let path = self.project.join(folder);
        let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        let entries = if is_link { None } else { path.read_dir().ok() };
        let mut names = Vec::new();
        for entry in entries.into_iter().flatten().flatten() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
            if !name.starts_with('.') && !matches!(name.as_str(), "node_modules" | "dist" | "build") {
                names.push((name, kind.is_dir()));
            }
        }
        names.sort();
        names
    }

    /// The packages of `package.json` that add something to Strapi, sorted.
    fn list_packages(&self) -> Vec<String> {
        let package: Option<Json> = self.read_source("package.json").and_then(|text| serde_json::from_str(&text).ok());
        let dependencies = package.as_ref().and_then(|package| package.get("dependencies")?.as_object());
        let mut names: Vec<String> = dependencies.into_iter().flat_map(Map::keys).cloned().collect();
        names.retain(|name| is_strapi_package(name));
        names.sort();
        names
    }

    /// The text of a file; `None` where it is not a file, too large, or not text: then the generator did not write it.
    fn read_source(&self, path: &str) -> Option<String> {
        let path = self.project.join(path);
        let meta = std::fs::metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > MAX_FILE_BYTES {
            return None;
        }
        std::fs::read_to_string(path).ok()
    }
}

fn is_source(name: &str) -> bool {
    let is_test = name.contains(".test.") || name.contains(".spec.");
    let code = [".js", ".ts", ".mjs", ".cjs", ".mts", ".cts"].iter().any(|end| name.ends_with(end));
    code && !is_test && !name.ends_with(".d.ts")
}

/// A name up to its first dot.
fn file_stem(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// The content of a controller, service or router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceContent {
    /// Code as Strapi's generator writes it, or nothing.
    Nothing,
    /// The same with another argument: options, or functions of the project.
    Options,
    /// Anything else.
    Code,
}

fn classify_source(source: &str, factory: &str) -> SourceContent {
    let text = without_comments(source);
    let text = text.trim();
    if text.is_empty() {
        return SourceContent::Nothing;
    }
    let calls: Vec<&str> = text.match_indices(factory).filter_map(|(at, _)| text.get(at + factory.len()..)).collect();
    let arguments: Vec<&str> = calls.iter().filter_map(|rest| call_arguments(rest)).collect();
    match arguments.as_slice() {
        [one] if is_uid(one) => SourceContent::Nothing,
        [_] => SourceContent::Options,
        _ => SourceContent::Code,
    }
}

/// The text between the parentheses of a call, perhaps after types in angle brackets.
fn call_arguments(after_name: &str) -> Option<&str> {
    let rest = after_name.trim_start();
    let rest = match rest.strip_prefix('<') {
        Some(types) => types.split_once('>')?.1.trim_start(),
        None => rest,
    };
    let inside = rest.strip_prefix('(')?;
    let mut open = 0_usize;
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '{' | '[') => open += 1,
            (None, ')') if open == 0 => return inside.get(..at),
            (None, ')' | '}' | ']') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// True if there is code in a file of cron tasks; the one that Strapi's generator writes has only comments in its object.
fn has_functions(source: &str) -> bool {
    let text = without_comments(source);
    ["=>", "function", "task", "async"].iter().any(|word| text.contains(word))
}

/// True if the arguments are a single text: `'api::article.article'`, as TypeScript may have it too (`'api::article.article' as any`).
fn is_uid(arguments: &str) -> bool {
    let (text, others) = arguments.split_once(',').unwrap_or((arguments, ""));
    if !others.trim().is_empty() {
        return false;
    }
    let text = text.trim();
    let text = text.split_once(" as ").map_or(text, |(text, _)| text.trim_end());
    let quoted = |q: char| text.len() > 1 && text.starts_with(q) && text.ends_with(q) && text.matches(q).count() == 2;
    ['"', '\'', '`'].into_iter().any(quoted)
}

/// True if one of the functions of `src/index.js` has a body.
fn starts_something(source: &str) -> bool {
    let text = without_comments(source);
    ["register", "bootstrap", "destroy"].iter().any(|name| {
        text.match_indices(name).any(|(at, _)| {
            let rest = text.get(at + name.len()..).unwrap_or_default();
            function_body(rest).is_some_and(|body| !body.trim().is_empty())
        })
    })
}

/// The body of a function, after its name: `(…) {…}`, `: (…) => {…}`, `: async function (…) {…}`.
fn function_body(after_name: &str) -> Option<&str> {
    let open = after_name.find('(')?;
    let before = after_name.get(..open)?;
    // Between name and parameters there is only what makes it a function.
    let words = before.replace([':', '='], " ");
    if !words.split_whitespace().all(|word| matches!(word, "async" | "function")) {
        return None;
    }
    let parameters = call_arguments(after_name.get(open..)?)?;
    let rest = after_name.get(open + parameters.len() + 2..)?.trim_start();
    let rest = rest.strip_prefix("=>").unwrap_or(rest);
    let Some(at) = rest.find('{') else { return Some(rest) };
    // `: void` and the like.
    let inside = rest.get(at + 1..)?;
    inside.split_once('}').map(|(body, _)| body)
}

/// Replaces comments by blanks; what looks like one inside a text stays.
fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '/') if chars.next_if_eq(&'/').is_some() => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, '/') if chars.next_if_eq(&'*').is_some() => {
                let mut star = false;
                for c in chars.by_ref() {
                    if star && c == '/' {
                        break;
                    }
                    star = c == '*';
                }
                out.push(' ');
            }
            (None, '"' | '\'' | '`') => {
                quote = Some(c);
                out.push(c);
            }
            (Some(_), '\\') => {
                out.push(c);
                out.extend(chars.next());
            }
            (Some(q), c) if c == q => {
                quote = None;
                out.push(c);
            }
            (_, c) => out.push(c),
        }
    }
    // `'use strict'` says nothing.
    out.trim()
        .trim_start_matches("'use strict'")
        .trim_start_matches("\"use strict\"")
        .trim_start_matches(';')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTORY: &str = "createCoreController";

    #[test]
    fn sources_are_classified_as_generated_options_or_code() {
        for text in [
            "",
            "'use strict';\n",
            "/**\n * article controller\n */\n\nimport { factories } from '@strapi/strapi'\n\nexport default factories.createCoreController('api::article.article');\n",
            "'use strict';\nconst { createCoreController } = require('@strapi/strapi').factories;\nmodule.exports = createCoreController('api::article.article');",
            "export default factories.createCoreController(\n  'api::a.a' as any,\n);",
            "export default factories.createCoreController<'api::a.a'>(\"api::a.a\") // () => {}",
        ] {
            assert_eq!(classify_source(text, FACTORY), SourceContent::Nothing, "{text}");
        }
        for text in [
            "module.exports = createCoreController('api::a.a', ({ strapi }) => ({ async find(ctx) {} }));",
            "module.exports = createCoreController('api::a.a', { only: [\")\"] });",
            "module.exports = createCoreController(uid);",
            "export default factories.createCoreController('api::a.a' as any, () => ({ async find() {} }));",
        ] {
            assert_eq!(classify_source(text, FACTORY), SourceContent::Options, "{text}");
        }
        for text in [
            "module.exports = { async find(ctx) {} };",
            "createCoreController(",
            "x",
            "createCoreController('a') + createCoreController('b')",
        ] {
            assert_eq!(classify_source(text, FACTORY), SourceContent::Code, "{text}");
        }
    }

    #[test]
    fn empty_register_and_bootstrap_functions_are_ignored() {
        for text in [
            "",
            "export default {\n  /** … */\n  register(/* { strapi } */) {},\n  bootstrap(/* { strapi }: { strapi: Core.Strapi } */) {},\n};",
            "module.exports = { register() {}, async bootstrap({ strapi }) { /* nothing */ } };",
            "module.exports = { register: () => {}, bootstrap: async function ({ strapi }) {} };",
        ] {
            assert!(!starts_something(text), "{text}");
        }
        for text in [
            "module.exports = { register({ strapi }) { strapi.x(); } };",
            "module.exports = { bootstrap: async ({ strapi }) => { await seed(strapi); } };",
            "export default { bootstrap({ strapi }: { strapi: Core.Strapi }) { seed(); } };",
        ] {
            assert!(starts_something(text), "{text}");
        }
    }

    #[test]
    fn custom_code_is_counted_and_listed_by_kind() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        assert!(find_code(dir.path()).summary().is_none());
        write("src/api/a/content-types/a/schema.json", "{}");
        write("src/api/a/content-types/a/lifecycles.ts", "export default {}");
        write("src/api/a/controllers/a.ts", "export default factories.createCoreController('api::a.a');");
        write("src/api/a/controllers/deep/b.js", "module.exports = {};");
        write("src/api/a/controllers/b.test.js", "test()");
        write("src/api/a/controllers/node_modules/x/index.js", "x");
        write("src/api/a/routes/a.js", "module.exports = createCoreRouter('api::a.a', { only: ['find'] });");
        write("src/api/a/routes/custom.js", "module.exports = { routes: [] };");
        write("src/api/a/services/a.js", "module.exports = createCoreService('api::a.a');");
        write("src/api/none/routes/none.js", "module.exports = { routes: [] };");
        write("src/api/empty/content-types/.gitkeep", "");
        write("src/middlewares/log.js", &"x".repeat(100_000));
        write("src/index.js", "module.exports = { bootstrap() { go(); } };");
        write("src/plugins/mine/package.json", "{}");
        write("config/cron-tasks.js", "module.exports = { '0 1 * * *': ({ strapi }) => {} };");
        write("config/cron.js", "module.exports = { /* '0 1 * * *': () => {} */ };");
        write(
            "package.json",
            r#"{"dependencies": {"@strapi/strapi": "5", "@strapi/plugin-graphql": "5", "@strapi/plugin-i18n": "4",
                "@strapi/provider-upload-aws-s3": "5", "strapi-plugin-tagsinput": "1", "react": "18"}}"#,
        );
        write("src/extensions/users-permissions/strapi-server.js", "module.exports = p => p;");
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path().join("src"), dir.path().join("src/api/loop")).unwrap();
        let code = find_code(dir.path());
        let parts: Vec<(&str, &[String])> = code.parts().collect();
        let find_places =
            |name: &str| parts.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, places)| *places);
        assert_eq!(find_places("controllers"), ["src/api/a/controllers/deep/b.js"]);
        assert_eq!(find_places("custom route files"), ["src/api/a/routes/custom.js", "src/api/none/routes/none.js"]);
        assert_eq!(find_places("core routers with options"), ["src/api/a/routes/a.js"]);
        assert_eq!(find_places("APIs without a content type"), ["src/api/none"]);
        assert_eq!(find_places("lifecycles"), ["src/api/a/content-types/a/lifecycles.ts"]);
        assert_eq!(find_places("middlewares"), ["src/middlewares/log.js"]);
        assert_eq!(find_places("register or bootstrap functions"), ["src/index.js"]);
        assert_eq!(find_places("plugins of the project"), ["src/plugins/mine"]);
        assert_eq!(
            find_places("overrides of plugins (strapi-server)"),
            ["src/extensions/users-permissions/strapi-server.js"]
        );
        assert_eq!(find_places("cron tasks"), ["config/cron-tasks.js"]);
        assert_eq!(
            find_places("installed packages for Strapi"),
            ["@strapi/provider-upload-aws-s3", "strapi-plugin-tagsinput"]
        );
        assert!(find_places("services").is_empty() && find_places("policies").is_empty());
        let summary = code.summary().unwrap();
        assert!(
            summary.starts_with("custom route files: 2, core routers with options: 1, controllers: 1"),
            "{summary}"
        );
    }
}
