//! `[graphql]`.

use super::Config;
use super::error::ConfigError;
use cairn_graphql::GraphqlLimits;
use cairn_query::QueryLimits;
use serde::Deserialize;

/// `[graphql]`: the content API as GraphQL, at `/graphql`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphqlConfig {
    /// `enabled`: whether there is one; default true.
    pub enabled: bool,
    /// `introspection`: whether callers may look at the schema. Default: yes, unless `schema.locked` is set, as it is in production.
    pub introspection: Option<bool>,
    /// `depth_limit`: levels of fields below a root field, from 1 to 20; default 10.
    pub depth_limit: usize,
    /// `default_limit`: entries of a page where the request does not say; default 10, as in Strapi.
    pub default_limit: u64,
}

impl Default for GraphqlConfig {
    fn default() -> Self {
        Self { enabled: true, introspection: None, depth_limit: 10, default_limit: 10 }
    }
}

impl GraphqlConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=20).contains(&self.depth_limit) {
            return Err(ConfigError("graphql.depth_limit: expected a number from 1 to 20".into()));
        }
        if self.default_limit == 0 {
            return Err(ConfigError("graphql.default_limit: expected a number from 1".into()));
        }
        Ok(())
    }
}

impl Config {
    /// The limits of requests for GraphQL. The most entries of a page are those of the REST API.
    pub fn graphql_limits(&self) -> GraphqlLimits {
        let max_page_size = self.rest.max_limit.unwrap_or(QueryLimits::default().page_size_max);
        GraphqlLimits {
            depth: self.graphql.depth_limit,
            default_page_size: self.graphql.default_limit.min(max_page_size),
            max_page_size,
            introspection: self.graphql.introspection.unwrap_or(!self.schema.locked),
        }
    }
}
