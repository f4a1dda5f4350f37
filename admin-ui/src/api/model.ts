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
  /** What a plugin calls its attribute, in the reader's language; of other attributes nothing is said. */
  label?: string;
  /** Likewise a sentence of help. */
  hint?: string;
  /** Likewise names for values of `enum`. */
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
  pluginOptions?: { i18n?: { localized?: boolean } };
  /** `visible`: a rule in JsonLogic over the attributes beside this one. */
  conditions?: { visible?: Record<string, unknown> };
}

export type Attributes = Record<string, Attribute>;

/** What a plugin calls one of its attributes. */
type AttributeLabels = Pick<Attribute, 'label' | 'hint' | 'valueLabels'>;

export type ContentType = Omit<Schemas['ModelType'], 'attributes' | 'info' | 'labels'> & {
  attributes: Attributes;
  info: Schemas['TypeInfo'] & {
    /** What a plugin calls several of its documents, in the reader's language. */
    displayNamePlural?: string;
  };
  /** By attribute, in the reader's language. `modelQuery` has put them into the attributes. */
  labels?: Record<string, AttributeLabels>;
};

export type Component = Omit<Schemas['ModelComponent'], 'attributes'> & { attributes: Attributes };

export type Model = Omit<Schemas['Model'], 'contentTypes' | 'components'> & {
  contentTypes: ContentType[];
  components: Component[];
};

/** What several documents of a type are called: the heading of a list of them. */
export function pluralNameOf({ info }: Pick<ContentType, 'info'>): string {
  return info.displayNamePlural ?? info.displayName;
}

/** A model whose attributes have the labels that the answer keeps beside them. */
export function labelAttributes(model: Model): Model {
  const contentTypes = model.contentTypes.map((type): ContentType => {
    const { labels } = type;
    if (!labels) return type;
    const attributes = Object.entries(type.attributes).map(
      ([name, attribute]) => [name, { ...attribute, ...labels[name] }] as const,
    );
    return { ...type, attributes: Object.fromEntries(attributes) };
  });
  return { ...model, contentTypes };
}

/** The component of that id. */
export function componentOf(model: Model, uid: string | undefined): Component | undefined {
  return model.components.find((component) => component.uid === uid);
}

/** The content type of that id; nothing while the model is not there yet. */
export function contentTypeOf(model: Model | undefined, uid: string | undefined): ContentType | undefined {
  return model?.contentTypes.find((type) => type.uid === uid);
}
