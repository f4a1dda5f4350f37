//! Creates the user of a registration.

use crate::document_event::{DocumentEvent, RecordingLevel, VersionRef, WriteAuthor, emit_event};
use crate::history;
use crate::{Content, ContentError, Result, secrets};
pub use cairn_access::auth::NewRegistration as NewUser;
use cairn_store::events::{Actor, ActorKind};
use cairn_store::history::HistoryStatus;
use std::sync::Arc;

use cairn_access::AccessControl;
use cairn_access::auth::{CodePurpose, enqueue_code_mail};
use cairn_model::validate::{CastMode, CastRules, cast_attributes};
use cairn_model::{ContentType, Registry, Value};
use cairn_store::content::DocumentRow;
use cairn_store::system::{UserRow, new_document_id};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

impl Content {
    /// Adds a user who registered, unless name or address was taken meanwhile. The project's additional attributes get their defaults;
    /// those without one stay empty even if they are required, as a registration cannot contain them.
    pub async fn register(&self, new: NewUser) -> Result<UserRow> {
        let (now, at) = (self.now_iso(), self.access.now().timestamp_millis());
        self.store.write(move |tx| add_user(tx, new, now, at)).await
    }
}

/// Name of the lock that is held while a name or an address is looked for and taken: neither may pass for another user's.
pub(super) const USER_NAMES_LOCK: &str = "user names";

fn add_user(tx: &mut WriteTx<'_>, new: NewUser, now: String, at: i64) -> Result<UserRow> {
    let registry = tx.registry();
    let ct = registry.user_type();
    tx.lock_name(USER_NAMES_LOCK)?;
    if tx.reader().users().is_taken(&new.username, &new.email, None)? {
        return Err(name_taken());
    }
    if tx.reader().roles().get_by_document(&new.role)?.is_none() {
        return Err(ContentError::application("Impossible to find the default role"));
    }
    let values = user_row_values(&registry, ct, &new)?;
    let mut to_one = HashMap::new();
    if let Some((role, _)) = ct.attributes.get("role") {
        to_one.insert(role, (new.role, tx.end_position()));
    }
    let mut row = DocumentRow {
        id: 0,
        document_id: new_document_id(),
        locale: String::new(),
        published: true,
        created_at: now.clone(),
        updated_at: now.clone(),
        published_at: Some(now),
        version: 0,
        values,
        to_one,
    };
    row.id = match tx.documents().insert_row(ct.id, &row) {
        Err(StoreError::Unique) => {
            let clashes =
                tx.reader().documents().find_unique_clashes(ct.id, &row.document_id, &row.locale, &row.values)?;
            let errors = clashes.iter().map(|&a| secrets::taken_error(&ct.attributes[a], &row.values[a]));
            return Err(ContentError::field_errors(errors.collect()));
        }
        done => done?,
    };
    let actor = Actor { kind: ActorKind::User, id: Some(row.document_id.clone()), ..Actor::public() };
    let version = VersionRef { ct, document_id: &row.document_id, locale: "", published: true };
    let by = WriteAuthor { actor: Arc::new(actor), at, recording: RecordingLevel::All, viewer: None };
    let info = by.history_info(DocumentEvent::Created, HistoryStatus::Published);
    history::record_save(tx, ct.id, None, &row, &[], &info)?;
    emit_event(tx, &by, DocumentEvent::Created, version, json!({ "registered": true }))?;
    if !new.confirmed {
        // A registration that came through has its mail on the way.
        enqueue_code_mail(tx, CodePurpose::ConfirmEmail, &new.email, at)?;
    }
    let added = tx.reader().users().get_by_document(&row.document_id)?;
    let missing_user_error = || StoreError::Corrupt {
        place: ct.table.clone(),
        message: "a user that was just added cannot be found".to_owned(),
    };
    Ok(added.ok_or_else(missing_user_error)?)
}

/// The error if name or address is another user's.
pub(super) fn name_taken() -> ContentError {
    ContentError::application(AccessControl::ALREADY_TAKEN.message())
}

/// The values of the row: those of the registration, and defaults.
fn user_row_values(registry: &Registry, ct: &ContentType, new: &NewUser) -> Result<Vec<Value>> {
    let known = json!({
        "username": new.username, "email": new.email, "provider": "local", "confirmed": new.confirmed, "blocked": false,
    });
    let known: Map<String, Json> = known.as_object().cloned().unwrap_or_default();
    // The rules are a draft's: a registration need not contain everything that is required of an editor.
    let cast = cast_attributes(
        registry,
        &ct.attributes,
        &known,
        CastMode { rules: CastRules::Draft, create: true },
        &|_, _| None,
    );
    if !cast.errors.is_empty() {
        return Err(ContentError::field_errors(cast.errors));
    }
    if let Some(message) = cast.format {
        return Err(ContentError::validation(message));
    }
    let password = ct.attributes.get("password").map(|(id, _)| id);
    let value = |(id, value)| match value {
        _ if Some(id) == password => Value::Text(new.password_hash.clone()),
        Value::Absent => Value::Null,
        value => value,
    };
    Ok(cast.values.into_iter().enumerate().map(value).collect())
}
