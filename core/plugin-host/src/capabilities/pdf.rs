//! `pdf`: PDFs from templates, and operations on PDFs. A separate program does the work; the result is a file of the plugin.
//!
//! Available in jobs and routes only, and not while a transaction is open, because it takes time.

mod seals;
mod site_files;
mod values;
mod verify;

use self::values::{TaskValues, to_filled, to_placed};
use super::files::VisibleFile;
use super::templates::is_locale;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::pdf::{
    FieldBox, Finding, FormKind, Host, Inspection, Pades, PageSize, PlacedField, PlacedValue, RenderRequest,
    SealRequest, SealedFile, SealingProfile,
};
use crate::contract::bindings::host::templates::Template;
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::{denied_error, internal_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::services::pdf::{PdfProgram, PdfTaskError};
use bytes::Bytes;
use cairn_pdf_protocol::{Answer, Attached, Problem, ProblemCode, Profile, Render, Source, Task};
use cairn_plugin_package::Capability;
use cairn_store::plugins::LogLevel;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// Largest model, and largest template that is part of a call, in bytes.
const MAX_MODEL_BYTES: usize = 1 << 20;
const MAX_TEMPLATE_BYTES: usize = 256 << 10;
/// Largest number of files of one call, and their size together.
const MAX_FILES: usize = 100;
const MAX_TOTAL_BYTES: u64 = 64 << 20;
/// Paths of the model, and of a template that is part of the call.
const MODEL_PATH: &str = "/data.json";
const INLINE_TEMPLATE_PATH: &str = "/inline.typ";
/// Time that is reserved at the end of a call to report that there is no PDF: a third of the remaining time, at most this long.
const MAX_RESERVED_TIME: Duration = Duration::from_secs(2);
/// After which a call may try again that found no room for its task, in milliseconds.
const BUSY_MS: u64 = 2_000;
/// MIME types of PDFs, and of pictures of their pages.
const MEDIA_TYPE: &str = "application/pdf";
const PICTURE_MEDIA_TYPE: &str = "image/png";
/// Longest part of a PDF's name that the name of a picture begins with, in bytes.
const MAX_STEM_BYTES: usize = 200;

impl Host for CallState {
    async fn render_pdf(&mut self, request: RenderRequest) -> HostResult<String> {
        self.pdf_call(&[Capability::PdfRender])?;
        to_guest_charge(self.budget.charge_reads(request.attachments.len()))?;
        self.check_file_name(&request.file_name)?;
        let (task, blobs) = self.render_task(&request).await?;
        let pdf = self.make_pdf(task, blobs, Some(&request.template)).await?;
        self.store_file(&request.file_name, MEDIA_TYPE, pdf.to_vec()).await
    }

    async fn locate_fields(&mut self, file: String) -> HostResult<Vec<FieldBox>> {
        self.pdf_call(&[Capability::PdfFill])?;
        to_guest_charge(self.budget.charge_reads(1))?;
        let blobs = self.read_visible_files(std::slice::from_ref(&file), "file").await?;
        let (answer, _) = self.run_pdf_task(Task::Locate, blobs, None).await?;
        let Answer::Fields { fields } = answer else { return Err(internal_error("expected a list of fields").into()) };
        let boxes = fields.into_iter().map(|field| FieldBox { name: field.name, page: field.page, box_: field.place });
        Ok(boxes.collect())
    }

    async fn fill(&mut self, file: String, fields: Vec<PlacedField>) -> HostResult<String> {
        self.pdf_call(&[Capability::PdfFill])?;
        let TaskValues { values, files } = to_filled(file, fields)?;
        self.change_pdf(Task::Fill { fields: values }, files, "fields").await
    }

    async fn place_values(&mut self, file: String, values: Vec<PlacedValue>) -> HostResult<String> {
        self.pdf_call(&[Capability::PdfFill])?;
        let TaskValues { values, files } = to_placed(file, values)?;
        self.change_pdf(Task::PlaceValues { values }, files, "values").await
    }

    async fn draw_page(&mut self, file: String, page: u32, width: u32) -> HostResult<String> {
        self.pdf_call(&[Capability::PdfFill])?;
        to_guest_charge(self.budget.charge_reads(1))?;
        let name = picture_name(&self.find_visible_file(&file).await?.name, page);
        let blobs = self.read_visible_files(&[file], "file").await?;
        let (answer, png) = self.run_pdf_task(Task::DrawPage { page, width }, blobs, None).await?;
        let Answer::Picture = answer else { return Err(internal_error("expected a picture").into()) };
        self.store_file(&name, PICTURE_MEDIA_TYPE, png.to_vec()).await
    }

    async fn inspect(&mut self, file: String) -> HostResult<Inspection> {
        self.pdf_call(&[Capability::PdfFill])?;
        to_guest_charge(self.budget.charge_reads(1))?;
        let blobs = self.read_visible_files(&[file], "file").await?;
        let sha256 = blobs.first().map(|pdf| Sha256::digest(pdf).to_vec()).unwrap_or_default();
        let (answer, _) = self.run_pdf_task(Task::Inspect, blobs, None).await?;
        let Answer::Inspection(found) = answer else { return Err(internal_error("expected an inspection").into()) };
        let form = match found.form {
            cairn_pdf_protocol::FormKind::None => FormKind::None,
            cairn_pdf_protocol::FormKind::AcroForm => FormKind::AcroForm,
            cairn_pdf_protocol::FormKind::Xfa => FormKind::Xfa,
        };
        let pages = found.pages.into_iter().map(|(width, height)| PageSize { width, height }).collect();
        let (signatures, final_seal) = (found.signatures, found.final_seal);
        Ok(Inspection { pages, sha256, form, signatures, final_seal })
    }

    async fn merge(&mut self, files: Vec<String>, file_name: String) -> HostResult<String> {
        self.pdf_call(&[Capability::PdfFill])?;
        to_guest_charge(self.budget.charge_reads(files.len()))?;
        self.check_file_name(&file_name)?;
        if files.is_empty() {
            return Err(invalid_field("files", "none", "name at least one PDF to merge").into());
        }
        let blobs = self.read_visible_files(&files, "files").await?;
        let pdf = self.make_pdf(Task::Merge, blobs, None).await?;
        self.store_file(&file_name, MEDIA_TYPE, pdf.to_vec()).await
    }

    async fn seal(&mut self, request: SealRequest) -> HostResult<SealedFile> {
        self.pdf_call(&[Capability::PdfSeal])?;
        to_guest_charge(self.budget.charge_reads(1))?;
        self.seal_pdf(request).await
    }

    async fn find_sealing_profile(&mut self, profile: String, level: Pades) -> HostResult<SealingProfile> {
        // Finding a profile creates nothing, so it is allowed wherever content can be read.
        self.granted_call(Capability::PdfSeal)?;
        to_guest_charge(self.budget.charge_reads(1))?;
        Ok(self.describe_seal_profile(&profile, level).await?)
    }

    async fn verify(&mut self, file: String) -> HostResult<Vec<Finding>> {
        self.pdf_call(&[Capability::PdfFill])?;
        to_guest_charge(self.budget.charge_reads(1))?;
        let mut blobs = self.read_visible_files(std::slice::from_ref(&file), "file").await?;
        let Some(pdf) = blobs.pop() else { return Err(internal_error("a file is missing").into()) };
        Ok(self.verify_signatures(pdf).await?)
    }
}

impl CallState {
    /// Begins a call, which needs a grant of one of these and must be permitted in the present context.
    fn pdf_call(&mut self, capabilities: &[Capability]) -> HostResult<()> {
        self.host_call()?;
        if !capabilities.iter().any(|capability| self.definition.has_grant(*capability)) {
            let names: Vec<&str> = capabilities.iter().map(|capability| capability.as_str()).collect();
            return Err(denied_error(format!("{} is not granted", names.join(" or "))).into());
        }
        Ok(self.require_no_transaction()?)
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
        // The call's own paths precede files of the same name: the model is what the call passes.
        let chain = [(MODEL_PATH.to_owned(), Bytes::from(model.clone()))].into_iter().chain(inline);
        let mut files: Vec<(String, Bytes)> = chain.collect();
        let plugin_files = definition.translations.pdf_templates().files();
        let free: Vec<_> =
            plugin_files.iter().filter(|(path, _)| files.iter().all(|(used_path, _)| used_path != path)).collect();
        files.extend(free.into_iter().cloned());
        // Files of the package precede the site's: an older package may have files with these names.
        for (path, bytes) in self.site_files().await? {
            if files.iter().all(|(used_path, _)| *used_path != path) {
                files.push((path, bytes));
            }
        }
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

    /// Stores what a task makes of a PDF, under its name. `files`: the PDF, then what the task needs besides.
    async fn change_pdf(&mut self, task: Task, files: Vec<String>, field: &str) -> HostResult<String> {
        to_guest_charge(self.budget.charge_reads(files.len()))?;
        let Some(pdf) = files.first() else { return Err(internal_error("a file is missing").into()) };
        let name = self.find_visible_file(pdf).await?.name;
        let blobs = self.read_visible_files(&files, field).await?;
        let pdf = self.make_pdf(task, blobs, None).await?;
        self.store_file(&name, MEDIA_TYPE, pdf.to_vec()).await
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
            PdfTaskError::Busy => Error::Unavailable(Some(BUSY_MS)),
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
        Ok((program, now + remaining.saturating_sub((remaining / 3).min(MAX_RESERVED_TIME))))
    }

    fn exhausted_error(&mut self) -> Error {
        self.log_warning("a PDF exceeded its limit on time, memory or size");
        Error::Exhausted("pdf".to_owned())
    }

    fn program_error(&mut self, error: std::io::Error) -> Error {
        // The program may not be built yet: a development server starts before it is.
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

/// Name of the picture of a page: `contract-2.png` of `contract.pdf`.
fn picture_name(pdf: &str, page: u32) -> String {
    let stem = pdf.rsplit_once('.').map_or(pdf, |(stem, _)| stem);
    format!("{}-{page}.png", &stem[..stem.floor_char_boundary(MAX_STEM_BYTES)])
}

/// The problems as field errors: those of templates with file, line and column.
fn task_error(problems: &[Problem], template: Option<&Template>) -> Error {
    let errors = problems.iter().map(|problem| {
        let (path, file) = match (template, problem.file.as_deref()) {
            (None, _) => (problem.path.as_deref().unwrap_or_default(), None),
            (Some(_), Some(MODEL_PATH)) => ("model", Some("the model".to_owned())),
            (Some(Template::Inline(_)), Some(INLINE_TEMPLATE_PATH)) => ("template", Some("the template".to_owned())),
            (Some(_), Some(file)) => ("template", Some(format!("templates{file}"))),
            (Some(_), None) => ("template", None),
        };
        let place = problem.at.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let place = file.map(|file| format!("{file}{place}: ")).unwrap_or_default();
        let hints: String = problem.hints.iter().map(|hint| format!("; {hint}")).collect();
        let message = format!("{place}{}{hints}", problem.message);
        let code = problem.code.map_or("pdf", ProblemCode::as_str);
        FieldError { path: path.to_owned(), code: code.to_owned(), message }
    });
    Error::Invalid(errors.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_after_their_page() {
        assert_eq!(picture_name("contract.v2.pdf", 3), "contract.v2-3.png");
        assert_eq!(picture_name("contract", 1), "contract-1.png");
        let long = picture_name(&"é".repeat(127), 5_000);
        assert_eq!(long, format!("{}-5000.png", "é".repeat(100)));
    }

    #[test]
    fn pdf_problems_have_their_code_and_path() {
        let told = |problem| match task_error(&[problem], None) {
            Error::Invalid(mut errors) => {
                let one = errors.remove(0);
                (one.path, one.code, one.message)
            }
            other => panic!("{other:?}"),
        };
        let error = told(Problem::at_path(ProblemCode::Box, "values[3].box", "not on the page"));
        assert_eq!(error, ("values[3].box".into(), "box".into(), "not on the page".into()));
        assert_eq!(told(Problem::of("no")), (String::new(), "pdf".into(), "no".into()));
    }

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
