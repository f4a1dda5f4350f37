//! `search`: the plugin's own full-text indexes. Writes join the open transaction, and searches find them after the commit.

use crate::call::state::{AmbientTransaction, CallState, to_guest_charge};
use crate::contract::bindings::host::search::{Entry, Facet, Hit, Host, Request, Results, Tolerance};
use crate::contract::bindings::types::{Actor, Error, FieldError, Principal};
use crate::contract::guest_errors::{conflict_error, denied_error, from_content_error, invalid_field};
use crate::contract::host_error::{HostResult, separate_trap};
use crate::contract::plugin_export::PluginExport;
use crate::services::search::index_definition;
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::ManifestIndex;
use cairn_search::{self as engine, Synonyms};
use cairn_store::plugins::{SearchChange, SearchEntry};
use serde_json::{Value as Json, json};

/// Most entries, and ids, of one call.
const MAX_ENTRIES: usize = 1_000;
/// Largest document, in bytes.
const MAX_DOCUMENT_BYTES: usize = 256 << 10;
/// Most requests of one call.
const MAX_REQUESTS: usize = 10;
/// Largest number of problems that are reported.
const MAX_PROBLEMS: usize = 20;
/// Stands between an index and the number of its copy that is being rebuilt.
const SHADOW_SEPARATOR: char = '~';

impl Host for CallState {
    async fn put(&mut self, index: String, entries: Vec<Entry>) -> HostResult<()> {
        self.search_write(entries.len(), "entries")?;
        let (declared, shadow) = self.resolve_index(&index)?;
        let changes = check_entries(&declared, entries)?;
        Ok(self.change_index(declared.name, shadow, changes).await?)
    }

    async fn remove(&mut self, index: String, ids: Vec<String>) -> HostResult<()> {
        self.search_write(ids.len(), "ids")?;
        let (declared, shadow) = self.resolve_index(&index)?;
        if let Some(i) = ids.iter().position(|id| id.is_empty() || id.len() > engine::MAX_TERM || id.contains('\0')) {
            let message = format!("an id must have 1 to {} bytes and no control characters", engine::MAX_TERM);
            return Err(invalid_field(&format!("ids[{i}]"), "id", message).into());
        }
        let changes = ids.into_iter().map(|id| SearchChange { id, entry: None }).collect();
        Ok(self.change_index(declared.name, shadow, changes).await?)
    }

    async fn begin_rebuild(&mut self, index: String) -> HostResult<String> {
        self.search_write(1, "index")?;
        let name = self.resolve_live_index(&index)?.name;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let future = self.with_transaction(move |tx| {
            let shadow =
                tx.search_indexes().begin_rebuild(&plugin, &name, now).map_err(|e| from_content_error(e.into()))?;
            Ok(format!("{name}{SHADOW_SEPARATOR}{shadow}"))
        });
        Ok(future.await?)
    }

    async fn finish_rebuild(&mut self, index: String) -> HostResult<()> {
        self.search_write(1, "index")?;
        let name = self.resolve_live_index(&index)?.name;
        let plugin = self.definition.id().to_owned();
        let finished = self.with_transaction(move |tx| {
            match tx.search_indexes().finish_rebuild(&plugin, &name).map_err(|e| from_content_error(e.into()))? {
                true => Ok(()),
                false => {
                    Err(conflict_error("state", format!("{name:?} is not being rebuilt: call begin-rebuild first")))
                }
            }
        });
        Ok(finished.await?)
    }

    async fn set_synonyms(&mut self, index: String, locale: String, groups: Vec<Vec<String>>) -> HostResult<()> {
        self.search_write(1, "index")?;
        let name = self.resolve_live_index(&index)?.name;
        if let Err(problem) = Synonyms::check_groups(&locale, &groups) {
            return Err(invalid_field(&problem.path, problem.code, problem.message).into());
        }
        let (plugin, now, groups) = (self.definition.id().to_owned(), CallState::now(self), json!(groups));
        let set = self.with_transaction(move |tx| {
            tx.search_indexes()
                .set_synonyms(&plugin, &name, &locale, &groups, now)
                .map_err(|e| from_content_error(e.into()))
        });
        Ok(set.await?)
    }

    async fn query(&mut self, requests: Vec<Request>) -> wasmtime::Result<Vec<Result<Results, Error>>> {
        let count = requests.len();
        let all = |error: Error| (0..count).map(|_| Err(error.clone())).collect();
        if let Err(error) = separate_trap(self.granted_call(Capability::Search))? {
            return Ok(all(error));
        }
        if let Err(error) = self.refuse_in_preview("search") {
            return Ok(all(error));
        }
        if !matches!(self.ambient, AmbientTransaction::None) || self.context.export == PluginExport::Prepare {
            let why =
                "hooks and event handlers cannot search, and searching is not allowed while a transaction is open";
            return Ok(all(denied_error(why)));
        }
        if count > MAX_REQUESTS {
            let message = format!("{count} requests in one call; the limit is {MAX_REQUESTS}");
            return Ok(all(invalid_field("requests", "too-many", message)));
        }
        let mut answers = Vec::with_capacity(count);
        let mut bytes = 0;
        for request in requests {
            let answer = self.run_search(request).await;
            if let Ok(results) = &answer {
                if let Err(error) = separate_trap(to_guest_charge(self.budget.charge_reads(results.hits.len())))? {
                    return Ok(all(error));
                }
                bytes += results_bytes(results);
                if let Err(error) = separate_trap(to_guest_charge(self.budget.check_output(bytes)))? {
                    return Ok(all(error));
                }
            }
            answers.push(answer);
        }
        Ok(answers)
    }
}

impl CallState {
    /// A call that changes indexes begins.
    fn search_write(&mut self, count: usize, subject: &str) -> HostResult<()> {
        self.granted_call(Capability::Search)?;
        if self.context.export == PluginExport::Prepare {
            return Err(denied_error("a `prepare` hook cannot store anything").into());
        }
        if count > MAX_ENTRIES {
            return Err(invalid_field(
                subject,
                "too-many",
                format!("{count} items in one call; the limit is {MAX_ENTRIES}"),
            )
            .into());
        }
        to_guest_charge(self.budget.charge_writes(count))
    }

    /// An index of the manifest, and the number of its copy where the name is one of these.
    fn resolve_index(&self, name: &str) -> Result<(ManifestIndex, Option<i64>), Error> {
        let (ordinary, shadow) = match name.split_once(SHADOW_SEPARATOR) {
            None => (name, None),
            Some((ordinary, number)) => (ordinary, Some(number.parse().ok())),
        };
        let indexes = &self.definition.manifest.indexes;
        match (indexes.iter().find(|index| index.name == ordinary), shadow) {
            (Some(index), None) => Ok((index.clone(), None)),
            (Some(index), Some(Some(number))) => Ok((index.clone(), Some(number))),
            _ => {
                let known: Vec<&str> = indexes.iter().map(|index| index.name.as_str()).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let text: String = name.chars().take(60).collect();
                let message = format!("plugin.toml has no [[index]] with name = {text:?}; it has {known}");
                Err(invalid_field("index", "unknown", message))
            }
        }
    }

    /// An index of the manifest, by its own name.
    fn resolve_live_index(&self, name: &str) -> Result<ManifestIndex, Error> {
        match self.resolve_index(name)? {
            (index, None) => Ok(index),
            (index, Some(_)) => {
                let message = format!("{name:?} is the name of a rebuild: use {:?} instead", index.name);
                Err(invalid_field("index", "shadow", message))
            }
        }
    }

    async fn change_index(
        &mut self,
        name: String,
        shadow: Option<i64>,
        changes: Vec<SearchChange>,
    ) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        self.with_transaction(move |tx| {
            match tx
                .search_indexes()
                .change(&plugin, &name, shadow, &changes, now)
                .map_err(|e| from_content_error(e.into()))?
            {
                true => Ok(()),
                false => Err(conflict_error(
                    "state",
                    format!("{name:?} is not the name of a running rebuild: it has ended, or was started again"),
                )),
            }
        })
        .await
    }

    async fn run_search(&mut self, request: Request) -> Result<Results, Error> {
        let index = self.resolve_live_index(&request.index)?;
        let Some(search) = self.definition.host_context().search().cloned() else {
            return Err(denied_error("search is not available here"));
        };
        let filters = match &request.filters {
            None => None,
            Some(text) => {
                Some(serde_json::from_str::<Json>(text).map_err(|e| invalid_field("filters", "json", e.to_string()))?)
            }
        };
        let mut audience = actor_audience(&self.context.actor);
        audience.extend(request.audience);
        let facet = |f: crate::contract::bindings::host::search::FacetRequest| engine::FacetRequest {
            field: f.field,
            limit: f.limit,
            ignore_own_filter: f.ignore_own_filter,
        };
        let search_request = engine::SearchRequest {
            text: request.text,
            locale: request.locale,
            filters,
            facets: request.facets.into_iter().map(facet).collect(),
            sort: request.sort,
            fields: request.fields,
            highlight: request.highlight,
            tolerance: match request.typo_tolerance {
                Tolerance::Off => engine::Tolerance::Off,
                Tolerance::Standard => engine::Tolerance::Standard,
                Tolerance::Generous => engine::Tolerance::Generous,
            },
            prefix: request.prefix,
            start: request.start,
            limit: request.limit,
            audience,
        };
        let store = self.content().store().clone();
        let results =
            search.run_query(&store, self.definition.id(), &index, search_request, self.budget.deadline()).await?;
        Ok(Results {
            hits: results
                .hits
                .into_iter()
                .map(|hit| Hit {
                    id: hit.id,
                    score: hit.score,
                    document: hit.document.to_string(),
                    highlights: hit.highlights,
                })
                .collect(),
            facets: results.facets.into_iter().map(|f| Facet { field: f.field, values: f.values }).collect(),
            total: results.total,
            suggestion: results.suggestion,
        })
    }
}

/// Entries as they are stored, where all of them fit.
fn check_entries(declared: &ManifestIndex, entries: Vec<Entry>) -> Result<Vec<SearchChange>, Error> {
    let definition = index_definition(declared);
    let (mut changes, mut problems) = (Vec::with_capacity(entries.len()), Vec::new());
    for (i, entry) in entries.into_iter().enumerate() {
        let path = |inner: &str| format!("entries[{i}].{inner}");
        if entry.document.len() > MAX_DOCUMENT_BYTES {
            let message = format!("{} bytes; a document can have at most {MAX_DOCUMENT_BYTES}", entry.document.len());
            return Err(invalid_field(&path("document"), "too-long", message));
        }
        let document: Json = serde_json::from_str(&entry.document)
            .map_err(|e| invalid_field(&path("document"), "json", e.to_string()))?;
        let entry = engine::IndexEntry { id: entry.id, locale: entry.locale, document, audience: entry.audience };
        if let Err(search_problems) = entry.check(&definition) {
            let field = |p: engine::SearchProblem| FieldError {
                path: path(&p.path),
                code: p.code.to_owned(),
                message: p.message,
            };
            problems.extend(search_problems.into_iter().map(field));
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
        }
        let engine::IndexEntry { id, locale, document, audience } = entry;
        changes.push(SearchChange { id, entry: Some(SearchEntry { locale, audience, document }) });
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(changes) } else { Err(Error::Invalid(problems)) }
}

/// Returns the names by which audiences list an actor. Cairn itself has none.
fn actor_audience(actor: &Actor) -> Vec<String> {
    let principal_audience = |kind: &str, p: &Principal| {
        let roles = p.roles.iter().map(|role| format!("role:{role}"));
        let groups = p.groups.iter().map(|group| format!("group:{group}"));
        roles.chain(groups).chain([format!("{kind}:{}", p.id)]).collect()
    };
    match actor {
        Actor::Anonymous | Actor::System => Vec::new(),
        Actor::User(p) => principal_audience("user", p),
        Actor::Admin(p) => principal_audience("admin", p),
        Actor::Token(p) => principal_audience("token", p),
    }
}

/// Bytes that an answer takes, more or less.
fn results_bytes(results: &Results) -> usize {
    let hit = |hit: &Hit| {
        let marked: usize = hit.highlights.iter().map(|(field, text)| field.len() + text.len()).sum();
        hit.id.len() + hit.document.len() + marked
    };
    let facet = |facet: &Facet| facet.values.iter().map(|(value, _)| value.len() + 8).sum::<usize>();
    results.hits.iter().map(hit).sum::<usize>() + results.facets.iter().map(facet).sum::<usize>()
}
