//! `pdf`: PDFs from templates, and operations on PDFs. A separate program does the work; the result is a file of the plugin.
//!
//! Available in jobs and routes only, and not while a transaction is open, because it takes time.

mod seals;
mod verify;

use super::files::VisibleFile;
use super::templates::is_locale;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::pdf::{
    FieldBox, FieldValue, Finding, Host, PlacedField, RenderRequest, SealRequest, SealedFile,
};
use crate::contract::bindings::host::templates::Template;
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::{denied_error, internal_error, invalid_field};
use crate::services::pdf::{PdfProgram, PdfTaskError};
use bytes::Bytes;
use cairn_pdf_protocol::{Answer, Attached, Filled, Problem, Profile, Render, Source, Task, Value};
use cairn_plugin_package::Capability;
use cairn_store::plugins::LogLevel;
use serde_json::{Map, Value as Json};
use std::time::{Duration, Instant};

/// Largest model, and largest template that is part of a call, in bytes.
const MAX_MODEL_BYTES: usize = 1 << 20;
const MAX_TEMPLATE_BYTES: usize = 256 << 10;
/// Largest number of files of one call, and their size together.
const MAX_FILES: usize = 100;
const MAX_TOTAL_BYTES: u64 = 64 << 20;
/// Largest number of fields that are filled, and longest text of one, in bytes.
const MAX_FIELDS: usize = 1_000;
const MAX_FIELD_BYTES: usize = 10_000;
/// Paths of the model, and of a template that is part of the call.
const MODEL_PATH: &str = "/data.json";
const INLINE_TEMPLATE_PATH: &str = "/inline.typ";
/// Time that is reserved at the end of a call to report that there is no PDF: a quarter of the remaining time, at most this long.
const MAX_RESERVED_TIME: Duration = Duration::from_secs(2);
/// MIME type of PDFs.
const MEDIA_TYPE: &str = "application/pdf";

/// The result of a call: the outer error ends the guest, the inner one is returned to it.
type HostCallResult<T> = wasmtime::Result<Result<T, Error>>;

/// Continues with the inner value, or returns the error to the guest.
macro_rules! or_told {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

impl Host for CallState {
    async fn render_pdf(&mut self, request: RenderRequest) -> HostCallResult<String> {
        or_told!(self.pdf_call(&[Capability::PdfRender])?);
        or_told!(to_guest_charge(self.budget.charge_reads(request.attachments.len()))?);
        or_told!(self.check_file_name(&request.file_name));
        let (task, blobs) = or_told!(self.render_task(&request).await);
        let pdf = or_told!(self.make_pdf(task, blobs, Some(&request.template)).await);
        self.store_file(&request.file_name, MEDIA_TYPE, pdf.to_vec()).await
    }

    async fn locate_fields(&mut self, file: String) -> HostCallResult<Vec<FieldBox>> {
        or_told!(self.pdf_call(&[Capability::PdfFill])?);
        or_told!(to_guest_charge(self.budget.charge_reads(1))?);
        let blobs = or_told!(self.read_visible_files(std::slice::from_ref(&file), "file").await);
        let (answer, _) = or_told!(self.run_pdf_task(Task::Locate, blobs, None).await);
        let Answer::Fields { fields } = answer else { return Ok(Err(internal_error("expected a list of fields"))) };
        let boxes = fields.into_iter().map(|field| FieldBox { name: field.name, page: field.page, box_: field.place });
        Ok(Ok(boxes.collect()))
    }

    async fn fill(&mut self, file: String, fields: Vec<PlacedField>) -> HostCallResult<String> {
        or_told!(self.pdf_call(&[Capability::PdfFill])?);
        if fields.len() > MAX_FIELDS {
            let message = format!("{} fields in one call; the limit is {MAX_FIELDS}", fields.len());
            return Ok(Err(invalid_field("fields", "too-many", message)));
        }
        let mut ids = vec![file.clone()];
        let mut filled = Vec::with_capacity(fields.len());
        for (i, PlacedField { name, value }) in fields.into_iter().enumerate() {
            let value = match value {
                FieldValue::Text(text) if text.len() > MAX_FIELD_BYTES => {
                    let message = format!("a text can have at most {MAX_FIELD_BYTES} bytes");
                    return Ok(Err(invalid_field(&format!("fields[{i}].value"), "too-large", message)));
                }
                FieldValue::Text(text) => Value::Text(text),
                FieldValue::Checked(yes) => Value::Checked(yes),
                FieldValue::Image(id) => {
                    ids.push(id);
                    Value::Image(ids.len() - 1)
                }
            };
            filled.push(Filled { name, value });
        }
        or_told!(to_guest_charge(self.budget.charge_reads(ids.len()))?);
        let name = or_told!(self.find_visible_file(&file).await).name;
        let blobs = or_told!(self.read_visible_files(&ids, "fields").await);
        let pdf = or_told!(self.make_pdf(Task::Fill { fields: filled }, blobs, None).await);
        self.store_file(&name, MEDIA_TYPE, pdf.to_vec()).await
    }

    async fn merge(&mut self, files: Vec<String>, file_name: String) -> HostCallResult<String> {
        or_told!(self.pdf_call(&[Capability::PdfFill])?);
        or_told!(to_guest_charge(self.budget.charge_reads(files.len()))?);
        or_told!(self.check_file_name(&file_name));
        if files.is_empty() {
            return Ok(Err(invalid_field("files", "none", "name at least one PDF to merge")));
        }
        let blobs = or_told!(self.read_visible_files(&files, "files").await);
        let pdf = or_told!(self.make_pdf(Task::Merge, blobs, None).await);
        self.store_file(&file_name, MEDIA_TYPE, pdf.to_vec()).await
    }

    async fn seal(&mut self, request: SealRequest) -> HostCallResult<SealedFile> {
        or_told!(self.pdf_call(&[Capability::PdfSeal])?);
        or_told!(to_guest_charge(self.budget.charge_reads(1))?);
        self.seal_pdf(request).await
    }

    async fn verify(&mut self, file: String) -> HostCallResult<Vec<Finding>> {
        or_told!(self.pdf_call(&[Capability::PdfFill])?);
        or_told!(to_guest_charge(self.budget.charge_reads(1))?);
        let mut blobs = or_told!(self.read_visible_files(std::slice::from_ref(&file), "file").await);
        let Some(pdf) = blobs.pop() else { return Ok(Err(internal_error("a file is missing"))) };
        Ok(self.verify_signatures(pdf).await)
    }
}

impl CallState {
    /// Begins a call, which needs a grant of one of these and must be permitted in the present context.
    fn pdf_call(&mut self, capabilities: &[Capability]) -> HostCallResult<()> {
        if let Err(exhausted) = self.host_call()? {
            return Ok(Err(exhausted));
        }
        if !capabilities.iter().any(|capability| self.definition.has_grant(*capability)) {
            let names: Vec<&str> = capabilities.iter().map(|capability| capability.as_str()).collect();
            return Ok(Err(denied_error(format!("{} is not granted", names.join(" or ")))));
        }
        Ok(self.require_no_transaction())
    }

    /// The task and the sources of a template.
    async fn render_task(&mut self, request: &RenderRequest) -> Result<(Task, Vec<Bytes>), Error> {
        let RenderRequest { template, model, locale, profile, attachments, .. } = request;
        if !is_locale(locale) {
            return Err(invalid_field("locale", "locale", "must be a locale code, such as nl or nl-BE"));
        }
        let profile = Profile::parse(profile)
            .ok_or_else(|| invalid_field("profile", "profile", "must be pdf, pdf-a-2b or pdf-a-3b"))?;
        if model.len() > MAX_MODEL_BYTES {
            return Err(invalid_field(
                "model",
                "too-large",
                format!("a model can have at most {} KiB", MAX_MODEL_BYTES >> 10),
            ));
        }
        if let Err(problem) = serde_json::from_str::<Json>(model) {
            return Err(invalid_field("model", "json", problem.to_string()));
        }
        let definition = self.definition.clone();
        let tenant = definition.access().locales();
        let (main, inline) = match template {
            Template::Named(name) => (
                definition.translations.pdf_template_path(name, locale, &tenant.default).map_err(Error::NotFound)?,
                None,
            ),
            Template::Inline(source) if source.len() > MAX_TEMPLATE_BYTES => {
                let message = format!("an inline template can have at most {} KiB", MAX_TEMPLATE_BYTES >> 10);
                return Err(invalid_field("template", "too-large", message));
            }
            Template::Inline(source) => {
                (INLINE_TEMPLATE_PATH.to_owned(), Some((INLINE_TEMPLATE_PATH.to_owned(), Bytes::from(source.clone()))))
            }
        };
        // Its own paths go before files of the same name: the model is what the call says.
        let chain = [(MODEL_PATH.to_owned(), Bytes::from(model.clone()))].into_iter().chain(inline);
        let mut files: Vec<(String, Bytes)> = chain.collect();
        let plugin_files = definition.translations.pdf_templates().files();
        let free: Vec<_> =
            plugin_files.iter().filter(|(path, _)| files.iter().all(|(used_path, _)| used_path != path)).collect();
        files.extend(free.into_iter().cloned());
        let (mut sources, mut blobs): (Vec<Source>, Vec<Bytes>) =
            files.into_iter().map(|(path, bytes)| (Source { path, attach: None }, bytes)).unzip();
        let visible_files = self.find_visible_files(attachments, "attachments").await?;
        for (id, file) in attachments.iter().zip(visible_files) {
            blobs.push(self.read_all_bytes(id, &file).await?);
            let VisibleFile { name, media_type, .. } = file;
            let attach = (profile == Profile::PdfA3b).then_some(Attached { name, media_type });
            sources.push(Source { path: format!("/files/{id}"), attach });
        }
        let at = CallState::now(self);
        Ok((Task::Render(Render { main, sources, profile, locale: locale.clone(), at }), blobs))
    }

    /// Files that the plugin may see, no more of them than permitted.
    async fn find_visible_files(&mut self, ids: &[String], field: &str) -> Result<Vec<VisibleFile>, Error> {
        if ids.len() > MAX_FILES {
            return Err(invalid_field(
                field,
                "too-many",
                format!("{} files in one call; the limit is {MAX_FILES}", ids.len()),
            ));
        }
        let (mut all, mut bytes) = (Vec::with_capacity(ids.len()), 0_u64);
        for (i, id) in ids.iter().enumerate() {
            if ids.iter().take(i).any(|before| before == id) && field == "attachments" {
                return Err(invalid_field(field, "twice", format!("{id} is listed twice")));
            }
            let file = self.find_visible_file(id).await?;
            bytes = bytes.saturating_add(file.bytes);
            all.push(file);
        }
        match bytes > MAX_TOTAL_BYTES {
            true => Err(invalid_field(
                field,
                "too-large",
                format!("{bytes} bytes in total; the limit is {MAX_TOTAL_BYTES}"),
            )),
            false => Ok(all),
        }
    }

    /// The content of files that the plugin may see.
    async fn read_visible_files(&mut self, ids: &[String], field: &str) -> Result<Vec<Bytes>, Error> {
        let files = self.find_visible_files(ids, field).await?;
        let mut blobs = Vec::with_capacity(ids.len());
        for (id, file) in ids.iter().zip(&files) {
            blobs.push(self.read_all_bytes(id, file).await?);
        }
        Ok(blobs)
    }

    /// The PDF that a task results in.
    async fn make_pdf(&mut self, task: Task, blobs: Vec<Bytes>, template: Option<&Template>) -> Result<Bytes, Error> {
        match self.run_pdf_task(task, blobs, template).await? {
            (Answer::Pdf { .. }, pdf) => Ok(pdf),
            _ => Err(internal_error("expected a PDF")),
        }
    }

    async fn run_pdf_task(
        &mut self,
        task: Task,
        blobs: Vec<Bytes>,
        template: Option<&Template>,
    ) -> Result<(Answer, Bytes), Error> {
        let (program, until) = self.pdf_program()?;
        let ran = tokio::task::spawn_blocking(move || program.run_task(&task, &blobs, until));
        ran.await.map_err(internal_error)?.map_err(|failed| match failed {
            PdfTaskError::Refused(problems) => task_error(&problems, template),
            PdfTaskError::TooMuch => self.exhausted_error(),
            PdfTaskError::Fault(error) => self.program_error(error),
        })
    }

    /// The program that makes and reads PDFs, and when it has to be done: some time of the call remains to report what it could not do.
    fn pdf_program(&mut self) -> Result<(PdfProgram, Instant), Error> {
        let Some(program) = self.definition.host_context().pdf().cloned() else {
            self.log_warning("cairn-pdf is not installed: place it next to the cairn program to create PDFs");
            return Err(Error::Unavailable(None));
        };
        let (now, end) = (Instant::now(), self.budget.deadline());
        let remaining = end.saturating_duration_since(now);
        Ok((program, now + remaining.saturating_sub((remaining / 4).min(MAX_RESERVED_TIME))))
    }

    fn exhausted_error(&mut self) -> Error {
        self.log_warning("a PDF exceeded its limit on time, memory or size");
        Error::Exhausted("pdf".to_owned())
    }

    fn program_error(&mut self, error: std::io::Error) -> Error {
        // It may be on its way: a development server is started before the program is built.
        if error.kind() == std::io::ErrorKind::NotFound {
            self.log_warning(&error.to_string());
            return Error::Unavailable(None);
        }
        internal_error(error)
    }

    /// Adds a line to the plugin's log that does not fit into an error.
    fn log_warning(&mut self, message: &str) {
        self.log_line(LogLevel::Warn, message.to_owned(), Map::new());
    }
}

/// The problems as field errors: those of templates with file, line and column.
fn task_error(problems: &[Problem], template: Option<&Template>) -> Error {
    let errors = problems.iter().map(|problem| {
        let (path, file) = match (template, problem.file.as_deref()) {
            (None, _) => ("", None),
            (Some(_), Some(MODEL_PATH)) => ("model", Some("the model".to_owned())),
            (Some(Template::Inline(_)), Some(INLINE_TEMPLATE_PATH)) => ("template", Some("the template".to_owned())),
            (Some(_), Some(file)) => ("template", Some(format!("templates{file}"))),
            (Some(_), None) => ("template", None),
        };
        let place = problem.at.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let place = file.map(|file| format!("{file}{place}: ")).unwrap_or_default();
        let hints: String = problem.hints.iter().map(|hint| format!("; {hint}")).collect();
        let message = format!("{place}{}{hints}", problem.message);
        FieldError { path: path.to_owned(), code: "pdf".to_owned(), message }
    });
    Error::Invalid(errors.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pdf_problems_name_file_line_and_column() {
        let problem = Problem {
            file: Some("/report.nl.typ".into()),
            at: Some((3, 7)),
            hints: vec!["write it otherwise".into()],
            ..Problem::of("unknown variable: foo")
        };
        let first_error = |problem: &Problem, template: Option<Template>| match task_error(
            std::slice::from_ref(problem),
            template.as_ref(),
        ) {
            Error::Invalid(mut errors) => {
                let one = errors.remove(0);
                (one.path, one.message)
            }
            other => panic!("{other:?}"),
        };
        let named_template = Some(Template::Named("report".into()));
        let message = "templates/report.nl.typ:3:7: unknown variable: foo; write it otherwise";
        assert_eq!(first_error(&problem, named_template.clone()), ("template".into(), message.into()));
        let model = Problem { file: Some(MODEL_PATH.into()), at: None, hints: Vec::new(), ..problem };
        assert_eq!(first_error(&model, named_template).1, "the model: unknown variable: foo");
        assert_eq!(first_error(&Problem::of("file is encrypted"), None), (String::new(), "file is encrypted".into()));
    }
}
