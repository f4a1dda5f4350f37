//! Handlebars, configured for mails.

use super::dates::FormatDateHelper;
use super::steps;
use handlebars::{Context, Handlebars, RenderErrorReason, Template, no_escape};
use serde_json::{Map, Value as Json};
use std::sync::LazyLock;

/// Largest part of a mail, in bytes.
const MAX_OUTPUT_BYTES: usize = 256 << 10;

/// Why a template cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {message}")]
pub struct RenderError {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    /// Description for people.
    pub message: String,
}

fn new_registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    // The helper `log` writes to the server's log.
    registry.unregister_helper("log");
    steps::register_helpers(&mut registry);
    registry.register_helper("formatDate", Box::new(FormatDateHelper));
    registry
}

static TEXT_REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = new_registry();
    registry.register_escape_fn(no_escape);
    registry
});

static HTML_REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(new_registry);

/// Compiles a template; errors contain line and column.
pub(super) fn compile_template(template: &str) -> Result<Template, String> {
    Template::compile(template).map_err(|e| {
        let place = e.pos().map(|(line, column)| format!(" (line {line}, column {column})")).unwrap_or_default();
        format!("{}{place}", e.reason())
    })
}

/// Renders a template of plain text.
pub(super) fn render_text(
    part: &'static str,
    template: &str,
    values: &Map<String, Json>,
) -> Result<String, RenderError> {
    render_part(&TEXT_REGISTRY, part, template, values)
}

/// Renders a template of HTML: values are escaped.
pub(super) fn render_html(
    part: &'static str,
    template: &str,
    values: &Map<String, Json>,
) -> Result<String, RenderError> {
    render_part(&HTML_REGISTRY, part, template, values)
}

fn render_part(
    registry: &Handlebars<'_>,
    part: &'static str,
    template: &str,
    values: &Map<String, Json>,
) -> Result<String, RenderError> {
    let to_error = |message: String| RenderError { part, message };
    let context = Context::wraps(values).map_err(|e| to_error(e.to_string()))?;
    let mut out = BoundedWriter(Vec::new());
    steps::reset_budget();
    let result = registry.render_template_with_context_to_write(template, &context, &mut out);
    if out.0.len() > MAX_OUTPUT_BYTES {
        return Err(to_error(format!("the result is longer than {} KiB", MAX_OUTPUT_BYTES >> 10)));
    }
    result.map_err(|e| {
        let place = e.line_no.map(|line| format!(" (line {line})")).unwrap_or_default();
        to_error(match e.reason() {
            RenderErrorReason::MissingVariable(Some(name)) => format!("there is no variable {name}{place}"),
            RenderErrorReason::HelperNotFound(name) => format!("there is no helper {name}{place}"),
            RenderErrorReason::TemplateError(e) => e.to_string(),
            reason => format!("{reason}{place}"),
        })
    })?;
    String::from_utf8(out.0).map_err(|e| to_error(e.to_string()))
}

/// A writer that refuses output beyond the limit.
struct BoundedWriter(Vec<u8>);

impl std::io::Write for BoundedWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MAX_OUTPUT_BYTES { Err(std::io::Error::other("too long")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
