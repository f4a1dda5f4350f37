/** A timestamp is a moment, like a datetime; Strapi has two names for it. */
export { Filter } from '../datetime/Filter';
