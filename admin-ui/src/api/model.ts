/**
 * The content model as the admin API tells it (`GET /admin/api/content-types`): Strapi's `schema.json`, with what the
 * signed-in person may do. To be replaced by the generated types once the document describes that route.
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
  pluginOptions?: { i18n?: { localized?: boolean } };
  /** `visible`: a rule in JsonLogic over the attributes beside this one. */
  conditions?: { visible?: Record<string, unknown> };
}

export type Attributes = Record<string, Attribute>;

/** What the signed-in person may do with the entries of a type. */
export interface TypeRights {
  find: boolean;
  create: boolean;
  update: boolean;
  delete: boolean;
  publish: boolean;
  /** Names of the attributes they may read and write; `null`: all. */
  fields: { read: string[] | null; write: string[] | null };
}

export interface ContentType {
  uid: string;
  kind: 'collectionType' | 'singleType';
  info: { singularName: string; pluralName: string; displayName: string; description?: string };
  draftAndPublish: boolean;
  localized: boolean;
  /** The attribute that its documents are known by. */
  titleField: string | null;
  /** Its name in the content API. */
  route: string;
  /** Whether a front end shows its drafts. */
  previewable: boolean;
  attributes: Attributes;
  can: TypeRights;
}

export interface Component {
  uid: string;
  category: string;
  displayName: string;
  icon: string | null;
  attributes: Attributes;
}

export interface Model {
  contentTypes: ContentType[];
  components: Component[];
  hash: string;
  /** The content types cannot be changed here: they come with the project's files. */
  locked?: boolean;
}

/** The component of that id. */
export function componentOf(model: Model, uid: string | undefined): Component | undefined {
  return model.components.find((component) => component.uid === uid);
}

/** The content type of that id. */
export function contentTypeOf(model: Model, uid: string | undefined): ContentType | undefined {
  return model.contentTypes.find((type) => type.uid === uid);
}
