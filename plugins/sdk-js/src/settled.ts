// Handlers answer at once: a component of this kind has nobody to wait for a promise.

/** The value, unless it is a promise. */
export function settled<T>(value: T, who: string): T {
  if (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function") {
    throw new TypeError(`${who} returned a promise; nothing waits for it: calls to the host answer at once, so leave out async and await`);
  }
  return value;
}
