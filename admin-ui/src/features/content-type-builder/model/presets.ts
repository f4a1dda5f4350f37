import type { Definitions, Schema, SchemaAttribute } from '@/api/schemaChanges';

/** Attributes that are often wanted together, and the components they need. */
export interface Preset {
  id: 'titleAndSlug' | 'seo' | 'address' | 'period' | 'contact';
  attributes: Record<string, SchemaAttribute>;
  components?: Record<string, Schema>;
}

const SEO: Schema = {
  collectionName: 'components_shared_seos',
  info: { displayName: 'SEO', icon: 'search' },
  options: {},
  attributes: {
    metaTitle: { type: 'string', maxLength: 60 },
    metaDescription: { type: 'text', maxLength: 160 },
    shareImage: { type: 'media', multiple: false, allowedTypes: ['images'] },
    noIndex: { type: 'boolean', default: false },
  },
};

const ADDRESS: Schema = {
  collectionName: 'components_shared_addresses',
  info: { displayName: 'Address', icon: 'pinMap' },
  options: {},
  attributes: {
    street: { type: 'string' },
    postalCode: { type: 'string' },
    city: { type: 'string' },
    country: { type: 'string' },
  },
};

/** In the order they are offered. */
export const PRESETS: readonly Preset[] = [
  {
    id: 'titleAndSlug',
    attributes: {
      title: { type: 'string', required: true, maxLength: 120 },
      slug: { type: 'uid', targetField: 'title', required: true },
    },
  },
  {
    id: 'seo',
    attributes: { seo: { type: 'component', component: 'shared.seo', repeatable: false } },
    components: { 'shared.seo': SEO },
  },
  {
    id: 'address',
    attributes: { address: { type: 'component', component: 'shared.address', repeatable: false } },
    components: { 'shared.address': ADDRESS },
  },
  { id: 'period', attributes: { startsAt: { type: 'datetime' }, endsAt: { type: 'datetime' } } },
  { id: 'contact', attributes: { email: { type: 'email' }, phone: { type: 'string', maxLength: 30 } } },
];

/** What of a preset a schema lacks; a component that is there already is used as it is. */
export function missingAttributes(
  preset: Preset,
  schema: Schema,
  all: Definitions,
): { attributes: Preset['attributes']; components: Record<string, Schema> } {
  const attributes = Object.fromEntries(
    Object.entries(preset.attributes).filter(([name]) => !(name in schema.attributes)),
  );
  const components = Object.fromEntries(
    Object.entries(preset.components ?? {}).filter(([uid]) => !(uid in all.components)),
  );
  return { attributes, components };
}
