import type { Answer, Door } from '../world/door.ts';
import type { Marks } from '../world/marks.ts';
import { maySee, type Person } from '../world/people.ts';
import { missingId, missingWord } from './documents.ts';
import type { SweepRequest, Target } from './requests.ts';

/** Requests that run at a time. */
const AT_ONCE = 6;
/** Headers that differ from one response to the next. */
const VOLATILE =
  /^(date|x-request-id|content-length|etag|cairn-version|x-ratelimit-\w+|ratelimit[\w-]*|server-timing): .*$/gm;

/** Statuses of a door that is closed, whatever is named. */
const CLOSED = new Set([401, 403, 405]);

type Shape = (target: Target) => SweepRequest;

/** What a sweep found, and how much it asked. */
export class SweepReport {
  readonly leaks: string[] = [];
  private readonly kinds = new Set<string>();
  /** Requests by the status of their responses. */
  readonly statuses = new Map<number, number>();
  requests = 0;

  /** Adds a leak to the list, unless one of that kind is on it already. */
  add(kind: string, leak: string): void {
    if (this.kinds.has(kind)) return;
    this.kinds.add(kind);
    this.leaks.push(leak);
  }
}

/** Sends requests as one person, and judges the responses. */
export class Sweeper {
  constructor(
    private readonly person: Person,
    private readonly door: Door,
    private readonly marks: Marks,
    private readonly report: SweepReport,
  ) {}

  /** Asks for lists and pages in whose addresses nobody is named: no mark of anybody else may be in them. */
  async read(paths: string[]): Promise<void> {
    await this.inTurns(paths, async (path) => {
      const request = { method: 'GET', path };
      this.judge(request, await this.send(request), '');
    });
  }

  /**
   * Names documents of somebody else's, and one that there is not, in the same way: all responses must be the same but for what was sent, and have
   * no mark of anybody else. Where the first way is closed for the person, the others are tried with a few documents only.
   */
  async compare(shapes: Shape[], targets: Target[]): Promise<void> {
    const like = targets[0];
    if (!like) return;
    let isClosed = false;
    for (const [at, shape] of shapes.entries()) {
      const nothing = missingLike(like);
      const expected = await this.send(shape(nothing));
      if (at === 0) isClosed = CLOSED.has(expected.status);
      const some = isClosed && CLOSED.has(expected.status) && at > 0 ? targets.slice(0, 2) : targets;
      await this.inTurns(some, (target) => this.compareOne(shape, target, normalize(expected, nothing)));
    }
  }

  private async compareOne(shape: Shape, target: Target, expected: string): Promise<void> {
    const request = shape(target);
    const found = await this.send(request);
    this.judge(request, found, target.word);
    const foreign = normalize(found, target);
    if (foreign === expected) return;
    // Another type, or a later moment, may have another response: what counts is one for nothing of this kind, now.
    const nothing = missingLike(target);
    const missing = normalize(await this.send(shape(nothing)), nothing);
    if (foreign === missing) return;
    // Where two responses for nothing differ, such as by how far a phase is now, only the marks tell.
    if (normalize(await this.send(shape(nothing)), nothing) !== missing) return;
    this.report.add(
      `${this.person.name} ${kindOf(request)}`,
      `${this.describe(request)}\n  foreign: ${foreign.slice(0, 700)}\n  missing: ${missing.slice(0, 700)}`,
    );
  }

  private async send({ method, path, body }: SweepRequest): Promise<Answer> {
    const answer = await this.door.send(method, encodeQuery(path), { body });
    this.report.requests += 1;
    this.report.statuses.set(answer.status, (this.report.statuses.get(answer.status) ?? 0) + 1);
    return answer;
  }

  /** `sent`: the mark that the request itself has, which errors may repeat. */
  private judge(request: SweepRequest, { status, headers, body }: Answer, sent: string): void {
    const found = this.marks
      .find(`${headers}\n${body}`)
      .filter((mark) => mark.text !== sent && !maySee(this.person, mark));
    for (const mark of found.slice(0, 1)) {
      const whose = `${mark.owner} of ${mark.tenant}, ${mark.part}`;
      this.report.add(
        `mark ${kindOf(request)}`,
        `${this.describe(request)}: ${status} with a mark of ${whose}: ${excerpt(`${headers}\n${body}`, mark.text)}`,
      );
    }
    if (status >= 500)
      this.report.add(`${status} ${kindOf(request)}`, `${this.describe(request)}: ${status} ${body.slice(0, 300)}`);
  }

  private describe({ method, path, body }: SweepRequest): string {
    return `${this.person.name} of ${this.person.tenant} at ${this.door.host}: ${method} ${path} ${body ?? ''}`;
  }

  private async inTurns<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
    let next = 0;
    const worker = async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

/** A response without what differs from one to the next, and with what was sent replaced. */
function normalize({ status, headers, body }: Answer, { documentId, word }: Target): string {
  const kept = headers.replace(VOLATILE, '').replace(/\n+/g, '\n');
  const text = `${kept}\n${body}`.replaceAll(documentId, 'ID').replaceAll(word, 'WORD');
  const same = text.replace(/"requestId":"[^"]*"/g, '').replace(/nonce[-=]"?[\w+/=-]+/g, 'nonce');
  return `${status}\n${same}`;
}

function excerpt(text: string, mark: string): string {
  const at = text.toLowerCase().indexOf(mark.toLowerCase());
  return JSON.stringify(text.slice(Math.max(0, at - 120), at + mark.length + 60));
}

/** Brackets as browsers send them. */
function encodeQuery(path: string): string {
  return path.replace(/[[\]]/g, (bracket) => (bracket === '[' ? '%5B' : '%5D'));
}

/** What a request names where there is nothing of that name. */
function missingLike({ documentId, id, file, word }: Target): Target {
  const other = 1_000_000;
  return { documentId: missingId(documentId), id: String(Number(id) + other), file: file + other, word: missingWord(word) };
}

/** Requests that differ only in what they name. */
function kindOf({ method, path }: SweepRequest): string {
  return `${method} ${path.replace(/[a-z0-9]{24}/g, 'ID').replace(/mk[0-9a-f]{16}/g, 'WORD')}`;
}
