//! Holders of personal data, and the ids by which they are stored and returned.

/// A holder of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Plugin(String),
    Core(CoreSource),
}

impl Source {
    /// The text that is stored and returned by the API: `plugin:crm`, `core:account`.
    pub(super) fn to_id(&self) -> String {
        match self {
            Self::Plugin(id) => format!("plugin:{id}"),
            Self::Core(core) => format!("core:{}", core.as_str()),
        }
    }

    pub(super) fn parse(id: &str) -> Option<Self> {
        match id.split_once(':')? {
            ("plugin", plugin) => Some(Self::Plugin(plugin.to_owned())),
            ("core", name) => CoreSource::parse(name).map(Self::Core),
            _ => None,
        }
    }
}

/// A part of Cairn that has personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CoreSource {
    Mails,
    Content,
    Account,
    AdminAccount,
    Jobs,
    AuditLog,
}

impl CoreSource {
    /// All of them, in the order in which they are asked.
    pub(super) const ALL: [Self; 6] =
        [Self::Mails, Self::Content, Self::Account, Self::AdminAccount, Self::Jobs, Self::AuditLog];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Mails => "mails",
            Self::Content => "content",
            Self::Account => "account",
            Self::AdminAccount => "admin-account",
            Self::Jobs => "jobs",
            Self::AuditLog => "audit-log",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_they_are_written() {
        let sources = CoreSource::ALL.into_iter().map(Source::Core).chain([Source::Plugin("crm".to_owned())]);
        for source in sources {
            assert_eq!(Source::parse(&source.to_id()), Some(source));
        }
        for wrong in ["", "crm", "core:nothing", "other:crm"] {
            assert_eq!(Source::parse(wrong), None, "{wrong}");
        }
    }
}
