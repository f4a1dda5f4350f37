//! One file: everything known of it, and its changes.

mod view;

pub use view::{AssetDetailsView, AssetTextsView, AssetVersionView, FocalPointView};

use crate::folders::{FolderNameView, FolderTree};
use crate::input::{check_text, given, invalid_at, not_found};
use crate::list::AddedByView;
use crate::{Library, emit_file_event, tags};
use cairn_content::view::Time;
use cairn_content::{ContentError, FileInfo, Result};
use cairn_store::events::Actor;
use cairn_store::library::{AssetFilter, AssetPage, AssetText, LibraryFile};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest number of tags of a file.
const MAX_TAGS: usize = 50;
/// Usages that are shown with a file; another route lists all of them.
const MAX_SHOWN_USAGES: i64 = 50;

/// Changes of a file's texts in a locale; what is missing stays, null takes it away.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangedTexts)]
pub struct AssetTextChanges {
    /// Description of the picture for those who cannot see it.
    #[serde(default, deserialize_with = "given")]
    pub alternative_text: Option<Option<String>>,
    /// Shown beside it.
    #[serde(default, deserialize_with = "given")]
    pub caption: Option<Option<String>>,
}

/// A change of a file; what is missing stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangedAsset)]
pub struct AssetChanges {
    /// The folder it is in; null or 0: the root.
    #[serde(default, deserialize_with = "given")]
    pub folder: Option<Option<i64>>,
    /// Tags of the file; they replace all that it has.
    pub tags: Option<Vec<String>>,
    /// True if it is shown only to those who may read what uses it.
    pub private: Option<bool>,
    /// Display name of the file.
    pub name: Option<String>,
    /// In the default locale; null takes it away.
    #[serde(default, deserialize_with = "given")]
    pub alternative_text: Option<Option<String>>,
    /// In the default locale; null takes it away.
    #[serde(default, deserialize_with = "given")]
    pub caption: Option<Option<String>>,
    /// Point that matters most in it: `{x, y}` in percent.
    #[schema(value_type = Option<Object>)]
    pub focal_point: Option<Json>,
    /// Texts by locale code; other locales stay as they are.
    pub texts: Option<BTreeMap<String, AssetTextChanges>>,
}

/// A change, split by where it is stored.
struct SplitChanges {
    row: FileInfo,
    others: Vec<(String, AssetTextChanges)>,
}

fn merge_text(into: &mut Option<Option<String>>, from: Option<Option<String>>, path: &str) -> Result<()> {
    match (into.as_ref(), from) {
        (_, None) => Ok(()),
        (Some(before), Some(from)) if *before != from => Err(invalid_at(
            path,
            format!("{path} is specified twice with different texts: it belongs to the default locale"),
        )),
        (_, Some(from)) => {
            *into = Some(from);
            Ok(())
        }
    }
}

impl Library {
    /// Everything about a file, in the trash or not. Fails with 404 if there is no such file.
    pub fn get_file(&self, document_id: &str) -> Result<AssetDetailsView> {
        let usages = self.store().read(|r| {
            r.documents().find_usages(self.content.registry().file_type().id, &[document_id], MAX_SHOWN_USAGES + 1)
        })?;
        let locales = self.store().read(|r| r.locales().list())?;
        let mut details = self.store().read(|r| {
            let build_filter =
                |trash| AssetFilter { documents: Some(vec![document_id.to_owned()]), trash, ..AssetFilter::default() };
            let page = AssetPage { limit: 1, ..AssetPage::default() };
            let mut files = r.assets().list(&build_filter(false), &page)?;
            if files.is_empty() {
                files = r.assets().list(&build_filter(true), &page)?;
            }
            let Some(file) = files.first() else { return Err(missing_file()) };
            let asset = self.grid_rows(r, &files)?.swap_remove(0);
            let tree = FolderTree::load_folders(r)?;
            let own = r.assets().list_texts(document_id)?;
            let texts = locales.iter().map(|l| {
                let (alternative_text, caption) = match (l.is_default, own.iter().find(|t| t.locale == l.code)) {
                    (true, _) => (file.alternative_text.clone(), file.caption.clone()),
                    (false, Some(t)) => (t.alternative_text.clone(), t.caption.clone()),
                    (false, None) => (None, None),
                };
                (l.code.clone(), AssetTextsView { alternative_text, caption })
            });
            let versions = r.assets().list_versions(document_id)?.into_iter().map(|v| AssetVersionView {
                number: v.number,
                file: v.file,
                replaced_at: Time(v.replaced_at),
                replaced_by: AddedByView::from(&v.replaced_by),
            });
            Ok(AssetDetailsView {
                asset,
                folder_path: tree.path_to(file.folder).into_iter().map(FolderNameView::from).collect(),
                formats: file.formats.clone(),
                focal_point: serde_json::from_value(file.focal_point.clone()).ok(),
                sha256: file.sha256.clone(),
                version: file.number,
                texts: texts.collect(),
                versions: versions.collect(),
                usages: Vec::new(),
                more_usages: usages.len() as i64 > MAX_SHOWN_USAGES,
            })
        })?;
        let first: Vec<_> = usages.into_iter().take(MAX_SHOWN_USAGES as usize).collect();
        details.usages = self.usage_views(&first)?;
        Ok(details)
    }

    /// Changes the texts and properties of a file, and returns it.
    ///
    /// # Errors
    /// 400 with the name of the key; 404.
    pub async fn change_file(
        &self,
        actor: &Arc<Actor>,
        document_id: &str,
        change: AssetChanges,
    ) -> Result<AssetDetailsView> {
        let file = self.find_file(document_id)?.ok_or_else(missing_file)?;
        let sorted = self.split_changes(&change, &file)?;
        if change.tags.as_ref().is_some_and(|tags| tags.len() > MAX_TAGS) {
            return Err(invalid_at("tags", format!("A file can have at most {MAX_TAGS} tags")));
        }
        if let (Some(tags), known) = (&change.tags, self.store().read(tags::tags_by_key)?) {
            tags::normalize_tags("tags", tags, &known)?;
        }
        let folder = change.folder.map(|folder| folder.unwrap_or(0));
        if let Some(folder) = folder {
            self.store()
                .read(|r| FolderTree::load_folders(r).map_err(ContentError::from)?.require_folder("folder", folder))?;
        }
        // The input has been validated completely, because what follows is two transactions.
        if sorted.row != FileInfo::default() {
            let (access, locales) = (self.access.admin_access(), self.access.locales());
            let context = self.request_context(&access, actor, &locales.default);
            self.content.update_file(&context, document_id, sorted.row).await?.ok_or_else(missing_file)?;
        }
        let others = Arc::new(sorted.others);
        if folder.is_some() || change.tags.is_some() || change.private.is_some() || !others.is_empty() {
            let (library, actor, now, id) = (self.clone(), actor.clone(), self.now(), document_id.to_owned());
            let changes = Arc::new(change);
            self.store()
                .write(move |tx| {
                    let found = library.by_document(&tx.reader(), std::iter::once(id.as_str()))?;
                    let file = found.get(&id).ok_or_else(missing_file)?;
                    if let Some(folder) = folder.filter(|f| *f != file.folder) {
                        tx.folders().lock_all()?;
                        FolderTree::load_folders(&tx.reader())?.require_folder("folder", folder)?;
                        tx.assets().move_many_to_folder(&[&id], folder)?;
                        emit_file_event(tx, &actor, "moved", &id, json!({ "from": file.folder, "to": folder }), now)?;
                    }
                    if let Some(private) = changes.private.filter(|p| *p != file.private) {
                        library.content.set_file_private(tx, &id, private, &actor)?;
                        emit_file_event(tx, &actor, "privacy", &id, json!({ "private": private }), now)?;
                    }
                    if let Some(requested) = &changes.tags {
                        let new_tags = tags::normalize_tags("tags", requested, &tags::tags_by_key(&tx.reader())?)?;
                        let current_tags = tx.reader().tags().find_for_assets(&[&id])?.remove(&id).unwrap_or_default();
                        for tag in new_tags.iter().filter(|t| !current_tags.contains(t)) {
                            tx.tags().add_to_assets(&[&id], tag)?;
                            emit_file_event(tx, &actor, "tagged", &id, json!({ "tag": tag }), now)?;
                        }
                        for tag in current_tags.iter().filter(|t| !new_tags.contains(t)) {
                            tx.tags().remove_from_assets(&[&id], tag)?;
                            emit_file_event(tx, &actor, "untagged", &id, json!({ "tag": tag }), now)?;
                        }
                    }
                    if !others.is_empty() {
                        let before = tx.reader().assets().list_texts(&id)?;
                        for (locale, texts) in &*others {
                            let was = before.iter().find(|t| t.locale == *locale).cloned();
                            let was = was.unwrap_or_else(|| AssetText { locale: locale.clone(), ..AssetText::default() });
                            let mut is = was.clone();
                            if let Some(text) = &texts.alternative_text {
                                is.alternative_text = check_text("alternativeText", text.as_deref())?;
                            }
                            if let Some(text) = &texts.caption {
                                is.caption = check_text("caption", text.as_deref())?;
                            }
                            if is != was {
                                tx.assets().set_texts(&id, &is)?;
                                let data = json!({ "locale": locale, "alternativeText": is.alternative_text, "caption": is.caption });
                                emit_file_event(tx, &actor, "texts", &id, data, now)?;
                            }
                        }
                    }
                    Ok::<_, ContentError>(())
                })
                .await?;
        }
        self.get_file(document_id)
    }

    /// Splits a change into what goes into the file's own row, as far as it differs, and the rest.
    fn split_changes(&self, change: &AssetChanges, file: &LibraryFile) -> Result<SplitChanges> {
        let (mut alternative, mut caption) = (change.alternative_text.clone(), change.caption.clone());
        let mut others = Vec::new();
        for (code, texts) in change.texts.iter().flatten() {
            let path = format!("texts.{code}");
            match self.other_locale(&path, code)? {
                None => {
                    merge_text(&mut alternative, texts.alternative_text.clone(), &format!("{path}.alternativeText"))?;
                    merge_text(&mut caption, texts.caption.clone(), &format!("{path}.caption"))?;
                }
                Some(locale) => {
                    for (key, sent_text) in [("alternativeText", &texts.alternative_text), ("caption", &texts.caption)]
                    {
                        check_text(&format!("{path}.{key}"), sent_text.as_ref().and_then(Option::as_deref))?;
                    }
                    others.push((locale, texts.clone()));
                }
            }
        }
        // An empty text is what Strapi's API takes for none: null would keep what is there.
        let plain =
            |path: &str, new_text: Option<Option<String>>, current: &Option<String>| -> Result<Option<String>> {
                let Some(new_text) = new_text else { return Ok(None) };
                let is = check_text(path, new_text.as_deref())?.unwrap_or_default();
                Ok(Some(is).filter(|is| *is != current.clone().unwrap_or_default()))
            };
        if let Some(point) = &change.focal_point
            && !["x", "y"].iter().all(|k| point[*k].as_f64().is_some_and(|n| (0.0..=100.0).contains(&n)))
        {
            return Err(invalid_at("focalPoint", "focalPoint must have the numbers x and y, in percent from 0 to 100"));
        }
        let name = change.name.as_ref().map(|name| name.trim().to_owned());
        if name.as_deref().is_some_and(|n| n.is_empty() || n.len() > 255 || n.chars().any(char::is_control)) {
            return Err(invalid_at("name", "name must have 1 to 255 bytes and no control characters"));
        }
        let texts = FileInfo {
            name: name.filter(|name| Some(name) != file.name.as_ref()),
            alternative_text: plain("alternativeText", alternative, &file.alternative_text)?,
            caption: plain("caption", caption, &file.caption)?,
            ..FileInfo::default()
        };
        let focal_point = change.focal_point.clone().filter(|point| *point != file.focal_point);
        let row = FileInfo { focal_point, ..texts };
        Ok(SplitChanges { row, others })
    }
}

pub(crate) fn missing_file() -> ContentError {
    not_found("File not found")
}
