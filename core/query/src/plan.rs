//! A validated plan: what a query requests, with every name resolved and the caller's permissions added at every level. `store` compiles it
//! to SQL; nothing in it comes from the request but bound values ([`Scalar`]).

use crate::value_slots::ValueSlot;
use cairn_model::{AttributeId, ComponentId, TypeId};

/// A read of one content type.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The type to read.
    pub content_type: TypeId,
    /// The version to read, for types with draft & publish; the others have one version.
    pub status: PublicationState,
    /// The locales to read; ignored by types that are not localised.
    pub locale: Locales,
    /// Conditions of the request and of the caller's role, combined.
    pub filter: Option<Filter>,
    /// `hasPublishedVersion`: only drafts that have (or lack) a published version.
    pub has_published: Option<bool>,
    /// `publicationFilter`: only documents whose versions relate in this way.
    pub publication: Option<PublicationFilter>,
    /// Sort keys; empty: by id.
    pub sort: Vec<Sort>,
    /// The page to read.
    pub page: Page,
    /// Fields and populated attributes to return of each entry.
    pub node: EntryNode,
}

/// A version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PublicationState {
    /// The version that editors work on.
    Draft,
    /// The version that the public sees.
    Published,
}

/// How the draft and the published version of a document relate. Variants that are not about a whole document compare one locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicationFilter {
    /// A draft exists, and nothing is published.
    NeverPublished,
    /// Both versions exist.
    HasPublishedVersion,
    /// Both exist, and the draft is newer.
    Modified,
    /// Both exist, and the draft is not newer.
    Unmodified,
    /// A draft exists, and nothing is published in any locale.
    NeverPublishedDocument,
    /// Something is published in some locale.
    HasPublishedVersionDocument,
    /// It is published, and no draft exists.
    PublishedWithoutDraft,
    /// It is published, and a draft exists.
    PublishedWithDraft,
}

/// The locales of a read, from `locale`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Locales {
    /// One locale: from `locale`, or the default one.
    One(String),
    /// A list of locales.
    Many(Vec<String>),
    /// All locales: `*`, or left to a filter on `locale`.
    All,
}

/// `pagination`, with the limits applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// `page` and `pageSize`: the response contains page, pageSize, pageCount, total.
    Number {
        /// Number of the page, from 1.
        page: u64,
        /// Entries per page, from 1 to the limit.
        page_size: u64,
        /// True if `total` and `pageCount` are requested.
        with_count: bool,
    },
    /// `start` and `limit`: the response contains start, limit, total.
    Offset {
        /// Number of entries to skip, from 0.
        start: u64,
        /// Number of entries, from 1 to the limit.
        limit: u64,
        /// True if `total` is requested.
        with_count: bool,
    },
}

impl Page {
    /// (offset, limit) in rows; saturates.
    pub fn row_window(self) -> (u64, u64) {
        match self {
            Page::Number { page, page_size, .. } => ((page - 1).saturating_mul(page_size), page_size),
            Page::Offset { start, limit, .. } => (start, limit),
        }
    }

    /// True if a total is requested.
    pub fn with_count(self) -> bool {
        match self {
            Page::Number { with_count, .. } | Page::Offset { with_count, .. } => with_count,
        }
    }
}

/// Parts of an entry to return: columns, then populated attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryNode {
    /// The entry's type.
    pub content_type: TypeId,
    /// Scalars in the order of the response; `Id` and `DocumentId` first.
    pub fields: Vec<Field>,
    /// Populated attributes, each at most once.
    pub populate: Vec<Populate>,
}

/// A scalar of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The numeric id of the row.
    Id,
    /// The document's id.
    DocumentId,
    /// The member `createdAt`.
    CreatedAt,
    /// The member `updatedAt`.
    UpdatedAt,
    /// `publishedAt`.
    PublishedAt,
    /// `locale` (localised types only).
    Locale,
    /// The version token, as `version`. No query names it: callers that may have it add it to a plan.
    Version,
    /// A scalar attribute.
    Attribute(AttributeId),
}

/// One populated attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Populate {
    /// A relation to one type, or media.
    Related(PopulatedRelation),
    /// A morph relation: one shape per type that may be read; others are left out.
    Morph {
        /// Position in the owner (type or component).
        attribute: AttributeId,
        /// True if it is a list, not one entry.
        many: bool,
        /// `count=true`: the number in place of the entries.
        count: bool,
        /// One per readable type. Their `attribute` and `many` repeat this one's.
        targets: Vec<PopulatedRelation>,
    },
    /// A component, single or repeatable.
    Component {
        /// Position in the owner.
        attribute: AttributeId,
        /// True if it is a list, not one instance.
        repeatable: bool,
        /// `count=true`: the number in place of the instances.
        count: bool,
        /// `filters` inside populate: which instances are returned.
        filter: Option<Filter>,
        /// `sort` inside populate (paths are empty: attributes of the component itself).
        sort: Vec<Sort>,
        /// Shape of the instances.
        node: ComponentNode,
    },
    /// A dynamic zone: instances of components without a node are left out.
    Zone {
        /// Position in the owner.
        attribute: AttributeId,
        /// `count=true`: the number in place of the instances.
        count: bool,
        /// One node per component to return.
        nodes: Vec<ComponentNode>,
    },
    /// `localizations`: the other locales' entries of the document, in the same version.
    Localizations(PopulatedLocalizations),
    /// `related` of a file: the entries that show it. If there are none it is left out of the response.
    Usages {
        /// `count=true`: the number in place of the entries.
        count: bool,
        /// One per type with media that may be read.
        by: Vec<FileUsage>,
    },
    /// A relation that no entry has: returned as `null`, or an empty list.
    Nothing {
        /// Position in the owning type.
        attribute: AttributeId,
        /// True if it is a list, not one.
        many: bool,
    },
}

/// A populated relation (or media) to one type.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulatedRelation {
    /// Position in the owner (type or component).
    pub attribute: AttributeId,
    /// The related type.
    pub target: TypeId,
    /// True if it is a list, not one entry.
    pub many: bool,
    /// `count=true`: `{"count": n}` in place of the entries.
    pub count: bool,
    /// `filters` inside populate, and the caller's condition on the target.
    pub filter: Option<Filter>,
    /// Sort keys; empty: the order of the relation.
    pub sort: Vec<Sort>,
    /// Fields and populated attributes to return of each entry.
    pub node: EntryNode,
}

/// The other locales' entries of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulatedLocalizations {
    /// `count=true`: `{"count": n}` in place of the entries.
    pub count: bool,
    /// `filters` inside populate, and the caller's condition on the type.
    pub filter: Option<Filter>,
    /// Sort keys; empty: the order in which the entries were created.
    pub sort: Vec<Sort>,
    /// Fields and populated attributes to return of each entry. Its type is that of the document.
    pub node: EntryNode,
}

/// The entries of one type that show a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileUsage {
    /// The media attributes to search: those that the caller may see.
    pub media: Vec<AttributeId>,
    /// Versions of the entries to search; each in every locale.
    pub versions: Versions,
    /// `filters` inside populate, and the caller's condition on the type.
    pub filter: Option<Filter>,
    /// Sort keys; empty: the order of the entries.
    pub sort: Vec<Sort>,
    /// Fields and populated attributes to return of each entry. Its type is that of the entries.
    pub node: EntryNode,
}

/// Parts of a component instance to return: `id` always, then fields and populated attributes. In a zone `__component` comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentNode {
    /// The component of the instances.
    pub component: ComponentId,
    /// Scalar attributes in schema order.
    pub fields: Vec<AttributeId>,
    /// Populated attributes (never `Localizations`).
    pub populate: Vec<Populate>,
}

/// A condition on one row (an entry, a related entry or a component instance).
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Holds if all hold; empty is true.
    And(Vec<Filter>),
    /// Holds if one holds; empty is false.
    Or(Vec<Filter>),
    /// Holds if the filter does not (three-valued: unknown stays unknown). Inside a relation or component the negation applies to the
    /// related row: there is a row for which it does not hold.
    Not(Box<Filter>),
    /// Holds exactly where the filter does not, unknown included (two-valued), and is never pushed into a relation or component.
    Complement(Box<Filter>),
    /// A comparison of one scalar.
    Leaf {
        /// Scalar of the row in scope. In a component only `Id` and `Attribute`.
        field: Field,
        /// Operator of the comparison.
        op: Operator,
        /// Operands: none for `Null`/`NotNull`, two for `Between`, any number for `In`/`NotIn`, else one.
        /// Already cast to the field's column type (text forms canonical).
        values: Vec<Scalar>,
    },
    /// Compares the document with the numeric id of a row: some version of it has that id (`filters[genre]=3`). Operators `Eq`,
    /// `Ne`, `In`, `NotIn` only.
    RowId {
        /// Operator of the comparison.
        op: Operator,
        /// Numeric ids to compare with.
        values: Vec<i64>,
    },
    /// Holds if there is a related row, or one row of nulls if there is none, for which `filter` holds.
    Related {
        /// Position in the row's type (or component).
        attribute: AttributeId,
        /// The related type.
        target: TypeId,
        /// The caller's condition on the target: rows that do not match do not count as related.
        guard: Option<Box<Filter>>,
        /// Versions of a target with draft & publish that count.
        versions: Versions,
        /// Condition on the related row.
        filter: Box<Filter>,
    },
    /// The same for the other locales' entries of the row's document, in the version of the row.
    Localizations {
        /// The type of the row.
        content_type: TypeId,
        /// The caller's condition on the type: entries that do not match do not count.
        guard: Option<Box<Filter>>,
        /// Condition on the other entry.
        filter: Box<Filter>,
    },
    /// The same for a component: its instances, or one row of nulls.
    Component {
        /// Position in the row's type (or component).
        attribute: AttributeId,
        /// The component of the instances.
        component: ComponentId,
        /// Condition on the instance.
        filter: Box<Filter>,
    },
    /// The editorial state of the document of the row, which is an entry of a list: not part of the query language,
    /// the admin's lists add it.
    Editorial(EditorialFilter),
}

/// A condition on the editorial state of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum EditorialFilter {
    /// How the draft relates to what is published.
    Status(DocumentStatus),
    /// The stage of its review.
    Stage(StageFilter),
    /// The assignee of its review: this admin user, or nobody if `None`.
    Assignee(Option<i64>),
    /// The due date of its review, which is not done: from one moment until before another, in milliseconds.
    Due {
        /// Beginning of the range, inclusive.
        from: i64,
        /// End of the range, exclusive.
        before: i64,
    },
}

/// How a draft relates to the published version of its document in its locale. For a type without drafts everything is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStatus {
    /// Nothing is published.
    Draft,
    /// It was saved after it was published.
    Modified,
    /// It is equal to the published version.
    Published,
}

/// A condition on the stage of a review, by its stored values: the stage that a document was moved to, and whether its
/// draft is unchanged since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageFilter {
    /// Moved to one of these, whether the draft has changed or not.
    pub moved: Vec<String>,
    /// Moved to one of these, and the draft is unchanged since.
    pub unchanged: Vec<String>,
    /// Moved to one of these, and the draft has changed since.
    pub changed: Vec<String>,
    /// Never moved, or to none of these.
    pub not_moved: Option<Vec<String>>,
}

/// Versions of a related document that a filter or sort uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Versions {
    /// The version with that status (a target without draft & publish has one version, which is always used).
    Only(PublicationState),
    /// Any version of the document.
    Any,
}

/// An operator of the query language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the Strapi operator of that name; CONTRACT section 4 says what it means")]
pub enum Operator {
    Eq,
    Ne,
    Eqi,
    Nei,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    NotIn,
    Contains,
    NotContains,
    Containsi,
    NotContainsi,
    StartsWith,
    EndsWith,
    StartsWithi,
    EndsWithi,
    Null,
    NotNull,
    Between,
}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Null: compares as unknown.
    Null,
    /// A boolean value.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text, and the text forms of decimals, dates and times.
    Text(String),
    /// A value, or all values of a list, that was taken out of the plan: see [`Plan::take_values`].
    Slot(ValueSlot),
}

/// One key of a sort order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// Relations and components to go through first; the first related value decides.
    pub path: Vec<PathStep>,
    /// The scalar at the end.
    pub field: Field,
    /// True if the order is descending.
    pub descending: bool,
}

/// A step of a sort path.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// Goes through a relation or media.
    Related {
        /// Position in the type (or component) in scope.
        attribute: AttributeId,
        /// The related type.
        target: TypeId,
        /// Condition as in [`Filter::Related`].
        guard: Option<Filter>,
        /// Versions as in [`Filter::Related`].
        versions: Versions,
    },
    /// Goes to the other locales' entries of the document, in the version of the row.
    Localizations {
        /// The type of the row in scope.
        content_type: TypeId,
        /// Condition as in [`Filter::Localizations`].
        guard: Option<Filter>,
    },
    /// Goes through a component.
    Component {
        /// Position in the type (or component) in scope.
        attribute: AttributeId,
        /// The component of the instances.
        component: ComponentId,
    },
}
