//! The sites of the samples, and the tools that their content is loaded with.

use crate::api::{Api, encode_query};
use crate::paths;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use ureq::http::Method;

/// A site of the samples. Its settings and content are in `examples/<name>/`.
pub(super) struct SampleSite {
    pub(super) name: &'static str,
    /// Title that is shown there, as `Mr. DJ's CRM`.
    pub(super) title: &'static str,
    /// Where it listens, unless something else does.
    pub(super) listen: &'static str,
    /// Its plugins: their ids and folders.
    pub(super) plugins: &'static [(&'static str, &'static str)],
    /// Admin user who works there, as its settings declare.
    pub(super) colleague: &'static str,
    /// Loads its content.
    pub(super) load: fn(&SiteAccess<'_>) -> Result<()>,
    /// Site of its customers, where that is the one in `examples/portal`.
    pub(super) portal: Option<SamplePortal>,
}

/// The customers' site of a sample.
pub(super) struct SamplePortal {
    /// Where it listens, unless something else does.
    pub(super) listen: &'static str,
    /// Customers who see something on every page: their names to sign in, each with a language.
    pub(super) customers: &'static [(&'static str, &'static str)],
}

/// Access with which content is loaded.
pub(super) struct SiteAccess<'a> {
    /// With the API token of the sample content.
    pub(super) api: Api,
    /// As the colleague.
    pub(super) colleague: Api,
    /// `examples/<name>`.
    pub(super) folder: &'a Path,
    /// Password of all people.
    pub(super) password: &'a str,
}

/// Drafts a contract that these people sign, one after the other; its PDF is still to be chosen. `signers`: names and addresses.
pub(super) fn draft_contract(colleague: &Api, title: &str, signers: &[(&str, &str)]) -> Result<()> {
    let content = "/admin/api/content/plugin::esign";
    let envelope = json!({ "data": { "title": title, "language": "nl", "approver": "role:super-admin" } });
    let envelope = colleague.send(Method::POST, &format!("{content}.envelope"), &envelope)?.into_data("an envelope")?;
    for (group, (name, email)) in (1..).zip(signers) {
        let data = json!({ "data": {
            "envelope": { "set": [envelope["documentId"]] }, "name": name, "email": email, "group": group, "role": "signer",
        } });
        colleague.send(Method::POST, &format!("{content}.recipient"), &data)?.into_data("a recipient")?;
    }
    Ok(())
}

/// Writes the help articles of a site, from the knowledge base's samples.
pub(super) fn load_articles(api: &Api, site: &SampleSite) -> Result<()> {
    load_articles_from(api, &articles_file(site))
}

/// Writes the help articles of a file.
pub(super) fn load_articles_from(api: &Api, file: &Path) -> Result<()> {
    let articles = read_json(file)?;
    for article in articles.as_array().context("articles: not a list")? {
        api.send(Method::POST, "/api/kb/articles", article)?.into_data("an article")?;
    }
    Ok(())
}

/// The file with the help articles of a site.
pub(super) fn articles_file(site: &SampleSite) -> PathBuf {
    paths::repository_root().join(format!("plugins/knowledge-base/sample/{}.nl.json", site.name))
}

/// The document id of the first entry of a list.
pub(super) fn find_document_id(api: &Api, list: &str) -> Result<String> {
    let entries = api.get(list)?.into_data(list)?;
    Ok(entries[0]["documentId"].as_str().with_context(|| format!("{list}: no entry"))?.to_owned())
}

/// The document id of the first entry of a list with that value of a field.
pub(super) fn find_by_field(api: &Api, list: &str, field: &str, value: &str) -> Result<String> {
    find_document_id(api, &format!("{list}?filters[{field}][$eq]={}", encode_query(value)))
}

/// A JSON file of the samples.
pub(super) fn read_json(file: &Path) -> Result<Value> {
    serde_json::from_str(&fs::read_to_string(file)?).with_context(|| file.display().to_string())
}
