// Whether a call is under way. What runs before the first call runs once, when the component is built, and its values are frozen
// into it: the time and randomness of that moment would be those of every call.

let begun = false;

/** A call begins: from here on there is a host. */
export function begin(): void {
  begun = true;
}

/** Throws where there is no host yet. */
export function needsHost(what: string): void {
  if (!begun) {
    throw new Error(`${what} was called while the plugin was built: call it in a handler, not at the top level of a module`);
  }
}
