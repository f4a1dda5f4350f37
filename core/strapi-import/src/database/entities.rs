//! Rows with their components, as lines of `entities/`.

use super::connection::{RowFilter, RowReader, Selection, Tables, row_bytes};
use super::model::{PartShape, StoredModel, StoredType};
use crate::error::ImportError;
use crate::member_writer::{MemberWriter, WrittenRow};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Number of rows read at a time.
const BATCH_ROWS: usize = 200;
/// Bytes of rows after which no more are read at a time.
const BATCH_BYTES: usize = 4 << 20;
/// Deepest nesting of components.
const MAX_DEPTH: usize = 32;
/// Largest number of components that the rows read at a time have: links that lead to the same component again and again must not fill the memory.
const MAX_BATCH_COMPONENTS: usize = 1_000_000;

/// A component in the list of its owner.
struct ComponentPlace {
    field: String,
    uid: String,
    id: i64,
}

/// A row as JSON.
type RowData = Map<String, Json>;

/// Reads the rows of types.
pub(super) struct EntityReader<'a> {
    pub(super) rows: &'a mut dyn RowReader,
    pub(super) tables: &'a Tables,
    pub(super) model: &'a StoredModel,
    /// Number of components of the present batch.
    pub(super) components: usize,
}

impl EntityReader<'_> {
    /// Writes the rows of a content type, by id. Calls `note` with each.
    pub(super) fn write_rows(
        &mut self,
        stored: &StoredType,
        members: &mut MemberWriter,
        note: &mut dyn FnMut(i64, &RowData) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        self.require_columns(stored)?;
        let mut last = BEFORE_FIRST;
        loop {
            let mut batch = self.read_batch(stored, RowFilter::After(last))?;
            let Some((newest, _)) = batch.last() else { return Ok(()) };
            last = *newest;
            self.components = 0;
            let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
            let mut components = self.read_components(stored, &ids, 0)?;
            for (id, data) in &mut batch {
                data.extend(components.remove(id).unwrap_or_default());
                note(*id, data)?;
                members.write_line(&WrittenRow { uid: &stored.uid, id: *id, data: &*data }, &|| {
                    format!("table {}, row {id}", stored.table)
                })?;
            }
        }
    }

    /// Writes the ids of a type's rows alone: what is not imported is only counted.
    pub(super) fn write_ids(&mut self, stored: &StoredType, members: &mut MemberWriter) -> Result<(), ImportError> {
        if !self.tables.has_column(&stored.table, "id") {
            return Ok(());
        }
        let (mut last, empty) = (BEFORE_FIRST, Map::new());
        loop {
            let before = last;
            let selection = Selection {
                table: &stored.table,
                columns: vec!["id"],
                rows: RowFilter::After(last),
                order: &["id"],
                limit: Some(BATCH_ROWS),
            };
            self.rows.read_rows(&selection, &mut |row| {
                last = next_id(&stored.table, row[0].as_int(), last)?;
                members.write_line(&WrittenRow { uid: &stored.uid, id: last, data: &empty }, &String::new)?;
                Ok(ControlFlow::Continue(()))
            })?;
            if last == before {
                return Ok(());
            }
        }
    }

    fn require_columns(&self, stored: &StoredType) -> Result<(), ImportError> {
        let mut columns = vec!["id"];
        columns.extend(stored.columns.iter().map(|column| column.column.as_str()));
        self.tables.require(&stored.uid, &stored.table, &columns)?;
        if stored.parts.is_empty() {
            return Ok(());
        }
        let columns = ["id", "entity_id", stored.component_id_column, "component_type", "field", "order"];
        self.tables.require(&stored.uid, &stored.component_table, &columns)
    }

    /// Reads rows of a type, without their components: not more at a time than memory should hold.
    fn read_batch(&mut self, stored: &StoredType, filter: RowFilter<'_>) -> Result<Vec<(i64, RowData)>, ImportError> {
        let mut columns = vec!["id"];
        columns.extend(stored.columns.iter().map(|column| column.column.as_str()));
        let is_walk = matches!(filter, RowFilter::After(_));
        let mut last = if let RowFilter::After(id) = filter { id } else { BEFORE_FIRST };
        let limit = is_walk.then_some(BATCH_ROWS);
        let selection = Selection { table: &stored.table, columns, rows: filter, order: &["id"], limit };
        let (mut batch, mut bytes) = (Vec::new(), 0);
        self.rows.read_rows(&selection, &mut |row| {
            let Some((id, cells)) = row.split_first() else { return Ok(ControlFlow::Break(())) };
            last = next_id(&stored.table, id.as_int(), last)?;
            let values = stored.columns.iter().zip(cells);
            let data = values.map(|(column, cell)| (column.attribute.clone(), column.kind.to_json(cell)));
            batch.push((last, data.collect()));
            bytes += row_bytes(row);
            Ok(if is_walk && bytes > BATCH_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(batch)
    }

    /// Reads the components of rows, by the row's id: a value for every attribute with components.
    fn read_components(
        &mut self,
        owner: &StoredType,
        ids: &[i64],
        depth: usize,
    ) -> Result<HashMap<i64, RowData>, ImportError> {
        let mut found = HashMap::new();
        if owner.parts.is_empty() || ids.is_empty() {
            return Ok(found);
        }
        if depth > MAX_DEPTH {
            return Err(ImportError::Database(format!(
                "table {}: its components are nested more than {MAX_DEPTH} times",
                owner.component_table
            )));
        }
        let places = self.read_places(owner, ids)?;
        let mut wanted: HashMap<&str, Vec<i64>> = HashMap::new();
        for place in places.values().flatten() {
            wanted.entry(&place.uid).or_default().push(place.id);
        }
        let mut components: HashMap<(String, i64), RowData> = HashMap::new();
        for (uid, ids) in wanted {
            for (id, data) in self.read_component_rows(uid, ids, depth)? {
                components.insert((uid.to_owned(), id), data);
            }
        }
        for id in ids {
            let placed = places.get(id).map(Vec::as_slice).unwrap_or_default();
            let values = owner.parts.iter().map(|part| {
                let of_part = placed.iter().filter(|place| place.field == part.name);
                let of_part = of_part.filter(|place| part.components.contains(&place.uid));
                let mut instances = of_part.filter_map(|place| {
                    let mut instance = components.get(&(place.uid.clone(), place.id))?.clone();
                    if part.shape == PartShape::Zone {
                        instance.insert("__component".into(), place.uid.as_str().into());
                    }
                    Some(Json::Object(instance))
                });
                let value = match part.shape {
                    PartShape::Single => instances.next().unwrap_or(Json::Null),
                    PartShape::List | PartShape::Zone => Json::Array(instances.collect()),
                };
                (part.name.clone(), value)
            });
            found.insert(*id, values.collect());
        }
        Ok(found)
    }

    /// Reads which components rows have, in order, by the row's id.
    fn read_places(
        &mut self,
        owner: &StoredType,
        ids: &[i64],
    ) -> Result<HashMap<i64, Vec<ComponentPlace>>, ImportError> {
        let mut places: HashMap<i64, Vec<ComponentPlace>> = HashMap::new();
        let table = owner.component_table.as_str();
        for ids in ids.chunks(BATCH_ROWS) {
            let selection = Selection {
                table,
                columns: vec!["entity_id", owner.component_id_column, "component_type", "field"],
                rows: RowFilter::With("entity_id", ids),
                order: &["entity_id", "order", "id"],
                limit: None,
            };
            let components = &mut self.components;
            self.rows.read_rows(&selection, &mut |row| {
                let [entity, id, uid, field] = row else { return Ok(ControlFlow::Break(())) };
                *components += 1;
                if *components > MAX_BATCH_COMPONENTS {
                    return Err(ImportError::Database(format!(
                        "table {table}: {BATCH_ROWS} rows have more than {MAX_BATCH_COMPONENTS} components: look for links that lead to the same component"
                    )));
                }
                // A component that was deleted, as Strapi leaves it behind, has no id.
                if let (Some(entity), Some(id), Some(uid), Some(field)) =
                    (entity.as_int(), id.as_int(), uid.as_text(), field.as_text())
                {
                    let place = ComponentPlace { field: field.into_owned(), uid: uid.into_owned(), id };
                    places.entry(entity).or_default().push(place);
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(places)
    }

    /// Reads rows of a component with the components inside. A component that no schema file has is left out, as Strapi does.
    fn read_component_rows(
        &mut self,
        uid: &str,
        mut ids: Vec<i64>,
        depth: usize,
    ) -> Result<Vec<(i64, RowData)>, ImportError> {
        let Some(component) = self.model.get(uid).filter(|found| found.is_component) else { return Ok(Vec::new()) };
        self.require_columns(component)?;
        ids.sort_unstable();
        ids.dedup();
        let mut read = Vec::with_capacity(ids.len());
        for ids in ids.chunks(BATCH_ROWS) {
            read.extend(self.read_batch(component, RowFilter::With("id", ids))?);
        }
        let ids: Vec<i64> = read.iter().map(|(id, _)| *id).collect();
        let mut inner = self.read_components(component, &ids, depth + 1)?;
        let with_id = read.into_iter().map(|(id, data)| {
            let mut whole = Map::new();
            whole.insert("id".into(), id.into());
            whole.extend(data);
            whole.extend(inner.remove(&id).unwrap_or_default());
            (id, whole)
        });
        Ok(with_id.collect())
    }
}

/// The id before that of the first row.
pub(super) const BEFORE_FIRST: i64 = i64::MIN;

/// The id of a row that comes after another: ids that do not grow would be read without end.
pub(super) fn next_id(table: &str, id: Option<i64>, last: i64) -> Result<i64, ImportError> {
    id.filter(|id| *id > last && *id > 0).ok_or_else(|| {
        ImportError::Database(format!(
            "table {table}: a row has no valid id, but {id:?}: correct it in Strapi's database"
        ))
    })
}
