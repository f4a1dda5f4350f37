//! Stores the content of an archive or database: all of it in one transaction.

use super::digest::ContentDigest;
use super::permissions::{PERMISSION_UID, map_permissions};
use super::run_blocking;
use cairn_access::{AUTH_SETTING, AuthSettings};
use cairn_app::OperatorError;
use cairn_assets::{AssetError, BlobKey, BlobStore, file_kind};
use cairn_model::TypeId;
use cairn_store::assets::{Asset, BlobClaim, BlobClaimOutcome, ImageAppearance};
use cairn_store::content::BulkVersion;
use cairn_store::events::Actor;
use cairn_store::library::FolderProperties;
use cairn_store::system::STRAPI_IMPORT_SETTING;
use cairn_store::{Store, WriteTx};
use cairn_strapi_import::{
    Archive, ImportError, ImportReport, ImportSink, ImportedFile, Survey, TextRepair, convert_archive, read_assets,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// Number of objects claimed at a time.
const CLAIM_BATCH_SIZE: usize = 1_000;

/// An import whose content was checked.
#[derive(Clone)]
pub(super) struct Import {
    pub(super) archive: Archive,
    pub(super) survey: Arc<Survey>,
    /// The report of that check.
    pub(super) expected: Arc<ImportReport>,
    pub(super) repair: TextRepair,
    /// Schema files of the import, relative to the project.
    pub(super) schema_files: Arc<[String]>,
    pub(super) now: DateTime<Utc>,
}

impl Import {
    /// Stores the files, then everything else. If it fails, the files are removed later, as those of interrupted uploads are.
    pub(super) async fn run(self, store: &Store, blobs: Arc<dyn BlobStore>) -> Result<(), OperatorError> {
        let now = self.now.timestamp_millis();
        let objects = self.survey.asset_objects();
        let claims: Vec<BlobClaim> =
            objects.iter().map(|(key, length)| BlobClaim { key: (*key).to_owned(), length: *length }).collect();
        for batch in claims.chunks(CLAIM_BATCH_SIZE) {
            let batch = batch.to_vec();
            let claimed = store.write(move |tx| tx.blobs().claim(&batch, now)).await?;
            if claimed.contains(&BlobClaimOutcome::Removing) {
                let message = "a file is currently being deleted from file storage. Try again in 15 minutes";
                return Err(OperatorError(message.into()));
            }
        }
        let staging = self.clone();
        run_blocking(move || staging.put_assets(&*blobs)).await??;
        let import = self.clone();
        let claims: Arc<[String]> = claims.into_iter().map(|claim| claim.key).collect();
        let write = move |tx: &mut WriteTx<'_>| import.store_content(tx, &claims);
        store.write(write).await.map_err(|e: ImportError| OperatorError(e.to_string()))?;
        for ct in store.registry().types() {
            // The import is stored by now: it stays, even if its statistics cannot be updated.
            if let Err(e) = store.end_bulk(ct.id).await {
                tracing::warn!(error = %e, "cannot update the statistics of {}", ct.uid);
            }
        }
        Ok(())
    }

    /// Stores the bytes of the media library in file storage.
    fn put_assets(&self, blobs: &dyn BlobStore) -> Result<(), OperatorError> {
        let folder = blobs.staging_folder().unwrap_or_else(std::env::temp_dir);
        let failed = |e: AssetError| match &e {
            AssetError::Io { source, .. } => ImportError::Stopped(format!("{e}: {source}")),
            _ => ImportError::Stopped(e.to_string()),
        };
        let put = read_assets(&self.archive, &self.survey, &mut |sha256, body| {
            let key = BlobKey::parse(sha256).map_err(failed)?;
            if blobs.exists(&key).map_err(failed)? {
                return Ok(());
            }
            let stopped = |e: std::io::Error| ImportError::Stopped(format!("a file cannot be stored: {e}"));
            let new = tempfile::Builder::new().prefix(cairn_assets::STAGED_PREFIX).tempfile_in(&folder);
            let mut new = new.map_err(stopped)?;
            std::io::copy(body, new.as_file_mut()).map_err(stopped)?;
            blobs.put_temp_file(&key, new.into_temp_path()).map_err(failed)
        });
        put.map_err(|e| OperatorError(e.to_string()))
    }

    fn store_content(&self, tx: &mut WriteTx<'_>, objects: &[String]) -> Result<(), ImportError> {
        if !tx.reader().transfer().is_untouched()? {
            return Err(ImportError::Stopped("the database is not empty: import into a new project".into()));
        }
        let now = cairn_access::format_iso(self.now);
        self.store_locales(tx, &now)?;
        let roles = self.store_roles(tx, &now)?;
        self.store_registration(tx)?;
        let folders = self.store_folders(tx)?;
        let registry = tx.registry();
        let mut report = self.survey.begin_report();
        let digest = ContentDigest::default();
        let mut sink = StoreSink { tx: &mut *tx, folders, digest, now: self.now, retry: self.survey.source.retry() };
        convert_archive(&self.archive, &self.survey, &registry, &roles, self.repair, &mut sink, &mut report)?;
        let digest = sink.digest;
        let stored = digest.read_stored(&tx.reader())?.finish(&registry);
        let read = digest.finish(&registry);
        let has_same_counts = report.types.iter().all(|(uid, count)| {
            uid == PERMISSION_UID || self.expected.types.get(uid).is_some_and(|expected| expected == count)
        });
        if !has_same_counts || read != self.expected.hashes || !report.problems.is_empty() {
            return Err(ImportError::Stopped(
                "the source has changed since it was checked: start the import again".into(),
            ));
        }
        if let Some((uid, _)) = read.iter().find(|(uid, hash)| stored.get(*uid) != Some(*hash)) {
            let message = "the database does not have the content that was read; report this as a defect of Cairn";
            return Err(ImportError::Stopped(format!("{uid}: {message}")));
        }
        for ct in registry.types() {
            if let Some(last) = self.survey.largest_id(&ct.uid).filter(|_| ct.id != registry.role_type().id) {
                tx.documents().reserve_ids(ct.id, last.saturating_add(1))?;
            }
        }
        if !tx.blobs().settle(objects, self.now.timestamp_millis())? {
            return Err(ImportError::Stopped("storing the files took too long: try again".into()));
        }
        let stored = json!({ "importedAt": now, "report": &*self.expected, "schemaFiles": &*self.schema_files });
        Ok(tx.settings().set(STRAPI_IMPORT_SETTING, &stored)?)
    }

    fn store_locales(&self, tx: &mut WriteTx<'_>, now: &str) -> Result<(), ImportError> {
        let existing: Vec<String> = tx.reader().locales().list()?.into_iter().map(|locale| locale.code).collect();
        for locale in &self.survey.locales {
            let name = if locale.name.is_empty() { &locale.code } else { &locale.name };
            match existing.contains(&locale.code) {
                true => tx.locales().rename(&locale.code, name, now)?,
                false => tx.locales().create(&locale.code, name, now)?,
            }
        }
        tx.locales().set_default(self.survey.default_locale(), now)?;
        for code in existing.iter().filter(|code| self.survey.locales.iter().all(|locale| locale.code != **code)) {
            tx.locales().delete(code)?;
        }
        Ok(())
    }

    /// Creates the roles that do not exist yet, and replaces the permissions of all. Returns document ids by Strapi's ids.
    fn store_roles(&self, tx: &mut WriteTx<'_>, now: &str) -> Result<HashMap<i64, String>, ImportError> {
        let (mut documents, registry) = (HashMap::new(), tx.registry());
        for role in &self.survey.roles {
            let existing = tx.reader().roles().get_by_type(&role.kind)?;
            let document_id = match existing {
                Some(existing) => {
                    tx.roles().update(&existing.document_id, &role.name, &role.description, now)?;
                    existing.document_id
                }
                None => tx.roles().create(&role.kind, &role.name, &role.description, now)?,
            };
            documents.insert(role.id, document_id);
            // A permission that was revoked in Strapi must not come back because Cairn grants it to new roles.
            tx.permissions().delete_for_role(&role.kind)?;
            for permission in map_permissions(role, &registry).0 {
                tx.permissions().save(&permission)?;
            }
        }
        Ok(documents)
    }

    /// Registration is open in a new project: it must not open a site that is closed in Strapi.
    fn store_registration(&self, tx: &mut WriteTx<'_>) -> Result<(), ImportError> {
        let Some(rules) = &self.survey.registration else { return Ok(()) };
        let stored = tx.reader().settings().get(AUTH_SETTING)?;
        let mut settings = AuthSettings::from_stored(stored.as_ref());
        settings.registration_open = rules.open;
        settings.confirm_by_mail = rules.confirm_by_mail;
        if self.survey.roles.iter().any(|role| role.kind == rules.default_role) {
            settings.default_role.clone_from(&rules.default_role);
        }
        let settings = serde_json::to_value(&settings).map_err(|e| ImportError::Stopped(e.to_string()))?;
        Ok(tx.settings().set(AUTH_SETTING, &settings)?)
    }

    /// Creates the folders of the media library. Returns their ids by Strapi's ids.
    fn store_folders(&self, tx: &mut WriteTx<'_>) -> Result<HashMap<i64, i64>, ImportError> {
        let mut numbers = HashMap::new();
        for folder in &self.survey.folders {
            let parent = folder.parent.and_then(|parent| numbers.get(&parent).copied()).unwrap_or(0);
            let properties =
                FolderProperties { parent, name: folder.name.clone(), private: false, keeps_metadata: None };
            let number = tx.folders().create(&properties, self.now.timestamp_millis())?;
            numbers.insert(folder.id, number);
        }
        Ok(numbers)
    }
}

/// Stores what the conversion hands over.
struct StoreSink<'t, 'a> {
    tx: &'t mut WriteTx<'a>,
    folders: HashMap<i64, i64>,
    digest: ContentDigest,
    now: DateTime<Utc>,
    retry: &'static str,
}

impl ImportSink for StoreSink<'_, '_> {
    fn add_versions(&mut self, ct: TypeId, versions: Vec<BulkVersion>) -> Result<(), ImportError> {
        let first = versions.first().map_or(0, |version| version.row.id);
        let (registry, retry) = (self.tx.registry(), self.retry);
        let uid = &registry.get(ct).uid;
        self.digest.add_versions(&registry, ct, &versions);
        self.tx.documents().insert_versions(ct, versions).map_err(|e| match e {
            cairn_store::StoreError::Unique => ImportError::Stopped(format!(
                "{uid}: an entry in the rows from {first} onwards has the value of another entry in a unique attribute. Change one of them in Strapi, and {retry}"
            )),
            e => ImportError::Store(e),
        })
    }

    fn add_file(&mut self, file: ImportedFile) -> Result<(), ImportError> {
        let added_at = DateTime::parse_from_rfc3339(&file.added_at).map_or(self.now, |at| at.to_utc());
        let asset = Asset {
            document_id: file.document_id.clone(),
            number: 1,
            sha256: file.sha256,
            bytes: file.length,
            kind: file_kind(&file.mime).to_owned(),
            folder: file.folder.and_then(|folder| self.folders.get(&folder).copied()).unwrap_or(0),
            private: false,
            derived_from: None,
            appearance: ImageAppearance::default(),
            facts: None,
            added_at: added_at.timestamp_millis(),
            added_by: Actor::system("import"),
            deleted_at: None,
            deleted_by: None,
        };
        self.tx.assets().save(&asset)?;
        Ok(self.tx.assets().serve_blobs(&file.document_id, 1, &file.blobs)?)
    }
}
