import type { Schemas } from './schemas';

/** Who did something, as it was then. */
export type Actor = Schemas['Actor'];
