//! The list, search and filters of the library.

mod view;

pub use view::{AddedByView, AssetCursorsView, AssetKind, AssetView};

use crate::Library;
use crate::folders::{FolderNameView, FolderTree};
use crate::input::{invalid_at, not_found, refusal_error};
use cairn_content::view::Time;
use cairn_content::{RefusalKind, Result};
use cairn_store::library::{AssetFilter, AssetPage, AssetSort, LibraryFile};
use cairn_store::{Reader, StoreError};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Kinds of files.
const FILE_KINDS: [&str; 6] = ["image", "video", "audio", "document", "model", "other"];
/// Largest number of words of a search.
const MAX_SEARCH_WORDS: usize = 6;
/// Longest search, in characters.
const MAX_SEARCH_CHARS: usize = 200;
/// Number of files of a page: the default, and the largest.
const PAGE_SIZES: (i64, i64) = (50, 200);

/// Filters, order and page of a list of files. Lists have commas between their parts.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssetListParams {
    /// In that folder; 0 is the root. Without it everywhere.
    pub folder: Option<i64>,
    /// And in the folders inside it.
    pub recursive: bool,
    /// Words in name, alternative text, caption or tags.
    pub search: Option<String>,
    /// `image`, `video`, `audio`, `document`, `model`, `other`.
    pub kind: Option<String>,
    /// With all of these tags.
    pub tag: Option<String>,
    /// Private files, or public ones.
    pub private: Option<bool>,
    /// Files that no entry links to.
    pub unused: bool,
    /// Files in the trash instead of the others.
    pub trash: bool,
    /// `alt`: pictures without an alternative text.
    pub missing: Option<String>,
    /// In that locale.
    pub locale: Option<String>,
    /// `addedAt`, `updatedAt`, `name` or `bytes`, with `:asc` or `:desc`.
    pub sort: Option<String>,
    /// The page before this place.
    pub before: Option<String>,
    /// The page behind this place.
    pub after: Option<String>,
    /// Files of a page.
    pub limit: Option<i64>,
}

fn split_list(list: Option<&str>) -> Vec<String> {
    list.into_iter().flat_map(|l| l.split(',')).map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

fn parse_sort(sort_param: Option<&str>) -> Result<(AssetSort, bool)> {
    let invalid_sort = || {
        invalid_at(
            "sort",
            "sort must be addedAt, updatedAt, name or bytes, followed by :asc or :desc where that matters",
        )
    };
    let (name, way) =
        sort_param.map_or(("addedAt", None), |s| s.split_once(':').map_or((s, None), |(n, w)| (n, Some(w))));
    let (sort, newest_first) = match name {
        "addedAt" => (AssetSort::Added, true),
        "updatedAt" => (AssetSort::Updated, true),
        "name" => (AssetSort::Name, false),
        "bytes" => (AssetSort::Bytes, true),
        _ => return Err(invalid_sort()),
    };
    match way {
        None => Ok((sort, newest_first)),
        Some("asc") => Ok((sort, false)),
        Some("desc") => Ok((sort, true)),
        Some(_) => Err(invalid_sort()),
    }
}

/// A position in a list, for the client to send back unchanged.
fn encode_cursor(file: &LibraryFile, sort: AssetSort) -> String {
    let text = json!([file.key(sort), file.document_id]).to_string();
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn decode_cursor(path: &str, input: &str, sort: AssetSort) -> Result<(Json, String)> {
    let bytes: Option<Vec<u8>> = (0..input.len())
        .step_by(2)
        .map(|i| input.get(i..i + 2).and_then(|two| u8::from_str_radix(two, 16).ok()))
        .collect();
    let read = bytes.and_then(|bytes| serde_json::from_slice::<(Json, String)>(&bytes).ok());
    let fits = |key: &Json| match sort {
        AssetSort::Added | AssetSort::Bytes => key.is_i64(),
        AssetSort::Name => key.is_string(),
        AssetSort::Updated => key.as_str().is_some_and(|t| chrono::DateTime::parse_from_rfc3339(t).is_ok()),
    };
    read.filter(|(key, _)| fits(key))
        .ok_or_else(|| invalid_at(path, format!("{path} does not match this sort order: start again without it")))
}

impl Library {
    /// The address of a file for the present reader: that of a private file is signed.
    fn readable_url(&self, url: &str) -> String {
        match url.strip_prefix("/uploads/private/") {
            Some(name) => format!("{url}{}", self.access.sign_file(name)),
            None => url.to_owned(),
        }
    }

    /// The view of a file in a grid, without what is looked up for a whole page.
    fn grid_row(&self, f: &LibraryFile, tree: &FolderTree) -> AssetView {
        let thumbnail = f.formats["thumbnail"]["url"].as_str().or(f.url.as_deref().filter(|_| f.kind == "image"));
        AssetView {
            id: f.id,
            document_id: f.document_id.clone(),
            name: f.name.clone(),
            url: f.url.as_deref().map(|url| self.readable_url(url)),
            thumbnail_url: thumbnail.map(|url| self.readable_url(url)),
            ext: f.ext.clone(),
            mime: f.mime.clone(),
            kind: AssetKind::from_stored(&f.kind),
            bytes: f.bytes,
            width: f.width,
            height: f.height,
            alternative_text: f.alternative_text.clone(),
            caption: f.caption.clone(),
            placeholder: f.placeholder.clone(),
            colour: f.colour.clone(),
            animated: f.animated,
            alpha: f.alpha,
            facts: f.facts.clone(),
            folder: tree.get(f.folder).map(FolderNameView::from),
            private: f.private,
            added_at: Time(f.added_at),
            added_by: AddedByView::from(&f.added_by),
            updated_at: f.updated_at.clone(),
            deleted_at: f.deleted_at.map(Time),
            tags: Vec::new(),
            duplicates: 0,
        }
    }

    /// The views of files in a grid.
    pub(crate) fn grid_rows(&self, r: &Reader<'_>, files: &[LibraryFile]) -> Result<Vec<AssetView>, StoreError> {
        let documents: Vec<&str> = files.iter().map(|f| f.document_id.as_str()).collect();
        let sums: Vec<&str> = files.iter().map(|f| f.sha256.as_str()).filter(|s| !s.is_empty()).collect();
        let (mut tags, alike) = (r.tags().find_for_assets(&documents)?, r.assets().count_by_hash(&sums)?);
        let tree = FolderTree::load_folders(r)?;
        let deleted: Vec<&str> =
            files.iter().filter(|f| f.deleted_at.is_some()).map(|f| f.document_id.as_str()).collect();
        let mut trashed =
            if deleted.is_empty() { Default::default() } else { r.assets().get_many_trashed(&deleted)? };
        let all = files.iter().map(|f| {
            let mut view = self.grid_row(f, &tree);
            // The row of a deleted file is gone; its values are in the trash.
            if let Some(trashed) = trashed.remove(&f.document_id) {
                let text = |name: &str| trashed["values"][name].as_str().map(str::to_owned);
                view.name = text("name");
                view.ext = text("ext");
                view.mime = text("mime");
                view.width = trashed["values"]["width"].as_i64();
                view.height = trashed["values"]["height"].as_i64();
                view.alternative_text = text("alternativeText");
                view.caption = text("caption");
            }
            view.tags = tags.remove(&f.document_id).unwrap_or_default();
            view.duplicates = alike.get(&f.sha256).map_or(0, |n| (n - 1).max(0));
            view
        });
        Ok(all.collect())
    }

    /// A page of files, and the cursors of the pages before and after it. Fails with 400, naming the parameter.
    pub fn list_files(&self, params: &AssetListParams) -> Result<(Vec<AssetView>, AssetCursorsView)> {
        let (sort, descending) = parse_sort(params.sort.as_deref())?;
        let limit = params.limit.unwrap_or(PAGE_SIZES.0).clamp(1, PAGE_SIZES.1);
        let (backwards, from) = match (&params.before, &params.after) {
            (Some(_), Some(_)) => return Err(invalid_at("before", "before and after cannot be used together")),
            (Some(before), None) => (true, Some(decode_cursor("before", before, sort)?)),
            (None, after) => (false, after.as_deref().map(|after| decode_cursor("after", after, sort)).transpose()?),
        };
        let has_from = from.is_some();
        let page = AssetPage { sort, descending, from, backwards, limit: limit + 1 };
        let mut filter = self.to_filter(params)?;
        self.store().read(|r| {
            if let Some(folder) = params.folder {
                let tree = FolderTree::load_folders(r)?;
                if folder != 0 && tree.get(folder).is_none() {
                    return Err(not_found(format!("Folder {folder} not found")));
                }
                // The root with all folders below it has every file: no filter is needed.
                filter.folders = match (params.recursive, folder) {
                    (true, 0) => None,
                    (true, _) => Some(tree.folder_and_below(folder)),
                    (false, _) => Some(vec![folder]),
                };
            }
            let mut files = r.assets().list(&filter, &page)?;
            let has_more = files.len() as i64 > limit;
            files.truncate(limit as usize);
            if backwards {
                files.reverse();
            }
            let (first_file, last_file) = (files.first(), files.last());
            let at =
                |file: Option<&LibraryFile>, has_page: bool| file.filter(|_| has_page).map(|f| encode_cursor(f, sort));
            let cursors = AssetCursorsView {
                before: at(first_file, if backwards { has_more } else { has_from }),
                after: at(last_file, if backwards { true } else { has_more }),
            };
            Ok((self.grid_rows(r, &files)?, cursors))
        })
    }

    fn to_filter(&self, params: &AssetListParams) -> Result<AssetFilter> {
        let kinds = split_list(params.kind.as_deref());
        if let Some(unknown) = kinds.iter().find(|k| !FILE_KINDS.contains(&k.as_str())) {
            return Err(invalid_at(
                "kind",
                format!("{unknown:?} is not a valid kind; expected {}", FILE_KINDS.join(", ")),
            ));
        }
        let search = params.search.as_deref().unwrap_or_default();
        if search.chars().count() > MAX_SEARCH_CHARS {
            return Err(invalid_at("search", format!("search must have at most {MAX_SEARCH_CHARS} characters")));
        }
        let words: Vec<String> = search.split_whitespace().take(MAX_SEARCH_WORDS).map(str::to_owned).collect();
        if params.recursive && params.folder.is_none() {
            return Err(invalid_at("recursive", "recursive requires a folder: without a folder, all files are listed"));
        }
        let without_alternative = match (params.missing.as_deref(), params.locale.as_deref()) {
            (None, None) => None,
            (Some("alt"), locale) => Some(match locale {
                None => None,
                Some(locale) => self.other_locale("locale", locale)?,
            }),
            (Some(_), _) => return Err(invalid_at("missing", "missing must be alt")),
            (None, Some(_)) => return Err(invalid_at("locale", "locale requires missing=alt")),
        };
        Ok(AssetFilter {
            folders: None,
            words,
            kinds,
            tags: self.known_tags(split_list(params.tag.as_deref()))?,
            private: params.private,
            unused: params.unused,
            trash: params.trash,
            without_alternative,
            documents: None,
        })
    }

    /// The project's locale with that code; `None` for the one whose texts are in the file's own row.
    pub(crate) fn other_locale(&self, path: &str, code: &str) -> Result<Option<String>> {
        let locales = self.store().read(|r| r.locales().list())?;
        match locales.iter().find(|l| l.code == code) {
            Some(l) if l.is_default => Ok(None),
            Some(l) => Ok(Some(l.code.clone())),
            None => {
                let codes: Vec<&str> = locales.iter().map(|l| l.code.as_str()).collect();
                Err(invalid_at(path, format!("The project has no locale {code:?}; expected {}", codes.join(", "))))
            }
        }
    }

    /// The files in these folders; fails where they are more than can be changed at a time.
    pub(crate) fn files_in_folders(&self, r: &Reader<'_>, folders: Vec<i64>) -> Result<Vec<String>> {
        let most = crate::MAX_BULK_FILES as i64;
        let filter = AssetFilter { folders: Some(folders), ..AssetFilter::default() };
        let files = r.assets().list(&filter, &AssetPage { limit: most + 1, ..AssetPage::default() })?;
        if files.len() as i64 > most {
            let message =
                format!("There are more than {most} files in it: move or delete some first, up to {most} at a time");
            return Err(refusal_error(RefusalKind::Application, message, json!({ "most": most })));
        }
        Ok(files.into_iter().map(|f| f.document_id).collect())
    }

    /// Files by their documents; missing ones are left out.
    pub(crate) fn by_document<'d>(
        &self,
        r: &Reader<'_>,
        documents: impl Iterator<Item = &'d str>,
    ) -> Result<HashMap<String, LibraryFile>, StoreError> {
        let documents: Vec<String> = documents.map(str::to_owned).collect();
        let limit = documents.len() as i64;
        let filter = AssetFilter { documents: Some(documents), ..AssetFilter::default() };
        let files = r.assets().list(&filter, &AssetPage { limit, ..AssetPage::default() })?;
        Ok(files.into_iter().map(|f| (f.document_id.clone(), f)).collect())
    }
}
