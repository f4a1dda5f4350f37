//! `data`: from the inputs of the schema to the values that the content API takes.

use super::{Planner, value_json, value_text};
use crate::request::ApiError;
use crate::shapes::InputShape;
use async_graphql::{Name, Value};
use serde_json::{Map, Value as Json};

impl Planner<'_> {
    /// Converts the values of an entry or a component.
    pub(super) fn convert_data(&self, input: &str, data: &Value) -> Result<Map<String, Json>, ApiError> {
        let Value::Object(members) = data else {
            return Err(ApiError::invalid("data must be an object"));
        };
        let fields = self.shapes.inputs.get(input);
        let mut values = Map::new();
        for (name, value) in members {
            let Some(shape) = fields.and_then(|fields| fields.get(name.as_str())) else {
                return Err(ApiError::invalid(format!("Invalid key {name}")));
            };
            values.insert(name.to_string(), self.convert_value(shape, value)?);
        }
        Ok(values)
    }

    fn convert_value(&self, shape: &InputShape, value: &Value) -> Result<Json, ApiError> {
        match (shape, value) {
            (_, Value::Null) => Ok(Json::Null),
            (InputShape::Value, value) => Ok(value_json(value)),
            (InputShape::Enumeration(names), value) => {
                let name = value_text(value).unwrap_or_default();
                Ok(Json::String(names.get(&name).cloned().unwrap_or(name)))
            }
            (_, Value::List(items)) => items.iter().map(|item| self.convert_value(shape, item)).collect(),
            // Ids of rows are numbers for the content API.
            (InputShape::Link, value) => {
                let text = value_text(value).unwrap_or_default();
                Ok(text.parse::<i64>().map_or(Json::String(text), Json::from))
            }
            (InputShape::Component(input), value) => self.convert_data(input, value).map(Json::Object),
            (InputShape::Zone(members), value) => {
                let Value::Object(item) = value else {
                    return Err(ApiError::invalid("An item of a dynamic zone must be an object"));
                };
                let member = |key: &str| item.get(&Name::new(key)).and_then(value_text);
                let (by_type, by_uid) = (member("__typename"), member("__component"));
                let found = members
                    .iter()
                    .find(|(name, (uid, _))| by_type.as_ref() == Some(name) || by_uid.as_ref() == Some(uid));
                let Some((_, (uid, input))) = found else {
                    return Err(ApiError::invalid("An item of a dynamic zone must have a __component of it"));
                };
                let mut rest = item.clone();
                rest.shift_remove(&Name::new("__typename"));
                rest.shift_remove(&Name::new("__component"));
                let mut data = self.convert_data(input, &Value::Object(rest))?;
                data.insert("__component".to_owned(), Json::String(uid.clone()));
                Ok(Json::Object(data))
            }
        }
    }
}
