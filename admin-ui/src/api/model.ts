import type { Schemas } from './schemas';

/**
 * The content model as the admin API tells it (`GET /admin/api/content-types`): Strapi's `schema.json`, with what the
 * signed-in person may do. The document leaves open what an attribute is (each kind has its own keys): that is said here.
 */

/** `type` of an attribute in `schema.json`. */
export type AttributeType =
  | 'string'
  | 'text'
  | 'richtext'
  | 'blocks'
  | 'email'
  | 'password'
  | 'integer'
  | 'biginteger'
  | 'float'
  | 'decimal'
  | 'date'
  | 'time'
  | 'datetime'
  | 'timestamp'
  | 'boolean'
  | 'enumeration'
  | 'json'
  | 'uid'
  | 'media'
  | 'relation'
  | 'component'
  | 'dynamiczone'
  | 'customField';

export type RelationType =
  | 'oneToOne'
  | 'oneToMany'
  | 'manyToOne'
  | 'manyToMany'
  | 'morphToOne'
  | 'morphToMany'
  | 'morphOne'
  | 'morphMany';

export type MediaType = 'images' | 'files' | 'videos' | 'audios';

export type FieldWidth = Schemas['LayoutWidth'];

export type FormColumn = Schemas['LayoutColumn'];

/** A text for editors in a schema file: one for all languages of the admin, or one for each. */
export type AdminText = string | { en?: string; nl?: string };

/** How a schema file presents an attribute to editors. The model has it in the reader's language alone, on the attribute itself. */
interface AttributePresentation {
  label?: AdminText;
  help?: AdminText;
  placeholder?: AdminText;
  width?: FieldWidth;
  column?: FormColumn;
}

/** An attribute of a content type or component; which keys are there depends on `type`. */
export interface Attribute {
  type: AttributeType;
  required?: boolean;
  unique?: boolean;
  private?: boolean;
  default?: unknown;
  index?: boolean;
  description?: string;
  minLength?: number;
  maxLength?: number;
  regex?: string;
  /** Of numbers the smallest value, of repeatable components and dynamic zones the fewest items. */
  min?: number | string;
  max?: number | string;
  enum?: string[];
  /** What the schema file or a plugin calls the attribute, in the reader's language. */
  label?: string;
  /** Likewise a sentence of help. */
  hint?: string;
  /** Likewise what its empty field shows. */
  placeholder?: string;
  /** How wide its field is, where the schema file says it. */
  width?: FieldWidth;
  /** Likewise in which column of the form. */
  column?: FormColumn;
  /** What a plugin calls values of `enum`. */
  valueLabels?: Record<string, string>;
  targetField?: string;
  multiple?: boolean;
  allowedTypes?: MediaType[];
  relation?: RelationType;
  target?: string;
  mappedBy?: string;
  inversedBy?: string;
  component?: string;
  repeatable?: boolean;
  components?: string[];
  customField?: string;
  options?: Record<string, unknown>;
  pluginOptions?: { i18n?: { localized?: boolean }; cairn?: AttributePresentation };
  /** `visible`: a rule in JsonLogic over the attributes beside this one. */
  conditions?: { visible?: Record<string, unknown> };
}

export type Attributes = Record<string, Attribute>;

/** What one of its attributes is called. */
type AttributeLabels = Pick<Attribute, 'label' | 'hint' | 'placeholder' | 'valueLabels'>;

export type ContentType = Omit<Schemas['ModelType'], 'attributes' | 'info' | 'labels'> & {
  attributes: Attributes;
  info: Schemas['TypeInfo'] & {
    /** What a plugin calls several of its documents, in the reader's language. */
    displayNamePlural?: string;
  };
  /** By attribute, in the reader's language. `modelQuery` has put them into the attributes. */
  labels?: Record<string, AttributeLabels>;
};

export type Component = Omit<Schemas['ModelComponent'], 'attributes' | 'labels'> & {
  attributes: Attributes;
  labels?: Record<string, AttributeLabels>;
};

export type Model = Omit<Schemas['Model'], 'contentTypes' | 'components' | 'siteUsers' | 'siteRoles'> & {
  contentTypes: ContentType[];
  /** The type of site users, which relations lead to and which is no content type; absent where the reader may see none of them. */
  siteUsers?: ContentType;
  /** The type of the roles of site users, likewise. */
  siteRoles?: ContentType;
  components: Component[];
};

/** What several documents of a type are called: the heading of a list of them. */
export function pluralNameOf({ info }: Pick<ContentType, 'info'>): string {
  return info.displayNamePlural ?? info.displayName;
}

/** A model whose attributes have the labels and places that the answer keeps beside them. */
export function labelAttributes(model: Model): Model {
  const contentTypes = model.contentTypes.map((type) => labelled(type, type.layout?.fields));
  const components = model.components.map((each) => labelled(each, each.fields));
  const { siteUsers, siteRoles } = model;
  return {
    ...model,
    contentTypes,
    components,
    ...(siteUsers && { siteUsers: labelled(siteUsers, undefined) }),
    ...(siteRoles && { siteRoles: labelled(siteRoles, undefined) }),
  };
}

function labelled<Owner extends { attributes: Attributes; labels?: Record<string, AttributeLabels> }>(
  owner: Owner,
  places: Record<string, Schemas['FieldLayout']> | undefined,
): Owner {
  const { labels } = owner;
  if (!labels && !places) return owner;
  const attributes = Object.entries(owner.attributes).map(
    ([name, attribute]) => [name, { ...attribute, ...labels?.[name], ...places?.[name] }] as const,
  );
  return { ...owner, attributes: Object.fromEntries(attributes) };
}

/** The component of that id. */
export function componentOf(model: Model, uid: string | undefined): Component | undefined {
  return model.components.find((component) => component.uid === uid);
}

/** Uid of the type of site users. */
export const SITE_USER_UID = 'plugin::users-permissions.user';

/** Uid of the type of their roles. */
export const SITE_ROLE_UID = 'plugin::users-permissions.role';

/** The type that relations to that id lead to: a content type, or that of site users or their roles; nothing where the reader may see none of its documents. */
export function targetTypeOf(model: Model, uid: string | undefined): ContentType | undefined {
  if (uid === SITE_USER_UID) return model.siteUsers;
  return uid === SITE_ROLE_UID ? model.siteRoles : contentTypeOf(model, uid);
}

/** The content type of that id; nothing while the model is not there yet. */
export function contentTypeOf(model: Model | undefined, uid: string | undefined): ContentType | undefined {
  return model?.contentTypes.find((type) => type.uid === uid);
}
