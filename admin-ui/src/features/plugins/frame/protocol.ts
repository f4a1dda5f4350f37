/** The version of the messages between a frame and the admin UI; `plugins/kit` says the same number. */
export const KIT_LINE = 1;

/** What a frame can ask for. */
const REQUESTS = [
  'call',
  'read',
  'watch',
  'document.get',
  'document.propose',
  'field.get',
  'field.set',
  'navigate',
  'toast',
  'dialog',
  'pick',
  'resize',
  'state.get',
  'state.set',
] as const;

export type RequestName = (typeof REQUESTS)[number];

export interface KitRequest {
  id: number;
  do: RequestName;
  with: Record<string, unknown>;
}

/** A request that was heard and cannot be read: it is answered with why. */
export interface KitRefusal {
  id: number;
  refused: KitError;
}

export type KitErrorCode = 'invalid' | 'denied' | 'not-found' | 'conflict' | 'busy' | 'failed';

/** Why a request of a frame was not done: told to the frame, as `code` and `message`. */
export class KitError extends Error {
  constructor(
    readonly code: KitErrorCode,
    message: string,
  ) {
    super(message);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a message is the first of a frame: it has the nonce that its address had, and speaks this line. */
export function isHello(data: unknown, nonce: string): boolean {
  return isRecord(data) && data.cairn === KIT_LINE && data.hello === nonce;
}

/** Signs of a message at most, as JSON: the value of a field, and what is around it. */
const MAX_MESSAGE_CHARS = 1_100_000;

/** Reads a request; what is none has no answer either, since nobody knows whose it would be. */
export function readRequest(data: unknown): KitRequest | KitRefusal | undefined {
  if (!isRecord(data) || typeof data.id !== 'number' || !Number.isSafeInteger(data.id)) return undefined;
  const name = REQUESTS.find((one) => one === data.do);
  if (!name || !(data.with === undefined || isRecord(data.with))) return undefined;
  const { id } = data;
  try {
    const text = JSON.stringify(data.with ?? {});
    if (text.length > MAX_MESSAGE_CHARS)
      return { id, refused: new KitError('invalid', `a request has ${MAX_MESSAGE_CHARS} characters of JSON at most`) };
    return { id, do: name, with: JSON.parse(text) as Record<string, unknown> };
  } catch {
    // A function cannot come, a circle can.
    return { id, refused: new KitError('invalid', 'what was given is no JSON') };
  }
}

/** The parts of an answer that are handed over to the frame instead of copied. */
export function transferables(answer: unknown): ArrayBuffer[] {
  return isRecord(answer) ? Object.values(answer).filter((part) => part instanceof ArrayBuffer) : [];
}

/** A word that nobody can guess. */
export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keeps a frame from asking for more than the page can do: so many at once, and so many in a while. */
export class Throttle {
  private running = 0;
  private times: number[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly most: number,
    /** In milliseconds. */
    private readonly within: number,
    private readonly now: () => number = Date.now,
  ) {}

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    const now = this.now();
    this.times = this.times.filter((time) => time > now - this.within);
    if (this.running >= this.atOnce || this.times.length >= this.most)
      throw new KitError('busy', 'too many requests: wait for the answers, and ask less often');
    this.times.push(now);
    this.running += 1;
    try {
      return await task();
    } finally {
      this.running -= 1;
    }
  }
}
