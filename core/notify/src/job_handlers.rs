//! The jobs of this crate.

use crate::mail::{admin_mail, auth_mail, send_job};
use crate::{Notifier, cleanup, digest};
use cairn_events::JobHandler;
use std::sync::Arc;

impl Notifier {
    /// The handlers for the jobs of this crate.
    pub fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        vec![
            Arc::new(send_job::SendMailJob(self.clone())),
            Arc::new(digest::DigestJob(self.clone())),
            Arc::new(auth_mail::AuthMailJob(self.clone())),
            Arc::new(admin_mail::AdminMailJob(self.clone())),
            Arc::new(cleanup::CleanupJob(self.clone())),
        ]
    }
}
