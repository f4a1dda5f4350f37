//! Sends the sample content to a server through its public API. What is there already is recognised by its key, so
//! that a load that was broken off can simply be run again.

use super::schema::Schema;
use super::{Entry, Set, USER, files, placeholder, read};
use crate::api::{Api, Upload, encode};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use ureq::http::Method;

/// Loads everything in `folder` and returns how many documents were made.
///
/// # Errors
/// With the first thing the server refuses: names the type and the entry.
pub(crate) fn load(api: &Api, folder: &Path, content_types: &Path, password: &str) -> Result<usize> {
    let mut loader = Loader {
        api,
        content_types,
        password,
        documents: HashMap::new(),
        files: HashMap::new(),
        own_files: None,
        made: 0,
    };
    for set in read(folder)? {
        for entry in &set.entries {
            let what = format!("{}/{}", set.name(), set.key_of(entry));
            let id = loader.entry(&set, entry).with_context(|| what.clone())?;
            loader.documents.insert(what, id);
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
    fn entry(&mut self, set: &Set, entry: &Entry) -> Result<String> {
        if set.uid == USER {
            self.own_files = None;
            return self.user(set, entry);
        }
        let schema = Schema::read(self.content_types, &set.uid)?;
        self.own_files = schema.private_files().then(|| schema.route().to_owned());
        let route = format!("/api/{}", schema.route());
        let status = if entry.draft { "&status=draft" } else { "" };
        let id = match self.find(set, &schema, entry)? {
            Some(id) => id,
            None => {
                let body = json!({ "data": self.resolve(&Value::Object(entry.data.clone()))? });
                let method = if schema.single() { Method::PUT } else { Method::POST };
                let answer = self.api.send(method, &format!("{route}?locale={status}"), &body)?;
                self.made += 1;
                document_id(&answer.data("create")?)?
            }
        };
        let path = if schema.single() { route } else { format!("{route}/{id}") };
        for (locale, data) in &entry.translations {
            let path = format!("{path}?locale={locale}{status}");
            if self.api.get(&path)?.status == 404 {
                let body = json!({ "data": self.resolve(&Value::Object(data.clone()))? });
                self.api.send(Method::PUT, &path, &body)?.data(locale)?;
            }
        }
        Ok(id)
    }

    /// The document id of an entry that is there already.
    fn find(&self, set: &Set, schema: &Schema, entry: &Entry) -> Result<Option<String>> {
        // Every document has a draft where there are drafts, so that is the version to look for.
        let status = if schema.drafts() { "&status=draft" } else { "" };
        let path = match &set.key {
            None => format!("/api/{}?locale={status}", schema.route()),
            Some(key) => {
                let value = encode(set.key_of(entry));
                format!("/api/{}?filters[{key}][$eq]={value}&fields[0]={key}{status}", schema.route())
            }
        };
        let answer = self.api.get(&path)?;
        if schema.single() && answer.status == 404 {
            return Ok(None);
        }
        let data = answer.data("look-up")?;
        match if schema.single() { Some(&data) } else { data.get(0) } {
            Some(found) => document_id(found).map(Some),
            None => Ok(None),
        }
    }

    fn user(&mut self, set: &Set, entry: &Entry) -> Result<String> {
        let email = encode(set.key_of(entry));
        let found = self.api.get(&format!("/api/users?filters[email][$eq]={email}"))?.data("look-up")?;
        if let Some(user) = found.get(0) {
            return document_id(user);
        }
        let body = self.resolve(&Value::Object(entry.data.clone()))?;
        self.made += 1;
        document_id(&self.api.send(Method::POST, "/api/users", &body)?.data("create")?)
    }

    /// The value with its placeholders filled in.
    fn resolve(&mut self, value: &Value) -> Result<Value> {
        if let Some((name, argument)) = placeholder(value) {
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
                    self.file(&name, "image/png", || files::image(argument))
                }
                "pdf" => {
                    let number = argument.split(':').next().unwrap_or(argument);
                    self.file(&format!("{number}.pdf"), "application/pdf", || Ok(files::pdf(argument)))
                }
                "role" => self.role(argument),
                "secret" => Ok(self.password.into()),
                other => bail!("unknown placeholder ${other}"),
            };
        }
        Ok(match value {
            Value::Array(list) => Value::Array(list.iter().map(|v| self.resolve(v)).collect::<Result<_>>()?),
            Value::Object(object) => {
                let resolved = object.iter().map(|(k, v)| Ok((k.clone(), self.resolve(v)?)));
                Value::Object(resolved.collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// The numeric id of an uploaded file of that name; uploads it where there is none.
    fn file(&mut self, name: &str, mime: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Value> {
        if let Some(id) = self.files.get(name) {
            return Ok((*id).into());
        }
        let found = self.api.get(&format!("/api/upload/files?filters[name][$eq]={}", encode(name)))?.data("files")?;
        let file = match found.get(0) {
            Some(file) => file.clone(),
            None => self.api.upload(&Upload { name, mime, bytes: &make()? })?,
        };
        let id = file["id"].as_i64().with_context(|| format!("{name}: a file has no id"))?;
        self.files.insert(name.to_owned(), id);
        Ok(id.into())
    }

    /// The numeric id of a role by its type.
    fn role(&self, type_: &str) -> Result<Value> {
        let roles = self.api.get("/api/users-permissions/roles")?.data("roles")?;
        let role = roles["roles"].as_array().and_then(|list| list.iter().find(|role| role["type"] == type_));
        Ok(role.with_context(|| format!("role {type_} not found"))?["id"].clone())
    }
}

fn document_id(entry: &Value) -> Result<String> {
    Ok(entry["documentId"].as_str().context("an entry has no documentId")?.to_owned())
}
