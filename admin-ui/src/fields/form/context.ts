import {
  type ComponentType,
  createContext,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { Attribute, Attributes, Model } from '@/api/model';
import type { NamedView } from '../customField/base';
import type { InputProps } from '../types';
import type { EntrySlugs, TakenSlug } from './slugs';
import type { EntryStore } from './store';
import { isItem, type RelationItem } from './values';

/** Whether a field may be changed, and why not. */
export interface FieldAccess {
  disabled: boolean;
  reason?: string;
  hidden?: boolean;
}

/** Who else is in a field. */
export interface OtherEditors {
  names: readonly string[];
  /** They hold it: it is not to be changed meanwhile. */
  locked: boolean;
  takeOver?: () => void;
}

/** Who is in which field, as it changes. `get` answers the same object until it does. */
export interface Presence {
  subscribe: (listener: () => void) => () => void;
  get: (path: string) => OtherEditors;
}

/** A field that a plugin's view is named for. */
export interface CustomFieldProps extends InputProps {
  view: NamedView;
  /** The input of its kind: in the view's place where that cannot be. */
  Input: ComponentType<InputProps>;
}

/** What the fields of a form know of where they are. */
export interface FormHost {
  /** Begins the ids of its inputs. The form of the page has none; one that is opened over it has the same fields, perhaps. */
  id?: string | undefined;
  store: EntryStore;
  /** What is known of the names for addresses in it. */
  slugs?: EntrySlugs | undefined;
  model: Model;
  /** The type that is edited; relations search its targets through it. */
  uid: string;
  documentId?: string | undefined;
  locale?: string | undefined;
  /** Whether fields that all languages share say so. */
  marksShared?: boolean | undefined;
  access: (path: string, attribute: Attribute) => FieldAccess;
  /** Buttons beside a field's label: comments, history, fill from a locale. */
  Tools?: ComponentType<{ path: string; name: string; attribute: Attribute }> | undefined;
  /** What another locale has in a field, beside it. */
  Beside?: ComponentType<{ path: string; name: string; attribute: Attribute }> | undefined;
  /** Who else is in a field, or holds it. */
  presence?: Presence | undefined;
  /** Undo over all fields, for editors that keep its keys from the page. */
  turn?: ((way: 'undo' | 'redo') => void) | undefined;
  /** Draws fields that plugins have views for. Without it their kind's own input does. */
  CustomField?: ComponentType<CustomFieldProps> | undefined;
  /** Makes an entry that a relation can lead to, without leaving the page. */
  CreateEntry?:
    | ComponentType<{ uid: string; title: string; onCreated: (item: RelationItem) => void; onClose: () => void }>
    | undefined;
}

const subscribeToNothing = () => () => {};

export const FormContext = createContext<FormHost | null>(null);

/** Draws the attributes of a type or component. A context, since components have fields, and fields may be components. */
export interface FieldsProps {
  /** The path of what has the attributes; empty for the entry itself. */
  at: string;
  attributes: Attributes;
  /** Which of them; all where it is not said. */
  names?: readonly string[];
}
export const FieldsContext = createContext<ComponentType<FieldsProps> | null>(null);

/** The form around a field. Without one (the type builder, a filter) there is none. */
export function useMaybeForm(): FormHost | null {
  return useContext(FormContext);
}

export function useForm(): FormHost {
  const host = useContext(FormContext);
  if (!host) throw new Error('A field that needs the form is outside of one');
  return host;
}

/** The value at a path; draws again when it changes, and only then. */
export function useValue(path: string): unknown {
  const { store } = useForm();
  const subscribe = useCallback((listener: () => void) => store.subscribe(path, listener), [store, path]);
  return useSyncExternalStore(subscribe, () => store.get(path));
}

/**
 * The value at a path as far as it says which components are there: the same object until one comes, goes or moves. What is
 * typed inside of one is a matter of the fields inside: two hundred of them are not drawn again for a key.
 */
export function useStructure(path: string): unknown {
  const { store } = useForm();
  const subscribe = useCallback((listener: () => void) => store.subscribe(path, listener), [store, path]);
  const last = useRef<unknown>(undefined);
  return useSyncExternalStore(subscribe, () => {
    const value = store.get(path);
    if (!sameStructure(last.current, value)) last.current = value;
    return last.current;
  });
}

function sameStructure(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => sameStructure(item, b[at]));
  return a === b || (isItem(a) && isItem(b) && a.__key === b.__key && a.__component === b.__component);
}

/** What is wrong at a path. */
export function useError(path: string): string | undefined {
  const { store } = useForm();
  return useSyncExternalStore(store.subscribeErrors, () => store.errors.get(path) ?? store.problems.get(path));
}

/** How many things are wrong in what is at a path. */
export function useErrorCount(path: string): number {
  const { store } = useForm();
  return useSyncExternalStore(store.subscribeErrors, () => {
    let count = 0;
    const keys = new Set([...store.errors.keys(), ...store.problems.keys()]);
    for (const key of keys) if (key === path || key.startsWith(`${path}.`)) count += 1;
    return count;
  });
}

/** Whether another entry has the name for addresses at a path, and which one could be had instead. */
export function useTakenSlug(path: string): TakenSlug | null {
  const slugs = useMaybeForm()?.slugs;
  return useSyncExternalStore(slugs?.subscribe ?? subscribeToNothing, () => slugs?.taken(path) ?? null);
}

/** The path of what an attribute belongs to. */
export function parentOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}

/** The values of the attributes beside one, read when asked for. */
export function useSiblings(path: string): { get: (name: string) => unknown } {
  const host = useMaybeForm();
  return useMemo(() => {
    const parent = parentOf(path);
    return { get: (name: string) => host?.store.get(parent === '' ? name : `${parent}.${name}`) };
  }, [host, path]);
}

const NO_OTHER_EDITORS: OtherEditors = { names: [], locked: false };

/** Who else is in the field of a path. */
export function useOthers(path: string): OtherEditors {
  const { presence } = useForm();
  return useSyncExternalStore(presence?.subscribe ?? subscribeToNothing, () => presence?.get(path) ?? NO_OTHER_EDITORS);
}
