import { ApiError } from '@/api/ApiError';
import type { MediaType } from '@/api/model';
import { resolveReference, type Schema, typeOf } from './schema';

/** What a control for values that name something takes from its form. A single value is a list of at most one. */
export interface ReferenceProps {
  label: string;
  description: string | undefined;
  error: string | undefined;
  disabled: boolean;
  required: boolean;
  name: string;
  placeholder: string | undefined;
  values: readonly string[];
  many: boolean;
  maxItems: number | undefined;
  onChange: (values: readonly string[]) => void;
}

/** The ids in a value; what is none is left out. */
export function idsOf(value: unknown): string[] {
  const ids = (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((id) =>
    typeof id === 'string' || typeof id === 'number' ? [String(id)] : [],
  );
  return [...new Set(ids)].filter((id) => id !== '');
}

/** The value that ids stand for in a property; nothing where there is none left. */
export function valueOfIds(ids: readonly string[], many: boolean): unknown {
  if (ids.length === 0) return undefined;
  return many ? [...ids] : ids[0];
}

/** The schema that says what is chosen: that of the items of a list. */
export function referenceSchemaOf(schema: Schema, root: Schema): Schema {
  return typeOf(schema) === 'array' ? resolveReference(schema.items ?? {}, root) : schema;
}

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  image: 'images',
  video: 'videos',
  audio: 'audios',
  file: 'files',
};

/** The kinds of files that `accepts` names; none: all. */
export function mediaTypesOf(accepts: unknown): MediaType[] {
  if (!Array.isArray(accepts)) return [];
  return Object.entries(MEDIA_TYPES).flatMap(([word, type]) => (accepts.includes(word) ? [type] : []));
}

/** Whether the reader lacks the right: to try again would not help. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Whether there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
