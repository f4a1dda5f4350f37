//! `cairn person`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::format_iso;
use cairn_app::OperatorError;
use cairn_app::personal_data::{
    ArchiveSummary, ErasureView, PersonalData, PersonalDataError, SourceProgress, SourceState, source_name,
};
use cairn_contact_details::email::normalise_email;
use cairn_plugin_host::privacy::DataSubject;
use cairn_store::events::Actor;
use cairn_store::system::ErasureState;
use chrono::DateTime;
use clap::Subcommand;
use std::fs::File;
use std::io::{BufRead, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Language of what a command says of records.
const LOCALE: &str = "en";
/// Records that stay, read at a time.
const RETAINED_PER_READ: i64 = 500;

/// Arguments of `cairn person`.
#[derive(Debug, clap::Args)]
pub struct PersonArgs {
    #[command(subcommand)]
    command: PersonCommand,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Write all data about a person to an archive with a JSON file for each part of Cairn and each plugin
    Export {
        /// The person's e-mail address
        address: String,
        /// The archive; without it, a .tar.gz with the date and time in its name
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Erase all data about a person, except what must be retained; an interrupted erasure continues where it was
    Erase {
        /// The person's e-mail address
        address: String,
        /// Erase without asking
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl PersonArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            PersonCommand::Export { address, out, tenant, project } => {
                let context = project.load_context()?;
                let access = tenant.open_filled(&context).await?;
                let (plugins, personal_data) = context.personal_data_working(tenant.name(), &access).await?;
                let person = personal_data.find_person(&address).map_err(to_operator_error)?;
                let out =
                    out.unwrap_or_else(|| format!("person-{}.tar.gz", access.now().format("%Y-%m-%d-%H%M%S")).into());
                let written = export_person(&personal_data, &person, &out).await;
                plugins.write_logs().await.map_err(|e| OperatorError(e.to_string()))?;
                let summary = written?;
                print_export(&summary, &person, &out);
                let missing: Vec<&str> = summary.missing().map(|source| source.source.as_str()).collect();
                if missing.is_empty() {
                    return Ok(());
                }
                Err(OperatorError(format!("the archive is incomplete: {} could not be asked", missing.join(", "))))
            }
            PersonCommand::Erase { address, yes, tenant, project } => {
                let context = project.load_context()?;
                let access = tenant.open_filled(&context).await?;
                let (plugins, personal_data) = context.personal_data_working(tenant.name(), &access).await?;
                let person = personal_data.find_person(&address).map_err(to_operator_error)?;
                if !yes {
                    confirm_erasure(&person)?;
                }
                let erased = erase_person(&personal_data, &person).await;
                plugins.write_logs().await.map_err(|e| OperatorError(e.to_string()))?;
                let erasure = erased?;
                print_erasure(&personal_data, &erasure)?;
                match erasure.state {
                    ErasureState::Done => Ok(()),
                    ErasureState::Incomplete | ErasureState::Running => Err(OperatorError(
                        "the erasure is incomplete: fix the problems above, then run this command again".into(),
                    )),
                }
            }
        }
    }
}

fn to_operator_error(error: PersonalDataError) -> OperatorError {
    OperatorError(error.to_string())
}

/// Writes the archive beside its place first: an interrupted export leaves nothing that looks whole.
async fn export_person(
    personal_data: &PersonalData,
    person: &DataSubject,
    out: &Path,
) -> Result<ArchiveSummary, OperatorError> {
    let at = |e: std::io::Error| OperatorError(format!("{}: {e}", out.display()));
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(at)?;
    let writer: BufWriter<&mut File> = BufWriter::new(file.as_file_mut());
    let summary = personal_data.write_archive(person, LOCALE, writer).await.map_err(to_operator_error)?;
    file.as_file().sync_all().map_err(at)?;
    file.persist(out).map_err(|e| at(e.error))?;
    Ok(summary)
}

fn print_export(summary: &ArchiveSummary, person: &DataSubject, out: &Path) {
    for source in &summary.sources {
        let name = source_name(&source.source, LOCALE);
        match &source.problem {
            Some(problem) => print_line(format_args!("{name}: {problem}")),
            None => print_line(format_args!("{name}: {} records", source.records)),
        }
    }
    match summary.records() {
        0 => print_line(format_args!("nothing is stored about {}; {} says so", person.email, out.display())),
        n => print_line(format_args!("{n} records about {} were written to {}", person.email, out.display())),
    }
}

fn confirm_erasure(person: &DataSubject) -> Result<(), OperatorError> {
    if !std::io::stdin().is_terminal() {
        return Err(OperatorError("nothing was erased; use --yes to erase without a terminal".into()));
    }
    let mut out = std::io::stdout();
    let _ = write!(out, "This erases all data about {} for good. Type the address to continue: ", person.email);
    let _ = out.flush();
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|e| OperatorError(format!("cannot read the answer: {e}")))?;
    if normalise_email(&answer) == person.email {
        return Ok(());
    }
    Err(OperatorError("nothing was erased: that is another address".into()))
}

async fn erase_person(personal_data: &PersonalData, person: &DataSubject) -> Result<ErasureView, OperatorError> {
    let by = Actor::system("command line");
    let id = match personal_data.start_erasure(person, LOCALE, &by).await {
        Ok(started) => started.id,
        // By a server, or a command that was interrupted: each step is taken once.
        Err(PersonalDataError::AlreadyRunning(id)) => id,
        Err(error) => return Err(to_operator_error(error)),
    };
    personal_data.run_erasure(id).await.map_err(to_operator_error)?;
    let erasure = personal_data.find_erasure(id).map_err(|e| OperatorError(e.to_string()))?;
    erasure.ok_or_else(|| OperatorError("the erasure was removed meanwhile".into()))
}

fn print_erasure(personal_data: &PersonalData, erasure: &ErasureView) -> Result<(), OperatorError> {
    for source in &erasure.sources {
        print_line(format_args!("{}: {}", source_name(&source.source, LOCALE), describe_source(source)));
    }
    let mut after = Some(0);
    while let Some(number) = after {
        let page = personal_data
            .list_retained(erasure.id, number, RETAINED_PER_READ)
            .map_err(|e| OperatorError(e.to_string()))?;
        for row in &page.records {
            let record = &row.record;
            let until = record.until.and_then(DateTime::from_timestamp_millis).map(format_iso);
            let until = until.and_then(|until| Some(format!(" (until {})", until.get(..10)?))).unwrap_or_default();
            print_line(format_args!("stays: {} {}: {}{until}", record.kind, record.title, record.reason));
        }
        after = page.next;
    }
    Ok(())
}

fn describe_source(source: &SourceProgress) -> String {
    match (&source.problem, source.state) {
        (Some(problem), _) => problem.clone(),
        (None, SourceState::Done) if source.erased == 0 => "nothing to erase".to_owned(),
        (None, SourceState::Done) => format!("{} records erased", source.erased),
        (None, _) => "not asked yet".to_owned(),
    }
}
