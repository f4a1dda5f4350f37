//! `/admin/api/settings/glossary`: the terms of the site in each of its languages. Everybody who signs in to the admin reads them: who
//! translates needs them.

use cairn_access::action_types::SettingsLocales;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{PersonOr, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::or_null::OrNull;
use cairn_http::openapi::response_types::Data;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_settings::glossary::{GlossaryTerm, load_glossary};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(glossary, change_glossary))
}

/// Terms of the glossary, by key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
struct GlossaryTerms(BTreeMap<String, GlossaryTerm>);

/// Terms by key: those that are named are replaced as a whole, null removes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read as the object that it is: null is told from what is left out")]
struct GlossaryChanges(BTreeMap<String, TermOrNull>);

type TermOrNull = OrNull<GlossaryTermInput>;

/// A term as it is sent.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the settings read it, with a path for each problem")]
struct GlossaryTermInput {
    #[schema(schema_with = describe_words)]
    words: BTreeMap<String, String>,
    /// Explanation for people.
    #[schema(nullable = false)]
    note: Option<String>,
    /// False: the word is the same in every language, such as the name of a product. True if it is left out.
    #[schema(nullable = false)]
    translate: Option<bool>,
}

fn describe_words() -> ObjectBuilder {
    let word = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    ObjectBuilder::new()
        .description(Some(
            "The word in each language, by the code of its locale; at least one. A language with null has none.",
        ))
        .property_names(Some(String::schema()))
        .additional_properties(Some(word))
}

/// The terms of the glossary, by key.
#[utoipa::path(get, path = "/admin/api/settings/glossary")]
async fn glossary(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsLocales>>,
) -> Result<Data<GlossaryTerms>, WireError> {
    Ok(Data { data: GlossaryTerms(tenant.access.store().read(load_glossary)?) })
}

/// Changes those that are named, as a whole; null removes.
#[utoipa::path(put, path = "/admin/api/settings/glossary")]
async fn change_glossary(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsLocales>,
    body: Json<GlossaryChanges>,
) -> Result<Data<GlossaryTerms>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "glossary": changes }), 1, admin.actor()).await?;
    Ok(Data { data: GlossaryTerms(tenant.access.store().read(load_glossary)?) })
}
