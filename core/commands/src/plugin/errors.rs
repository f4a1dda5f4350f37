//! Errors that several commands of `cairn plugin` have.

use cairn_app::OperatorError;
use cairn_plugin_package::PluginProblem;
use cairn_store::StoreError;

pub(super) fn from_store_error(error: StoreError) -> OperatorError {
    OperatorError(error.to_string())
}

pub(super) fn format_problems(problems: &[PluginProblem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

/// Said of an id that no plugin has.
pub(super) fn unknown_plugin_error(id: &str) -> OperatorError {
    OperatorError(format!("plugin {id:?} not found; run `cairn plugin list` to see the installed plugins"))
}
