//! `[assets]`.

use super::error::ConfigError;
use cairn_assets::{EncryptionKeys, S3Options, Transform};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;

/// `[assets]`: uploaded files.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssetsConfig {
    /// `url` (`CAIRN_ASSETS_URL`): `file:<path>`, relative to the project, `{tenant}` in it standing for
    /// a tenant's name; default `data/tenants/{tenant}/uploads`. Or `s3://<bucket>/<prefix>?…`, where every tenant has
    /// the folder of its name below the prefix.
    pub url: Option<String>,
    /// `max_bytes`: the largest file; default 200 MB.
    pub max_bytes: u64,
    /// `cache_mib`: what pictures made for URLs may take on this machine's disk; default 1024.
    pub cache_mib: u64,
    /// `pictures`: queries of pictures that anybody may ask for, beside the widths of `srcset`: `w=400&h=400&fit=cover`.
    pub pictures: Vec<String>,
    /// `ffmpeg` (`CAIRN_FFMPEG`): the program that takes posters out of films; default `ffmpeg`, where there is one. Empty, or `off` in
    /// the variable: none.
    pub ffmpeg: Option<String>,
    /// `s3_access_key_id` (`CAIRN_ASSETS_S3_ACCESS_KEY_ID`, else `AWS_ACCESS_KEY_ID`).
    pub s3_access_key_id: Option<String>,
    /// `s3_secret_access_key` (`CAIRN_ASSETS_S3_SECRET_ACCESS_KEY`, else `AWS_SECRET_ACCESS_KEY`).
    pub s3_secret_access_key: Option<String>,
    /// `[assets.encryption]`
    pub encryption: EncryptionConfig,
}

/// `[assets.encryption]`: files are encrypted by Cairn before they are stored, where there are keys.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncryptionConfig {
    /// `keys` (`CAIRN_ASSETS_KEYS`): `<id>:<base64 of 32 bytes>` each; the first encrypts, all decrypt.
    pub keys: Vec<String>,
}

impl Default for AssetsConfig {
    fn default() -> Self {
        Self {
            url: None,
            max_bytes: 200_000_000,
            cache_mib: 1024,
            pictures: Vec::new(),
            ffmpeg: None,
            s3_access_key_id: None,
            s3_secret_access_key: None,
            encryption: EncryptionConfig::default(),
        }
    }
}

impl fmt::Debug for AssetsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL that is wrong may have credentials in it.
        f.debug_struct("Assets").field("max_bytes", &self.max_bytes).finish_non_exhaustive()
    }
}

impl AssetsConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_ASSETS_URL") {
            self.url = Some(v);
        }
        for (value, own, common) in [
            (&mut self.s3_access_key_id, "CAIRN_ASSETS_S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
            (&mut self.s3_secret_access_key, "CAIRN_ASSETS_S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        ] {
            // Cairn's own variable takes precedence over the file, and the file over the variable shared with other programs.
            *value = env(own).or_else(|| value.take()).or_else(|| env(common));
        }
        if let Some(v) = env("CAIRN_FFMPEG") {
            self.ffmpeg = Some(super::paths::path_or_off(v));
        }
        for (i, picture) in self.pictures.iter().enumerate() {
            let plain = picture.split('&').filter(|pair| *pair != "format=auto").collect::<Vec<_>>().join("&");
            Transform::parse(&plain).map_err(|e| ConfigError(format!("assets.pictures[{i}]: {e}")))?;
        }
        if let Some(v) = env("CAIRN_ASSETS_KEYS") {
            self.encryption.keys = v.split(',').map(|key| key.trim().to_owned()).collect();
        }
        self.s3_options()?;
        self.encryption_keys().map(drop)
    }

    /// True if the project lists a query of a picture, its parameters in any order.
    pub fn allows_picture(&self, picture: &str) -> bool {
        let sorted = |query: &str| {
            let mut pairs: Vec<String> = query.split('&').map(str::to_owned).collect();
            pairs.sort_unstable();
            pairs
        };
        let requested = sorted(picture);
        self.pictures.iter().any(|listed| sorted(listed) == requested)
    }

    /// The program that takes posters out of films.
    pub(crate) fn film_program(&self) -> Option<PathBuf> {
        let name = self.ffmpeg.as_deref().unwrap_or("ffmpeg");
        if name.is_empty() {
            return None;
        }
        if name.contains('/') {
            return Some(name.into());
        }
        std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// The bucket that files are in; `None` where they are in folders.
    pub fn s3_options(&self) -> Result<Option<S3Options>, ConfigError> {
        let Some(url) = self.url.as_deref().filter(|url| url.starts_with("s3:")) else { return Ok(None) };
        let missing = |field: &str, variable: &str| {
            ConfigError(format!(
                "assets.{field} ({variable}): required for a bucket, but neither it nor AWS's own variable is set"
            ))
        };
        let id = self.s3_access_key_id.as_deref();
        let id = id.ok_or_else(|| missing("s3_access_key_id", "CAIRN_ASSETS_S3_ACCESS_KEY_ID"))?;
        let secret = self.s3_secret_access_key.as_deref();
        let secret = secret.ok_or_else(|| missing("s3_secret_access_key", "CAIRN_ASSETS_S3_SECRET_ACCESS_KEY"))?;
        let options = S3Options::parse(url, id, secret);
        options.map(Some).map_err(|e| ConfigError(format!("assets.url (CAIRN_ASSETS_URL): {e}")))
    }

    /// The keys that files are encrypted with; `None` where they are not.
    pub fn encryption_keys(&self) -> Result<Option<EncryptionKeys>, ConfigError> {
        match &self.encryption.keys[..] {
            [] => Ok(None),
            keys => EncryptionKeys::parse(keys)
                .map(Some)
                .map_err(|e| ConfigError(format!("assets.encryption.keys (CAIRN_ASSETS_KEYS): {e}"))),
        }
    }
}
