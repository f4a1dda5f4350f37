import type { ReviverContext } from './lossless';

/** A number as it is written, for `JSON.stringify`, where the browser knows such (the same as know `ReviverContext`). */
const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };

function keepNumber(_key: string, value: unknown, context?: ReviverContext): unknown {
  return typeof value === 'number' && context?.source !== undefined && rawJSON ? rawJSON(context.source) : value;
}

/** Reads JSON that is only written again: its numbers keep their form, `1.50` as well as one that JavaScript would round. */
export function parseForText(text: string): unknown {
  return JSON.parse(text, keepNumber);
}
