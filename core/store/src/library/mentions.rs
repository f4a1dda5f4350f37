//! Texts that contain the address of a file: rich text, Markdown, blocks, JSON, in the row or inside components.

use crate::connection::{Param, ToParam, Value};
use crate::content::{Usage, is_component};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result};
use cairn_model::{Attribute, ColumnType, ContentType, TypeId};
use serde_json::Value as Json;

impl namespaces::Assets<Reader<'_>> {
    /// The types whose texts may contain such an address.
    pub fn find_types_with_texts(&self) -> Vec<TypeId> {
        let has_texts = |t: &&ContentType| t.is_api() && t.attributes.iter().any(|(_, a)| may_mention(a));
        self.tx.store.registry.types().iter().filter(has_texts).map(|t| t.id).collect()
    }

    /// Finds where texts of a type contain these files' addresses, at most `limit` rows. A file is given as its document and the part of
    /// its address that no other file has. Reads all texts of the type: the time limit of a statement may stop it.
    pub fn find_mentions(&self, ct: TypeId, files: &[(&str, &str)], limit: i64) -> Result<Vec<Usage>> {
        let content_type = self.tx.store.registry.get(ct);
        let attributes: Vec<&Attribute> =
            content_type.attributes.iter().map(|(_, a)| a).filter(|a| may_mention(a)).collect();
        let files: Vec<&(&str, &str)> = files.iter().filter(|(_, name)| !name.is_empty()).collect();
        if attributes.is_empty() || files.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<String> = attributes.iter().map(|a| text_expression(a)).collect();
        let mut values: Vec<Value> = vec![limit.into()];
        let mut conditions = Vec::new();
        for (_, name) in &files {
            values.push(super::like_anywhere(name).into());
            let n = values.len();
            conditions.extend(texts.iter().map(|text| format!("{text} LIKE ?{n} ESCAPE '\\'")));
        }
        let sql = format!(
            "SELECT document_id, locale, _status, {} FROM {} WHERE {} LIMIT ?1",
            texts.join(", "),
            Ident::table(content_type),
            conditions.join(" OR ")
        );
        let params: Vec<Param<'_>> = values.iter().map(ToParam::param).collect();
        let mut usages = Vec::new();
        self.tx.conn.query("finding texts that mention files", &sql, &params[..], |r| {
            for (i, a) in attributes.iter().enumerate() {
                let Some(text) = r.get::<Option<String>>(i + 3)? else { continue };
                for (file, name) in files.iter().filter(|(_, name)| text.contains(name)) {
                    let mut paths = Vec::new();
                    match is_component(&a.kind).then(|| serde_json::from_str::<Json>(&text)) {
                        Some(Ok(json)) => each_mention(&json, name, &a.name, &mut paths),
                        _ => paths.push(a.name.clone()),
                    }
                    for path in paths {
                        usages.push(Usage {
                            target: (*file).to_owned(),
                            content_type: ct,
                            document_id: r.get(0)?,
                            locale: r.get(1)?,
                            published: r.get::<i64>(2)? == 1,
                            path,
                            mentioned: true,
                        });
                    }
                }
            }
            Ok(())
        })?;
        usages.sort();
        usages.dedup();
        Ok(usages)
    }
}

/// True if a value of the attribute may contain an address.
fn may_mention(a: &Attribute) -> bool {
    is_component(&a.kind) || (!a.unique && matches!(a.kind.column_type(), Some(ColumnType::Text | ColumnType::Json)))
}

fn text_expression(a: &Attribute) -> String {
    match a.kind.column_type() {
        Some(ColumnType::Text) => Ident::column(a).to_string(),
        _ => format!("CAST({} AS text)", Ident::column(a)),
    }
}

/// The paths of the texts in components that contain `name`.
fn each_mention(value: &Json, name: &str, path: &str, paths: &mut Vec<String>) {
    match value {
        Json::String(text) if text.contains(name) => paths.push(path.to_owned()),
        Json::Array(list) => {
            list.iter().enumerate().for_each(|(i, v)| each_mention(v, name, &format!("{path}.{i}"), paths));
        }
        Json::Object(object) => {
            object.iter().for_each(|(key, v)| each_mention(v, name, &format!("{path}.{key}"), paths));
        }
        _ => {}
    }
}
