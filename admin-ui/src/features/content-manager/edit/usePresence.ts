import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { sendPresence, leaveDocument, type PresentUser, type Subject } from '@/api/editorial';
import { useSession } from '@/api/session';
import { type Colleague, peopleQuery } from '@/api/users';
import type { OtherEditors, Presence } from '@/fields/form/context';
import { toKeys, toPlaces } from '@/fields/form/values';
import type { EntrySession } from './session';

/** The name of this tab, the same over reloads. */
function tabName(): string {
  const stored = sessionStorage.getItem('cairn.tab');
  if (stored) return stored;
  const created = crypto.getRandomValues(new Uint32Array(2)).join('-');
  sessionStorage.setItem('cairn.tab', created);
  return created;
}

const NO_OTHER_EDITORS: OtherEditors = { names: [], locked: false };
/** A tab counts for a minute: two or three of these. */
const HEARTBEAT_MS = 20_000;

/** Who is in the entry, and in which of its fields. Says so of this tab as well, and asks to hold the field it is in. */
export class PresenceWatch implements Presence {
  #people: PresentUser[] = [];
  #others = new Map<string, OtherEditors>();
  #listeners = new Set<() => void>();
  #field: string | undefined;
  #tab = tabName();
  #subject: Subject;
  #session: EntrySession;
  #actor: string;
  #colleagues: () => Promise<readonly Pick<Colleague, 'id' | 'name'>[]>;

  /** `actor`: who this is. One's own other tabs are told of, but nobody is kept out by oneself. */
  constructor(
    subject: Subject,
    session: EntrySession,
    actor: string,
    colleagues: () => Promise<readonly Pick<Colleague, 'id' | 'name'>[]> = async () => [],
  ) {
    this.#colleagues = colleagues;
    this.#actor = actor;
    this.#subject = subject;
    this.#session = session;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get = (path: string): OtherEditors => this.#others.get(path) ?? NO_OTHER_EDITORS;

  /** The others in this entry, as the last beat told. */
  people = (): readonly PresentUser[] => this.#people;

  async say(takeOver = false): Promise<void> {
    const field = this.#field === undefined ? undefined : toPlaces(this.#session.store.values, this.#field);
    const { present } = await sendPresence(this.#subject, {
      tab: this.#tab,
      field,
      lock: field !== undefined,
      takeOver,
    });
    const people = await this.#named(present.filter((each) => each.tab !== this.#tab));
    if (JSON.stringify(people) === JSON.stringify(this.#people)) return;
    this.#people = people;
    this.#others = new Map();
    const { store, model, type } = this.#session;
    for (const { name, field: fieldPath, holds, actor } of people) {
      if (!fieldPath || actor === this.#actor) continue;
      const path = toKeys(store.values, type.attributes, model, fieldPath.split('.'));
      if (path === '') continue;
      const names = [...(this.#others.get(path)?.names ?? []), name];
      const locked = holds || (this.#others.get(path)?.locked ?? false);
      this.#others.set(path, { names, locked, ...(locked ? { takeOver: () => this.takeOver(path) } : {}) });
    }
    for (const listener of this.#listeners) listener();
  }

  /** People by their names; the server tells of some by their address. */
  async #named(present: PresentUser[]): Promise<PresentUser[]> {
    if (!present.some(({ name }) => name.includes('@'))) return present;
    const colleagues = await this.#colleagues().catch(() => []);
    return present.map((each) => ({
      ...each,
      name: colleagues.find(({ id }) => `admin:${id}` === each.actor)?.name ?? each.name,
    }));
  }

  /** This tab went into a field, or out of all. */
  enter(path: string | undefined): void {
    if (path === this.#field) return;
    this.#field = path;
    void this.say().catch(() => undefined);
  }

  takeOver(path: string): void {
    this.#field = path;
    void this.say(true).catch(() => undefined);
  }

  start(): () => void {
    const tell = () => void this.say().catch(() => undefined);
    tell();
    const timer = setInterval(tell, HEARTBEAT_MS);
    const onVisible = () => {
      if (document.visibilityState === 'visible') tell();
    };
    const onGone = () => void leaveDocument(this.#subject, this.#tab).catch(() => undefined);
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('pagehide', onGone);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('pagehide', onGone);
      onGone();
    };
  }
}

/** Watches who is in an entry while its page is open. */
export function usePresence(session: EntrySession): PresenceWatch | undefined {
  const { me } = useSession();
  const { type, documentId, locale } = session;
  const queries = useQueryClient();
  const watch = useMemo(
    () =>
      documentId
        ? new PresenceWatch({ uid: type.uid, documentId, locale }, session, `admin:${me.id}`, () =>
            queries.ensureQueryData(peopleQuery),
          )
        : undefined,
    [type, documentId, locale, session, me.id, queries],
  );
  useEffect(() => watch?.start(), [watch]);
  return watch;
}
