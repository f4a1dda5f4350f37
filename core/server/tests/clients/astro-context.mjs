// What Astro hands to the `load` of a content loader, with maps in place of its store.

export function astroContext(parseData = async ({ data }) => data) {
  const entries = new Map();
  const store = {
    clear: () => entries.clear(),
    has: (id) => entries.has(id),
    get: (id) => entries.get(id),
    set: (entry) => void entries.set(entry.id, entry),
    values: () => [...entries.values()],
  };
  const logger = { info() {}, debug() {}, warn() {}, error() {} };
  return { store, meta: new Map(), logger, parseData, generateDigest: (data) => JSON.stringify(data) };
}
