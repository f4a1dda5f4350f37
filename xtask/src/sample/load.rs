//! Sends the sample content to a server through its public API. What is there already is recognised by its key, so
//! that a load that was broken off can simply be run again.

use super::schema::SampleSchema;
use super::{EntrySet, SampleEntry, USER_UID, files, parse_placeholder, read_sets};
use crate::api::{Api, FileUpload, encode_query};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use ureq::http::Method;

/// Loads everything in `folder` and returns how many documents were made.
///
/// # Errors
/// With the first thing the server refuses: names the type and the entry.
pub(crate) fn load_samples(api: &Api, folder: &Path, content_types: &Path, password: &str) -> Result<usize> {
    let mut loader = Loader {
        api,
        content_types,
        password,
        documents: HashMap::new(),
        files: HashMap::new(),
        own_files: None,
        made: 0,
    };
    for set in read_sets(folder)? {
        for entry in &set.entries {
            let subject = format!("{}/{}", set.type_name(), set.key_of(entry));
            let id = loader.ensure_entry(&set, entry).with_context(|| subject.clone())?;
            loader.documents.insert(subject, id);
        }
    }
    Ok(loader.made)
}

struct Loader<'a> {
    api: &'a Api,
    content_types: &'a Path,
    password: &'a str,
    /// Document ids by `$ref`.
    documents: HashMap<String, String>,
    /// Numeric ids of uploaded files by name.
    files: HashMap<String, i64>,
    /// The route of the type whose entry is made, where its files are private: it has pictures of its own.
    own_files: Option<String>,
    made: usize,
}

impl Loader<'_> {
    /// Sees to it that the entry is there in all its locales; its document id.
    fn ensure_entry(&mut self, set: &EntrySet, entry: &SampleEntry) -> Result<String> {
        if set.uid == USER_UID {
            self.own_files = None;
            return self.ensure_user(set, entry);
        }
        let schema = SampleSchema::read_schema(self.content_types, &set.uid)?;
        self.own_files = schema.private_files().then(|| schema.api_route().to_owned());
        let route = format!("/api/{}", schema.api_route());
        let status = if entry.draft { "&status=draft" } else { "" };
        let id = match self.find_entry(set, &schema, entry)? {
            Some(id) => id,
            None => {
                let body = json!({ "data": self.resolve_placeholders(&Value::Object(entry.data.clone()))? });
                let method = if schema.is_single() { Method::PUT } else { Method::POST };
                let answer = self.api.send(method, &format!("{route}?locale={status}"), &body)?;
                self.made += 1;
                document_id(&answer.into_data("create")?)?
            }
        };
        let path = if schema.is_single() { route } else { format!("{route}/{id}") };
        for (locale, data) in &entry.translations {
            let path = format!("{path}?locale={locale}{status}");
            if self.api.get(&path)?.status == 404 {
                let body = json!({ "data": self.resolve_placeholders(&Value::Object(data.clone()))? });
                self.api.send(Method::PUT, &path, &body)?.into_data(locale)?;
            }
        }
        Ok(id)
    }

    /// The document id of an entry that is there already.
    fn find_entry(&self, set: &EntrySet, schema: &SampleSchema, entry: &SampleEntry) -> Result<Option<String>> {
        // Every document has a draft where there are drafts, so that is the version to look for.
        let status = if schema.has_drafts() { "&status=draft" } else { "" };
        let path = match &set.key {
            None => format!("/api/{}?locale={status}", schema.api_route()),
            Some(key) => {
                let value = encode_query(set.key_of(entry));
                format!("/api/{}?filters[{key}][$eq]={value}&fields[0]={key}{status}", schema.api_route())
            }
        };
        let answer = self.api.get(&path)?;
        if schema.is_single() && answer.status == 404 {
            return Ok(None);
        }
        let data = answer.into_data("look-up")?;
        match if schema.is_single() { Some(&data) } else { data.get(0) } {
            Some(found) => document_id(found).map(Some),
            None => Ok(None),
        }
    }

    fn ensure_user(&mut self, set: &EntrySet, entry: &SampleEntry) -> Result<String> {
        let email = encode_query(set.key_of(entry));
        let found = self.api.get(&format!("/api/users?filters[email][$eq]={email}"))?.into_data("look-up")?;
        if let Some(user) = found.get(0) {
            return document_id(user);
        }
        let body = self.resolve_placeholders(&Value::Object(entry.data.clone()))?;
        self.made += 1;
        document_id(&self.api.send(Method::POST, "/api/users", &body)?.into_data("create")?)
    }

    /// The value with its placeholders filled in.
    fn resolve_placeholders(&mut self, value: &Value) -> Result<Value> {
        if let Some((name, argument)) = parse_placeholder(value) {
            return match name {
                "ref" => {
                    let id = self.documents.get(argument);
                    Ok(id.with_context(|| format!("no earlier entry is named {argument}"))?.as_str().into())
                }
                "image" => {
                    let name = match &self.own_files {
                        Some(route) => format!("{argument} ({route}).png"),
                        None => format!("{argument}.png"),
                    };
                    self.ensure_file(&name, "image/png", || files::make_image(argument))
                }
                "pdf" => {
                    let number = argument.split(':').next().unwrap_or(argument);
                    self.ensure_file(&format!("{number}.pdf"), "application/pdf", || Ok(files::make_pdf(argument)))
                }
                "role" => role_id(self.api, argument),
                "secret" => Ok(self.password.into()),
                other => bail!("unknown placeholder ${other}"),
            };
        }
        Ok(match value {
            Value::Array(list) => {
                Value::Array(list.iter().map(|v| self.resolve_placeholders(v)).collect::<Result<_>>()?)
            }
            Value::Object(object) => {
                let resolved = object.iter().map(|(k, v)| Ok((k.clone(), self.resolve_placeholders(v)?)));
                Value::Object(resolved.collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// The numeric id of an uploaded file of that name; uploads it where there is none.
    fn ensure_file(&mut self, name: &str, mime: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Value> {
        if let Some(id) = self.files.get(name) {
            return Ok((*id).into());
        }
        let found = self
            .api
            .get(&format!("/api/upload/files?filters[name][$eq]={}", encode_query(name)))?
            .into_data("files")?;
        let file = match found.get(0) {
            Some(file) => file.clone(),
            None => self.api.upload_file(&FileUpload { name, mime, bytes: &make()? })?,
        };
        let id = file["id"].as_i64().with_context(|| format!("{name}: a file has no id"))?;
        self.files.insert(name.to_owned(), id);
        Ok(id.into())
    }
}

/// The numeric id of a role of the content API, by its type.
pub(super) fn role_id(api: &Api, type_: &str) -> Result<Value> {
    let roles = api.get("/api/users-permissions/roles")?.into_data("roles")?;
    let role = roles["roles"].as_array().and_then(|list| list.iter().find(|role| role["type"] == type_));
    Ok(role.with_context(|| format!("role {type_} not found"))?["id"].clone())
}

fn document_id(entry: &Value) -> Result<String> {
    Ok(entry["documentId"].as_str().context("an entry has no documentId")?.to_owned())
}
