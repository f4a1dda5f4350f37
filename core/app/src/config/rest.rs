//! `[rest]`, and what a Strapi project says of it in `config/api.js`.
//!
//! That file is code, and code is not run: it is read as text, for the object `rest` of plain values. What cannot be read so
//! is told, and `cairn.toml` says it instead.

use super::error::ConfigError;
use cairn_model::source_text::{self, Literal};
use cairn_query::QueryLimits;
use serde::Deserialize;
use std::path::Path;

/// `[rest]`: the content API. What is not said here is taken from a Strapi project's `config/api.js`, `.ts` or `.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RestConfig {
    /// `prefix`: where the content API is; default `/api`. Uploads and the live connection stay below `/api` as well.
    pub prefix: Option<String>,
    /// `default_limit`: entries of a page where the request does not say; default 25.
    pub default_limit: Option<u64>,
    /// `max_limit`: the most entries of a page; default 100.
    pub max_limit: Option<u64>,
    /// Settings of a Strapi project's file that are not taken over, as a person reads them.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// Where Strapi has that file. Of a JavaScript file that was built from a TypeScript one the source is read.
const STRAPI_API_FILES: [&str; 5] =
    ["config/api.ts", "config/api.js", "config/api.mjs", "config/api.cjs", "config/api.json"];
/// Largest such file, in bytes.
const MAX_API_FILE_BYTES: u64 = 256 << 10;
/// Most entries of a page, whatever is configured.
const MAX_PAGE_LIMIT: u32 = i32::MAX.unsigned_abs();
/// First parts of paths that are the server's own.
const RESERVED_SEGMENTS: [&str; 8] =
    ["admin", "uploads", "files", "plugins", "invitation", "_health", "api-docs", "graphql"];

impl RestConfig {
    /// Takes over what the project's file says and `cairn.toml` does not.
    ///
    /// # Errors
    /// Values of `cairn.toml` that cannot be.
    pub(super) fn complete_from_strapi(
        &mut self,
        project: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), ConfigError> {
        for (key, limit) in [("default_limit", self.default_limit), ("max_limit", self.max_limit)] {
            if limit.is_some_and(|limit| limit == 0 || limit > u64::from(MAX_PAGE_LIMIT)) {
                return Err(ConfigError(format!("rest.{key}: expected a number from 1 to {MAX_PAGE_LIMIT}")));
            }
        }
        if let Some(prefix) = &self.prefix {
            self.prefix =
                Some(normalize_prefix(prefix).map_err(|e| ConfigError(format!("rest.prefix: {prefix:?} {e}")))?);
        }
        let found = STRAPI_API_FILES.iter().find_map(|name| Some((*name, read_text(&project.join(name))?)));
        let Some((name, text)) = found else { return Ok(()) };
        let Some(members) = source_text::find_object(&text, "rest", env) else {
            if source_text::mentions_key(&text, "rest") {
                self.notes
                    .push(format!("{name}: `rest` is not a plain object: set it in [rest] of cairn.toml instead"));
            }
            return Ok(());
        };
        for (key, value) in members {
            let result = match key.as_str() {
                "prefix" if self.prefix.is_none() => self.apply_prefix(&value),
                "defaultLimit" if self.default_limit.is_none() => parse_limit(&mut self.default_limit, &value),
                "maxLimit" if self.max_limit.is_none() => parse_limit(&mut self.max_limit, &value),
                _ => Ok(()),
            };
            if let Err(why) = result {
                self.notes.push(format!("{name}: rest.{key} {why}: set it in [rest] of cairn.toml instead"));
            }
        }
        Ok(())
    }

    fn apply_prefix(&mut self, value: &Literal) -> Result<(), String> {
        let Literal::Text(text) = value else { return Err("is not a plain text".into()) };
        self.prefix = Some(normalize_prefix(text)?);
        Ok(())
    }

    /// The limits of queries.
    pub fn query_limits(&self) -> QueryLimits {
        let limits = QueryLimits::default();
        QueryLimits {
            page_size_default: self.default_limit.unwrap_or(limits.page_size_default),
            page_size_max: self.max_limit.unwrap_or(limits.page_size_max),
            ..limits
        }
    }

    /// The path that a request's path stands for: content API paths are `/api/…` everywhere behind this. `None`: as it is.
    pub fn inner_path(&self, path: &str) -> Option<String> {
        let prefix = self.prefix.as_deref().filter(|prefix| *prefix != "/api")?;
        if let Some(rest) = strip_path_prefix(path, prefix) {
            return Some(format!("/api{rest}"));
        }
        // An upload that was begun is told where it goes on: there.
        let own = ["/api/upload", "/api/live"].iter().any(|own| strip_path_prefix(path, own).is_some());
        (strip_path_prefix(path, "/api").is_some() && !own).then(|| "/api/".to_owned())
    }
}

/// Strips a prefix of whole parts of a path; `None` where the path does not begin with it.
fn strip_path_prefix<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Entries of a page; what is more than there can be is as much as there can be. 0 is no limit, in Strapi.
fn parse_limit(limit: &mut Option<u64>, value: &Literal) -> Result<(), String> {
    let Literal::Number(number) = value else { return Err("is not a plain number".into()) };
    if !number.is_finite() || *number < 0.0 || number.fract() != 0.0 {
        return Err(format!("is {number}, not a whole number"));
    }
    let most = u64::from(MAX_PAGE_LIMIT);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, and not too large"
    )]
    let capped = if *number >= f64::from(MAX_PAGE_LIMIT) { most } else { *number as u64 };
    *limit = Some(if capped == 0 { most } else { capped });
    Ok(())
}

/// `/v1`: a slash before, none behind.
fn normalize_prefix(prefix: &str) -> Result<String, String> {
    let parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    let plain = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b));
    match parts.first() {
        None => Err("must not be empty".into()),
        Some(first) if RESERVED_SEGMENTS.contains(first) => {
            Err(format!("begins with /{first}, which is reserved by the server"))
        }
        Some(_) if !parts.iter().all(plain) || parts.contains(&"..") || parts.contains(&".") => {
            Err("is not a plain path, such as /v1".into())
        }
        Some(_) => Ok(format!("/{}", parts.join("/"))),
    }
}

/// `None` where there is no such file, or none that can be read.
fn read_text(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    if !meta.is_file() || meta.len() > MAX_API_FILE_BYTES {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(name: &str, text: &str, own: RestConfig) -> RestConfig {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("config")).unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let mut rest = own;
        let env = |name: &str| (name == "MOST").then(|| "77".to_owned());
        rest.complete_from_strapi(dir.path(), &env).unwrap();
        rest
    }

    #[test]
    fn literal_values_are_read_from_strapi_config_files() {
        let files = [
            (
                "config/api.js",
                "module.exports = {\n  rest: { // the API\n    prefix: '/v1/',\n    defaultLimit: 25,\n    maxLimit: 2_50, withCount: true },\n};",
            ),
            (
                "config/api.ts",
                "import type { Core } from '@strapi/strapi';\nconst config: Core.Config.Api = { rest: { prefix: \"v1\", defaultLimit: 25, maxLimit: 250 } };\nexport default config;",
            ),
            ("config/api.json", r#"{"rest": {"prefix": "/v1", "defaultLimit": 25, "maxLimit": 250}}"#),
            (
                "config/api.js",
                "module.exports = ({ env }) => ({ responses: { rest: 1 }, rest: { prefix: `/v1`, defaultLimit: env.int('NO', 25), maxLimit: env.int('NEITHER', 250) } });",
            ),
        ];
        for (name, text) in files {
            let rest = rest(name, text, RestConfig::default());
            assert_eq!(rest.prefix.as_deref(), Some("/v1"), "{text}");
            assert_eq!((rest.default_limit, rest.max_limit), (Some(25), Some(250)), "{text} {:?}", rest.notes);
            assert!(rest.notes.is_empty(), "{:?}", rest.notes);
        }
    }

    #[test]
    fn environment_and_cairn_toml_override_strapi_config() {
        let text = "export default ({ env }) => ({ rest: { maxLimit: env.int('MOST', 250), defaultLimit: 10, prefix: '/v1' } })";
        let config = rest(
            "config/api.ts",
            text,
            RestConfig { prefix: Some("/mine".into()), default_limit: Some(5), ..RestConfig::default() },
        );
        assert_eq!(
            (config.prefix.as_deref(), config.default_limit, config.max_limit),
            (Some("/mine"), Some(5), Some(77))
        );
        assert_eq!(
            rest("config/api.js", "module.exports = { rest: { maxLimit: 0 } }", RestConfig::default()).max_limit,
            Some(u64::from(MAX_PAGE_LIMIT))
        );
        let rest_config =
            rest("config/api.js", "module.exports = { rest: { maxLimit: 99999999999999 } }", RestConfig::default());
        assert_eq!(rest_config.max_limit, Some(u64::from(MAX_PAGE_LIMIT)));
    }

    #[test]
    fn computed_or_invalid_values_are_ignored_with_a_note() {
        for text in [
            "module.exports = { rest: { maxLimit: limit() } }",
            "module.exports = { rest: { maxLimit: 5 * 50 } }",
            "module.exports = { rest: { maxLimit: -1 } }",
            "module.exports = { rest: { prefix: '/' } }",
            "module.exports = { rest: { prefix: '/admin/x' } }",
            "module.exports = { rest: { prefix: '/a b' } }",
            "module.exports = { rest: { prefix: `/${v}` } }",
            "module.exports = { rest: shared }",
        ] {
            let config = rest("config/api.js", text, RestConfig::default());
            assert_eq!((config.prefix, config.max_limit), (None, None), "{text}");
            assert_eq!(config.notes.len(), 1, "{text} {:?}", config.notes);
        }
        for text in
            ["", "{", "rest: {", "/* rest: { maxLimit: 1 } */", "// rest: {", "'rest: {'", "rest: { maxLimit", "\u{0}"]
        {
            let rest_config = rest("config/api.js", text, RestConfig::default());
            assert_eq!(rest_config.max_limit, None, "{text}");
        }
        assert!(rest("config/api.js", &"{".repeat(200_000), RestConfig::default()).notes.is_empty());
    }

    #[test]
    fn rest_prefix_moves_the_content_api() {
        let rest = RestConfig { prefix: Some("/v1".into()), ..RestConfig::default() };
        for (path, inner) in [
            ("/v1/articles", Some("/api/articles")),
            ("/v1", Some("/api")),
            ("/v1x/articles", None),
            ("/api/articles", Some("/api/")),
            ("/api", Some("/api/")),
            ("/api/upload/resumable/1", None),
            ("/api/live", None),
            ("/api/uploads-of-mine", Some("/api/")),
            ("/admin/api/me", None),
            ("/uploads/x.png", None),
        ] {
            assert_eq!(rest.inner_path(path).as_deref(), inner, "{path}");
        }
        assert_eq!(RestConfig::default().inner_path("/api/articles"), None);
    }
}
