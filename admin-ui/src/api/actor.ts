import type { components } from './schema.gen';

/** Who did something, as it was then. */
export type Actor = components['schemas']['Actor'];
