//! A PostgreSQL server of our own: made, started, waited for, stopped, thrown away.
//!
//! It runs as another user where we are root, listens on a free port of the loopback and on a socket in its own folder,
//! and orders text by rules that are not Cairn's wherever the machine can: what Cairn orders by must come from Cairn.

mod leftovers;
mod machine;

use crate::interrupt;
use crate::process::run_checked;
use crate::server::free_address;
use anyhow::{Context, Result, bail};
use leftovers::FolderClaim;
use machine::SystemUser;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The database, and its owner: no superuser, as an operator would have it.
const DATABASE_NAME: &str = "cairn";
/// How long a start may take, recovery included.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an orderly stop may take before the server is stopped at once.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Starts that are tried: a port that was free may be taken by the time the server listens.
const MAX_START_TRIES: u32 = 5;

/// Durability that is required of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: what tests write may be gone after a crash.
    None,
    /// PostgreSQL's own defaults: what is acknowledged stays.
    Full,
}

impl Durability {
    fn server_settings(self) -> &'static [&'static str] {
        match self {
            Self::None => &["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=4GB"],
            Self::Full => &["fsync=on", "full_page_writes=on", "synchronous_commit=on", "max_wal_size=4GB"],
        }
    }
}

/// A cluster and its server. Dropped, the server stops; a throw-away cluster is removed.
pub(crate) struct Cluster {
    place: Arc<ClusterProcess>,
    bin: PathBuf,
    user: Option<SystemUser>,
    durability: Durability,
    port: u16,
    password: String,
    _interrupt: interrupt::CleanupGuard,
}

/// Process and folder that have to be ended and removed whatever happens.
struct ClusterProcess {
    claim: FolderClaim,
    throw_away: bool,
    server: Mutex<Option<Child>>,
}

/// `cargo xtask postgres`: a throw-away server for tests run by hand, until Ctrl-C. Returns an error if it cannot be started.
pub(crate) fn run() -> Result<()> {
    let interrupted = interrupt::listen_for_signal()?;
    let cluster = Cluster::throw_away(Durability::None)?;
    println!("export {}='{}'", crate::database::TEST_DATABASE_VARIABLE, cluster.url());
    println!("# {}", cluster.connection_hint());
    println!("# Press Ctrl-C to stop the server and delete its data.");
    // A sender that is gone would mean that nothing can interrupt any more.
    interrupted.recv()?;
    Ok(())
}

/// Checks that the programs are there, or installs them.
///
/// # Errors
/// When neither: says what to type.
pub(crate) fn check_available() -> Result<()> {
    machine::find_programs(None).map(drop)
}

impl Cluster {
    /// A new one in a temporary folder, with its server running; gone when it is dropped. Returns an error if the programs are
    /// missing or a step fails.
    pub(crate) fn throw_away(durability: Durability) -> Result<Self> {
        let user = SystemUser::to_run_as()?;
        let temporary = machine::temporary_folder(user)?;
        leftovers::remove_leftovers(&temporary);
        let bin = machine::find_programs(None)?;
        let claim = leftovers::claim_new_folder(&temporary)?;
        Self::in_place(claim, true, bin, user, durability)
    }

    /// The one in that folder, made where it is missing, with its server running; it stays when it is dropped. Returns an error if somebody
    /// else uses it, the programs are missing or a step fails.
    pub(crate) fn open_lasting(folder: &Path) -> Result<Self> {
        let user = SystemUser::to_run_as()?;
        let folder = machine::lasting_folder(folder, user);
        if let Some(above) = folder.parent() {
            std::fs::create_dir_all(above)?;
        }
        let Ok(claim) = leftovers::claim_folder(&folder)? else {
            bail!("{}: another run is using this database", folder.display());
        };
        leftovers::end_server(&folder.join("data"));
        let made_by = std::fs::read_to_string(folder.join("data/PG_VERSION")).ok();
        let major = made_by.and_then(|text| text.trim().parse().ok());
        let bin = machine::find_programs(major).with_context(|| {
            format!("opening the database in {0}; install that version, or delete {0} to start over", folder.display())
        })?;
        Self::in_place(claim, false, bin, user, Durability::Full)
    }

    fn in_place(
        claim: FolderClaim,
        throw_away: bool,
        bin: PathBuf,
        user: Option<SystemUser>,
        durability: Durability,
    ) -> Result<Self> {
        let place = Arc::new(ClusterProcess { claim, throw_away, server: Mutex::default() });
        let at_signal = Arc::downgrade(&place);
        let guard = interrupt::on_end(move || {
            if let Some(place) = at_signal.upgrade() {
                place.stop_and_remove();
            }
        })?;
        let mut cluster = Self { place, bin, user, durability, port: 0, password: String::new(), _interrupt: guard };
        cluster.create_cluster()?;
        for remaining in (0..MAX_START_TRIES).rev() {
            cluster.port = free_port()?;
            match cluster.start() {
                Ok(()) => break,
                Err(error) if remaining == 0 || !format!("{error:#}").contains("cannot bind") => return Err(error),
                Err(_) => {}
            }
        }
        cluster.make_database()?;
        Ok(cluster)
    }

    /// The database over TCP, as `CAIRN_DATABASE_URL` takes it, without a schema.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{DATABASE_NAME}:{}@127.0.0.1:{}/{DATABASE_NAME}", self.password, self.port)
    }

    /// As [`Self::url`], over the socket instead of TCP and with a schema.
    pub(crate) fn socket_url(&self, schema: &str) -> String {
        let folder = crate::api::encode_query(&self.folder().to_string_lossy());
        format!(
            "postgres://{DATABASE_NAME}:{}@/{DATABASE_NAME}?host={folder}&port={}&schema={schema}",
            self.password, self.port
        )
    }

    /// Stops the server at once, without a checkpoint (`pg_ctl stop -m immediate`): for its data a crash. Returns an error if it had ended
    /// already, or does not end.
    pub(crate) fn crash(&self) -> Result<()> {
        let mut server = self.place.lock_server();
        let Some(child) = server.as_mut() else { bail!("PostgreSQL is not running") };
        if let Some(status) = child.try_wait()? {
            bail!("PostgreSQL had already ended, with {status}{}", self.log_tail());
        }
        if !signal_and_wait(child, Signal::SIGQUIT) {
            bail!("PostgreSQL did not stop within {} s", STOP_TIMEOUT.as_secs());
        }
        *server = None;
        Ok(())
    }

    /// Starts the server after [`Self::crash`], on the same port; returns when it takes connections. Returns an error if it ends, or is not
    /// ready after a minute.
    pub(crate) fn start(&self) -> Result<()> {
        let log = self.log_file();
        let file = File::options().create(true).append(true).open(&log).with_context(|| log.display().to_string())?;
        let mut command = self.client_command("postgres");
        command.arg("-D").arg(self.data_folder()).arg("-k").arg(self.folder());
        let port = format!("port={}", self.port);
        let common =
            ["listen_addresses=127.0.0.1", "max_connections=300", "shared_buffers=128MB", "log_min_messages=warning"];
        for setting in
            common.into_iter().chain([port.as_str()]).chain(self.durability.server_settings().iter().copied())
        {
            command.args(["-c", setting]);
        }
        // A group of its own, so that Ctrl-C reaches the chore first.
        command.stdout(file.try_clone()?).stderr(file).process_group(0);
        // The lock is held until the child is in its place: a signal in between would miss it.
        let mut server = self.place.lock_server();
        let started = Instant::now();
        *server = Some(command.spawn().with_context(|| format!("cannot start {}/postgres", self.bin.display()))?);
        drop(server);
        loop {
            if self.is_ready() {
                return Ok(());
            }
            let exit_status = self.place.lock_server().as_mut().map_or(Ok(None), Child::try_wait)?;
            if let Some(status) = exit_status {
                bail!("PostgreSQL ended with {status}{}", self.log_tail());
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("PostgreSQL was not ready within {} s{}", START_TIMEOUT.as_secs(), self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How a person reaches the database.
    pub(crate) fn connection_hint(&self) -> String {
        let folder = self.folder().display();
        format!(
            "PGPASSWORD=$(cat {folder}/password) psql -h {folder} -p {} -U {DATABASE_NAME} {DATABASE_NAME}",
            self.port
        )
    }

    /// The folder that it is all in.
    pub(crate) fn folder(&self) -> &Path {
        &self.place.claim.folder
    }

    fn data_folder(&self) -> PathBuf {
        self.folder().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder().join("log")
    }

    fn client_command(&self, program: &str) -> Command {
        machine::command_as(&self.bin, program, self.user, self.folder())
    }

    /// As `pg_ctl` does it: the last line of the server's own file says so.
    fn is_ready(&self) -> bool {
        let text = std::fs::read_to_string(self.data_folder().join("postmaster.pid")).unwrap_or_default();
        let pid = self.place.lock_server().as_ref().map(|child| child.id().to_string());
        text.lines().next().map(str::trim) == pid.as_deref() && text.lines().nth(7).map(str::trim) == Some("ready")
    }

    /// Makes the cluster where a whole one is not there yet.
    fn create_cluster(&mut self) -> Result<()> {
        let password = self.folder().join("password");
        // The last that is made: without it the folder is what a killed run left.
        if self.folder().join("made").exists() {
            self.password = std::fs::read_to_string(&password).with_context(|| password.display().to_string())?;
            return Ok(());
        }
        if self.folder().exists() {
            std::fs::remove_dir_all(self.folder()).with_context(|| self.folder().display().to_string())?;
        }
        machine::create_folder(self.folder(), self.user, 0o755)?;
        machine::create_folder(&self.data_folder(), self.user, 0o700)?;
        self.password = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
        write_secret(&password, &self.password, self.user)?;
        // The best that the machine has: rules of a language, by ICU or by the C library, or at least another name.
        let version = machine::major_version(&self.bin).unwrap_or_default();
        let icu: &[&str] = &["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];
        let orders = [icu, &["--locale=en_US.UTF-8"], &["--locale=C.UTF-8"], &["--locale=C"]];
        let mut failed = String::new();
        for order in orders.into_iter().filter(|order| version >= 15 || order.len() == 1) {
            let mut initdb = self.client_command("initdb");
            initdb.arg("-D").arg(self.data_folder()).args([
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ]);
            initdb.args(["-A", "scram-sha-256", "--pwfile"]).arg(&password).args(order);
            let result = initdb.output().context("initdb")?;
            if result.status.success() {
                return Ok(());
            }
            failed = String::from_utf8_lossy(&result.stderr).into_owned();
        }
        bail!("initdb failed:\n{failed}")
    }

    fn make_database(&self) -> Result<()> {
        let marker = self.folder().join("made");
        if marker.exists() {
            return Ok(());
        }
        let role = format!("CREATE ROLE {DATABASE_NAME} LOGIN PASSWORD '{}'", self.password);
        run_checked(self.psql_command("postgres").args([
            "-c",
            &role,
            "-c",
            &format!("CREATE DATABASE {DATABASE_NAME} OWNER {DATABASE_NAME}"),
        ]))?;
        File::create(marker)?;
        Ok(())
    }

    /// `psql` as the superuser, over the socket.
    fn psql_command(&self, database: &str) -> Command {
        let mut psql = self.client_command("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database]);
        psql.arg("-h").arg(self.folder()).args(["-p", &self.port.to_string()]).env("PGPASSWORD", &self.password);
        psql
    }

    /// One value that the database answers, asked by its superuser: for looking behind Cairn. Returns an error if it refuses.
    #[cfg(test)]
    fn query_value(&self, sql: &str) -> Result<String> {
        Ok(crate::process::run_output(self.psql_command(DATABASE_NAME).args(["-c", sql]))?.trim().to_owned())
    }

    /// The end of the log, for error messages.
    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!(":\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
    }
}

impl ClusterProcess {
    fn lock_server(&self) -> MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the server and removes what is not to stay. There is nobody to report to.
    fn stop_and_remove(&self) {
        let mut server = self.lock_server();
        if let Some(child) = server.as_mut() {
            // A throw-away cluster is never read again, so it needs no checkpoint.
            if self.throw_away || !signal_and_wait(child, Signal::SIGINT) {
                signal_and_wait(child, Signal::SIGQUIT);
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        *server = None;
        if self.throw_away {
            leftovers::discard_folder(&self.claim.folder);
        }
    }
}

impl Drop for ClusterProcess {
    fn drop(&mut self) {
        self.stop_and_remove();
    }
}

/// Signals a server and waits for its end; false where it takes too long.
fn signal_and_wait(child: &mut Child, signal: Signal) -> bool {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return true;
    }
    let Ok(pid) = i32::try_from(child.id()) else { return false };
    let _ = kill(Pid::from_raw(pid), signal);
    let started = Instant::now();
    while started.elapsed() < STOP_TIMEOUT {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// A file that only we and the server's user read.
fn write_secret(path: &Path, text: &str, user: Option<SystemUser>) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let opened = File::options().write(true).create_new(true).mode(0o600).open(path);
    let result = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    result.with_context(|| path.display().to_string())?;
    machine::give_to(path, user)
}

fn free_port() -> Result<u16> {
    let address = free_address()?;
    address.rsplit(':').next().and_then(|port| port.parse().ok()).with_context(|| format!("no port in {address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One cluster for all of it: making one takes seconds.
    #[test]
    fn throw_away_cluster_survives_a_crash_and_is_removed() {
        if machine::installed_programs().is_none() {
            eprintln!("left out: PostgreSQL is not installed on this machine");
            return;
        }
        let cluster = Cluster::throw_away(Durability::Full).unwrap();
        let folder = cluster.folder().to_owned();
        // Languages have `a` before `B`; a machine without ICU and languages can sort only by code point, which has `B` first.
        let order =
            cluster.query_value("SELECT string_agg(x, '' ORDER BY x) FROM (VALUES ('a'), ('B'), ('c')) v (x)").unwrap();
        assert!(order == "aBc" || order == "Bac", "{order}");
        cluster.query_value("CREATE TABLE kept AS SELECT 7 AS n").unwrap();
        cluster.crash().unwrap();
        assert!(cluster.crash().is_err());
        cluster.start().unwrap();
        assert_eq!(cluster.query_value("SELECT n FROM kept").unwrap(), "7");
        assert_eq!(
            cluster.query_value("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'cairn'").unwrap(),
            DATABASE_NAME
        );
        drop(cluster);
        assert!(!folder.exists());
    }

    #[test]
    fn lasting_cluster_can_be_reopened_by_one_user_at_a_time() {
        if machine::installed_programs().is_none() {
            eprintln!("left out: PostgreSQL is not installed on this machine");
            return;
        }
        let folder = crate::paths::scratch_folder("kept-cluster").unwrap().join("postgres");
        let place = machine::lasting_folder(&folder, SystemUser::to_run_as().unwrap());
        // A killed run may have left its folder where no other test cleans up.
        leftovers::discard_folder(&place);
        let cluster = Cluster::open_lasting(&folder).unwrap();
        assert!(Cluster::open_lasting(&folder).is_err());
        cluster.query_value("CREATE TABLE kept AS SELECT 7 AS n").unwrap();
        let url = cluster.url();
        drop(cluster);
        let cluster = Cluster::open_lasting(&folder).unwrap();
        assert_eq!(cluster.query_value("SELECT n FROM kept").unwrap(), "7");
        assert_eq!(cluster.url().rsplit_once('@').unwrap().0, url.rsplit_once('@').unwrap().0);
        drop(cluster);
        leftovers::discard_folder(&place);
        assert!(!place.exists());
    }
}
