import { PendingUploads } from './pendingUploads';
import { getAt, setAt, type Values } from './values';

interface UndoStep {
  root: Values;
  /** Where the change was, to go back there with the focus. */
  path: string;
}

type Listener = () => void;

/** Steps of undo that are kept. They share what did not change, so that a step costs what was changed by it. */
const MAX_UNDO_STEPS = 300;
/** Changes of one place within this time are one step. */
const MERGE_WINDOW_MS = 1000;

/**
 * The values of an entry while it is edited, and who is to be told of what.
 *
 * Typing must cost the same whatever the size of the entry. So a change copies only the objects on its path and calls only
 * the inputs on that path. Values are never changed in place, by which undo, autosave and merging have the whole entry at
 * any time for nothing, and see by identity what differs.
 */
export class EntryStore {
  #root: Values;
  #saved: Values;
  #past: UndoStep[] = [];
  #future: UndoStep[] = [];
  #last = { path: '', at: 0 };
  #listeners = new Map<string, Set<Listener>>();
  #anything = new Set<Listener>();
  #errors = new Map<string, string>();
  #problems: ReadonlyMap<string, string> = new Map();
  #errorListeners = new Set<Listener>();
  #revealers = new Set<(path: string) => void>();
  /** The ids of component instances in the database, by their keys. */
  ids: Map<string, number>;
  /** Files that are not in the values yet. */
  readonly uploads = new PendingUploads();

  constructor(values: Values, ids: Map<string, number> = new Map()) {
    this.#root = values;
    this.#saved = values;
    this.ids = ids;
  }

  /** All values, as they are now. */
  get values(): Values {
    return this.#root;
  }

  /** All values as the server has them. */
  get saved(): Values {
    return this.#saved;
  }

  get = (path: string): unknown => getAt(this.#root, path);

  /** Changes a value. Changes of the same place in quick succession are undone together, unless `step` says otherwise. */
  set(path: string, value: unknown, step: 'together' | 'apart' = 'together'): void {
    const next = setAt(this.#root, path, value) as Values;
    if (next === this.#root) return;
    const now = Date.now();
    const same = step === 'together' && this.#last.path === path && now - this.#last.at < MERGE_WINDOW_MS;
    if (!same) {
      this.#past.push({ root: this.#root, path });
      if (this.#past.length > MAX_UNDO_STEPS) this.#past.shift();
    }
    this.#last = step === 'together' ? { path, at: now } : { path: '', at: 0 };
    this.#future = [];
    this.#root = next;
    this.#clearErrors(path);
    this.#tell(path);
  }

  /** Changes a value that follows from a change that was made just now: both are one step of undo. */
  follow(path: string, value: unknown): void {
    const next = setAt(this.#root, path, value) as Values;
    if (next === this.#root) return;
    this.#root = next;
    this.#clearErrors(path);
    this.#tell(path);
  }

  /** The step that Undo would take back: the same object until there is another one. */
  get lastStep(): object | undefined {
    return this.#past.at(-1);
  }

  /** Changes several attributes in one step: what was restored, filled in or merged. */
  assign(values: Values): void {
    const next = { ...this.#root, ...values };
    this.#past.push({ root: this.#root, path: Object.keys(values)[0] ?? '' });
    this.#last = { path: '', at: 0 };
    this.#future = [];
    this.#root = next;
    this.#tellAll();
  }

  /** What is shown becomes what the server has; `values` where it changed something itself. Not a step of undo. */
  acknowledge(saved: Values, values: Values, ids: Map<string, number>): void {
    this.ids = ids;
    this.#saved = saved;
    this.#root = values;
    this.#tellAll();
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Takes the last step back; answers where it was. */
  undo(): string | null {
    return this.#turn(this.#past, this.#future);
  }

  redo(): string | null {
    return this.#turn(this.#future, this.#past);
  }

  #turn(from: UndoStep[], to: UndoStep[]): string | null {
    const step = from.pop();
    if (!step) return null;
    to.push({ root: this.#root, path: step.path });
    this.#root = step.root;
    this.#last = { path: '', at: 0 };
    this.#tellAll();
    return step.path;
  }

  /** Names of the attributes that differ from what the server has. */
  changed(): string[] {
    const names = new Set([...Object.keys(this.#root), ...Object.keys(this.#saved)]);
    return [...names].filter((name) => this.#root[name] !== this.#saved[name]);
  }

  /** Calls when the value at the path, or something in it or around it, changes. */
  subscribe(path: string, listener: Listener): () => void {
    let set = this.#listeners.get(path);
    if (!set) this.#listeners.set(path, (set = new Set()));
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(path);
    };
  }

  /** Calls at every change. For what does little: starting a clock, not drawing. */
  subscribeAll = (listener: Listener): (() => void) => {
    this.#anything.add(listener);
    return () => this.#anything.delete(listener);
  };

  #tell(path: string): void {
    for (let at = path; ; ) {
      for (const listener of this.#listeners.get(at) ?? []) listener();
      if (at === '') break;
      const dot = at.lastIndexOf('.');
      at = dot < 0 ? '' : at.slice(0, dot);
    }
    const inside = `${path}.`;
    for (const [key, set] of this.#listeners) if (key.startsWith(inside)) for (const listener of set) listener();
    for (const listener of this.#anything) listener();
  }

  #tellAll(): void {
    for (const set of this.#listeners.values()) for (const listener of set) listener();
    for (const listener of this.#anything) listener();
  }

  /** What is wrong, by path, in the order it is to be listed. */
  get errors(): ReadonlyMap<string, string> {
    return this.#errors;
  }

  setErrors(errors: Map<string, string>): void {
    this.#errors = errors;
    for (const listener of this.#errorListeners) listener();
  }

  /** What is wrong with values that the server has, by path: to be mended before they are published. */
  get problems(): ReadonlyMap<string, string> {
    return this.#problems;
  }

  setProblems(problems: ReadonlyMap<string, string>): void {
    if (problems.size === 0 && this.#problems.size === 0) return;
    this.#problems = problems;
    for (const listener of this.#errorListeners) listener();
  }

  #clearErrors(path: string): void {
    const without = (found: ReadonlyMap<string, string>) =>
      new Map([...found].filter(([key]) => key !== path && !key.startsWith(`${path}.`)));
    if (this.#errors.size > 0) {
      const left = without(this.#errors);
      if (left.size !== this.#errors.size) this.setErrors(left);
    }
    if (this.#problems.size > 0) {
      const left = without(this.#problems);
      if (left.size !== this.#problems.size) this.setProblems(left);
    }
  }

  subscribeErrors = (listener: Listener): (() => void) => {
    this.#errorListeners.add(listener);
    return () => this.#errorListeners.delete(listener);
  };

  /** Opens whatever hides the field of a path. */
  reveal(path: string): void {
    for (const revealer of this.#revealers) revealer(path);
  }

  onReveal(revealer: (path: string) => void): () => void {
    this.#revealers.add(revealer);
    return () => this.#revealers.delete(revealer);
  }
}
