//! One person's data, as the server has it reported and erased.

use super::TestHarness;
use crate::error::{TestError, to_test_error};
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, PersonalRecord, PrivacyError};
use cairn_store::{StoreError, WriteTx};
use serde_json::Value as Json;

/// Largest number of pages of a report, and of steps of an erasure: a plugin that always has another is stopped.
const MAX_STEPS: usize = 1_000;

impl TestHarness {
    /// All that the plugin has about a person. The error says why it reports nothing.
    pub async fn report_person(&self, address: &str) -> Result<Vec<PersonalRecord>, TestError> {
        let (person, locale) = (self.find_data_subject(address)?, self.access.locales().default.clone());
        let (mut all, mut cursor): (Vec<PersonalRecord>, Option<Json>) = (Vec::new(), None);
        for _ in 0..MAX_STEPS {
            let page = self.plugins.report_personal_data(&self.id, &person, cursor.as_ref(), &locale).await;
            let page = page.map_err(to_test_error)?;
            all.extend(page.records);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
        Err(TestError(format!("the report still has another page after {MAX_STEPS}")))
    }

    /// Has the plugin erase what it has about a person, each step in a transaction of its own. The error says why it does not.
    pub async fn erase_person(&self, address: &str) -> Result<ErasureStep, TestError> {
        let person = self.find_data_subject(address)?;
        let mut all = ErasureStep::default();
        for _ in 0..MAX_STEPS {
            let step = self.erase_step(&person, all.next.take()).await.map_err(to_test_error)?;
            all.erased += step.erased;
            all.retained.extend(step.retained);
            match step.next {
                Some(next) => all.next = Some(next),
                None => return Ok(all),
            }
        }
        Err(TestError(format!("the erasure still has another step after {MAX_STEPS}")))
    }

    async fn erase_step(&self, person: &DataSubject, cursor: Option<Json>) -> Result<ErasureStep, PrivacyError> {
        let (plugins, id, person) = (self.plugins.clone(), self.id.clone(), person.clone());
        let locale = self.access.locales().default.clone();
        let erase = move |tx: &mut WriteTx<'_>| plugins.erase_personal_data(tx, &id, &person, cursor.as_ref(), &locale);
        self.content.store().write_long("test", true, erase).await
    }

    fn find_data_subject(&self, address: &str) -> Result<DataSubject, TestError> {
        let email = cairn_contact_details::email::normalise_email(address);
        let accounts = self
            .content
            .store()
            .read(|r| Ok::<_, StoreError>((r.users().get_by_email(&email)?, r.admin_users().get_by_email(&email)?)));
        let (user, admin) = accounts.map_err(to_test_error)?;
        let (user, admin) = (user.map(|user| user.document_id), admin.map(|admin| admin.id.to_string()));
        Ok(DataSubject { email, user, admin })
    }
}
