//! Public clients of Strapi, as npm and PyPI have them, against a server with the project of `core/server/tests/clients`.

use super::outcome::SuiteOutcome;
use crate::counts::TestCounts;
use crate::database::isolate_command;
use crate::process::{root_command, run_checked, run_counted};
use crate::server::{ServerCommand, free_address};
use crate::{admin_ui, build, npm, paths, prerequisites};
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Token of the scratch project; opens only the server that is started here.
const SCRATCH_TOKEN: &str = "full-0123456789abcdef0123456789abcdef";
/// Read-only token of the scratch projects.
const SCRATCH_READER: &str = "read-0123456789abcdef0123456789abcdef";

/// Runs the clients' calls, those of Python where its packages can be had. Returns an error if they cannot be started, or the server does not serve.
pub(super) fn run_clients() -> Result<SuiteOutcome> {
    if !npm::is_installed() {
        return Ok(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let suite = paths::repository_root().join("core/server/tests/clients");
    let packages = match fetch_packages(&suite) {
        Ok(folder) => folder,
        Err(error) => return Ok(SuiteOutcome::LeftOut(format!("{error:#}"))),
    };
    let boot = prepare_server(&suite, "clients")?;
    let server = boot.start()?;
    let mut run = root_command("node");
    run.arg(suite.join("run.mjs")).env("BASE", &server.base).env("TOKEN", SCRATCH_TOKEN).env("CLIENT_DIR", &packages);
    match fetch_python_packages(&suite, "requirements.txt", &packages.join("python")) {
        Ok(folder) => {
            run.env("PYTHON", "python3").env("PYTHONPATH", folder);
        }
        Err(error) => println!("without the Python clients: {error:#}"),
    }
    let mut counts = run_counted(&mut run)?;
    server.stop()?;
    counts += check_types_of_projects(&boot.binary)?;
    counts += fuzz_content_api(&suite, &packages)?;
    Ok(SuiteOutcome::Ran(counts))
}

/// A server with the suite's project, in a folder of its own, and the tokens of the suite.
fn prepare_server(suite: &Path, name: &str) -> Result<ServerCommand> {
    let project = paths::scratch_folder(name)?;
    paths::copy_dir(&suite.join("project"), &project)?;
    let env = [("TOKEN", SCRATCH_TOKEN), ("READER", SCRATCH_READER)];
    let boot = ServerCommand {
        binary: build::tested_server()?,
        listen: free_address()?,
        env: env.map(|(name, token)| (name.to_owned(), token.to_owned())).to_vec(),
        log: Some(project.join("cairn.log")),
        project,
    };
    boot.apply_settings(&suite.join("settings.json"))?;
    Ok(boot)
}

/// Holds the content API against its OpenAPI description, with requests that Schemathesis makes up. Left out, with a line, where its packages cannot be had.
fn fuzz_content_api(suite: &Path, packages: &Path) -> Result<TestCounts> {
    let folder = match fetch_python_packages(suite, "requirements-fuzz.txt", &packages.join("python-fuzz")) {
        Ok(folder) => folder,
        Err(error) => {
            println!("without Schemathesis: {error:#}");
            return Ok(TestCounts::default());
        }
    };
    let server = prepare_server(suite, "clients-fuzz")?.start()?;
    let mut run = root_command("node");
    run.arg(suite.join("fuzz.mjs")).env("BASE", &server.base).env("TOKEN", SCRATCH_TOKEN).env("READER", SCRATCH_READER);
    let counts = run_counted(run.env("PYTHON", "python3").env("PYTHONPATH", folder))?;
    server.stop()?;
    Ok(counts)
}

/// Compiles what `cairn types` writes for the sample project and for those of the shared material, each by itself. Returns an error if a tool
/// cannot be started.
fn check_types_of_projects(binary: &Path) -> Result<TestCounts> {
    let root = paths::repository_root();
    let mut projects = vec![root.to_owned(), root.join("core/server/tests/clients/project")];
    projects.extend(paths::shared_folder("conformance"));
    if let Some(fixtures) = paths::shared_folder("fixtures") {
        for entry in fs::read_dir(fixtures.join("strapi-projects"))? {
            projects.push(entry?.path());
        }
    }
    let mut counts = TestCounts::default();
    for project in projects {
        let folder = paths::scratch_folder("front-end-types")?;
        let file = folder.join("cairn-types.ts");
        let mut types = Command::new(binary);
        isolate_command(&mut types).arg("types").arg("--project").arg(&project).arg("--out").arg(&file);
        let is_written = types.status()?.success();
        let mut tsc = admin_ui::package_tool("typescript/bin/tsc");
        // Without the packages of types beside the compiler, which are of another project.
        tsc.args(["--strict", "--noEmit", "--target", "es2022", "--typeRoots"]).args([&folder, &file]);
        let name = format!("types of {}", project.display());
        counts += TestCounts::check(&name, is_written && tsc.status()?.success());
    }
    Ok(counts)
}

/// The folder with npm's clients in it, in the versions of the suite's lock. Returns an error if npm fails.
fn fetch_packages(suite: &Path) -> Result<PathBuf> {
    let folder = paths::target_folder().join("clients");
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::write(folder.join(name), fs::read(suite.join(name))?)?;
    }
    npm::install_packages(&folder)?;
    Ok(folder)
}

/// The folder with the packages of a file of requirements; pip fetches them once. Returns an error if there is no Python, or pip fails.
fn fetch_python_packages(suite: &Path, requirements: &str, folder: &Path) -> Result<PathBuf> {
    if !prerequisites::is_in_path("python3") {
        bail!("python3 is not installed on this machine");
    }
    let requirements = suite.join(requirements);
    let wanted = fs::read(&requirements)?;
    let noted = folder.join("requirements.txt");
    if fs::read(&noted).is_ok_and(|fetched| fetched == wanted) {
        return Ok(folder.to_owned());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut pip = root_command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    run_checked(pip.arg(folder).arg("--requirement").arg(requirements))?;
    fs::write(noted, wanted)?;
    Ok(folder.to_owned())
}
