//! Problems for which a task is not done. Its answer names them.

use cairn_pdf_protocol::Problem;

/// Why a task was not done.
pub(crate) type TaskProblems = Vec<Problem>;
