// What the service's answers come to. It is somebody else's: nothing in them is taken on trust.

import type { http } from "@cairn/plugin";

/** What the operator has set. */
export interface Settings {
  endpoint: string;
  keywords: number;
  minimumWords: number;
  timeoutSeconds: number;
}

/** What it says of a text. */
export interface Answer {
  keywords: string[];
  summary: string;
  readingMinutes: number;
}

/** Why there is none. */
export interface Problem {
  /** For editors, in a line. */
  problem: string;
  /** When to ask again, in milliseconds; by the manifest's policy where it is undefined. */
  after?: number | undefined;
  /** Whether asking again is of no use. */
  final: boolean;
}

/** Longest wait that the service may ask for. */
const PATIENCE = 24 * 3_600_000;
/** Largest answer, in bytes. */
const LARGEST = 256 * 1_024;

/** What an answer that is not of the 200s means. */
export function verdict(response: http.Response): Problem {
  const { status } = response;
  if (status === 401 || status === 403) {
    return { problem: `The service refuses the key (${status}).`, final: true };
  }
  if (status === 429 || status === 503) {
    const wait = response.retryAfter();
    return { problem: `The service is busy (${status}).`, after: wait === undefined ? undefined : Math.min(wait, PATIENCE), final: false };
  }
  if (status === 408 || status === 425 || status >= 500) {
    return { problem: `The service has a fault (${status}).`, final: false };
  }
  return { problem: `The service does not take this article (${status}).`, final: true };
}

/** Reads an answer of the 200s. One that is none is asked for again: it may be a page of something in between. */
export function readAnswer(body: Uint8Array, { keywords }: Settings): Answer | Problem {
  const garbage = (what: string): Problem => ({ problem: `The service's answer ${what}.`, final: false });
  if (body.length > LARGEST) {
    return garbage(`is larger than ${LARGEST / 1_024} KiB`);
  }
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return garbage("is no JSON");
  }
  if (typeof said !== "object" || said === null) {
    return garbage("is no object");
  }
  const { keywords: words, summary, readingMinutes } = said as Record<string, unknown>;
  if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
    return garbage("has no list of keywords");
  }
  if (typeof summary !== "string") {
    return garbage("has no summary");
  }
  if (typeof readingMinutes !== "number" || !Number.isFinite(readingMinutes)) {
    return garbage("has no reading time");
  }
  const cleaned = words.map((word) => word.trim().slice(0, 60)).filter((word) => word !== "");
  return {
    keywords: [...new Set(cleaned)].slice(0, keywords),
    summary: summary.trim().slice(0, 2_000),
    readingMinutes: Math.min(Math.max(1, Math.round(readingMinutes)), 1_000),
  };
}
