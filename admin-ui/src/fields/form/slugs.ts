import { ApiError } from '@/api/client';
import type { Attribute, Attributes } from '@/api/model';
import { isMadeOf, makeSlug, MAX_SLUG_NUMBER, numberSlug } from '../uid/slug';
import { readServerProblem } from './serverProblem';
import type { EntryStore } from './store';
import type { Values } from './values';

/** Nothing typed for so long: the server is asked whether the name is free. */
const CHECK_DELAY_MS = 300;
/** Names that are asked about in one request. */
const BATCH_SIZE = 20;
/** How often another name is tried where the server refuses one that seemed free. */
const MAX_RETRIES = 3;

/** A name for addresses that another entry has, and one like it that none has; `null` where none was found. */
export interface TakenSlug {
  value: string;
  free: string | null;
}

/** What is known of an attribute that holds a name for addresses. */
interface Slug {
  name: string;
  attribute: Attribute;
  /** The attribute that it is made of. */
  target: string | undefined;
  /** What that one, and this one, had when they were last looked at. */
  text: string;
  value: string;
  /** Its values that somebody typed. */
  typed: Set<string>;
  /** Values that the server refused, although no entry that is shown here has them. */
  refused: Set<string>;
  timer: ReturnType<typeof setTimeout> | undefined;
  unchecked: boolean;
  checking: Promise<void>;
  taken: TakenSlug | null;
}

interface EntrySlugsOptions {
  store: EntryStore;
  attributes: Attributes;
  /** Whether a name may still change by itself. */
  mayFollow: (name: string) => boolean;
  /** The document that is edited, if it is there already: what it has is not taken by others. */
  documentId: () => string | undefined;
  /** Which of these values of an attribute other entries have. */
  findTaken: (name: string, values: readonly string[]) => Promise<ReadonlySet<string>>;
}

/**
 * The names for addresses of an entry that is edited. Each follows the attribute that it is made of, such as the title, until
 * somebody types another one; where another entry has the name, with a number behind it. One that was typed is never changed: it
 * is only told that it is taken.
 */
export class EntrySlugs {
  #options: EntrySlugsOptions;
  #slugs: Slug[];
  #listeners = new Set<() => void>();

  constructor(options: EntrySlugsOptions) {
    this.#options = options;
    const { store, attributes } = options;
    this.#slugs = Object.entries(attributes).flatMap(([name, attribute]): Slug[] => {
      if (attribute.type !== 'uid') return [];
      const { targetField } = attribute;
      return [
        {
          name,
          attribute,
          target: targetField && targetField in attributes ? targetField : undefined,
          text: '',
          value: textOf(store.get(name)),
          typed: new Set(),
          refused: new Set(),
          timer: undefined,
          unchecked: false,
          checking: Promise.resolve(),
          taken: null,
        },
      ];
    });
  }

  /** Begins to watch what is typed; answers how to end it. */
  start(): () => void {
    const { store, documentId } = this.#options;
    for (const slug of this.#slugs) {
      slug.text = this.#textOf(slug);
      slug.value = textOf(store.get(slug.name));
      // What a new entry begins with was never saved.
      if (documentId() === undefined || slug.unchecked) this.#plan(slug);
    }
    const stop = this.#slugs.length > 0 ? store.subscribeAll(() => this.#changed()) : () => {};
    return () => {
      stop();
      for (const slug of this.#slugs) clearTimeout(slug.timer);
    };
  }

  /** What is known of a name that another entry has. */
  taken(name: string): TakenSlug | null {
    return this.#slugs.find((slug) => slug.name === name)?.taken ?? null;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Notes that somebody types a name, which may be one that it had by itself. */
  type(name: string, value: string): void {
    this.#slugs.find((slug) => slug.name === name)?.typed.add(value);
  }

  /** Makes a name anew of the attribute that it is made of; one that is free. Answers whether it is one of this entry. */
  make(name: string): boolean {
    const slug = this.#slugs.find((each) => each.name === name);
    if (!slug) return false;
    const made = makeSlug(slug.attribute, this.#textOf(slug));
    if (made === '') return true;
    slug.typed.delete(made);
    slug.value = made;
    this.#options.store.set(name, made);
    this.#tell(slug, null);
    slug.checking = this.#check(slug, true);
    return true;
  }

  /**
   * Saves with names that are free: those that follow are looked up before, and where the server refuses one all the same, another
   * one is tried.
   */
  async save<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    for (let retries = MAX_RETRIES; ; retries -= 1) {
      await this.#settle();
      const sent = new Map(this.#slugs.map((slug) => [slug, slug.value]));
      try {
        return await send();
      } catch (error) {
        if (retries === 0 || !(await this.#replaceRefused(error, sent))) throw error;
      }
    }
  }

  #textOf({ target }: Slug): string {
    return target === undefined ? '' : textOf(this.#options.store.get(target));
  }

  /** Whether nobody typed it. */
  #isGenerated({ target, attribute, typed, value, text }: Slug): boolean {
    if (target === undefined) return false;
    return value === '' || (!typed.has(value) && isMadeOf(attribute, text, value));
  }

  #follows(slug: Slug): boolean {
    return this.#isGenerated(slug) && this.#options.mayFollow(slug.name);
  }

  #changed(): void {
    const { store, documentId } = this.#options;
    for (const slug of this.#slugs) {
      const text = this.#textOf(slug);
      const value = textOf(store.get(slug.name));
      const [textChanged, valueChanged] = [text !== slug.text, value !== slug.value];
      if (!textChanged && !valueChanged) continue;
      const follows = (value === '' || !valueChanged) && this.#follows(slug);
      const made = makeSlug(slug.attribute, text);
      const same = made === makeSlug(slug.attribute, slug.text);
      slug.text = text;
      slug.value = value;
      if (textChanged && follows && !(same && value !== '')) this.#give(slug, made);
      else if (!valueChanged) continue;
      this.#tell(slug, null);
      const isSaved = documentId() !== undefined && slug.value === textOf(store.saved[slug.name]);
      if (isSaved) this.#unplan(slug);
      else this.#plan(slug);
    }
  }

  /** Changes a name that follows, in the step of undo of what it follows. */
  #give(slug: Slug, value: string): void {
    slug.typed.delete(value);
    slug.value = value;
    this.#options.store.follow(slug.name, value || null);
  }

  #plan(slug: Slug): void {
    clearTimeout(slug.timer);
    slug.unchecked = slug.value !== '';
    if (!slug.unchecked) return;
    slug.timer = setTimeout(() => {
      slug.checking = this.#check(slug);
    }, CHECK_DELAY_MS);
  }

  #unplan(slug: Slug): void {
    clearTimeout(slug.timer);
    slug.unchecked = false;
  }

  /** Looks up whether others have the name: takes another one if it follows, or is made just now, and tells of it otherwise. */
  async #check(slug: Slug, isMade = false): Promise<void> {
    this.#unplan(slug);
    const { value } = slug;
    const replaces = () => this.#isGenerated(slug) && (isMade || this.#options.mayFollow(slug.name));
    const wanted = replaces() ? makeSlug(slug.attribute, slug.text) : value;
    if (wanted === '') return;
    const free = await this.#findFree(slug, wanted);
    // Something else by now, about which the server is asked in its turn.
    if (slug.value !== value || free === value) return;
    if (free === null || !replaces()) return this.#tell(slug, { value, free });
    this.#give(slug, free);
  }

  /** The first of a name and that name with numbers that no other entry has. */
  async #findFree({ name, attribute, refused }: Slug, wanted: string): Promise<string | null> {
    for (let from = 1; from <= MAX_SLUG_NUMBER; from += BATCH_SIZE) {
      const numbers = Array.from({ length: BATCH_SIZE }, (_, at) => from + at);
      const candidates = numbers.map((number) => numberSlug(attribute, wanted, number));
      // Where it cannot be found out, the server says so when it is saved.
      const taken = await this.#options.findTaken(name, candidates).catch(() => new Set<string>());
      const free = candidates.find((candidate) => !taken.has(candidate) && !refused.has(candidate));
      if (free !== undefined) return free;
    }
    return null;
  }

  /** Waits until it is known of every name that follows whether it is free. */
  async #settle(): Promise<void> {
    for (const slug of this.#slugs) if (slug.unchecked && this.#follows(slug)) slug.checking = this.#check(slug);
    await Promise.all(this.#slugs.map((slug) => slug.checking));
  }

  /** Takes other names for those that the server refused. Answers whether that makes another try worth while. */
  async #replaceRefused(error: unknown, sent: ReadonlyMap<Slug, string>): Promise<boolean> {
    if (!(error instanceof ApiError)) return false;
    let replaced = false;
    for (const { path, message } of error.problems) {
      const slug = path.length === 1 ? this.#slugs.find(({ name }) => name === path[0]) : undefined;
      const value = slug && sent.get(slug);
      if (!slug || !value || readServerProblem(message)?.key !== 'unique') continue;
      slug.refused.add(value);
      if (slug.value === value) await this.#check(slug);
      replaced ||= slug.value !== value;
    }
    return replaced;
  }

  #tell(slug: Slug, taken: TakenSlug | null): void {
    if (slug.taken === taken) return;
    slug.taken = taken;
    for (const listener of this.#listeners) listener();
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The names for addresses that are made of another attribute, each with the name of that one. */
function targetsOf(attributes: Attributes): [name: string, attribute: Attribute, target: string][] {
  return Object.entries(attributes).flatMap(([name, attribute]) =>
    attribute.type === 'uid' && attribute.targetField && attribute.targetField in attributes
      ? [[name, attribute, attribute.targetField]]
      : [],
  );
}

/** Makes what is empty of the names for addresses, for the values that an entry begins with. */
export function fillTargets(attributes: Attributes, values: Values): void {
  for (const [name, attribute, target] of targetsOf(attributes))
    if (!values[name]) values[name] = makeSlug(attribute, textOf(values[target])) || null;
}

/** The names of those that a form sends beside its own fields, as they follow one of these. */
export function followersOf(attributes: Attributes, fields: readonly string[]): string[] {
  return targetsOf(attributes).flatMap(([name, , target]) =>
    fields.includes(target) && !fields.includes(name) ? [name] : [],
  );
}
