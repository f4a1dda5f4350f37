import type { components } from './schema.gen';

/** The types of the server's OpenAPI document, by name. */
export type Schemas = components['schemas'];
