//! Layout of the lists and forms of a type, as its schema file has it (`pluginOptions.cairn`).

use cairn_http::type_texts::TypeTexts;
use cairn_model::presentation::{AttributePresentation, FieldWidth, FormColumn};
use cairn_model::{AttributeId, Attributes, ContentType};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Layout of the lists and forms of a type, without what the caller may not read.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeLayout {
    /// Fields that a list shows; none: the admin chooses.
    columns: Vec<String>,
    /// Order of a list, as in the content API.
    sort: Option<String>,
    /// Parts of the form with a heading, and tabs.
    groups: Vec<LayoutGroup>,
    /// Fields whose place in the form is chosen, by attribute.
    fields: BTreeMap<String, FieldLayout>,
}

/// Fields below a heading of a form, or in a tab.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct LayoutGroup {
    /// In the reader's language; empty: there is none in it.
    label: String,
    fields: Vec<String>,
    /// It begins a tab, which the groups after it are in, up to the next one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    tab: bool,
}

/// Place of a field in a form.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldLayout {
    /// Width in its column.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    width: Option<LayoutWidth>,
    /// Column of the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    column: Option<LayoutColumn>,
}

/// Width of a field in a form.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum LayoutWidth {
    /// A line of its own.
    Full,
    /// Two in a line.
    Half,
    /// Three in a line.
    Third,
}

/// Column of a form.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum LayoutColumn {
    /// The wide one.
    Main,
    /// The narrow one beside it.
    Side,
}

/// The layout of a type, as far as `may_see` allows its attributes.
pub(super) fn to_layout(texts: &TypeTexts, ct: &ContentType, may_see: &impl Fn(AttributeId) -> bool) -> TypeLayout {
    let presentation = &ct.presentation;
    // Names that are no attributes are fields of every entry.
    let is_shown = |name: &&String| ct.attributes.get(name).is_none_or(|(id, _)| may_see(id));
    let shown = |names: &[String]| -> Vec<String> { names.iter().filter(is_shown).cloned().collect() };
    let groups = presentation.groups.iter().map(|group| LayoutGroup {
        label: texts.text_for_reader(&group.label).unwrap_or_default().to_owned(),
        fields: shown(&group.fields),
        tab: group.tab,
    });
    let sort = presentation.sort.clone();
    TypeLayout {
        columns: shown(&presentation.columns),
        sort: sort.filter(|sort| is_shown(&&sort.split(':').next().unwrap_or_default().to_owned())),
        groups: groups.filter(|group| group.tab || !group.fields.is_empty()).collect(),
        fields: to_field_layouts(&ct.attributes, may_see),
    }
}

pub(super) fn to_field_layouts(
    attributes: &Attributes,
    may_see: impl Fn(AttributeId) -> bool,
) -> BTreeMap<String, FieldLayout> {
    let placed = attributes.iter().filter(|(id, attribute)| {
        let AttributePresentation { width, column, .. } = &attribute.presentation;
        (width.is_some() || column.is_some()) && may_see(*id)
    });
    let layouts = placed.map(|(_, attribute)| {
        let width = attribute.presentation.width.map(|width| match width {
            FieldWidth::Full => LayoutWidth::Full,
            FieldWidth::Half => LayoutWidth::Half,
            FieldWidth::Third => LayoutWidth::Third,
        });
        let column = attribute.presentation.column.map(|column| match column {
            FormColumn::Main => LayoutColumn::Main,
            FormColumn::Side => LayoutColumn::Side,
        });
        (attribute.name.clone(), FieldLayout { width, column })
    });
    layouts.collect()
}
