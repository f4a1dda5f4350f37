//! Errors of what administrators do: plugins, events, webhooks.

use super::WireError;
use cairn_app::plugins::record::ChangeError;
use cairn_app::tenants::PluginChangeError;
use cairn_events::admin::AdminError;
use cairn_model::ErrorKind;
use cairn_plugin_host::replay::ReplayError;
use cairn_settings::webhooks::WebhookSaveError;
use cairn_store::StoreError;

impl From<AdminError> for WireError {
    fn from(e: AdminError) -> Self {
        match e {
            AdminError::NotFound => Self::not_found(),
            AdminError::Refused(message) => Self::validation(message),
            AdminError::Store(StoreError::TooMany(n)) => {
                Self::validation(format!("More than {n} events match: narrow the filter by time or name"))
            }
            AdminError::Store(e) => e.into(),
        }
    }
}

impl From<ReplayError> for WireError {
    fn from(e: ReplayError) -> Self {
        match e {
            ReplayError::Store(e) => e.into(),
            other => Self::conflict(other.to_string()),
        }
    }
}

impl From<ChangeError> for WireError {
    fn from(e: ChangeError) -> Self {
        match e {
            ChangeError::NotFound => Self::not_found(),
            ChangeError::Refused(reason) => Self::conflict(reason),
            changed @ ChangeError::Changed => Self::conflict(changed.to_string()),
            ChangeError::Store(e) => e.into(),
        }
    }
}

impl From<PluginChangeError> for WireError {
    fn from(e: PluginChangeError) -> Self {
        match e {
            PluginChangeError::Refused(refusals) => Self::for_fields(&refusals),
            PluginChangeError::Gone => Self::not_found(),
            PluginChangeError::Changed => ChangeError::Changed.into(),
            PluginChangeError::Locked(reason) => Self::forbidden_because(reason),
            PluginChangeError::Busy => {
                let message = "Other requests are taking too long: try again in a moment";
                Self::new(ErrorKind::Unavailable, message)
            }
            PluginChangeError::Failed(cause) => Self::internal(cause),
        }
    }
}

impl From<WebhookSaveError> for WireError {
    fn from(e: WebhookSaveError) -> Self {
        match e {
            WebhookSaveError::Problem(part, message) => Self::validation(format!("{part}: {message}")),
            WebhookSaveError::NotFound => Self::not_found(),
            WebhookSaveError::Seal(e) => Self::internal(e),
            WebhookSaveError::Store(e) => e.into(),
        }
    }
}
