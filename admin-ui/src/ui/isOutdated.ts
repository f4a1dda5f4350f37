/**
 * Whether a part of the page could not be loaded. After an update of the server the chunks of the older version are gone;
 * another load of the page finds the new ones.
 */
export function isOutdated(error: unknown): boolean {
  return /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(String(error));
}
