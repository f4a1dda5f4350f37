//! Settings that crates above this one understand. They are loaded with the others, so that a change of any is noticed at once, and what
//! their crate reads from the JSON is retained until then.

use cairn_store::{Reader, StoreError};
use serde_json::Value as Json;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A setting that another crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachedSetting {
    /// The sender of a tenant's mails.
    Mail,
    /// Theme tokens of a tenant.
    Theme,
    /// Calendars of working time.
    Calendars,
}

impl CachedSetting {
    const ALL: [Self; 3] = [Self::Mail, Self::Theme, Self::Calendars];

    /// Its key among the stored settings.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Theme => "theme",
            Self::Calendars => "calendars",
        }
    }
}

/// The stored values of all [`CachedSetting`]s, in their order.
#[derive(PartialEq)]
pub(crate) struct CachedSettings([StoredValue; CachedSetting::ALL.len()]);

#[derive(Default)]
struct StoredValue {
    json: Option<Json>,
    /// Value that its crate read from the JSON.
    read: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl PartialEq for StoredValue {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl fmt::Debug for CachedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|value| &value.json)).finish()
    }
}

impl CachedSettings {
    pub(crate) fn load(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let mut values: [StoredValue; CachedSetting::ALL.len()] = Default::default();
        for (value, setting) in values.iter_mut().zip(CachedSetting::ALL) {
            value.json = reader.settings().get(setting.key())?;
        }
        Ok(Self(values))
    }

    pub(crate) fn get<T: Send + Sync + 'static>(
        &self,
        setting: CachedSetting,
        read: impl Fn(Option<&Json>) -> T,
    ) -> Arc<T> {
        let value = &self.0[setting as usize];
        let known = value.read.get_or_init(|| Arc::new(read(value.json.as_ref())));
        // A setting has one reader: another type means a second one, for which nothing is retained.
        known.clone().downcast().unwrap_or_else(|_| Arc::new(read(value.json.as_ref())))
    }
}
