//! `cargo xtask run`: the repository itself as a project, with the sample content, served until Ctrl-C.

use crate::api::Api;
use crate::build::Profile;
use crate::database::{DATABASE_VARIABLE, Database};
use crate::postgres::Cluster;
use crate::sample::site::{Credentials, SharedServers, show_sites, stop_sites};
use crate::secret::read_or_create_secret;
use crate::server::{ServerCommand, ServerProcess};
use crate::steps::Steps;
use crate::{admin_ui, build, interrupt, paths, pdf, prerequisites, process, sample};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// The package of the server.
const SERVER_PACKAGE: &str = "cairn-server";
/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:1337")]
    listen: String,
    /// Run the optimised build
    #[arg(long)]
    release: bool,
    /// Use this binary instead of building one
    #[arg(long, conflicts_with = "release")]
    binary: Option<PathBuf>,
    /// Load the sample content, then stop the server and exit
    #[arg(long)]
    once: bool,
    /// A private PostgreSQL in the target folder, or SQLite; by default as configured in cairn.toml and the environment
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Show everything that the compiler, npm and the server say
    #[arg(short, long)]
    verbose: bool,
}

/// Builds, starts, loads, and waits. Returns an error if a step fails, or the server ends by itself.
pub(crate) fn run(args: Args) -> Result<()> {
    // Otherwise whoever listens there would answer our health check and get the sample content.
    drop(TcpListener::bind(&args.listen).with_context(|| format!("cannot listen on {}", args.listen))?);
    // The PDF program takes minutes to build, and the first page does not need it: it is built while the server runs.
    let pdf_later =
        args.binary.is_none() && !args.release && !args.once && std::env::var_os(pdf::PROGRAM_VARIABLE).is_none();
    let project = paths::repository_root();
    let data = project.join("data");
    fs::create_dir_all(&data)?;
    let steps = Arc::new(Steps::new("run.log", args.verbose)?);
    let binary = match args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build_binary(&steps, Profile::new(args.release), pdf_later)?,
    };
    // Anew at each start: it is for looking at what goes on, not a record.
    let log = (!args.verbose).then(|| data.join("server.log"));
    if let Some(log) = &log {
        File::create(log).with_context(|| log.display().to_string())?;
    }
    let token = read_or_create_secret(&data.join("sample.token"))?;
    let password = read_or_create_secret(&data.join("sample.password"))?;
    let interrupted = interrupt::listen_for_signal()?;
    let cluster = match args.database {
        Some(Database::Postgres) => Some(
            steps.run("Starting PostgreSQL", "", || Cluster::open_lasting(&paths::target_folder().join("postgres")))?,
        ),
        _ => None,
    };
    let mut env =
        vec![("CAIRN_SAMPLE_TOKEN".to_owned(), token.clone()), ("CAIRN_SAMPLE_PASSWORD".to_owned(), password.clone())];
    env.extend(database_url(args.database, cluster.as_ref()).map(|url| (DATABASE_VARIABLE.to_owned(), url)));
    if pdf_later {
        env.push((pdf::PROGRAM_VARIABLE.to_owned(), pdf::place_beside(&binary).display().to_string()));
    }
    let boot = ServerCommand { binary, project: project.to_owned(), listen: args.listen, env, log: log.clone() };
    let server = steps.run("Starting the server", "", || {
        boot.apply_settings(&project.join("examples/sample/settings.json"))?;
        boot.start()
    })?;
    let loaded = steps.run("Loading the sample content", "", || load_once(&server, &data, &token, &password));
    if let Err(error) = loaded {
        server.stop()?;
        return Err(error);
    }
    if !args.once {
        print!("{}", welcome_text(&server.base));
        if log.is_some() {
            println!("    What the server says is in data/server.log; with -v it is shown here.\n");
        }
        if let Some(cluster) = &cluster {
            println!("    Its PostgreSQL: {}\n", cluster.connection_hint());
        }
        let sites = Arc::new(SharedServers::default());
        let started = Arc::clone(&sites);
        std::thread::spawn(move || {
            // First what has pages of its own.
            show_sites(&boot, &Credentials { token, password }, &steps, &started);
            if pdf_later {
                build_pdf_program(&steps, &boot.binary);
            }
        });
        wait_for_end(server, &interrupted).and(stop_sites(&sites))
    } else {
        server.stop()
    }
}

/// Builds the admin UI and the server, and what makes PDFs unless that comes later. Returns an error if a step fails.
fn build_binary(steps: &Steps, profile: Profile, pdf_later: bool) -> Result<PathBuf> {
    if !build::binary_path(profile).exists() {
        println!("{}", offer_binary());
    }
    steps.run("Building the admin UI", "", admin_ui::build_ui)?;
    let crates = process::count_dependencies(SERVER_PACKAGE);
    if pdf_later {
        return steps.run_compilation("Building the server", crates, || build::build_server(profile));
    }
    steps.run_compilation("Building the server and the program that makes PDFs", crates, || build::build_all(profile))
}

/// A hint for those who will not wait for the first build.
fn offer_binary() -> String {
    let built = [Profile::Quick, Profile::Release].map(build::binary_path).into_iter().find(|path| path.exists());
    let known = built.or_else(|| prerequisites::find_in_path("cairn"));
    let path = known.map_or_else(|| "PATH".to_owned(), |path| path.display().to_string());
    format!(
        "The server is compiled first. A binary that is there already starts at once: cargo xtask run --binary {path}"
    )
}

/// Builds what makes PDFs beside a server that runs, which looks for it whenever a plugin asks for a PDF.
fn build_pdf_program(steps: &Steps, server: &Path) {
    let hint = if pdf::place_beside(server).exists() { "" } else { "until then, plugins that make PDFs are rejected" };
    let built = steps.run("Building the program that makes PDFs", hint, || pdf::copy_beside(server));
    if let Err(error) = built {
        println!("PDFs are not available: {error:#}");
    }
}

/// Returns the database URL to pass to the server; nothing where cairn.toml may say it.
fn database_url(database: Option<Database>, cluster: Option<&Cluster>) -> Option<String> {
    match (database, cluster) {
        (_, Some(cluster)) => Some(cluster.url()),
        (Some(_), None) => Some("sqlite:data/tenants/default/cairn.db".to_owned()),
        (None, None) => std::env::var(DATABASE_VARIABLE).ok(),
    }
}

/// Loads the sample content where the marker of an earlier load is missing.
fn load_once(server: &ServerProcess, data: &Path, token: &str, password: &str) -> Result<()> {
    let marker = data.join("sample.loaded");
    // A database that was thrown away takes its content with it, whatever the marker says.
    if marker.exists() && Api::new(&server.base, None).get("/api/portal-home")?.is_ok() {
        return Ok(());
    }
    let root = paths::repository_root();
    let api = Api::new(&server.base, Some(token));
    sample::load_samples(&api, &root.join("examples/sample"), &root.join("content-types"), password)
        .context("loading the sample content")?;
    File::create(marker)?;
    Ok(())
}

fn welcome_text(base: &str) -> String {
    format!(
        "
    {base}/admin
        the admin UI; it asks for the first administrator
    {base}/
        what is running, with example requests
    {base}/api/phases?locale=nl&sort=order&populate[cover][fields]=url
        the journey from order to delivery, in Dutch
    {base}/api/portal-home?populate[hero]=true&populate[sections][populate]=*
        the portal's first page: hero, dynamic zone, what is in it

    A customer's own timeline: POST {base}/api/auth/local with identifier sanne.verhoeven@example.org and the
    password in data/sample.password; then GET /api/updates?populate=vehicle with the jwt as bearer token.
    Ctrl-C stops the server.
"
    )
}

/// Until Ctrl-C, or until the server ends.
fn wait_for_end(mut server: ServerProcess, interrupted: &Receiver<()>) -> Result<()> {
    while interrupted.recv_timeout(Duration::from_millis(200)).is_err() {
        if let Some(status) = server.exit_status()? {
            bail!("cairn serve ended with {status}");
        }
    }
    println!("Stopping");
    server.stop()
}
