//! The `cairn` program, as an operator of several tenants uses it.

use cairn_server::config::Config;
use cairn_store::Database;
use cairn_testkit::{SchemaBuilder, TestProject, extend_limit};
use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Runs a command, and returns its standard output, or its standard error where it failed.
fn cairn(project: &TestProject, args: &[&str], input: &str) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    let mut child = command
        .args(args)
        .arg("--project")
        .arg(project.path())
        .env("CAIRN_LOG", "error")
        .env("CAIRN_SECRET_KEY", SECRET_KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// A tenant's database.
fn database(project: &TestProject, tenant: &str) -> Database {
    let mut config = Config::load(&project.path(), &|_| None).unwrap();
    config.database.url = project.database().is_postgres().then(|| project.database().url().to_owned());
    config.tenant_database(tenant).unwrap()
}

fn apply(project: &TestProject, extra_args: &[&str], file: Json) -> Result<String, String> {
    cairn(project, &[&["apply", "-"], extra_args].concat(), &file.to_string())
}

fn project() -> TestProject {
    let project = TestProject::newsroom()
        .with_tenant_type("cars", SchemaBuilder::collection("car", json!({"name": {"type": "string"}})))
        .with_file("cairn.toml", "[server]\npublic_url = \"https://home.example.com\"\n");
    let result = apply(
        &project,
        &[],
        json!({"tenants": {
            "cars": {"hosts": ["Cars.example.com", "www.cars.example.com"], "displayName": "The cars", "settings": {
                "roles": {"public": {"permissions": {"api::car.car": ["find"]}}},
            }},
            "mrdj": {"hosts": ["mrdj.example.com"]},
            "old": {"hosts": ["old.example.com"]},
        }}),
    );
    assert_eq!(
        result.unwrap(),
        "tenant cars: role public: may find api::car.car\ntenant cars: added\ntenant cars: is now reached at cars.example.com, www.cars.example.com\n\
         tenant cars: has a new display name\ntenant mrdj: added\ntenant mrdj: is now reached at mrdj.example.com\n\
         tenant old: added\ntenant old: is now reached at old.example.com\n"
    );
    project
}

#[test]
fn tenants_are_listed_taken_out_of_service_and_deleted() {
    let project = project();
    assert_eq!(apply(&project, &[], json!({"tenants": {"old": {}}})).unwrap(), "nothing to change\n");
    // The settings create the tenant's database.
    apply(&project, &["--tenant", "old"], json!({"locales": {"default": "nl", "available": ["nl"]}})).unwrap();
    apply(&project, &[], json!({"tenants": {"old": null}})).unwrap();
    let list = cairn(&project, &["tenant", "list"], "").unwrap();
    let lines: Vec<Vec<&str>> =
        list.lines().map(|line| line.split("  ").map(str::trim).filter(|p| !p.is_empty()).collect()).collect();
    assert_eq!(
        lines,
        [
            vec!["default", "in service", "(every other host)"],
            vec!["cars", "in service", "cars.example.com,www.cars.example.com", "The cars"],
            vec!["mrdj", "in service", "mrdj.example.com"],
            vec!["old", "out of service", "(no host)"],
        ]
    );
    let exists = |tenant: &str| database(&project, tenant).exists().unwrap();
    // A file that was uploaded.
    let uploads = project.path().join("data/tenants/old/uploads");
    std::fs::create_dir_all(&uploads).unwrap();
    std::fs::write(uploads.join("a.txt"), "a").unwrap();
    let message = cairn(&project, &["tenant", "delete", "old"], "").unwrap_err();
    let place = database(&project, "old").to_string();
    assert!(
        message.contains("nothing was deleted") && message.contains("--yes") && message.contains(&place),
        "{message}"
    );
    assert!(exists("old") && !exists("mrdj"));
    assert_eq!(cairn(&project, &["tenant", "delete", "old", "--yes"], "").unwrap(), "old: deleted\n");
    assert!(!exists("old") && !project.path().join("data/tenants/old").exists());
    // A tenant in service is taken out of it first; one without data is deleted as well.
    let text = cairn(&project, &["tenant", "delete", "mrdj", "--yes"], "").unwrap();
    assert_eq!(text, "mrdj: out of service\nmrdj: deleted\n");
    for (name, part) in [
        ("old", "tenant \"old\" not found"),
        ("default", "cannot be deleted"),
        ("../cars", "not found"),
        ("", "not found"),
    ] {
        let error = cairn(&project, &["tenant", "delete", name, "--yes"], "").unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(cairn(&project, &["tenant", "list"], "").unwrap().lines().count(), 2);
    assert!(exists("cars") && exists("default"));
    // The name is free again, for another tenant.
    assert_eq!(apply(&project, &[], json!({"tenants": {"old": {}}})).unwrap(), "tenant old: added\n");
    assert!(!exists("old"));
}

#[test]
fn commands_apply_to_the_tenant_they_name() {
    let project = project();
    let cars = ["--tenant", "cars"];
    let locales = json!({"locales": {"default": "nl", "available": ["nl"]}});
    assert!(apply(&project, &cars, locales.clone()).unwrap().contains("locale nl: is now the default"));
    assert_eq!(apply(&project, &cars, locales.clone()).unwrap(), "nothing to change\n");
    assert!(apply(&project, &[], locales).unwrap().contains("locale nl: is now the default"), "the default is another");
    let schema = |extra_args: &[&str]| cairn(&project, &[&["apply", "--schema"], extra_args].concat(), "").unwrap();
    assert!(schema(&cars).contains("api::car.car") && !schema(&[]).contains("api::car.car"));
    let message = apply(&project, &cars, json!({"tenants": {}})).unwrap_err();
    assert!(message.contains("tenants can only be declared without --tenant"), "{message}");
    let error = apply(&project, &cars, json!({"locales": 1})).unwrap_err();
    assert!(error.contains("nothing was applied") && error.contains("locales: expected an object"), "{error}");
    for command in [&["apply", "-"][..], &["doctor"], &["user", "reset-link", "--email", "a@example.com"]] {
        let error = cairn(&project, &[command, &["--tenant", "none"]].concat(), "{}").unwrap_err();
        assert!(error.contains("tenant \"none\" not found") && error.contains("cairn tenant list"), "{error}");
    }
    assert!(!project.path().join("data/tenants/none").exists() && !database(&project, "none").exists().unwrap());
    let admin = ["user", "create-admin", "--email", "ann@example.com"];
    let output = cairn(&project, &[&admin, &cars[..]].concat(), "a long password\n").unwrap();
    assert_eq!(output, "admin user ann@example.com: added\n");
    let error =
        cairn(&project, &["user", "reset-link", "--email", "ann@example.com", "--tenant", "cars"], "").unwrap_err();
    assert!(error.contains("user ann@example.com not found"), "{error}");
}

#[test]
fn doctor_checks_every_tenant() {
    let project = project();
    apply(&project, &[], json!({"tenants": {"old": null}})).unwrap();
    let message = cairn(&project, &["doctor"], "").unwrap();
    let cars = database(&project, "cars").to_string();
    for part in ["\ntenant cars\n", "\ntenant mrdj\n", "\ntenant old (out of service)\n", &cars] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(message.matches("ok    integrity").count(), 2, "{message}");
    assert_eq!(message.matches("ok    no data yet").count(), 2, "{message}");
    // Open registration is the default, as in Strapi, and only a note.
    assert_eq!(message.matches("note  registration: anyone can register").count(), 2, "{message}");
    assert!(!database(&project, "mrdj").exists().unwrap(), "looking makes nothing");
    let one = cairn(&project, &["doctor", "--tenant", "cars"], "").unwrap();
    assert_eq!(one.matches("ok    integrity").count(), 1, "{one}");
    if project.database().is_postgres() {
        return;
    }
    // A problem of one tenant does not hide the others.
    let folder = project.path().join("data/tenants/cars");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("cairn.db"), "this is no database".repeat(100)).unwrap();
    let error = cairn(&project, &["doctor"], "").unwrap_err();
    assert!(error.contains("1 finding(s)"), "{error}");
    cairn(&project, &["doctor", "--tenant", "mrdj"], "").unwrap();
}

/// Code comes first, since a schema that does not load is no reason to hide it, and looking at a new project creates nothing.
#[test]
fn doctor_lists_code_and_creates_no_database() {
    let project = TestProject::newsroom()
        .with_file("src/index.js", "module.exports = { bootstrap() { go(); } };")
        .with_file("config/cron-tasks.js", "module.exports = { '0 1 * * *': () => {} };")
        .with_file("package.json", r#"{"dependencies": {"@strapi/plugin-seo": "2.0.0", "react": "18.0.0"}}"#);
    std::fs::remove_dir_all(project.path().join("data")).unwrap_or_default();
    let message = cairn(&project, &["doctor"], "").unwrap();
    for part in [
        "register or bootstrap functions: 1\n        src/index.js\n",
        "cron tasks: 1\n        config/cron-tasks.js\n",
        "installed packages for Strapi: 1\n        @strapi/plugin-seo\n",
        "ok    no data yet: the first start creates the database\n",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!project.path().join("data").exists() && !database(&project, "default").exists().unwrap());
    let error = cairn(&project, &["doctor", "--tenant", "none"], "").unwrap_err();
    assert!(error.contains("tenant \"none\" not found"), "{error}");
    let project = project.with_file("src/components/x/y.json", "{");
    let output = Command::new(env!("CARGO_BIN_EXE_cairn"))
        .args(["doctor", "--project"])
        .arg(project.path())
        .env("CAIRN_LOG", "error")
        .output()
        .unwrap();
    let (listed, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && listed.contains("src/index.js"), "{listed}");
    assert!(error.contains("the content types have 1 problem:") && !error.contains("nothing was changed"), "{error}");
}

/// `--help` of a project without tenants says what there is; what it does is as it was.
#[test]
fn output_omits_tenants_in_a_project_without_them() {
    let project = TestProject::newsroom();
    let outputs = [
        apply(&project, &[], json!({"locales": {"default": "nl", "available": ["nl"]}})).unwrap(),
        cairn(&project, &["doctor"], "").unwrap(),
    ];
    assert!(outputs.iter().all(|text| !text.to_lowercase().contains("tenant ")), "{outputs:?}");
    assert_eq!(cairn(&project, &["tenant", "list"], "").unwrap().lines().count(), 1);
}

#[test]
fn sealing_profiles_are_set_listed_and_removed() {
    let project = project();
    let fixture = |name: &str| format!("{}/../seals/tests/openssl/{name}", env!("CARGO_MANIFEST_DIR"));
    let seal = |args: &[&str], input: &str| cairn(&project, &[&["seal"], args].concat(), input);
    let (file, key, certificates) =
        (fixture("modern.p12"), fixture("rsa-encrypted/key.pem"), fixture("rsa/certificate.pem"));
    let set = seal(&["set", "contracts", "--pkcs12", &file, "--password", "-"], "geheim\n").unwrap();
    assert!(
        set.contains("contracts") && set.contains("O=Donkervoort, CN=Seals") && set.ends_with("RSA 2048\n"),
        "{set}"
    );
    seal(&["set", "invoices", "--key", &key, "--certificates", &certificates, "--password", "-"], "geheim").unwrap();
    assert_eq!(seal(&["list"], "").unwrap().lines().count(), 2);
    for (args, input, expected) in [
        (
            vec!["set", "contracts", "--pkcs12", &file, "--password", "-"],
            "wrong",
            "password: is incorrect for this file",
        ),
        (vec!["set", "Contracts", "--pkcs12", &file], "", "is not a valid profile name"),
        (vec!["set", "contracts", "--pkcs12", "nowhere.p12"], "", "nowhere.p12"),
        (vec!["set", "contracts"], "", "--pkcs12"),
        (vec!["set", "contracts", "--key", &key], "", "--certificates"),
        (vec!["remove", "letters"], "", "sealing profile \"letters\" not found"),
    ] {
        let message = seal(&args, input).unwrap_err();
        assert!(message.contains(expected), "{args:?}: {message}");
    }
    seal(&["remove", "invoices"], "").unwrap();
    // A tenant of its own has keys of its own.
    assert_eq!(seal(&["list", "--tenant", "cars"], "").unwrap(), "");
    // By an installation with another secret key it is listed, and cannot be used.
    let mut list = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        list.env("CAIRN_DATABASE_URL", project.database().url());
    }
    list.args(["seal", "list", "--project"]).arg(project.path());
    let list = list.env("CAIRN_SECRET_KEY", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=").output().unwrap();
    let text = String::from_utf8(list.stdout).unwrap();
    assert!(text.starts_with("contracts") && text.contains("set the profile again"), "{text}");
}

#[test]
fn seals_are_verified_against_trusted_certificates() {
    let program = format!("{}/../../target/tools/cairn-pdf", env!("CARGO_MANIFEST_DIR"));
    let project = project().with_file("cairn.toml", &format!("[plugins]\npdf = {program:?}\n"));
    let fixture = |name: &str| format!("{}/tests/seals/{name}", env!("CARGO_MANIFEST_DIR"));
    // Sealed with that key, whose certificate is valid from 2026-11-21 to 2126.
    let own = format!("{}/../seals/tests/openssl/rsa/certificate.pem", env!("CARGO_MANIFEST_DIR"));
    let other = format!("{}/../seals/tests/openssl/p384/certificate.pem", env!("CARGO_MANIFEST_DIR"));
    let (sealed, at) = (fixture("sealed.pdf"), "2030-01-01T00:00:00Z");
    let verify = |args: &[&str]| cairn(&project, &[&["seal", "verify", &sealed], args].concat(), "");
    let found = verify(&["--trust", &own, "--at", at]).unwrap();
    for line in [
        "Seal1: valid",
        "  signer: O=Donkervoort, CN=Seals",
        "  time: 2026-11-26T20:40:00.000Z",
        "  level: B-B",
        "  covers the whole file: yes",
        "  note: revocation was not checked",
    ] {
        assert!(found.lines().any(|found| found == line), "{line}: {found}");
    }
    let found: Json = serde_json::from_str(&verify(&["--trust", &own, "--at", at, "--json"]).unwrap()).unwrap();
    assert_eq!(
        (&found["verdict"], &found["level"], &found["coversWholeFile"]),
        (&json!("valid"), &json!("B-B"), &json!(true))
    );
    let missing = fixture("missing.pem");
    for (args, expected) in [
        (vec!["--trust", &other, "--at", at], "0 of 1 signatures are valid"),
        (vec!["--trust", &own, "--at", "2026-01-01T00:00:00Z"], "0 of 1 signatures are valid"),
        (vec!["--trust", &own, "--at", "yesterday"], "2026-01-31T12:00:00Z"),
        (vec!["--trust", &missing], "missing.pem"),
        (vec!["--trust", &sealed], "--trust"),
    ] {
        let message = verify(&args).unwrap_err();
        assert!(message.contains(expected), "{args:?}: {message}");
    }
    let error = cairn(&project, &["seal", "verify", &own, "--trust", &own], "").unwrap_err();
    assert!(error.contains("cannot be read"), "{error}");
    // The sealing profiles of the installation are trusted if no certificates are given.
    cairn(&project, &["seal", "list"], "").unwrap();
    assert!(verify(&["--at", at]).unwrap_err().contains("0 of 1"));
    let key = own.replace("certificate.pem", "key.pem");
    cairn(&project, &["seal", "set", "contracts", "--key", &key, "--certificates", &own], "").unwrap();
    assert!(verify(&["--at", at]).unwrap().starts_with("Seal1: valid"));
    // A single byte is changed.
    let mut changed = std::fs::read(&sealed).unwrap();
    changed[100] ^= 1;
    let file = project.path().join("changed.pdf");
    std::fs::write(&file, changed).unwrap();
    let error =
        cairn(&project, &["seal", "verify", file.to_str().unwrap(), "--trust", &own, "--at", at], "").unwrap_err();
    assert!(error.contains("0 of 1 signatures are valid") || error.contains("cannot be read"), "{error}");
}

/// A server process that ends with the test.
struct ServerProcess(Child);

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status of `/_health`; `None` where there is no answer in that time.
fn health(address: SocketAddr, patience: Duration) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(b"GET /_health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    std::str::from_utf8(&head).ok()?.split(' ').nth(1)?.parse().ok()
}

fn wait_until_healthy(address: SocketAddr) {
    let began = Instant::now();
    while health(address, Duration::from_millis(500)) != Some(204) {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(60)), "no answer");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn server_recovers_after_running_out_of_file_descriptors() {
    let project = TestProject::newsroom();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new("sh");
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    let serve = ["-c", "ulimit -n 100; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_cairn"), "serve", "--listen"];
    let command = command.args(serve).arg(address.to_string()).arg("--project").arg(project.path());
    let command = command.env("CAIRN_LOG", "error").env("CAIRN_SECRET_KEY", SECRET_KEY);
    let mut server = ServerProcess(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_until_healthy(address);
    // More than it can have: the last ones wait in the system's queue, and so does whoever comes then.
    let idle: Vec<TcpStream> = (0..150).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(health(address, Duration::from_secs(2)), None);
    drop(idle);
    wait_until_healthy(address);
    assert!(server.0.try_wait().unwrap().is_none(), "it ended");
}
