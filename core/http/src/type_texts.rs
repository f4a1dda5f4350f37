//! Names of content types, their fields and values in the language of a reader: from the schema files (`pluginOptions.cairn`), else from the
//! texts of the plugins' packages. Plugins that do not run keep theirs: their documents are still shown.

use crate::error::WireError;
use cairn_app::Tenant;
use cairn_app::plugins::packages::PluginTexts;
use cairn_model::presentation::AdminText;
use cairn_model::{Attribute, AttributeId, Component, ContentType, FieldKind, Registry};
use cairn_plugin_package::content_texts::{description_key, hint_key, label_key, plural_key, type_key, value_key};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// Texts of an attribute in the reader's language.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeLabels {
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    label: Option<String>,
    /// Help text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hint: Option<String>,
    /// Text of the empty field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    placeholder: Option<String>,
    /// Of an enumeration: names of its values, by value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    value_labels: BTreeMap<String, String>,
}

/// The texts that name content types, in one language.
pub struct TypeTexts {
    language: String,
    /// Of the plugins that the types belong to, by the plugin's id.
    plugins: HashMap<String, PluginTexts>,
}

impl TypeTexts {
    /// Loads the texts of the plugins that these types belong to. A plugin whose package cannot be read has none. Returns an error if the
    /// database cannot be read.
    pub async fn load(tenant: &Tenant, language: &str, types: Vec<&ContentType>) -> Result<Self, WireError> {
        let owners: BTreeSet<&str> = types.into_iter().filter_map(ContentType::plugin_id).collect();
        let mut plugins = HashMap::new();
        if owners.is_empty() {
            return Ok(Self { language: language.to_owned(), plugins });
        }
        for row in tenant.content.store().read(|r| r.plugins().list())? {
            if !owners.contains(row.id.as_str()) {
                continue;
            }
            if let Ok(package) = tenant.plugins.package_metadata(&row.id, &row.current).await {
                plugins.insert(row.id, package.texts_in(Some(language)));
            }
        }
        Ok(Self { language: language.to_owned(), plugins })
    }

    /// As [`Self::load`], for types by their uids.
    pub async fn load_for_uids(tenant: &Tenant, language: &str, uids: Vec<&str>) -> Result<Self, WireError> {
        let registry: &Registry = tenant.content.registry();
        let types = uids.into_iter().filter_map(|uid| registry.by_uid(uid)).collect();
        Self::load(tenant, language, types).await
    }

    /// The name of a type.
    pub fn display_name(&self, ct: &ContentType) -> String {
        self.type_name(ct).unwrap_or(&ct.display_name).to_owned()
    }

    /// The name of the type with that uid; `None`: there is no text for it.
    pub fn find_display_name(&self, registry: &Registry, uid: &str) -> Option<String> {
        self.type_name(registry.by_uid(uid)?).map(str::to_owned)
    }

    /// The name of several documents of a type.
    pub fn display_name_plural(&self, ct: &ContentType) -> Option<String> {
        self.find_text(ct, plural_key).map(str::to_owned)
    }

    /// The purpose of a type.
    pub fn description(&self, ct: &ContentType) -> String {
        let own = ct.presentation.description.find(&self.language);
        own.or_else(|| self.find_text(ct, description_key)).unwrap_or(&ct.description).to_owned()
    }

    /// The text of a schema file in the reader's language.
    pub fn text_for_reader<'a>(&self, text: &'a AdminText) -> Option<&'a str> {
        text.find(&self.language)
    }

    /// The name of a component.
    pub fn component_name(&self, component: &Component) -> String {
        component.presentation.display_name.find(&self.language).unwrap_or(&component.display_name).to_owned()
    }

    /// The texts of a type's attributes, of those that have any and that `may_see` allows.
    pub fn attribute_labels(
        &self,
        ct: &ContentType,
        may_see: impl Fn(AttributeId) -> bool,
    ) -> BTreeMap<String, AttributeLabels> {
        let visible = ct.attributes.iter().filter(|(id, _)| may_see(*id));
        let labels = visible.map(|(_, attribute)| (attribute.name.clone(), self.labels_of(Some(ct), attribute)));
        labels.filter(|(_, labels)| *labels != AttributeLabels::default()).collect()
    }

    /// The texts of a component's attributes, of those that have any.
    pub fn component_labels(&self, component: &Component) -> BTreeMap<String, AttributeLabels> {
        let attributes = component.attributes.iter();
        let labels = attributes.map(|(_, attribute)| (attribute.name.clone(), self.labels_of(None, attribute)));
        labels.filter(|(_, labels)| *labels != AttributeLabels::default()).collect()
    }

    fn type_name<'a>(&'a self, ct: &'a ContentType) -> Option<&'a str> {
        ct.presentation.display_name.find(&self.language).or_else(|| self.find_text(ct, type_key))
    }

    /// The texts of an attribute; `ct`: the type that it belongs to.
    fn labels_of(&self, ct: Option<&ContentType>, attribute: &Attribute) -> AttributeLabels {
        let text = |key: &dyn Fn(&str) -> String| self.find_text(ct?, key).map(str::to_owned);
        let own = |text: &AdminText| text.find(&self.language).map(str::to_owned);
        let presentation = &attribute.presentation;
        let values: &[String] = match &attribute.kind {
            FieldKind::Enumeration { values } => values,
            _ => &[],
        };
        let to_label = |value: &String| Some((value.clone(), text(&|name| value_key(name, &attribute.name, value))?));
        AttributeLabels {
            label: own(&presentation.label).or_else(|| text(&|name| label_key(name, &attribute.name))),
            hint: own(&presentation.help).or_else(|| text(&|name| hint_key(name, &attribute.name))),
            placeholder: own(&presentation.placeholder),
            value_labels: values.iter().filter_map(to_label).collect(),
        }
    }

    /// The text with the key that is made of the type's name in its plugin.
    fn find_text(&self, ct: &ContentType, key: impl Fn(&str) -> String) -> Option<&str> {
        let plugin = ct.plugin_id()?;
        let name = ct.uid.strip_prefix("plugin::")?.strip_prefix(plugin)?.strip_prefix('.')?;
        self.plugins.get(plugin)?.find_text(&key(name)).filter(|text| !text.trim().is_empty())
    }
}
