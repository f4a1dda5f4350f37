//! Admin views of plugins, which the host renders: the list, the content of one, and the actions of its buttons. The server decides by a
//! view's permission who may see it.

mod document_page;

use crate::call::error::CallError;
use crate::call::guest_result::check_guest_error;
use crate::call::state::{CallContext, CallState};
use crate::contract::actors::to_guest_actor;
use crate::contract::bindings::admin::exports::cairn::plugin::admin as guest;
use crate::contract::bindings::types::{Call, DocumentRef, Error};
use crate::contract::plugin_export::PluginExport;
pub use crate::exports::view_schema::ViewProblem;
use crate::exports::view_schema::{check_view, content_types};
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{CallOutcome, call_limits, call_outside_transaction, new_call_id};
use crate::tenant::breaker::CallPermit;
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_model::Registry;
use cairn_plugin_package::manifest::{AdminView, ViewKind, ViewSource};
use cairn_query::Access;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;

/// Longest notice, in characters.
const MAX_NOTICE_CHARS: usize = 1_000;
/// Longest address to navigate to, in bytes.
const MAX_ADDRESS_BYTES: usize = 2_000;

/// A view of a running plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveView {
    /// Id of the plugin.
    pub plugin: String,
    /// Name in the manifest.
    pub name: String,
    /// Title for people, in the requested language.
    pub title: String,
    /// Where the admin shows it.
    pub kind: ViewKind,
    /// Name of one of the admin's icons.
    pub icon: Option<String>,
    /// Path of a page below the plugin's part of the admin; `None` for other kinds.
    pub path: Option<String>,
    /// Content types that a panel or list is shown with; empty for all that the plugin may read. Of a document view, the types whose
    /// documents it shows.
    pub types: Vec<String>,
    /// Page of the package for a frame, below `admin/`; `None`: the host renders the view.
    pub frame: Option<String>,
    /// Permission of the plugin that is needed to see it; `None`: everybody in the admin may.
    pub permission: Option<String>,
}

/// The document that a view is shown beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewedDocument {
    /// Uid of its content type.
    pub content_type: String,
    /// Id of the document, `documentId`.
    pub document_id: String,
    /// Locale, where its type has any.
    pub locale: Option<String>,
}

/// A request for a view: its user and its document.
#[derive(Debug, Clone)]
pub struct ViewContext {
    /// Name of the view in the manifest.
    pub view: String,
    /// Document that the view is shown beside.
    pub document: Option<ViewedDocument>,
    /// Choices that were made in the view, by name.
    pub parameters: Vec<(String, String)>,
    /// User of the admin who looks at the view.
    pub actor: Arc<Actor>,
    /// Access of the user to content.
    pub access: Arc<Access>,
    /// Language of the user.
    pub locale: String,
}

/// The result of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionOutcome {
    /// The changed view, which fits the vocabulary; `None` where it did not change.
    pub view: Option<Json>,
    /// Message for the person.
    pub notice: Option<String>,
    /// Path of the admin to navigate to.
    pub navigate: Option<String>,
}

/// A field with a value that the plugin does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path such as `items[2].price`; empty for the whole.
    pub path: String,
    /// Message for the person.
    pub message: String,
}

/// Why there is no view or result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewError {
    /// No plugin with that id runs, or it has no such view that the host renders.
    NotFound,
    /// It failed too often and is paused for that time.
    Paused(Duration),
    /// There was no room for the call beside others; try again after that time.
    Busy(Duration),
    /// It failed. Its failed calls have the details.
    Failed,
    /// Its description is not a valid view; the problems are for the plugin's author.
    Broken(Vec<ViewProblem>),
    /// It refused, with a status and a message for the person.
    Refused {
        /// Status: 400, 403, 404, 409 or 503.
        status: u16,
        /// Message for the person.
        message: String,
        /// Fields that are wrong, with 400.
        fields: Vec<FieldProblem>,
    },
}

impl Plugins {
    /// The views of all running plugins, with titles for `locale`; by plugin, then in the order of the manifest.
    pub fn list_views(&self, locale: &str) -> Vec<ActiveView> {
        let running = self.running();
        let collect_views = |generation: &Arc<Generation>| {
            let to_view = |view: &AdminView| to_active_view(generation, view, locale);
            generation.manifest.views.iter().map(to_view).collect::<Vec<_>>()
        };
        let mut views: Vec<ActiveView> = running.generations.iter().flat_map(collect_views).collect();
        views.sort_by(|a, b| a.plugin.cmp(&b.plugin));
        views
    }

    /// One view of a running plugin.
    pub fn find_view(&self, plugin: &str, name: &str, locale: &str) -> Option<ActiveView> {
        let generation = self.find_generation(plugin)?;
        let view = generation.manifest.views.iter().find(|view| view.name == name)?;
        Some(to_active_view(&generation, view, locale))
    }

    /// The content of a view: a description that fits the vocabulary, with texts in the user's language. Returns [`ViewError`] on failure.
    pub async fn render_view(&self, plugin: &str, look: ViewContext) -> Result<Json, ViewError> {
        let generation = self.require_declarative_view(plugin, &look, PluginExport::View)?;
        let (_pass, context) = self.begin_view_call(&generation, PluginExport::View, &look)?;
        let input = failed_input(&look, None);
        let limits = call_limits(&generation, PluginExport::View);
        let outcome = call_outside_transaction(&generation, context.clone(), limits, async |store, call| {
            call_view(&generation, store, call, &look).await
        })
        .await;
        let described = self
            .view_outcome(&generation, &context, outcome, input, |text| parse_view(&generation, &text, &look.locale))?;
        described.map_err(ViewError::Broken)
    }

    /// Runs the action of a button of a view. Returns [`ViewError`] on failure.
    pub async fn run_action(
        &self,
        plugin: &str,
        look: ViewContext,
        action: &str,
        values: &Json,
    ) -> Result<ActionOutcome, ViewError> {
        let generation = self.require_declarative_view(plugin, &look, PluginExport::Act)?;
        let (_pass, context) = self.begin_view_call(&generation, PluginExport::Act, &look)?;
        let input = failed_input(&look, Some((action, values)));
        let limits = call_limits(&generation, PluginExport::Act);
        let outcome = call_outside_transaction(&generation, context.clone(), limits, async |store, call| {
            call_action(&generation, store, call, &look, action, values).await
        })
        .await;
        let acted = self.view_outcome(&generation, &context, outcome, input, |result| {
            parse_action_result(&generation, result, &look.locale)
        })?;
        acted.map_err(ViewError::Broken)
    }

    /// The plugin, where it has a view of that name that the host renders, and that shows the document of the request.
    fn require_declarative_view(
        &self,
        plugin: &str,
        look: &ViewContext,
        export: PluginExport,
    ) -> Result<Arc<Generation>, ViewError> {
        let generation = self.find_generation(plugin).ok_or(ViewError::NotFound)?;
        let view = generation.manifest.views.iter().find(|known| known.name == look.view).ok_or(ViewError::NotFound)?;
        if view.source != ViewSource::Declarative {
            return Err(ViewError::NotFound);
        }
        // Actions of rows, cards and feeds on such a page name the document of the row, which the plugin looks at as on any other page.
        let is_of_row = export == PluginExport::Act
            && look.document.as_ref().is_some_and(|document| !view.types.contains(&document.content_type));
        if view.kind == ViewKind::Document && !is_of_row {
            let host = self.host_context().ok_or(ViewError::NotFound)?;
            document_page::check_document(host, view, look)?;
        }
        Ok(generation)
    }

    fn begin_view_call(
        &self,
        generation: &Generation,
        export: PluginExport,
        look: &ViewContext,
    ) -> Result<(CallPermit<'_>, CallContext), ViewError> {
        let pass = self.breaker.acquire_permit(generation.id(), export, &look.view).map_err(ViewError::Paused)?;
        Ok((pass, view_call_context(export, look)))
    }

    /// The result of a call. An invalid description counts as a failure, with its problems.
    fn view_outcome<T, R>(
        &self,
        generation: &Arc<Generation>,
        call_context: &CallContext,
        outcome: CallOutcome<Result<T, Error>>,
        input: Json,
        read: impl FnOnce(T) -> Result<R, Vec<ViewProblem>>,
    ) -> Result<Result<R, Vec<ViewProblem>>, ViewError> {
        self.queue_logs(outcome.logs);
        let took = outcome.took;
        let fail = |failure: &CallError| {
            self.record_failure(CallFailureRecord { generation, context: call_context, error: failure, took, input })
        };
        let limit = call_limits(generation, call_context.export).output;
        let answer = outcome.result.and_then(|answer| match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => check_guest_error(error, limit).map(Err),
        });
        match answer {
            Err(failure) => {
                fail(&failure);
                Err(failure.busy.map_or(ViewError::Failed, ViewError::Busy))
            }
            Ok(Err(error)) => {
                self.record_success(generation.id(), call_context.export, &call_context.name, took);
                Err(to_view_error(error))
            }
            Ok(Ok(answer)) => match read(answer) {
                Ok(read) => {
                    self.record_success(generation.id(), call_context.export, &call_context.name, took);
                    Ok(Ok(read))
                }
                Err(problems) => {
                    let all: Vec<String> = problems.iter().map(|p| format!("{} {}", p.path, p.message)).collect();
                    fail(&CallError::invalid_output(format!("it returned an invalid view: {}", all.join("; "))));
                    Ok(Err(problems))
                }
            },
        }
    }
}

/// Every part of a view that names a content type or a field that does not exist, or one of the wrong kind. Such a view is shown all the
/// same, with a note in place of that block: a project need not have every type that a plugin knows.
pub fn content_problems(view: &Json, registry: &Registry) -> Vec<ViewProblem> {
    content_types::find_problems(view, registry)
}

/// The context of a call for a view.
pub(crate) fn view_call_context(export: PluginExport, look: &ViewContext) -> CallContext {
    let id = new_call_id(export);
    CallContext {
        export,
        name: look.view.as_str().into(),
        key: id.clone(),
        id,
        actor: to_guest_actor(&look.actor),
        access: Some(look.access.clone().into()),
        locale: look.locale.clone(),
        attempt: 1,
    }
}

/// Calls the plugin to describe a view.
pub(crate) async fn call_view(
    generation: &Generation,
    store: &mut Store<CallState>,
    call: Call,
    look: &ViewContext,
) -> wasmtime::Result<Result<String, Error>> {
    let request = guest::ViewRequest {
        view: look.view.clone(),
        document: look.document.clone().map(document_ref),
        parameters: look.parameters.clone(),
    };
    let exports = generation.exports.admin.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export views"))?;
    exports.call(store, "view", &call, (&request,)).await
}

/// Calls the plugin with the action of a button.
pub(crate) async fn call_action(
    generation: &Generation,
    store: &mut Store<CallState>,
    call: Call,
    look: &ViewContext,
    action: &str,
    values: &Json,
) -> wasmtime::Result<Result<guest::ActionResult, Error>> {
    let request = guest::ActionRequest {
        view: look.view.clone(),
        action: action.to_owned(),
        document: look.document.clone().map(document_ref),
        values: values.to_string(),
    };
    let exports = generation.exports.admin.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export views"))?;
    exports.call(store, "act", &call, (&request,)).await
}

/// The input that is recorded for a failed call: as much as it takes to repeat it.
fn failed_input(look: &ViewContext, action: Option<(&str, &Json)>) -> Json {
    let document = look
        .document
        .as_ref()
        .map(|d| json!({ "contentType": d.content_type, "documentId": d.document_id, "locale": d.locale }));
    let mut input = json!({
        "view": look.view, "document": document, "parameters": look.parameters, "locale": look.locale,
        "actor": Actor { request: None, ..(*look.actor).clone() },
    });
    if let Some((action, values)) = action {
        input["action"] = json!(action);
        input["values"] = values.clone();
    }
    input
}

fn to_active_view(generation: &Generation, view: &AdminView, locale: &str) -> ActiveView {
    let title = view.title.as_ref().map_or(view.name.as_str(), |title| title.value.as_str());
    let frame = match &view.source {
        ViewSource::Frame(path) => Some(path.strip_prefix("admin/").unwrap_or(path).to_owned()),
        ViewSource::Declarative => None,
    };
    ActiveView {
        plugin: generation.id().to_owned(),
        name: view.name.clone(),
        title: generation.translations.resolve_text(title, locale).to_owned(),
        kind: view.kind,
        icon: view.icon.clone(),
        path: view.path.clone(),
        types: view.types.clone(),
        frame,
        permission: view.permission.clone(),
    }
}

fn document_ref(document: ViewedDocument) -> DocumentRef {
    let ViewedDocument { content_type, document_id, locale } = document;
    DocumentRef { content_type, document_id, locale }
}

pub(crate) fn parse_view(generation: &Generation, text: &str, locale: &str) -> Result<Json, Vec<ViewProblem>> {
    let root_problem = |message: String| vec![ViewProblem { path: String::new(), message }];
    let most = call_limits(generation, PluginExport::View).output;
    if text.len() > most {
        return Err(root_problem(format!(
            "has {} bytes; the limit is {most}: name a query instead of rows",
            text.len()
        )));
    }
    let mut view: Json = serde_json::from_str(text).map_err(|e| root_problem(format!("is not valid JSON: {e}")))?;
    let problems = check_view(&view);
    if !problems.is_empty() {
        return Err(problems);
    }
    generation.translations.resolve_all(&mut view, locale);
    Ok(view)
}

pub(crate) fn parse_action_result(
    generation: &Generation,
    result: guest::ActionResult,
    locale: &str,
) -> Result<ActionOutcome, Vec<ViewProblem>> {
    let guest::ActionResult { view, notice, navigate } = result;
    let problem_at = |path: &str, message: String| vec![ViewProblem { path: path.to_owned(), message }];
    let notice = notice.map(|text| generation.translations.resolve_text(&text, locale).to_owned());
    if let Some(notice) = notice.as_ref().filter(|text| text.chars().count() > MAX_NOTICE_CHARS) {
        return Err(problem_at(
            "notice",
            format!("has {} bytes; use at most {MAX_NOTICE_CHARS} characters", notice.len()),
        ));
    }
    if let Some(address) = navigate.as_ref().filter(|address| !is_site_path(address)) {
        let message = format!("{address:?} is not a path in the admin: write a path such as \"/plugins/crm/pipeline\"");
        return Err(problem_at("navigate", message));
    }
    let view = view.map(|text| parse_view(generation, &text, locale)).transpose()?;
    Ok(ActionOutcome { view, notice, navigate })
}

/// True if an address is a path of this site: no button may lead elsewhere.
fn is_site_path(address: &str) -> bool {
    address.len() <= MAX_ADDRESS_BYTES
        && address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(['\\', '\n', '\r', '\t'])
        && !address.chars().any(char::is_control)
}

/// Converts an error of the contract for the person in the admin.
pub(crate) fn to_view_error(error: Error) -> ViewError {
    let refused =
        |status, message: &str| ViewError::Refused { status, message: message.to_owned(), fields: Vec::new() };
    match error {
        Error::Invalid(fields) => ViewError::Refused {
            status: 400,
            message: fields.first().map_or_else(|| "Invalid".to_owned(), |field| field.message.clone()),
            fields: fields.into_iter().map(|f| FieldProblem { path: f.path, message: f.message }).collect(),
        },
        Error::Denied(message) => ViewError::Refused { status: 403, message, fields: Vec::new() },
        Error::NotFound(_) => refused(404, "Not Found"),
        Error::Conflict(conflict) => refused(409, &conflict.message),
        Error::Exhausted(_) | Error::Unavailable(_) => refused(503, "Try again later"),
        Error::Internal(_) => ViewError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn button_targets_must_be_paths_of_the_site() {
        assert!(is_site_path("/plugins/crm/pipeline?stage=new"));
        for elsewhere in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "a", "/\n/evil"]
        {
            assert!(!is_site_path(elsewhere), "{elsewhere:?}");
        }
    }
}
