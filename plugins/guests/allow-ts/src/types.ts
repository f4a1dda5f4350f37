// The content types of this plugin.

import { data } from "@cairn/plugin";

export const NOTE = "plugin::allow-ts.note";
export const LOG = "plugin::allow-ts.log";

export interface Note {
  title: string;
  loud: string | null;
}

/** Leaves a document that tells what was done. */
export function leave(by: string, about: string): void {
  data.create(LOG, { by, about });
}
