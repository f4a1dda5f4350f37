//! A checked plan: what a query asks for, with every name resolved and the caller's rights added at every level.
//! `store` compiles it to SQL; nothing in it comes from the request but bound values ([`Scalar`]).

use cairn_model::{AttributeId, ComponentId, TypeId};

/// A read of one content type.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The type read.
    pub content_type: TypeId,
    /// The version asked for. It decides for types with draft & publish; the others have one version.
    pub status: Status,
    /// The locales asked for; ignored by types that are not localised.
    pub locale: Locales,
    /// Conditions of the request and of the caller's role, joined.
    pub filter: Option<Filter>,
    /// `hasPublishedVersion`: drafts that have (not) a published version.
    pub has_published: Option<bool>,
    /// `publicationFilter`: documents by how their versions relate.
    pub publication: Option<PublicationFilter>,
    /// Empty: by id.
    pub sort: Vec<Sort>,
    /// Which page.
    pub page: Page,
    /// What to write of each entry.
    pub node: Node,
}

/// A version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// What editors work on.
    Draft,
    /// What the public sees.
    Published,
}

/// How the draft and the published version of a document relate. Those that are not of a whole document look at one locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicationFilter {
    /// There is a draft, and nothing is published.
    NeverPublished,
    /// There are both.
    HasPublishedVersion,
    /// There are both, and the draft is newer.
    Modified,
    /// There are both, and the draft is not newer.
    Unmodified,
    /// There is a draft, and nothing is published in any locale.
    NeverPublishedDocument,
    /// Something is published in some locale.
    HasPublishedVersionDocument,
    /// It is published, and there is no draft.
    PublishedWithoutDraft,
    /// It is published, and there is a draft.
    PublishedWithDraft,
}

/// `locale`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Locales {
    /// One: what `locale` says, or the default locale.
    One(String),
    /// A list.
    Many(Vec<String>),
    /// `*`, or left to a filter on `locale`.
    All,
}

/// `pagination`, with the limits applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// `page` and `pageSize`: answers page, pageSize, pageCount, total.
    Number {
        /// From 1.
        page: u64,
        /// 1 to the limit.
        page_size: u64,
        /// Whether `total` and `pageCount` are wanted.
        with_count: bool,
    },
    /// `start` and `limit`: answers start, limit, total.
    Offset {
        /// From 0.
        start: u64,
        /// 1 to the limit.
        limit: u64,
        /// Whether `total` is wanted.
        with_count: bool,
    },
}

impl Page {
    /// (offset, limit) in rows; saturates.
    pub fn window(self) -> (u64, u64) {
        match self {
            Page::Number { page, page_size, .. } => ((page - 1).saturating_mul(page_size), page_size),
            Page::Offset { start, limit, .. } => (start, limit),
        }
    }

    /// Whether a total is wanted.
    pub fn with_count(self) -> bool {
        match self {
            Page::Number { with_count, .. } | Page::Offset { with_count, .. } => with_count,
        }
    }
}

/// What to write of an entry: columns, then populated attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The entry's type.
    pub content_type: TypeId,
    /// Scalars in the order they are written; `Id` and `DocumentId` first.
    pub fields: Vec<Field>,
    /// Populated attributes, each at most once.
    pub populate: Vec<Populate>,
}

/// A scalar of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The row's number.
    Id,
    /// The document's id.
    DocumentId,
    /// `createdAt`.
    CreatedAt,
    /// `updatedAt`.
    UpdatedAt,
    /// `publishedAt`.
    PublishedAt,
    /// `locale` (localised types only).
    Locale,
    /// The version token, as `version`. No query names it: whoever may have it adds it to a plan.
    Version,
    /// A scalar attribute.
    Attribute(AttributeId),
}

/// One populated attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Populate {
    /// A relation to one type, or media.
    Related(Related),
    /// A morph relation: one shape per type that may be read; others are left out.
    Morph {
        /// Position in the owner (type or component).
        attribute: AttributeId,
        /// A list or one.
        many: bool,
        /// `count=true`: the number in place of the entries.
        count: bool,
        /// One per readable type. Their `attribute` and `many` repeat this one's.
        targets: Vec<Related>,
    },
    /// A component, single or repeatable.
    Component {
        /// Position in the owner.
        attribute: AttributeId,
        /// A list or one.
        repeatable: bool,
        /// `count=true`.
        count: bool,
        /// `filters` inside populate: which instances are shown.
        filter: Option<Filter>,
        /// `sort` inside populate (paths are empty: attributes of the component itself).
        sort: Vec<Sort>,
        /// Its shape.
        node: ComponentNode,
    },
    /// A dynamic zone: instances of components without a node are left out.
    Zone {
        /// Position in the owner.
        attribute: AttributeId,
        /// `count=true`.
        count: bool,
        /// One per component shown.
        nodes: Vec<ComponentNode>,
    },
    /// `localizations`: the other locales' versions of the document, same status.
    Localizations(Node),
    /// `related` of a file: the entries that show it. Where there are none it is left out of the answer.
    Usages {
        /// `count=true`: the number in place of the entries.
        count: bool,
        /// One per type with media that may be read.
        by: Vec<FileUsage>,
    },
    /// A relation that no entry has: `null`, or an empty list.
    Nothing {
        /// Position in the owning type.
        attribute: AttributeId,
        /// A list or one.
        many: bool,
    },
}

/// A populated relation (or media) to one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// Position in the owner (type or component).
    pub attribute: AttributeId,
    /// The related type.
    pub target: TypeId,
    /// A list or one.
    pub many: bool,
    /// `count=true`: `{"count": n}` in place of the entries.
    pub count: bool,
    /// `filters` inside populate, and the caller's condition on the target.
    pub filter: Option<Filter>,
    /// Empty: the order of the relation.
    pub sort: Vec<Sort>,
    /// What to write of each.
    pub node: Node,
}

/// The entries of one type that show a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileUsage {
    /// The media attributes that are looked at: those that the caller may see.
    pub media: Vec<AttributeId>,
    /// Which versions of the entries; each in every locale.
    pub versions: Versions,
    /// `filters` inside populate, and the caller's condition on the type.
    pub filter: Option<Filter>,
    /// Empty: that of the entries.
    pub sort: Vec<Sort>,
    /// What to write of each. Its type is theirs.
    pub node: Node,
}

/// What to write of a component instance: `id` always, then fields and populated attributes. In a zone
/// `__component` comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentNode {
    /// Which component.
    pub component: ComponentId,
    /// Scalar attributes in schema order.
    pub fields: Vec<AttributeId>,
    /// Populated attributes (never `Localizations`).
    pub populate: Vec<Populate>,
}

/// A condition on one row (an entry, a related entry or a component instance).
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All hold; empty is true.
    And(Vec<Filter>),
    /// One holds; empty is false.
    Or(Vec<Filter>),
    /// It does not hold (three-valued: unknown stays unknown). Inside a relation or component the negation
    /// applies to the related row: there is a row for which it does not hold.
    Not(Box<Filter>),
    /// A comparison of one scalar.
    Leaf {
        /// Of the row in scope. In a component only `Id` and `Attribute`.
        field: Field,
        /// How.
        op: Operator,
        /// Operands: none for `Null`/`NotNull`, two for `Between`, any number for `In`/`NotIn`, else one.
        /// Already cast to the field's column type (text forms canonical).
        values: Vec<Scalar>,
    },
    /// The numeric id of the row stands for its document: some version of it has that id (`filters[genre]=3`).
    /// Operators `Eq`, `Ne`, `In`, `NotIn` only.
    RowId {
        /// How.
        op: Operator,
        /// Ids.
        values: Vec<i64>,
    },
    /// There is a related row, or one row of nulls where there is none, for which `filter` holds.
    Related {
        /// Position in the row's type (or component).
        attribute: AttributeId,
        /// The related type.
        target: TypeId,
        /// The caller's condition on the target: rows that do not match do not count as related.
        guard: Option<Box<Filter>>,
        /// Which versions of a target with draft & publish count.
        versions: Versions,
        /// On the related row.
        filter: Box<Filter>,
    },
    /// The same for a component: its instance(s), or one row of nulls.
    Component {
        /// Position in the row's type (or component).
        attribute: AttributeId,
        /// Which component.
        component: ComponentId,
        /// On the instance.
        filter: Box<Filter>,
    },
    /// How editors stand with the document of the row, which is one of a list of entries: no part of the query language, the admin's
    /// lists add it.
    Editorial(Editorial),
}

/// How editors stand with a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Editorial {
    /// How the draft stands to what is published.
    Standing(Standing),
    /// Where it is in review.
    Stage(Stage),
    /// Somebody is to see to it: this admin user, or nobody where there is none.
    Assignee(Option<i64>),
    /// It is to be done from one moment until before another, and is not; in milliseconds.
    Due {
        /// From then on.
        from: i64,
        /// Until before that.
        before: i64,
    },
}

/// How a draft stands to what is published of its document in its locale. Of a type without drafts all is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is published.
    Draft,
    /// It was saved since it was published.
    Modified,
    /// It is what is published.
    Published,
}

/// A stage of a review, by what is stored of one: the stage that a document was moved to, and whether its draft is as it was then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Moved to one of these, whatever became of the draft.
    pub moved: Vec<String>,
    /// Moved to one of these, and the draft is as it was then.
    pub unchanged: Vec<String>,
    /// Moved to one of these, and the draft was changed since.
    pub changed: Vec<String>,
    /// Never moved, or to none of these.
    pub not_moved: Option<Vec<String>>,
}

/// Which versions of a related document a filter or sort looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Versions {
    /// The version with that status (a target without draft & publish has one version, always meant).
    Only(Status),
    /// Any version.
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
    /// Boolean.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Float.
    Float(f64),
    /// Text, and the text forms of decimals, dates and times.
    Text(String),
}

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// Relations and components to go through first; the first related value decides.
    pub path: Vec<Step>,
    /// The scalar at the end.
    pub field: Field,
    /// Descending.
    pub descending: bool,
}

/// A step of a sort path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Through a relation or media.
    Related {
        /// Position in the type (or component) in scope.
        attribute: AttributeId,
        /// The related type.
        target: TypeId,
        /// As in [`Filter::Related`].
        guard: Option<Filter>,
        /// As in [`Filter::Related`].
        versions: Versions,
    },
    /// Through a component.
    Component {
        /// Position in the type (or component) in scope.
        attribute: AttributeId,
        /// Which component.
        component: ComponentId,
    },
}
