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

export type ContentType = Omit<Schemas['ModelType'], 'attributes'> & { attributes: Attributes };

export type Component = Omit<Schemas['ModelComponent'], 'attributes'> & { attributes: Attributes };

export type Model = Omit<Schemas['Model'], 'contentTypes' | 'components'> & {
  contentTypes: ContentType[];
  components: Component[];
};

/** The component of that id. */
export function componentOf(model: Model, uid: string | undefined): Component | undefined {
  return model.components.find((component) => component.uid === uid);
}

/** The content type of that id; nothing while the model is not there yet. */
export function contentTypeOf(model: Model | undefined, uid: string | undefined): ContentType | undefined {
  return model?.contentTypes.find((type) => type.uid === uid);
}
