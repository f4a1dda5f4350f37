//! The model as the admin shows it: content types and components with their attributes as the schema files have them, and what who
//! asks may do with each.

mod layout;
mod missing_checks;

use cairn_access::action_types::ContentTypesChange;
use cairn_app::model_files::FileChange;
use cairn_app::tenants::{ModelError, ModelHandle, ModelProposal};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, RecentSignIn, Require};
use cairn_http::extract::tenant::{CurrentTenant, ExclusiveTenant, Handle};
use cairn_http::openapi::response_types::Data;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::type_texts::{AttributeLabels, TypeTexts};
use cairn_model::ErrorKind;
use cairn_model::change::{Answers, ChangeClass, ChangePlan, ChangeStep, Snapshot, StepTiming};
use cairn_model::load::SchemaProblem;
use cairn_model::{AttributeId, Attributes, Component, ContentType, ContentTypeKind, Registry};
use cairn_plugin_host::MissingCause;
use cairn_query::{Access, Action};
use cairn_store::ChangeCounters;
use layout::{FieldLayout, TypeLayout, to_field_layouts, to_layout};
use missing_checks::add_missing_checks;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list)).routes(routes!(plan)).routes(routes!(apply))
}

/// The model, as far as the caller has to do with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Model {
    content_types: Vec<ModelType>,
    /// The type of site users, which entries refer to; missing where the caller may not see any of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    site_users: Option<ModelType>,
    /// The type of the roles of site users, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    site_roles: Option<ModelType>,
    components: Vec<ModelComponent>,
    /// Of the whole model; another one means that something changed.
    hash: String,
    /// The content types cannot be changed here: the files come with a deployment, or belong to another tenant.
    locked: bool,
}

/// One content type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ModelType {
    uid: String,
    kind: TypeKind,
    info: TypeInfo,
    draft_and_publish: bool,
    localized: bool,
    /// The attribute that its documents are known by.
    title_field: Option<String>,
    /// The attribute that documents without a value in `titleField` are known by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    title_fallback: Option<String>,
    /// How its lists and forms look, where the schema file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    layout: Option<TypeLayout>,
    /// Its name in the content API: `/api/<route>`.
    route: String,
    /// A front end shows its drafts.
    previewable: bool,
    /// Files that its entries use are private.
    private_files: bool,
    /// As in the schema file, in its order, without the texts for editors in all languages.
    attributes: Map<String, Value>,
    /// Texts for attributes in the reader's language, by attribute: those of the schema file, and of the plugin which the type belongs to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    labels: BTreeMap<String, AttributeLabels>,
    /// Attributes of the schema file that no entry has: the system's own attributes, relations that lead nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ignored: Option<Map<String, Value>>,
    can: TypeRights,
    /// Plugins that do not run, and without which changes that they check are refused.
    missing_checks: Vec<TypeCheck>,
}

/// A plugin that does not run and checks changes to entries of a type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TypeCheck {
    /// Id of the plugin.
    plugin: String,
    /// Its name, in the reader's language.
    name: String,
    cause: MissingCauseView,
}

/// Why a plugin does not run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MissingCause)]
enum MissingCauseView {
    /// Somebody disabled it.
    Disabled,
    /// It was disabled because it kept failing.
    Quarantined,
    /// It cannot be loaded.
    Broken,
    /// It was never enabled.
    NotEnabled,
}

impl From<MissingCause> for MissingCauseView {
    fn from(cause: MissingCause) -> Self {
        match cause {
            MissingCause::Disabled => Self::Disabled,
            MissingCause::Quarantined => Self::Quarantined,
            MissingCause::Broken => Self::Broken,
            MissingCause::NotEnabled => Self::NotEnabled,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TypeInfo {
    singular_name: String,
    plural_name: String,
    /// In the reader's language where the schema file has it, or the plugin to which the type belongs.
    display_name: String,
    /// Name of several documents, where the plugin has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    display_name_plural: Option<String>,
    /// As `displayName`.
    description: String,
    /// The name of its icon, where the schema file has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    icon: Option<String>,
}

/// How many entries a type has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum TypeKind {
    /// A collection type, with any number of documents.
    CollectionType,
    /// A single type, with at most one document.
    SingleType,
}

/// Actions that the caller may perform on entries of a type, perhaps only on some of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TypeRights {
    find: bool,
    create: bool,
    update: bool,
    delete: bool,
    publish: bool,
    fields: FieldRights,
}

/// Attributes by name; `null` for all.
#[derive(Debug, Serialize, ToSchema)]
struct FieldRights {
    read: Option<Vec<String>>,
    write: Option<Vec<String>>,
}

/// One component.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ModelComponent {
    uid: String,
    category: String,
    display_name: String,
    icon: Option<String>,
    /// As of a content type.
    attributes: Map<String, Value>,
    /// As of a content type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    labels: BTreeMap<String, AttributeLabels>,
    /// Widths of fields, by attribute.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    fields: BTreeMap<String, FieldLayout>,
    /// As of a content type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ignored: Option<Map<String, Value>>,
}

/// The content types that the caller has to do with, and all components.
#[utoipa::path(get, path = "/admin/api/content-types")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    models: Option<Handle<ModelHandle>>,
) -> Result<Data<Model>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let (registry, access) = (asking.registry(), asking.access());
    let types: Vec<&ContentType> =
        registry.types().iter().filter(|ct| ct.is_api() && can_read_type(access, ct)).collect();
    let language = admin.language(&tenant);
    let texts = TypeTexts::load(&tenant, &language, types.clone()).await?;
    let mut content_types: Vec<ModelType> = types.iter().map(|ct| to_model_type(&asking, &texts, ct)).collect();
    add_missing_checks(&tenant, &language, registry, &mut content_types).await?;
    let model = Model {
        content_types,
        site_users: to_listed_type(&asking, &texts, registry.user_type()),
        site_roles: to_listed_type(&asking, &texts, registry.role_type()),
        components: registry.components().iter().map(|component| to_model_component(&texts, component)).collect(),
        hash: Snapshot::from_registry(registry).hash(),
        locked: models.is_none_or(|Handle(models)| models.is_locked()),
    };
    Ok(Data { data: model })
}

/// Content types and components as they shall be, with what was answered about it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct ModelChange {
    /// By uid, each as a schema file has it; `null`: it goes. What is not named stays.
    #[schema(value_type = BTreeMap<String, Option<Object>>)]
    content_types: BTreeMap<String, Option<Map<String, Value>>>,
    /// By uid, each as a schema file has it; `null`: it goes. What is not named stays.
    #[schema(value_type = BTreeMap<String, Option<Object>>)]
    components: BTreeMap<String, Option<Map<String, Value>>>,
    /// Decisions that were made: `renames`, `moves`, `decisions`, `consent`, `before`.
    #[schema(value_type = Object)]
    answers: Answers,
    /// Of a plan: it is made and undone again, to see whether the content allows it. Writes wait meanwhile.
    r#try: bool,
}

impl ModelChange {
    fn to_proposal(&self) -> ModelProposal {
        ModelProposal { content_types: self.content_types.clone(), components: self.components.clone() }
    }
}

/// Plan of a change of the model: its steps, and what stands against them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ModelPlan {
    /// Names the plan; consent to what it drops names it.
    hash: String,
    /// Of the model that it starts from.
    before: String,
    /// In the order they are done.
    steps: Vec<ModelStep>,
    /// Possible renames that are not said to be any.
    questions: Vec<ModelQuestion>,
    /// Problems for which it cannot be done.
    problems: Vec<ModelProblem>,
    /// Findings that were accepted though they may not be meant so.
    warnings: Vec<ModelProblem>,
    /// Why the content does not allow it; `null` where it does, or where it was not tried.
    refused: Option<String>,
    needs_consent: bool,
    /// Problems or consent for which it cannot be applied yet; `null`: it can be.
    not_ready: Option<String>,
    /// The schema files that change.
    files: Vec<ModelFile>,
    /// Tenants for which it means something else.
    tenants: Vec<ModelTenant>,
}

/// A step of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ModelStep {
    id: String,
    /// How the step affects content that exists.
    class: StepClass,
    /// As a person reads it.
    sentence: String,
    /// Uid of the type or component that it is about.
    owner: String,
    /// Rows that it may touch: versions of entries, in all locales.
    rows: i64,
    needs_consent: bool,
    /// Change that the step makes, for programs.
    #[schema(value_type = ModelStepChange)]
    change: Value,
}

/// Change that a step makes: its kind, and by kind the names of what it is about, as in the schema files.
struct ModelStepChange;

impl PartialSchema for ModelStepChange {
    fn schema() -> RefOr<Schema> {
        let kinds = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(CHANGE_KINDS));
        ObjectBuilder::new()
            .property("change", kinds)
            .required("change")
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some(
                "Change that a step makes: its kind, and by kind the names of what it is about, as in the schema files.",
            ))
            .into()
    }
}

impl ToSchema for ModelStepChange {}

/// The kinds of `cairn_model::change::Change`.
const CHANGE_KINDS: [&str; 23] = [
    "addType",
    "addComponent",
    "addAttribute",
    "renameType",
    "renameTable",
    "renameComponent",
    "renameAttribute",
    "dropAttribute",
    "dropZoneComponent",
    "dropType",
    "dropComponent",
    "moveIn",
    "moveOut",
    "convert",
    "required",
    "unique",
    "localized",
    "index",
    "indexes",
    "uniqueKeys",
    "collation",
    "draftPublish",
    "typeLocalized",
];

/// Effect of a step on the content that is there, for whoever applies it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum StepClass {
    /// Nothing that is there is touched.
    Add,
    /// The same content under another name.
    Rename,
    /// The same content in another place.
    Move,
    /// A rule that the content must keep.
    Check,
    /// Content in another form.
    Convert,
    /// Content goes to the trash.
    Drop,
}

impl From<ChangeClass> for StepClass {
    fn from(class: ChangeClass) -> Self {
        match class {
            ChangeClass::Add => Self::Add,
            ChangeClass::Rename => Self::Rename,
            ChangeClass::Move => Self::Move,
            ChangeClass::Check => Self::Check,
            ChangeClass::Convert => Self::Convert,
            ChangeClass::Drop => Self::Drop,
        }
    }
}

/// Question whether something that is gone is something that is new.
#[derive(Debug, Serialize, ToSchema)]
struct ModelQuestion {
    /// Old name that is gone: the key for `answers.renames`.
    old: String,
    /// Possible new names, the likeliest first.
    candidates: Vec<String>,
    /// As a person is asked.
    sentence: String,
}

/// Something wrong with a change, and the way out.
#[derive(Debug, Serialize, ToSchema)]
struct ModelProblem {
    /// A uid, a uid and an attribute, or a file and a place in it.
    place: String,
    message: String,
}

/// A schema file as it is and as it shall be.
#[derive(Debug, Serialize, ToSchema)]
struct ModelFile {
    /// Relative to the project.
    path: String,
    /// `null`: there is none.
    before: Option<String>,
    /// `null`: it goes.
    after: Option<String>,
}

impl From<FileChange> for ModelFile {
    fn from(file: FileChange) -> Self {
        Self { path: file.path, before: file.before, after: file.after }
    }
}

/// Plan of a change of the model for one tenant.
#[derive(Debug, Serialize, ToSchema)]
struct ModelTenant {
    name: String,
    /// The steps of the plan, as sentences.
    steps: Vec<String>,
    problems: Vec<ModelProblem>,
    refused: Option<String>,
}

/// A change that was made.
#[derive(Debug, Serialize, ToSchema)]
struct ModelChanged {
    /// Of the model now.
    hash: String,
    /// The steps that were applied, as sentences.
    steps: Vec<String>,
    notes: Vec<String>,
    /// Entries of the trash, where what was dropped is kept for thirty days.
    trashed: Vec<i64>,
    files: Vec<ModelFile>,
}

/// Rows that steps may touch.
struct RowCounts<'a> {
    registry: &'a Registry,
    counters: &'a ChangeCounters,
    now: Snapshot,
}

impl RowCounts<'_> {
    fn count_of(&self, owner: &str) -> i64 {
        let of_type = |uid: &str| self.registry.by_uid(uid).map_or(0, |ct| self.counters.row_count(ct.id).max(0));
        match self.registry.component_by_uid(owner) {
            Some(_) => self.now.used_in(owner).iter().map(|uid| of_type(uid)).sum(),
            None => of_type(owner),
        }
    }

    fn to_model_step(&self, step: &ChangeStep) -> ModelStep {
        ModelStep {
            id: step.id.clone(),
            class: step.class.into(),
            sentence: step.sentence.clone(),
            owner: step.change.owner().to_owned(),
            rows: if step.class == ChangeClass::Add { 0 } else { self.count_of(step.change.owner()) },
            needs_consent: step.timing() == StepTiming::Consent,
            change: serde_json::to_value(&step.change).unwrap_or_default(),
        }
    }
}

fn to_model_problems(list: &[cairn_model::change::ChangeProblem]) -> Vec<ModelProblem> {
    list.iter().map(|p| ModelProblem { place: p.place.clone(), message: p.message.clone() }).collect()
}

fn plan_sentences(plan: &ChangePlan) -> Vec<String> {
    plan.steps.iter().map(|step| step.sentence.clone()).collect()
}

/// Plans a change of the model: its effects on files and content. Nothing is changed.
#[utoipa::path(post, path = "/admin/api/content-types/plan")]
async fn plan(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ContentTypesChange>,
    models: Option<Handle<ModelHandle>>,
    body: Json<ModelChange>,
) -> Result<Data<ModelPlan>, WireError> {
    let change = body.read(&tenant).await?;
    let Handle(models) = models.ok_or_else(locked_error)?;
    let planned = models.plan(change.to_proposal(), change.answers.clone(), change.r#try).await.map_err(model_error)?;
    let registry = tenant.content.registry();
    let rows =
        RowCounts { registry, counters: tenant.content.store().counters(), now: Snapshot::from_registry(registry) };
    let plan = &planned.found.plan;
    let of_files = planned.warnings.iter().map(|p| ModelProblem { place: problem_path(p), message: p.message.clone() });
    let tenants = planned.others.iter().map(|(name, schema_plan)| ModelTenant {
        name: name.clone(),
        steps: plan_sentences(&schema_plan.plan),
        problems: to_model_problems(&schema_plan.plan.problems),
        refused: schema_plan.refused.clone(),
    });
    Ok(Data {
        data: ModelPlan {
            hash: plan.hash(),
            before: plan.before.clone(),
            steps: plan.steps.iter().map(|step| rows.to_model_step(step)).collect(),
            questions: plan
                .questions
                .iter()
                .map(|q| ModelQuestion {
                    old: q.old.clone(),
                    candidates: q.candidates.clone(),
                    sentence: q.sentence.clone(),
                })
                .collect(),
            problems: to_model_problems(&plan.problems),
            warnings: to_model_problems(&plan.warnings).into_iter().chain(of_files).collect(),
            refused: planned.found.refused.clone(),
            needs_consent: plan.latest_timing() == StepTiming::Consent,
            not_ready: plan.check_ready(&change.answers).err().map(|e| e.to_string()),
            tenants: tenants.collect(),
            files: planned.files.into_iter().map(ModelFile::from).collect(),
        },
    })
}

/// Makes a change, in the content and in the files, while the server goes on.
///
/// What drops content needs `answers.consent`: the hash of the plan.
#[utoipa::path(post, path = "/admin/api/content-types/apply")]
async fn apply(
    ExclusiveTenant(tenant): ExclusiveTenant,
    admin: Require<RecentSignIn<ContentTypesChange>>,
    models: Option<Handle<ModelHandle>>,
    body: Json<ModelChange>,
) -> Result<Data<ModelChanged>, WireError> {
    let change = body.read(&tenant).await?;
    let Handle(models) = models.ok_or_else(locked_error)?;
    let actor = admin.actor().clone();
    let changed = models.apply(change.to_proposal(), change.answers, actor).await.map_err(model_error)?;
    Ok(Data {
        data: ModelChanged {
            hash: changed.plan.after.clone(),
            steps: plan_sentences(&changed.plan),
            notes: changed.notes,
            trashed: changed.trashed,
            files: changed.files.into_iter().map(ModelFile::from).collect(),
        },
    })
}

/// File and place in it.
fn problem_path(problem: &SchemaProblem) -> String {
    if problem.path.is_empty() { problem.file.clone() } else { format!("{}: {}", problem.file, problem.path) }
}

fn problem_json(problem: &SchemaProblem) -> Value {
    json!({ "file": problem.file, "path": problem.path, "message": problem.message })
}

fn locked_error() -> WireError {
    let message = "The content types cannot be changed here: they are part of the project's files";
    WireError::forbidden_because(message)
}

fn model_error(e: ModelError) -> WireError {
    match e {
        ModelError::Locked => locked_error(),
        ModelError::Problems(list) => {
            let message = format!("The content types have {} problem(s)", list.len());
            WireError::validation(message)
                .with_details(json!({ "problems": list.iter().map(problem_json).collect::<Vec<_>>() }))
        }
        ModelError::Refused(message) => WireError::new(ErrorKind::Conflict, message),
        ModelError::Busy => WireError::new(
            ErrorKind::Unavailable,
            "Other requests are still running, such as a large upload; nothing was changed. Try again in a moment",
        ),
        ModelError::Failed(cause) => WireError::internal(cause),
    }
}

fn can_read_type(access: &Access, ct: &ContentType) -> bool {
    access.allows_action(ct.id, Action::Find) || access.allows_action(ct.id, Action::FindOne)
}

fn to_model_type(asking: &ContentCaller, texts: &TypeTexts, ct: &ContentType) -> ModelType {
    let access = asking.access();
    let allowed_names = |action: Action| -> Option<Vec<String>> {
        let may = |id| access.allows_attribute(ct, id, action);
        let all = ct.attributes.iter().all(|(id, a)| may(id) || access.hides_attribute(a));
        (!all).then(|| ct.attributes.iter().filter(|(id, _)| may(*id)).map(|(_, a)| a.name.clone()).collect())
    };
    let may_see =
        |id| [Action::Find, Action::FindOne, Action::Update].into_iter().any(|a| access.allows_attribute(ct, id, a));
    let name_of = |id: AttributeId| ct.attributes[id].name.clone();
    let title = ct.title_attribute();
    let (attributes, ignored) = split_attributes(&ct.source.schema, &ct.attributes);
    ModelType {
        uid: ct.uid.clone(),
        kind: match ct.kind {
            ContentTypeKind::Collection => TypeKind::CollectionType,
            ContentTypeKind::Single => TypeKind::SingleType,
        },
        info: TypeInfo {
            singular_name: ct.singular.clone(),
            plural_name: ct.plural.clone(),
            display_name: texts.display_name(ct),
            display_name_plural: texts.display_name_plural(ct),
            description: texts.description(ct),
            icon: ct.presentation.icon.clone(),
        },
        draft_and_publish: ct.draft_publish,
        localized: ct.localized,
        title_field: title.map(name_of),
        title_fallback: ct.title_attributes().find(|id| title != Some(*id) && may_see(*id)).map(name_of),
        layout: Some(to_layout(texts, ct, &may_see)).filter(|layout| *layout != TypeLayout::default()),
        route: ct.api_path(),
        previewable: ct.preview_url.is_some(),
        private_files: ct.private_files,
        attributes,
        labels: texts.attribute_labels(ct, may_see),
        ignored,
        can: TypeRights {
            find: can_read_type(access, ct),
            create: access.allows_action(ct.id, Action::Create),
            update: access.allows_action(ct.id, Action::Update),
            delete: access.allows_action(ct.id, Action::Delete),
            publish: asking.can_publish(ct),
            fields: FieldRights {
                read: allowed_names(if access.allows_action(ct.id, Action::FindOne) {
                    Action::FindOne
                } else {
                    Action::Find
                }),
                write: allowed_names(Action::Update),
            },
        },
        missing_checks: Vec::new(),
    }
}

/// A type that is none of the project's, site users or their roles, without its private attributes; `None` where the caller may see none of its
/// documents.
fn to_listed_type(asking: &ContentCaller, texts: &TypeTexts, ct: &ContentType) -> Option<ModelType> {
    if !can_read_type(asking.access(), ct) {
        return None;
    }
    let mut listed = to_model_type(asking, texts, ct);
    listed.attributes.retain(|name, _| ct.attributes.get(name).is_some_and(|(_, attribute)| !attribute.private));
    Some(listed)
}

fn to_model_component(texts: &TypeTexts, component: &Component) -> ModelComponent {
    let schema = &component.source.schema;
    let (attributes, ignored) = split_attributes(schema, &component.attributes);
    ModelComponent {
        uid: component.uid.clone(),
        category: component.uid.split('.').next().unwrap_or_default().to_owned(),
        display_name: texts.component_name(component),
        icon: schema.get("info").and_then(|info| info["icon"].as_str()).map(str::to_owned),
        attributes,
        labels: texts.component_labels(component),
        fields: to_field_layouts(&component.attributes, |_| true),
        ignored,
    }
}

/// Those that entries have, and the others. The texts for editors are not in them: who may read an attribute has them in their language.
fn split_attributes(
    schema: &Map<String, Value>,
    attributes: &Attributes,
) -> (Map<String, Value>, Option<Map<String, Value>>) {
    let all = schema.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let all = all.into_iter().map(|(name, attribute)| (name, without_presentation(attribute)));
    let has = |name: &str| attributes.get(name).is_some_and(|(_, attribute)| !attribute.is_unlinked());
    let (included, ignored): (Map<_, _>, Map<_, _>) = all.partition(|(name, _)| has(name));
    (included, (!ignored.is_empty()).then_some(ignored))
}

fn without_presentation(mut attribute: Value) -> Value {
    if let Some(Value::Object(plugins)) = attribute.get_mut("pluginOptions") {
        plugins.shift_remove("cairn");
    }
    attribute
}
