//! `cargo xtask shots`: the pictures of the documentation, which `admin-ui/e2e/pictures` takes of projects that it fills itself, into
//! docs/screenshots. `--of admin` and `--of applications` look at each screen of the samples instead, at three widths, light and dark, with axe-core
//! on the way; what they saw is in the target folder.

use crate::api::Api;
use crate::build::Profile;
use crate::database::isolate_command;
use crate::process::{root_command, run_checked, run_output};
use crate::sample::site::{Credentials, SharedServers, start_sites, stop_sites};
use crate::server::{ServerCommand, free_address};
use crate::steps::Steps;
use crate::{admin_ui, build, paths, pdf, prerequisites, sample, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opens only the server that is started here, on a scratch project.
const SCRATCH_TOKEN: &str = "a-token-of-a-scratch-project-0123456789";
/// Admin user who looks at the screens.
const VIEWER_EMAIL: &str = "anna@example.com";
const VIEWER_PASSWORD: &str = "correct horse battery staple";

/// Subject of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// The documentation's pictures, into docs/screenshots
    Documentation,
    /// The admin, with the sample content, checked with axe
    Admin,
    /// The applications, and the customers' site, checked with axe
    Applications,
}

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Subjects of the pictures to take
    #[arg(long, value_enum, default_value_t = Subject::Documentation)]
    of: Subject,
    /// Use this binary instead of building one
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Take the documentation's pictures of these files only: `crm`, `journey`
    only: Vec<String>,
}

/// Takes the pictures. Returns an error if a step fails, or axe finds something.
pub(crate) fn run(args: &Args) -> Result<()> {
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::NPM, prerequisites::CHROMIUM])?;
    let ui = ("CAIRN_ADMIN_UI".to_owned(), admin_ui::build_ui()?.display().to_string());
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_server(Profile::Quick)?,
    };
    match args.of {
        Subject::Documentation => illustrate_documentation(&binary, &args.only),
        Subject::Admin => show_admin(&binary, ui),
        Subject::Applications => show_applications(binary, ui),
    }
}

/// Takes the pictures of docs/screenshots. Returns an error if one cannot be taken, or is too large.
fn illustrate_documentation(binary: &Path, only: &[String]) -> Result<()> {
    wasm::build_components(false)?;
    let mut pictures = admin_ui::package_tool("vitest/vitest.mjs");
    isolate_command(&mut pictures).env("CAIRN_BINARY", binary);
    pictures.env(pdf::PROGRAM_VARIABLE, pdf::build_program(false)?);
    run_checked(pictures.args(["run", "--config", "e2e/pictures/vitest.config.ts"]).args(only))
}

/// Where pictures of the checked screens are.
fn checked_screens_folder() -> PathBuf {
    paths::target_folder().join("xtask/screens")
}

/// A script of `xtask/shots`, which is told where pictures go and where its packages are after `first`. Returns an error if that folder cannot be made.
fn script(name: &str, first: &str) -> Result<Command> {
    fs::create_dir_all(checked_screens_folder())?;
    let mut node = root_command("node");
    node.arg(paths::repository_root().join("xtask/shots").join(name)).arg(first);
    node.arg(checked_screens_folder()).arg(admin_ui::ui_folder());
    Ok(node)
}

/// Starts the sites of the samples in a scratch folder, and takes pictures of their applications and of the customers' site. Returns the same errors
/// as [`run`].
fn show_applications(binary: PathBuf, ui: (String, String)) -> Result<()> {
    let scratch = paths::scratch_folder("shots-applications")?;
    fs::create_dir_all(scratch.join("data"))?;
    let steps = Steps::new("shots.log", false)?;
    let env = vec![
        ("CAIRN_SAMPLE_TOKEN".to_owned(), SCRATCH_TOKEN.to_owned()),
        ("CAIRN_SAMPLE_PASSWORD".to_owned(), VIEWER_PASSWORD.to_owned()),
        (pdf::PROGRAM_VARIABLE.to_owned(), pdf::build_program(false)?.display().to_string()),
        ui,
    ];
    let log = Some(scratch.join("log"));
    let main = ServerCommand { binary, project: scratch, listen: String::new(), env, log };
    let credentials = Credentials { token: SCRATCH_TOKEN.to_owned(), password: VIEWER_PASSWORD.to_owned() };
    let servers = SharedServers::default();
    let outcome = start_sites(&main, &credentials, &steps, &servers).and_then(|places| {
        let mut node = script("applications.mjs", &places.to_string())?;
        run_checked(node.env("SAMPLE_PASSWORD", VIEWER_PASSWORD))
    });
    outcome.and(stop_sites(&servers))
}

/// Boots the sample project in a scratch folder, and takes pictures of the admin. Returns the same errors as [`run`].
fn show_admin(binary: &Path, ui: (String, String)) -> Result<()> {
    let root = paths::repository_root();
    let scratch = paths::scratch_folder("shots")?;
    let project = scratch.join("donkervoort");
    paths::copy_dir(&root.join("content-types"), &project.join("content-types"))?;
    let env = vec![("CAIRN_SAMPLE_TOKEN".to_owned(), SCRATCH_TOKEN.to_owned()), ui];
    let boot = ServerCommand {
        binary: binary.to_owned(),
        project,
        listen: free_address()?,
        env,
        log: Some(scratch.join("log")),
    };
    boot.apply_settings(&root.join("examples/sample/settings.json"))?;
    let admin = serde_json::json!({ "adminUsers": [{
        "email": VIEWER_EMAIL, "password": VIEWER_PASSWORD, "firstName": "Anna", "lastName": "de Vries", "roles": ["super-admin"],
    }] });
    let settings = scratch.join("admin.json");
    fs::write(&settings, admin.to_string())?;
    boot.apply_settings(&settings)?;
    let package = pack_example(&boot.binary, "bookings", &scratch)?;
    let server = boot.start()?;
    let api = Api::new(&server.base, Some(SCRATCH_TOKEN));
    sample::load_samples(&api, &root.join("examples/sample"), &root.join("content-types"), VIEWER_PASSWORD)
        .context("loading the sample content")?;
    let mut node = script("shots.mjs", &server.base)?;
    node.env("ADMIN_EMAIL", VIEWER_EMAIL).env("ADMIN_PASSWORD", VIEWER_PASSWORD).env("PLUGIN_PACKAGE", package);
    let outcome = run_checked(&mut node);
    server.stop()?;
    outcome
}

/// The package of an example plugin, signed by nobody, below a folder.
fn pack_example(binary: &Path, example: &str, below: &Path) -> Result<PathBuf> {
    let file = format!("{example}.wasm");
    let components = wasm::build_components(false)?;
    let component =
        components.iter().find(|path| path.ends_with(&file)).with_context(|| format!("{file} not found"))?;
    let folder = below.join(example);
    let source = paths::repository_root().join("examples/plugins").join(example);
    for part in fs::read_dir(&source)? {
        let part = part?;
        // Build output is not part of the example.
        if part.file_name() == "target" {
            continue;
        }
        let to = folder.join(part.file_name());
        if part.file_type()?.is_dir() {
            paths::copy_dir(&part.path(), &to)?;
        } else {
            fs::create_dir_all(&folder)?;
            fs::copy(part.path(), to)?;
        }
    }
    fs::copy(component, folder.join("plugin.wasm"))?;
    run_output(Command::new(binary).args(["plugin", "pack"]).arg(&folder).arg("--out").arg(below))?;
    let packages: Vec<PathBuf> = fs::read_dir(below)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let found = packages.into_iter().find(|path| path.extension().is_some_and(|e| e == "cairnplugin"));
    found.context("`cairn plugin pack` wrote no package")
}
