//! The commands of `docs/front-end-developers.md`, as a newcomer types them: all in one shell, from the first on.

use cairn_testkit::extend_limit;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

const PAGE: &str = include_str!("../../../../docs/front-end-developers.md");
/// Address of the server in the page.
const ADDRESS: &str = ":1337";
/// Beginnings of lines that need packages of npm, with the test that does what they say.
const NPM_LINES: [(&str, &str); 2] = [
    ("npm install ../cairn/clients/javascript/", "clients/javascript/test/run.mjs"),
    ("npx openapi-typescript openapi.json", "admin-ui/src/api/contentOpenapi.test.ts"),
];
/// Output of the commands, in this order.
const PRINTED: [&str; 9] = [
    "API token my front end: added",
    r#""title":"Hello""#,
    "src/cairn-types.ts: up to date",
    r#""/api/articles/{documentId}""#,
    "200\n409\n",
    r#"{"data":{"articles":["#,
    "src/cairn-types.ts: up to date",
    r#""title":"Hello, world","cover":null"#,
    r#"{"data":{"articles_connection":{"pageInfo":{"total":1}}}}"#,
];

/// The lines of all blocks of commands, without those for npm.
fn list_commands() -> String {
    let blocks = PAGE.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let lines: Vec<&str> = blocks.flat_map(|(block, _)| block.lines()).collect();
    for (beginning, test) in NPM_LINES {
        assert!(lines.iter().any(|line| line.starts_with(beginning)), "{beginning} is gone; {test} has it");
    }
    let is_run = |line: &&str| !NPM_LINES.iter().any(|(beginning, _)| line.starts_with(beginning));
    lines.into_iter().filter(is_run).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn commands_for_front_end_developers_do_what_their_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let (programs, project) = (folder.path().join("bin"), folder.path().join("project"));
    fs::create_dir(&programs).unwrap();
    fs::create_dir(&project).unwrap();
    symlink(env!("CARGO_BIN_EXE_cairn"), programs.join("cairn")).unwrap();
    // Later commands are typed beside the project.
    symlink(".", project.join("site")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let commands = list_commands().replace(ADDRESS, &format!(":{port}"));
    let script = format!("set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n{commands}");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let limit = extend_limit(Duration::from_secs(120)).as_secs().to_string();
    let mut shell = Command::new("timeout");
    shell.args([&limit, "bash", "-c", &script]).current_dir(&project).env("PATH", path).env("CAIRN_LOG", "error");
    let output = shell.output().unwrap();
    let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}\n{printed}\n{errors}", output.status);
    let mut rest = printed.as_str();
    for expected in PRINTED {
        let Some((_, after)) = rest.split_once(expected) else { panic!("{expected} is not in {rest}\n{errors}") };
        rest = after;
    }
    let read = |name: &str| fs::read_to_string(project.join(name)).unwrap();
    assert!(read("answer.json").contains("ConflictError") && read("openapi.json").contains("If-Match"));
    assert!(read("src/cairn-types.ts").contains("Article"));
}
