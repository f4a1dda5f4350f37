import { ApiError, OfflineError } from '@/api/client';
import {
  type DocumentState,
  findTakenValues,
  type LoadedEntry,
  type Precondition,
  readEntry,
  saveEntry,
} from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { EntrySlugs } from '@/fields/form/slugs';
import { EntryStore } from '@/fields/form/store';
import { sameValue, splitPath, type Values } from '@/fields/form/values';
import { fromServer, toServer, withKeysOf } from '@/fields/form/wire';
import i18next from 'i18next';
import { draftProblems, refusedAttributes, splitErrors } from './errors';
import { deleteCopy, storeCopy, type LocalCopy } from './localCopy';
import { type Conflict, merge, takeTheirs } from './merge';

/** How far what is shown is from what the server has. */
export type SaveState =
  | { is: 'saved'; at: number | null }
  | { is: 'changed' }
  | { is: 'saving' }
  /** The server cannot be reached; tried again by itself. */
  | { is: 'offline' }
  /** Somebody else changed the same: it has to be said what counts. */
  | { is: 'conflict'; conflicts: Conflict[]; by: string | null; at: string | null }
  /** The server does not take it as it is; `rest` is what is about no field. `held`: so many fields, and it has all others. */
  | { is: 'refused'; rest: string[]; held?: number };

export interface SessionInit {
  model: Model;
  type: ContentType;
  documentId: string | undefined;
  locale: string | undefined;
  /** What the server has; nothing where the entry, or its locale, is to be made. */
  read: LoadedEntry | null;
  /** What a new entry begins with. */
  initial: Values;
  copyKey: string;
  /** How its other locales stand, where nothing was read. */
  state?: DocumentState | null;
}

/** Nothing typed for so long: it is saved. */
const AUTOSAVE_IDLE_MS = 2000;
/** However long somebody goes on typing. */
const AUTOSAVE_MAX_MS = 10_000;
/** Between tries while the server is away. */
const RETRY_DELAYS_MS = [1000, 2000, 5000, 10_000, 20_000];

/**
 * An entry that is being edited: what is typed, kept on this device until the server has it, sent to it one save after the
 * other, and put together with what others saved meanwhile.
 */
export class EntrySession {
  readonly store: EntryStore;
  readonly slugs: EntrySlugs;
  readonly model: Model;
  readonly type: ContentType;
  readonly locale: string | undefined;
  documentId: string | undefined;
  state: DocumentState | null;
  #copyKey: string;
  #version: string | null;
  #save: SaveState = { is: 'saved', at: null };
  #listeners = new Set<() => void>();
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline = 0;
  #tries = 0;
  #theirs: { values: Values; ids: Map<string, number>; version: string | null } | null = null;
  #stops: (() => void)[] = [];
  #stopped = false;
  #copying: ReturnType<typeof setTimeout> | undefined;
  #created: ((documentId: string) => void) | undefined;
  /** Values of attributes that the server refused: not sent again by itself. */
  #refused: ReadonlyMap<string, unknown> = new Map();

  constructor({ model, type, documentId, locale, read, initial, copyKey, state = null }: SessionInit) {
    this.model = model;
    this.type = type;
    this.documentId = documentId;
    this.locale = locale;
    this.state = read?.state ?? state;
    this.#version = read?.version ?? null;
    this.#copyKey = copyKey;
    const shown = read
      ? fromServer(model, type.attributes, read.entry)
      : { values: initial, ids: new Map<string, number>() };
    this.store = new EntryStore(shown.values, shown.ids);
    if (read) this.store.setProblems(draftProblems(this, read.problems));
    this.slugs = new EntrySlugs({
      store: this.store,
      attributes: type.attributes,
      mayFollow: (name) => this.#writable(name) && !this.#linkable(name),
      documentId: () => this.documentId,
      findTaken: (name, values) => findTakenValues(type, name, values, { locale, documentId: this.documentId }),
    });
  }

  /** The token of the version that is edited; null where its document, or its locale, is still to be made. */
  get version(): string | null {
    return this.#version;
  }

  /** What is done to the document is done to the version that is shown here. */
  get seen(): Exclude<Precondition, 'absent'> {
    return this.#version === null ? 'any' : { version: this.#version };
  }

  get save(): SaveState {
    return this.#save;
  }

  /** Whether the server lacks something. */
  get unsaved(): boolean {
    return this.#unsent || this.store.uploads.count > 0;
  }

  /** Whether there are values that the server lacks; files on their way are none yet. */
  get #unsent(): boolean {
    return this.#running !== null || this.store.changed().length > 0;
  }

  /** Whether changes are sent without being asked: drafts only. What has no draft is public at once. */
  get autosaves(): boolean {
    return this.type.draftAndPublish && this.type.can.update;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(save: SaveState = this.#save): void {
    this.#save = save;
    for (const listener of this.#listeners) listener();
  }

  /** Calls when the entry gets its document; one listener at a time. Answers how to end it. */
  whenCreated(listener: (documentId: string) => void): () => void {
    this.#created = listener;
    return () => {
      if (this.#created === listener) this.#created = undefined;
    };
  }

  /** Begins to watch what is typed; answers how to end it. */
  start(): () => void {
    this.#stopped = false;
    const onOnline = () => {
      if (this.#save.is === 'offline') void this.flush('auto');
    };
    window.addEventListener('online', onOnline);
    this.#stops = [
      this.slugs.start(),
      this.store.subscribeAll(() => this.#changed()),
      () => window.removeEventListener('online', onOnline),
    ];
    if (this.store.changed().length > 0) this.#changed();
    return () => {
      this.#stopped = true;
      for (const stop of this.#stops) stop();
      clearTimeout(this.#timer);
      // What was typed last goes on its way; the copy on this device stays until it has arrived.
      this.#sendLast();
      // A file that arrives after its page is gone is part of the entry all the same.
      if (this.store.uploads.count > 0) void this.store.uploads.settle().then(() => this.#stopped && this.#sendLast());
    };
  }

  #sendLast(): void {
    if (!this.#unsent) return;
    void this.#keep();
    if (this.autosaves && this.#save.is !== 'conflict' && this.#save.is !== 'refused') void this.flush('auto');
  }

  #changed(): void {
    if (this.store.changed().length === 0) {
      clearTimeout(this.#timer);
      this.#deadline = 0;
      if (this.#save.is === 'changed' || this.#save.is === 'refused') {
        void deleteCopy(this.#copyKey).catch(() => undefined);
        this.#tell({ is: 'saved', at: null });
      }
      return;
    }
    // One copy in three tenths of a second is enough, and costs the typing nothing.
    this.#copying ??= setTimeout(() => {
      this.#copying = undefined;
      void this.#keep();
    }, 300);
    if (this.#save.is === 'conflict') return;
    if (this.#save.is !== 'changed' && this.#save.is !== 'saving' && this.#save.is !== 'offline')
      this.#tell({ is: 'changed' });
    if (this.autosaves && this.#save.is !== 'offline') this.#plan();
  }

  #plan(): void {
    const now = Date.now();
    if (this.#deadline === 0) this.#deadline = now + AUTOSAVE_MAX_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => void this.flush('auto'),
      Math.max(0, Math.min(AUTOSAVE_IDLE_MS, this.#deadline - now)),
    );
  }

  async #keep(): Promise<void> {
    if (this.store.changed().length === 0) return;
    const { values, saved, ids } = this.store;
    const copy: LocalCopy = {
      values: withoutPasswords(values, this.type),
      base: saved,
      ids,
      version: this.#version,
      at: Date.now(),
    };
    // Private windows may have no database: the server is the only copy then.
    await storeCopy(this.#copyKey, copy).catch(() => undefined);
  }

  /** Goes on from what an earlier page left on this device. */
  recover(copy: LocalCopy): void {
    const theirs = withKeysOf({ values: this.store.values, ids: this.store.ids }, copy.base, copy.ids);
    const merged = merge(this.model, this.type.attributes, copy.base, copy.values, theirs.values);
    this.store.acknowledge(theirs.values, theirs.values, theirs.ids);
    if (merged.conflicts.length > 0) {
      this.#theirs = { values: theirs.values, ids: theirs.ids, version: this.#version };
      this.store.assign(merged.values);
      this.#tell({ is: 'conflict', conflicts: merged.conflicts, by: null, at: null });
    } else this.store.assign(changedValues(merged.values, theirs.values));
  }

  /** Whether the server lacks something of what an earlier page left: its last save may have arrived without the page hearing so. */
  lacks(copy: LocalCopy): boolean {
    const theirs = withKeysOf({ values: this.store.values, ids: this.store.ids }, copy.base, copy.ids);
    const merged = merge(this.model, this.type.attributes, copy.base, copy.values, theirs.values);
    return merged.conflicts.length > 0 || Object.keys(changedValues(merged.values, theirs.values)).length > 0;
  }

  /** Forgets what an earlier page left. */
  async forget(): Promise<void> {
    await deleteCopy(this.#copyKey).catch(() => undefined);
  }

  /** Saves what is not saved, after the save that is running. Answers whether the server has all of it. */
  async flush(trigger: 'auto' | 'asked' = 'asked'): Promise<boolean> {
    // Who asks wants the files that are on their way as well; one that fails is told by its field.
    const complete = trigger === 'auto' || (await this.store.uploads.settle());
    return (await this.#flush(trigger)) && complete;
  }

  async #flush(trigger: 'auto' | 'asked'): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#deadline = 0;
    // What is typed while a save is on its way is part of what was asked to be saved; who never stops is not waited for.
    for (let round = 0; round < (trigger === 'asked' ? 5 : 1); round += 1) {
      while (this.#running) await this.#running;
      if (this.#save.is === 'conflict') return false;
      if (this.store.changed().length === 0 && this.documentId !== undefined && this.#version !== null) {
        if (this.#save.is !== 'saved') this.#tell({ is: 'saved', at: Date.now() });
        return true;
      }
      this.#running = this.#send(trigger).finally(() => {
        this.#running = null;
      });
      await this.#running;
      if (this.#stuck) return false;
    }
    return this.store.changed().length === 0;
  }

  /** Whether a save has just failed; what is to be said of it is in `save`. */
  get #stuck(): boolean {
    return this.#save.is === 'offline' || this.#save.is === 'conflict' || this.#save.is === 'refused';
  }

  async #send(trigger: 'auto' | 'asked'): Promise<void> {
    const { store } = this;
    const errors = new Map<string, string>();
    /** Attributes that stay here, with the values that were refused. */
    const held = new Map<string, unknown>();
    const waits = (name: string) => !held.has(name) || held.get(name) !== store.values[name];
    for (const [name, value] of this.#refused) {
      if (trigger === 'asked' || store.values[name] !== value) continue;
      held.set(name, value);
      for (const [path, message] of store.errors) if (splitPath(path)[0] === name) errors.set(path, message);
    }
    this.#tell({ is: 'saving' });
    while (store.changed().length === 0 || store.changed().some((name) => !held.has(name))) {
      const { values } = store;
      try {
        await this.slugs.save(() => this.#sendExcept(held, trigger));
        break;
      } catch (error) {
        const names = this.type.draftAndPublish ? refusedAttributes(error) : [];
        const sent = this.#toSend().filter((name) => !held.has(name));
        for (const name of names) held.set(name, values[name]);
        // What is left of it is no less saved for that.
        const rest = store.changed().some((name) => !held.has(name));
        if (names.length === 0 || !rest || !names.every((name) => sent.includes(name)))
          return this.#failed(error, trigger);
        for (const [path, message] of splitErrors(this, error).fields)
          errors.set(path, i18next.getFixedT(null, 'editor')('save.kept', { problem: message }));
      }
    }
    this.#refused = held;
    if (held.size === 0) return;
    if (!store.changed().some(waits)) {
      clearTimeout(this.#timer);
      this.#deadline = 0;
    }
    await this.#keep();
    store.setErrors(errors);
    this.#tell({ is: 'refused', rest: [], held: held.size });
  }

  async #sendExcept(held: ReadonlyMap<string, unknown>, trigger: 'auto' | 'asked'): Promise<void> {
    const { store, type, model } = this;
    const sent = store.values;
    const names = this.#toSend().filter((name) => this.#writable(name) && !held.has(name));
    const answer = await saveEntry(type, this.documentId, toServer(model, type.attributes, sent, store.ids, names), {
      precondition: this.#version === null ? 'absent' : { version: this.#version },
      locale: this.locale,
      autosave: trigger === 'auto',
      keepInvalid: type.draftAndPublish,
    });
    this.#tries = 0;
    this.#acknowledge(sent, answer, held);
  }

  /** Of what is there only what was changed: everything else is whatever others made of it. */
  #toSend(): string[] {
    const { store, type } = this;
    const changed = store.changed();
    if (this.#version !== null) return changed;
    const all = Object.keys(type.attributes);
    if (this.documentId === undefined) return all;
    // Another locale of a document that is there: what all its locales share is not made anew.
    return all.filter(
      (name) => type.attributes[name]?.pluginOptions?.i18n?.localized === true || changed.includes(name),
    );
  }

  /** Whether others may link to the entry by that name for addresses: it is published, in this locale or in one that shares the name. */
  #linkable(name: string): boolean {
    if (this.documentId === undefined) return false;
    const own = this.type.attributes[name]?.pluginOptions?.i18n?.localized === true;
    const locales = (this.state?.locales ?? []).filter((each) => !own || (each.locale ?? undefined) === this.locale);
    return locales.some(({ status }) => status !== 'draft');
  }

  #writable(name: string): boolean {
    const { write } = this.type.can.fields;
    return write === null || write.includes(name);
  }

  #acknowledge(sent: Values, answer: LoadedEntry, held: ReadonlyMap<string, unknown>): void {
    const { store, type, model } = this;
    const fresh = withKeysOf(fromServer(model, type.attributes, answer.entry), sent, store.ids);
    const saved: Values = {};
    const values: Values = {};
    for (const name of Object.keys(type.attributes)) {
      saved[name] = sameValue(fresh.values[name], sent[name]) ? sent[name] : fresh.values[name];
      // What was typed while the save was on its way is not what the server has.
      values[name] = store.values[name] === sent[name] && !held.has(name) ? saved[name] : store.values[name];
    }
    const created = this.documentId === undefined;
    this.documentId = answer.entry.documentId;
    this.#version = answer.version;
    this.state = answer.state ?? stateAfterSave(this.state, answer.version, this.locale, type);
    store.acknowledge(saved, values, fresh.ids);
    store.setProblems(draftProblems(this, answer.problems));
    if (store.changed().length > 0) {
      this.#tell({ is: 'changed' });
      if (this.autosaves) this.#plan();
    } else {
      clearTimeout(this.#copying);
      this.#copying = undefined;
      void deleteCopy(this.#copyKey).catch(() => undefined);
      this.#tell({ is: 'saved', at: Date.now() });
    }
    if (created && answer.entry.documentId) this.#created?.(answer.entry.documentId);
  }

  async #failed(error: unknown, trigger: 'auto' | 'asked'): Promise<void> {
    await this.#keep();
    if (error instanceof OfflineError || (error instanceof ApiError && isTransient(error))) {
      this.#tell({ is: 'offline' });
      const wait = RETRY_DELAYS_MS[Math.min(this.#tries, RETRY_DELAYS_MS.length - 1)];
      this.#tries += 1;
      clearTimeout(this.#timer);
      // A page that is gone tries no more: the next one finds the copy on this device.
      if (!this.#stopped) this.#timer = setTimeout(() => void this.flush(trigger), wait);
      return;
    }
    if (
      error instanceof ApiError &&
      error.status === 409 &&
      (this.documentId !== undefined || this.type.kind === 'singleType')
    ) {
      try {
        await this.#meet(error);
        return;
      } catch (other) {
        if (other instanceof OfflineError) this.#tell({ is: 'offline' });
        else this.#refuse(other);
        return;
      }
    }
    this.#refuse(error);
  }

  /** What the server says is wrong stands beside its fields. */
  #refuse(error: unknown): void {
    const { fields, rest } = splitErrors(this, error);
    this.store.setErrors(fields);
    this.#tell({ is: 'refused', rest });
  }

  /** Takes in what somebody else saved, where the server refused to act on the older version that is shown. */
  async catchUp(error: ApiError): Promise<void> {
    await this.#meet(error);
  }

  /** Somebody saved in between: what only one touched is put together, the rest is asked for. */
  async #meet(error: ApiError): Promise<void> {
    const { store, type, model } = this;
    const read = await readEntry(type, this.documentId ?? '', { locale: this.locale });
    const theirs = withKeysOf(fromServer(model, type.attributes, read.entry), store.saved, store.ids);
    const { values, conflicts } = merge(model, type.attributes, store.saved, store.values, theirs.values);
    this.state = read.state ?? this.state;
    this.documentId = read.entry.documentId;
    if (conflicts.length === 0) {
      this.#version = read.version;
      store.acknowledge(theirs.values, withSame(values, theirs.values), theirs.ids);
      store.setProblems(draftProblems(this, read.problems));
      this.#tell(store.changed().length > 0 ? { is: 'changed' } : { is: 'saved', at: Date.now() });
      if (this.autosaves && store.changed().length > 0) this.#plan();
      return;
    }
    this.#theirs = { ...theirs, version: read.version };
    const by = error.details.by as { name?: string } | undefined;
    this.#tell({
      is: 'conflict',
      conflicts,
      by: by?.name ?? null,
      at: typeof error.details.at === 'string' ? error.details.at : null,
    });
  }

  /** Goes on after a conflict with what was chosen for each place. */
  resolve(choices: ReadonlyMap<string, 'mine' | 'theirs'>): void {
    const theirs = this.#theirs;
    if (this.#save.is !== 'conflict' || !theirs) return;
    const { store, type, model } = this;
    const { values, conflicts } = merge(model, type.attributes, store.saved, store.values, theirs.values);
    let resolved: Values = values;
    for (const conflict of conflicts) {
      if (choices.get(conflict.path) === 'theirs') resolved = takeTheirs(resolved, conflict);
    }
    this.#theirs = null;
    this.#version = theirs.version;
    store.acknowledge(theirs.values, theirs.values, theirs.ids);
    // A step of undo, so that what was not chosen can still be had back.
    const mine = changedValues(resolved, theirs.values);
    this.#tell({ is: 'changed' });
    if (Object.keys(mine).length > 0) store.assign(mine);
    void this.flush('asked');
  }

  /** Gives up what is not saved. A step of undo, so that it can still be had back. */
  drop(): void {
    const { saved } = this.store;
    if (this.store.changed().length > 0) this.store.assign(saved);
  }

  /** Gives attributes the values that they had. A step of undo; drafts are sent at once, also where the page is gone. */
  async giveBack(values: Values): Promise<boolean> {
    const others = changedValues(values, this.store.values);
    if (Object.keys(others).length > 0) this.store.assign(others);
    return this.autosaves ? this.flush('asked') : true;
  }

  /** Takes over what the server has now, after something other than a save changed it. What is not saved stays. */
  async reload(): Promise<void> {
    if (this.documentId === undefined) return;
    const { store, type, model } = this;
    const read = await readEntry(type, this.documentId, { locale: this.locale });
    const theirs = withKeysOf(fromServer(model, type.attributes, read.entry), store.saved, store.ids);
    const { values } = merge(model, type.attributes, store.saved, store.values, theirs.values);
    this.#version = read.version;
    this.state = read.state;
    store.acknowledge(theirs.values, withSame(values, theirs.values), theirs.ids);
    store.setProblems(draftProblems(this, read.problems));
    this.#tell(store.changed().length > 0 ? { is: 'changed' } : { is: 'saved', at: Date.now() });
  }
}

/** The attributes whose values are others. */
function changedValues(values: Values, saved: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !sameValue(value, saved[name])));
}

/** The same values, but the very objects of `saved` where they mean the same: identity says what differs. */
function withSame(values: Values, saved: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, sameValue(value, saved[name]) ? saved[name] : value]),
  );
}

/** Passwords are not kept on devices. */
function withoutPasswords(values: Values, type: ContentType): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => type.attributes[name]?.type !== 'password'));
}

/** How a document stands after a save of its draft. */
function stateAfterSave(
  state: DocumentState | null,
  version: string,
  locale: string | undefined,
  type: ContentType,
): DocumentState {
  const status = !type.draftAndPublish ? 'published' : 'draft';
  const changed = (old: DocumentState['status']) => (type.draftAndPublish && old === 'published' ? 'modified' : old);
  const locales = state?.locales ?? [];
  const hasLocale = locales.some(
    (each) => (each.locale ?? undefined) === locale || (locales.length === 1 && each.locale === null),
  );
  return {
    version: Number(version),
    status: state && hasLocale ? changed(state.status) : status,
    locales: hasLocale
      ? locales.map((each) =>
          (each.locale ?? undefined) === locale ? { ...each, status: changed(each.status) } : each,
        )
      : [...locales, { locale: locale ?? null, status }],
  };
}

/** Whether the same change may be accepted in a moment, as after a pause of a plugin. One that does not run is for people to look at. */
function isTransient({ status, details }: ApiError): boolean {
  const waits = details.code === 'plugin_not_running' && details.cause !== 'paused';
  return (status >= 502 || status === 429) && !waits;
}
