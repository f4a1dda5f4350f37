// Previews as somebody else, at a time to come.

import * as raw from "cairn:plugin/preview@0.1.0";

/** A preview that a call is for. */
export interface Preview {
  /** The time that is shown; the clock gives it too. */
  at: Date;
}

/** The preview that this call is for; null: the call is an ordinary one. Everything that a call for a preview stores is rolled back, and its
 * actor is the person whose view is shown. */
export function current(): Preview | null {
  const preview = raw.current();
  return preview === null ? null : { at: new Date(preview.at) };
}
