/** An event of a stream, as the standard of server-sent events has it. */
export interface ServerEvent {
  /** The name of the event, `message` where it has none. */
  name: string;
  data: string;
  /** The id after which the stream goes on, the last one that the stream has named. */
  id: string;
}

/** The longest event, in characters: whoever sends longer ones is not Cairn. */
const MAX_EVENT = 1 << 20;

/** Reads events out of the pieces of a stream. */
export class EventParser {
  /** The id of the last event; empty before the first. */
  lastId = '';
  /** Milliseconds after which the server wants to be asked again, if it said so. */
  retry: number | undefined;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #name = '';
  #data: string[] = [];

  /** Takes a piece of the stream; returns the events that are complete with it. */
  push(piece: Uint8Array): ServerEvent[] {
    this.#rest += this.#decoder.decode(piece, { stream: true });
    const events: ServerEvent[] = [];
    // A return at the end may be the first half of a line end.
    for (let end = /\r\n|\n|\r(?!$)/.exec(this.#rest); end; end = /\r\n|\n|\r(?!$)/.exec(this.#rest)) {
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line === '') this.#finish(events);
      else this.#readLine(line);
    }
    const size = this.#data.reduce((sum, line) => sum + line.length, this.#rest.length);
    if (size > MAX_EVENT) throw new RangeError('an event of the stream is too long');
    return events;
  }

  #readLine(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#name = value;
    else if (name === 'id' && !value.includes('\0')) this.lastId = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.retry = Number(value);
  }

  #finish(events: ServerEvent[]): void {
    if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n'), id: this.lastId });
    this.#name = '';
    this.#data = [];
  }
}
