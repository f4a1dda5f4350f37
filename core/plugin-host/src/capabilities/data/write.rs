//! Writes: all of a list or none of it.

use super::GuestCaller;
use crate::call::quotas::PluginQuotas;
use crate::call::state::CallState;
use crate::contract::bindings::host::data::{Authority, IdentifiedCreate, Status, Transition, WriteOp, Written};
use crate::contract::bindings::types::{DocumentRef, Error};
use crate::contract::guest_errors::{conflict_error, denied_error, from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::definition::plugin_definition::PluginDefinition;
use cairn_content::{Content, ListRange, LocaleSelection, PublishAction, RequestContext, WriteOutcome};
use cairn_model::ContentType;
use cairn_query::{Action, Query, QueryBuilder, QueryTree};
use cairn_store::WriteTx;
use cairn_store::system::is_document_id;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

impl CallState {
    pub(super) async fn write_all(&mut self, writes: Vec<WriteOp>, rights: Authority) -> HostResult<Vec<Written>> {
        let prepared = writes.into_iter().enumerate().map(|(i, op)| ParsedWrite::parse_op(op, i)).collect();
        self.apply_all(prepared, rights).await
    }

    pub(super) async fn create_all_with_ids(
        &mut self,
        creates: Vec<IdentifiedCreate>,
        rights: Authority,
    ) -> HostResult<Vec<Written>> {
        let prepared = creates.into_iter().enumerate().map(|(i, op)| ParsedWrite::parse_identified(op, i)).collect();
        self.apply_all(prepared, rights).await
    }

    async fn apply_all(
        &mut self,
        prepared: Result<Vec<ParsedWrite>, Error>,
        rights: Authority,
    ) -> HostResult<Vec<Written>> {
        let prepared = prepared?;
        let uids: Vec<&str> = prepared.iter().map(ParsedWrite::content_type).collect();
        let asking = self.resolve_caller(rights, &uids).await?;
        let writer = DocumentWriter { content: self.content().clone(), definition: self.definition.clone(), asking };
        let bounds = PluginQuotas::for_plugin(&self.definition);
        let write = move |tx: &mut WriteTx<'_>| prepared.iter().map(|op| writer.apply_write(tx, op)).collect();
        Ok(self.with_transaction(move |tx| bounds.run_within_documents(tx, &write)).await?)
    }
}

/// A write whose texts are read.
enum ParsedWrite {
    Create {
        /// The id that the document is to have; `None`: any.
        id: Option<String>,
        content_type: String,
        data: Json,
        locale: Option<String>,
        status: Status,
    },
    Update {
        target: DocumentRef,
        data: Json,
        status: Status,
        expected: Option<i64>,
    },
    Upsert {
        content_type: String,
        key: Map<String, Json>,
        create: Json,
        update: Json,
        locale: Option<String>,
        status: Status,
    },
    Delete {
        target: DocumentRef,
        expected: Option<i64>,
    },
    Transition {
        target: DocumentRef,
        action: PublishAction,
    },
}

impl ParsedWrite {
    /// The uid of what is written.
    fn content_type(&self) -> &str {
        match self {
            Self::Create { content_type, .. } | Self::Upsert { content_type, .. } => content_type,
            Self::Update { target, .. } | Self::Delete { target, .. } | Self::Transition { target, .. } => {
                &target.content_type
            }
        }
    }

    fn parse_op(op: WriteOp, i: usize) -> Result<Self, Error> {
        let object = |field: &str, text: &str| parse_object(&format!("writes[{i}].{field}"), text).map(Json::Object);
        let version = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        Ok(match op {
            WriteOp::Create(op) => Self::Create {
                id: None,
                content_type: op.content_type,
                data: object("data", &op.data)?,
                locale: op.locale,
                status: op.status,
            },
            WriteOp::Update(op) => Self::Update {
                target: op.target,
                data: object("data", &op.data)?,
                status: op.status,
                expected: version(op.expect_version),
            },
            WriteOp::Upsert(op) => Self::Upsert {
                content_type: op.content_type,
                key: object("key", &op.key)?.as_object().cloned().unwrap_or_default(),
                create: object("create", &op.create)?,
                update: object("update", &op.update)?,
                locale: op.locale,
                status: op.status,
            },
            WriteOp::Delete(op) => Self::Delete { target: op.target, expected: version(op.expect_version) },
            WriteOp::Transition((target, transition)) => Self::Transition {
                target,
                action: match transition {
                    Transition::Publish => PublishAction::Publish,
                    Transition::Unpublish => PublishAction::Unpublish,
                    Transition::DiscardDraft => PublishAction::DiscardDraft,
                },
            },
        })
    }

    fn parse_identified(op: IdentifiedCreate, i: usize) -> Result<Self, Error> {
        if !is_document_id(&op.id) {
            return Err(invalid_field(&format!("creates[{i}].id"), "form", "must be an id from random.new-id"));
        }
        Ok(Self::Create {
            id: Some(op.id),
            content_type: op.content_type,
            data: parse_object(&format!("creates[{i}].data"), &op.data)?.into(),
            locale: op.locale,
            status: op.status,
        })
    }
}

fn parse_object(path: &str, text: &str) -> Result<Map<String, Json>, Error> {
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(invalid_field(path, "json", "must be a JSON object")),
        Err(error) => Err(invalid_field(path, "json", error.to_string())),
    }
}

/// Writes for one call.
struct DocumentWriter {
    content: Content,
    definition: Arc<PluginDefinition>,
    asking: GuestCaller,
}

impl DocumentWriter {
    fn apply_write(&self, tx: &mut WriteTx<'_>, op: &ParsedWrite) -> Result<Written, Error> {
        match op {
            ParsedWrite::Create { id, content_type, data, locale, status } => self.create_document(
                tx,
                self.require_granted_type(content_type, Action::Create)?,
                id.as_deref(),
                data,
                locale.as_deref(),
                *status,
            ),
            ParsedWrite::Update { target, data, status, expected } => {
                let ct = self.require_granted_type(&target.content_type, Action::Update)?;
                self.update_document(tx, ct, target, data, *status, *expected)
            }
            ParsedWrite::Upsert { content_type, key, create, update, locale, status } => {
                let ct = self.require_granted_type(content_type, Action::Create)?;
                self.require_granted_type(content_type, Action::Update)?;
                match self.find_by_key(tx, ct, key, locale.as_deref(), *status)? {
                    Some(document_id) => {
                        let (content_type, locale) = (content_type.clone(), locale.clone());
                        let target = DocumentRef { content_type, document_id, locale };
                        self.update_document(tx, ct, &target, update, *status, None)
                    }
                    None => self.create_document(tx, ct, None, create, locale.as_deref(), *status),
                }
            }
            ParsedWrite::Delete { target, expected } => {
                let ct = self.require_granted_type(&target.content_type, Action::Delete)?;
                let query = version_query(ct, target.locale.as_deref().or(ct.localized.then_some("*")), None);
                let deleted =
                    self.content.delete_in(tx, self.request_context(ct, &query), &target.document_id, *expected);
                match deleted.map_err(from_content_error)? {
                    true => Ok(Written { target: target.clone(), version: 0, created: false }),
                    false => Err(Error::NotFound(target.document_id.clone())),
                }
            }
            ParsedWrite::Transition { target, action } => {
                let ct = self.content.registry().by_uid(&target.content_type);
                let ct = ct.filter(|_| self.definition.may_publish(&target.content_type));
                let ct = ct.ok_or_else(|| not_granted(&target.content_type, "publish"))?;
                let locales = match &target.locale {
                    Some(locale) => LocaleSelection::These(vec![locale.clone()]),
                    None => LocaleSelection::All,
                };
                let context = self.request_context(ct, Query::empty());
                let result = self.content.publish_in(tx, context, *action, &target.document_id, &locales);
                let version =
                    result.map_err(from_content_error)?.iter().map(|change| change.version).max().unwrap_or_default();
                Ok(to_guest_written(target.clone(), version, false))
            }
        }
    }

    fn create_document(
        &self,
        tx: &mut WriteTx<'_>,
        ct: &ContentType,
        id: Option<&str>,
        data: &Json,
        locale: Option<&str>,
        status: Status,
    ) -> Result<Written, Error> {
        let query = version_query(ct, locale, Some(status));
        let (context, body) = (self.request_context(ct, &query), Some(json!({ "data": data })));
        let created = match id {
            Some(id) => self.content.create_with_id_in(tx, context, id, body).map_err(from_content_error)?,
            None => Some(self.content.create_in(tx, context, body).map_err(from_content_error)?),
        };
        let WriteOutcome { document_id, version } = created.ok_or_else(|| {
            let message = format!("{} has or had a document with the id {}", ct.uid, id.unwrap_or_default());
            conflict_error("unique", message)
        })?;
        let target = DocumentRef { content_type: ct.uid.clone(), document_id, locale: locale.map(str::to_owned) };
        Ok(to_guest_written(target, version, true))
    }

    fn update_document(
        &self,
        tx: &mut WriteTx<'_>,
        ct: &ContentType,
        target: &DocumentRef,
        data: &Json,
        status: Status,
        expected: Option<i64>,
    ) -> Result<Written, Error> {
        let query = version_query(ct, target.locale.as_deref(), Some(status));
        let body = Some(json!({ "data": data }));
        let context = self.request_context(ct, &query);
        let WriteOutcome { version, .. } =
            self.content.update_in(tx, context, &target.document_id, body, expected).map_err(from_content_error)?;
        Ok(to_guest_written(target.clone(), version, false))
    }

    /// The document with these values, looked for while nobody else writes one with them.
    fn find_by_key(
        &self,
        tx: &mut WriteTx<'_>,
        ct: &ContentType,
        key: &Map<String, Json>,
        locale: Option<&str>,
        status: Status,
    ) -> Result<Option<String>, Error> {
        if key.is_empty() {
            return Err(invalid_field("key", "empty", "an upsert requires the values of a unique key"));
        }
        let key_json = serde_json::to_string(key).unwrap_or_default();
        tx.lock_name(&format!("upsert {} {key_json}", ct.uid)).map_err(|e| from_content_error(e.into()))?;
        let equal = |(name, value): (&String, &Json)| {
            let text = match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.clone(), QueryTree::from([("$eq", text)]))
        };
        let mut query = QueryBuilder::new()
            .with("filters", key.iter().map(equal).collect::<QueryTree>())
            .with("fields", vec!["documentId".into()])
            .with("status", if status == Status::Draft { "draft" } else { "published" });
        if let Some(locale) = locale {
            query.set("locale", locale);
        }
        let query = query.build();
        let part = ListRange::Window { start: 0, limit: 2 };
        let array =
            self.content.rows_in(&tx.reader(), self.request_context(ct, &query), part).map_err(from_content_error)?;
        let found: Vec<Json> = serde_json::from_slice(&array).map_err(crate::contract::guest_errors::internal_error)?;
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(one["documentId"].as_str().map(str::to_owned)),
            _ => Err(conflict_error(
                "unique",
                format!("several documents of {} have {key_json}: this is not a unique key", ct.uid),
            )),
        }
    }

    fn request_context<'a>(&'a self, ct: &ContentType, query: &'a Query) -> RequestContext<'a> {
        self.asking.request_context(ct, query)
    }

    fn require_granted_type(&self, uid: &str, action: Action) -> Result<&ContentType, Error> {
        let content_type = self.content.registry().by_uid(uid);
        content_type.filter(|ct| self.asking.access.allows_action(ct.id, action)).ok_or_else(|| {
            not_granted(
                uid,
                match action {
                    Action::Create => "create",
                    Action::Delete => "delete",
                    _ => "update",
                },
            )
        })
    }
}

fn not_granted(uid: &str, action: &str) -> Error {
    denied_error(format!(
        "{action} of {uid:?}: the content type does not exist or this is not granted: check the uid; for one that exists, plugin.toml needs a \
         [[grant]] with use = \"data.write\", types = [{uid:?}] and actions = [{action:?}]"
    ))
}

fn to_guest_written(target: DocumentRef, version: i64, created: bool) -> Written {
    Written { target, version: u64::try_from(version).unwrap_or_default(), created }
}

/// Returns the parameters by which REST names the version that a write is about.
fn version_query(ct: &ContentType, locale: Option<&str>, status: Option<Status>) -> Query {
    let mut query = QueryBuilder::new();
    if ct.draft_publish && status == Some(Status::Draft) {
        query.set("status", "draft");
    }
    if let Some(locale) = locale {
        query.set("locale", locale);
    }
    query.build()
}
