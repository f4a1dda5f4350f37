//! `log`: lines are collected during the call and written after it.

use crate::call::state::CallState;
use crate::contract::bindings::Span;
use crate::contract::bindings::host::log::{Fields, Host, HostSpan, Level, Scalar};
use cairn_store::plugins::{LogLevel, NewLog};
use serde_json::{Map, Value as Json, json};
use wasmtime::component::Resource;

/// Longest message and longest text of a field, in bytes.
const MAX_TEXT_BYTES: usize = 8 << 10;
/// Most fields of a line.
const MAX_FIELDS: usize = 32;
/// Most lines of a call; further ones are counted by their absence.
const MAX_LINES: usize = 1_000;

impl Host for CallState {
    async fn emit(&mut self, level: Level, message: String, fields: Fields) -> wasmtime::Result<()> {
        self.infallible_call()?;
        let level = match level {
            Level::Trace => LogLevel::Trace,
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        self.log_line(level, truncate_text(message), fields_to_json(fields));
        Ok(())
    }

    async fn counter(&mut self, name: String, add: u64, labels: Vec<(String, String)>) -> wasmtime::Result<()> {
        self.infallible_call()?;
        self.record_metric(&name, add as f64, &labels);
        Ok(())
    }

    async fn observe(&mut self, name: String, value: f64, labels: Vec<(String, String)>) -> wasmtime::Result<()> {
        self.infallible_call()?;
        self.record_metric(&name, value, &labels);
        Ok(())
    }
}

impl HostSpan for CallState {
    async fn new(&mut self, name: String, fields: Fields) -> wasmtime::Result<Resource<Span>> {
        self.infallible_call()?;
        let span = Span {
            name: truncate_text(name),
            fields: fields_to_json(fields),
            from: CallState::elapsed(self),
            failed: None,
        };
        Ok(self.table.push(span)?)
    }

    async fn annotate(&mut self, span: Resource<Span>, fields: Fields) -> wasmtime::Result<()> {
        self.infallible_call()?;
        let span = self.table.get_mut(&span)?;
        for (name, value) in fields_to_json(fields) {
            if span.fields.len() < MAX_FIELDS {
                span.fields.insert(name, value);
            }
        }
        Ok(())
    }

    async fn fail(&mut self, span: Resource<Span>, message: String) -> wasmtime::Result<()> {
        self.infallible_call()?;
        self.table.get_mut(&span)?.failed = Some(truncate_text(message));
        Ok(())
    }

    async fn drop(&mut self, span: Resource<Span>) -> wasmtime::Result<()> {
        let Span { name, mut fields, from, failed } = self.table.delete(span)?;
        fields.insert("ms".to_owned(), json!(CallState::elapsed(self).saturating_sub(from)));
        let level = if failed.is_some() { LogLevel::Warn } else { LogLevel::Debug };
        if let Some(message) = failed {
            fields.insert("failed".to_owned(), message.into());
        }
        self.log_line(level, name, fields);
        Ok(())
    }
}

impl CallState {
    /// Counts a measured value, unless what the call does is rolled back.
    fn record_metric(&self, name: &str, value: f64, labels: &[(String, String)]) {
        if !self.dry_run {
            self.totals.record_metric(&self.definition.manifest, name, value, labels);
        }
    }

    pub(crate) fn log_line(&mut self, level: LogLevel, message: String, fields: Map<String, Json>) {
        if self.logs.len() < MAX_LINES {
            let at = CallState::now(self);
            let (plugin, call) = (self.definition.id().to_owned(), Some(self.context.id.clone()));
            self.logs.push(NewLog { plugin, at, level, message, fields: Json::Object(fields), call });
        }
    }
}

fn fields_to_json(fields: Fields) -> Map<String, Json> {
    let value = |scalar| match scalar {
        Scalar::Text(text) => Json::String(truncate_text(text)),
        Scalar::Integer(number) => number.into(),
        Scalar::Number(number) => number.into(),
        Scalar::Boolean(yes) => yes.into(),
    };
    fields.into_iter().take(MAX_FIELDS).map(|(name, scalar)| (truncate_text(name), value(scalar))).collect()
}

fn truncate_text(mut text: String) -> String {
    if text.len() > MAX_TEXT_BYTES {
        let end = (0..=MAX_TEXT_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    text
}
