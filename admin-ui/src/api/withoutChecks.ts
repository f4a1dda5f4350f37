/** The plugins without whose checks this page stores changes while they do not run. Forgotten with the page. */
let plugins: readonly string[] = [];
const listeners = new Set<() => void>();

/** The ids of these plugins. */
export function uncheckedPlugins(): readonly string[] {
  return plugins;
}

/** From now on changes are stored with the checks of a plugin, or without them. Asks for the right `plugins.bypass`. */
export function setUnchecked(plugin: string, unchecked: boolean): void {
  const others = plugins.filter((id) => id !== plugin);
  plugins = unchecked ? [...others, plugin] : others;
  for (const listener of listeners) listener();
}

/** Tells when the plugins change, until the returned function is called. */
export function subscribeToUnchecked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What a change carries. */
export function uncheckedHeaders(): Record<string, string> {
  return plugins.length > 0 ? { 'Cairn-Without-Checks': plugins.join(',') } : {};
}
