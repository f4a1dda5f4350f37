/** A timestamp is a moment, like a datetime; Strapi has two names for it. */
export { Options } from '../datetime/Options';
