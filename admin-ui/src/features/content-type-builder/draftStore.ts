import { useSyncExternalStore } from 'react';
import type { AppliedChange, Changes } from '@/api/schemaChanges';
import { countChanges, UNCHANGED } from './model/draft';

/** Changes that are not applied yet, with the way back and forth. */
export interface DraftState {
  past: readonly Changes[];
  present: Changes;
  future: readonly Changes[];
  /** The model they were begun on. */
  hash: string | null;
  /** What was applied last, as long as the page lives: it can be taken back. */
  applied: AppliedChange | null;
}

const EMPTY: DraftState = { past: [], present: UNCHANGED, future: [], hash: null, applied: null };
/** Steps that can be undone. */
const MAX_UNDO_STEPS = 100;

/** The working copy of one project in this browser. It survives a reload, without its history. */
export class DraftStore {
  private state: DraftState;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly key: string,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = window.localStorage,
  ) {
    this.state = { ...EMPTY, ...this.stored() };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): DraftState => this.state;

  /** Makes a change; the same again is none. */
  change(change: (changes: Changes) => Changes, hash: string): void {
    const { present, past, hash: begun } = this.state;
    const next = change(present);
    if (next === present || JSON.stringify(next) === JSON.stringify(present)) return;
    this.set({
      ...this.state,
      past: [...past, present].slice(-MAX_UNDO_STEPS),
      present: next,
      future: [],
      hash: countChanges(present) === 0 ? hash : begun,
    });
  }

  undo(): void {
    const { past, present, future } = this.state;
    const before = past.at(-1);
    if (before) this.set({ ...this.state, past: past.slice(0, -1), present: before, future: [present, ...future] });
  }

  redo(): void {
    const { past, present, future } = this.state;
    const [next, ...later] = future;
    if (next) this.set({ ...this.state, past: [...past, present], present: next, future: later });
  }

  /** Forgets the changes: they are applied. */
  clear(applied: AppliedChange | null = null): void {
    this.set({ ...EMPTY, applied });
  }

  /** The changes are meant for the model as it is now. */
  rebase(hash: string): void {
    this.set({ ...this.state, hash });
  }

  private set(state: DraftState): void {
    this.state = state;
    try {
      if (countChanges(state.present) === 0) this.storage.removeItem(this.key);
      else this.storage.setItem(this.key, JSON.stringify({ present: state.present, hash: state.hash }));
    } catch {
      // Storage that is full or switched off: the changes last as long as the page.
    }
    for (const listener of this.listeners) listener();
  }

  private stored(): Partial<DraftState> {
    try {
      const stored: unknown = JSON.parse(this.storage.getItem(this.key) ?? 'null');
      if (!isKept(stored)) return {};
      return {
        present: { contentTypes: stored.present.contentTypes, components: stored.present.components },
        hash: stored.hash,
      };
    } catch {
      return {};
    }
  }
}

function isKept(value: unknown): value is { present: Changes; hash: string } {
  if (typeof value !== 'object' || value === null || !('present' in value) || !('hash' in value)) return false;
  const { present, hash } = value;
  if (typeof hash !== 'string' || typeof present !== 'object' || present === null) return false;
  return ['contentTypes', 'components'].every((key) => {
    const section: unknown = (present as Record<string, unknown>)[key];
    return typeof section === 'object' && section !== null && Object.values(section).every(isSchema);
  });
}

function isSchema(value: unknown): boolean {
  if (value === null) return true;
  const schema = value as { info?: unknown; attributes?: unknown };
  return (
    typeof value === 'object' &&
    typeof schema.info === 'object' &&
    typeof schema.attributes === 'object' &&
    schema.attributes !== null
  );
}

const stores = new Map<string, DraftStore>();

/** The working copy of a project. */
export function getDraftStore(tenant: string): DraftStore {
  const key = `cairn.builder.${tenant}`;
  const store = stores.get(key) ?? new DraftStore(key);
  stores.set(key, store);
  return store;
}

/** The state of a working copy, drawn again when it changes. */
export function useDraft(store: DraftStore): DraftState {
  return useSyncExternalStore(store.subscribe, store.read);
}
