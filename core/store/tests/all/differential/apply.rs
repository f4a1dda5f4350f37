//! Writes as `content` makes them, on a store.

use super::data::{FILES, Write, document, file_name};
use super::shape::Shape;
use crate::fixture::StoreFixture;
use cairn_model::validate::{CastMode, CastResult, CastRules, cast_attributes, merge_value};
use cairn_model::{FieldKind, LinkStorage, LinkTarget, Registry, TargetRef, TypeId, Value};
use cairn_store::content::links::PositionedLink;
use cairn_store::content::{DocumentRow, NewDocumentRow};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

const AT: &str = "2025-01-01T10:00:00.000Z";

/// Casts a body with the model.
pub(crate) fn cast_body(registry: &Registry, ct: TypeId, body: &Map<String, Json>) -> CastResult {
    let mode = CastMode { rules: CastRules::Draft, create: false };
    let resolve_target = |_: TypeId, target: &TargetRef| match target {
        TargetRef::Document(id) => Some(id.clone()),
        TargetRef::Row(_) => None,
    };
    cast_attributes(registry, &registry.get(ct).attributes, body, mode, &resolve_target)
}

/// Makes the files.
pub(crate) fn insert_files(fixture: &StoreFixture) {
    let write = fixture.store.write(|tx| {
        let registry = tx.registry();
        let file = registry.file_type();
        for n in 0..FILES {
            let mut row = new_row(&registry, file.id, document('f', n), "", true);
            row.values[file.attributes.get("name").unwrap().0] = Value::Text(file_name(n).into());
            tx.documents().insert_row(file.id, &row)?;
        }
        Ok::<_, StoreError>(())
    });
    run_blocking(write).unwrap();
}

/// Does a write on a store.
pub(crate) fn apply(fixture: &StoreFixture, shape: &Shape, write: &Write) -> Result<(), StoreError> {
    let registry = fixture.registry();
    let ct = |route: &str| registry.by_route(route).unwrap().id;
    let (things, others) = (ct("things"), ct("others"));
    let values = |ct: TypeId, body: &Map<String, Json>| {
        let CastResult { values, errors, format } = cast_body(registry, ct, body);
        assert!(errors.is_empty() && format.is_none(), "{errors:?} {format:?}");
        values
    };
    let drafts = shape.drafts;
    match write {
        Write::Thing { thing, locale, body, publish, .. } => {
            let (values, id, locale) = (values(things, body), document('t', *thing), *locale);
            let publish = *publish;
            run_blocking(fixture.store.write(move |tx| put_version(tx, things, &id, locale, values, (drafts, publish))))
        }
        Write::Other { other, body, .. } => {
            let (values, id) = (values(others, body), document('o', *other));
            run_blocking(fixture.store.write(move |tx| put_version(tx, others, &id, "", values, (drafts, true))))
        }
        Write::DeleteThing { thing, locale } => {
            let (id, locale) = (document('t', *thing), *locale);
            run_blocking(fixture.store.write(move |tx| tx.documents().delete_versions(things, &id, locale).map(drop)))
        }
        Write::DeleteOther { other } => {
            let id = document('o', *other);
            run_blocking(fixture.store.write(move |tx| tx.documents().delete_versions(others, &id, None).map(drop)))
        }
    }
}

pub(crate) fn run_blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn new_row(
    registry: &Registry,
    ct: TypeId,
    document_id: String,
    locale: &str,
    published: bool,
) -> DocumentRow {
    NewDocumentRow {
        id: 0,
        document_id,
        locale: locale.into(),
        published,
        created_at: AT.into(),
        updated_at: AT.into(),
        published_at: published.then(|| AT.into()),
        version: 0,
        values: vec![Value::Null; registry.get(ct).attributes.len()],
        to_one: HashMap::new(),
    }
}

/// Makes or changes a version of a document, and publishes it if that is asked for and there are drafts.
fn put_version(
    tx: &mut WriteTx<'_>,
    ct: TypeId,
    document_id: &str,
    locale: &str,
    values: Vec<Value>,
    (drafts, publish): (bool, bool),
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let content_type = registry.get(ct);
    let document_row = tx.reader().documents().get_row(ct, document_id, locale, !drafts)?;
    let fresh = document_row.is_none() && !tx.reader().documents().exists(ct, document_id, None)?;
    let mut row =
        document_row.clone().unwrap_or_else(|| new_row(&registry, ct, document_id.to_owned(), locale, !drafts));
    let mut tables = Vec::new();
    for ((id, a), value) in content_type.attributes.iter().zip(values) {
        match (&a.kind, value) {
            (_, Value::Absent) => {}
            (FieldKind::Component { .. } | FieldKind::DynamicZone { .. }, value) => {
                row.values[id] = merge_value(&registry, a, &row.values[id], value).unwrap();
                tx.documents().number_instances(&mut row.values[id])?;
            }
            (_, Value::Change(change)) => {
                let targets: Vec<LinkTarget> = change.connect.into_iter().map(|c| c.target).collect();
                if registry.attribute_link(a).unwrap().storage == LinkStorage::Table {
                    tables.push((id, targets));
                    continue;
                }
                let target = targets.into_iter().next().map(|t| t.document_id);
                let existing = row.to_one.remove(&id).filter(|(current, _)| Some(current) == target.as_ref());
                let link = existing.or_else(|| Some((target?, tx.end_position())));
                row.to_one.extend(link.map(|link| (id, link)));
            }
            (_, value) => row.values[id] = value,
        }
    }
    match document_row {
        Some(_) => tx.documents().update_row(ct, &mut row)?,
        None => row.id = tx.documents().insert_row(ct, &row)?,
    }
    for (id, targets) in tables {
        let before = tx.reader().links().find_owned(ct, id, row.id)?;
        let link = |target: LinkTarget| {
            let inverse = before.iter().find(|l| l.target == target).map_or_else(|| tx.end_position(), |l| l.inverse);
            PositionedLink { target, position: None, inverse }
        };
        let links: Vec<PositionedLink> = targets.into_iter().map(link).collect();
        tx.links().set_owned(ct, id, row.id, &before, &links)?;
    }
    if drafts && publish {
        tx.documents().publish_row(ct, &row, AT, fresh)?;
    }
    Ok(())
}
