//! Programs that do not come with Rust: whether they are installed, and which packages have them.

use anyhow::{Context, Result};
use std::process::{Command, Stdio};

/// Debian's packages with Node.js and npm.
pub const NODE_PACKAGES: &[&str] = &["nodejs", "npm"];
/// Debian's packages with Python and its module venv.
pub const PYTHON_PACKAGES: &[&str] = &["python3", "python3-venv"];
/// Debian's package with the module venv alone.
pub const VENV_PACKAGES: &[&str] = &["python3-venv"];

/// Availability of the tools of a build on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolStatus {
    /// Everything that is needed is installed.
    Ready,
    /// A tool is missing.
    Missing {
        /// Name of the tool, for people.
        what: &'static str,
        /// Debian's packages that contain it.
        packages: &'static [&'static str],
    },
}

impl ToolStatus {
    /// Returns a message for people that says what is missing and what to type; `None`: nothing is missing.
    pub fn missing_message(self) -> Option<String> {
        match self {
            Self::Ready => None,
            Self::Missing { what, packages } => Some(format!(
                "{what} is missing on this machine; on Debian and Ubuntu:\n    sudo apt-get install {}",
                packages.join(" ")
            )),
        }
    }
}

/// True if a program is in the `PATH`.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The first two numbers of the version that a program prints; output that does not begin with a version counts as 0.0.
pub(crate) fn program_version(command: &mut Command) -> Result<(u32, u32)> {
    let text = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {text}"))?;
    Ok(parse_version(&String::from_utf8_lossy(&output.stdout)))
}

fn parse_version(text: &str) -> (u32, u32) {
    let from = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let mut parts = text[from..].split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed_from_program_output() {
        for (text, version) in [
            ("v20.19.2\n", (20, 19)),
            ("Python 3.13.5\n", (3, 13)),
            ("Python 3.14.0rc1", (3, 14)),
            ("v22", (22, 0)),
            ("", (0, 0)),
            ("none", (0, 0)),
            ("99999999999999999999.1", (0, 1)),
        ] {
            assert_eq!(parse_version(text), version, "{text}");
        }
    }

    #[test]
    fn missing_tools_are_reported_with_the_install_command() {
        assert_eq!(ToolStatus::Ready.missing_message(), None);
        let message = ToolStatus::Missing { what: "Node.js", packages: NODE_PACKAGES }.missing_message().unwrap();
        assert!(message.contains("Node.js") && message.contains("apt-get install nodejs npm"), "{message}");
        assert!(!is_installed("no-program-is-called-so"));
    }
}
