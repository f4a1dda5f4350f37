/**
 * Why a call failed:
 * `http`: the server refused it, with a status;
 * `response`: it answered, but not as Cairn does: no JSON, or JSON of another shape;
 * `network`: there was no answer, or it broke off;
 * `timeout`: it took longer than `timeout`;
 * `abort`: your `signal` was aborted.
 */
export type FailureKind = 'http' | 'response' | 'network' | 'timeout' | 'abort';

/** A problem with one field of what was sent. */
export interface FieldError {
  /** Names and indexes that lead to the field; empty for the whole. */
  path: (string | number)[];
  message: string;
  name: string;
}

/** What the server says of an error beside its message. */
export interface ErrorDetails {
  /** The fields that are wrong, in a `ValidationError`. */
  errors?: FieldError[];
  /** The names of the attributes that changed since the version in `ifMatch`, in a `ConflictError`. */
  changed?: string[];
  /** Who changed them last. */
  by?: { kind?: string; id?: string | null; name?: string | null } | null;
  /** When they did. */
  at?: string | null;
  [detail: string]: unknown;
}

/** What is known of a failure. */
export interface Failure {
  kind: FailureKind;
  name: string;
  method: string;
  path: string;
  status?: number | undefined;
  details?: ErrorDetails | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** The error of every call that fails. It has neither the token nor the query: it may be logged. */
export class CairnError extends Error {
  readonly kind: FailureKind;
  /** The HTTP status of a refusal; `undefined` for all other kinds. */
  readonly status: number | undefined;
  /** The details of the server; empty where it sent none. */
  readonly details: ErrorDetails;
  readonly method: string;
  /** The path of the request, without its query. */
  readonly path: string;
  /** Seconds after which the server wants to be asked again, if it said so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, failure: Failure) {
    super(message, failure.cause === undefined ? undefined : { cause: failure.cause });
    // The server's name for the error (`ValidationError`, `NotFoundError`), by which programs tell errors apart.
    this.name = failure.name;
    this.kind = failure.kind;
    this.status = failure.status;
    this.details = failure.details ?? {};
    this.method = failure.method;
    this.path = failure.path;
    this.retryAfter = failure.retryAfter;
  }
}

/** Reads the error of a response in Strapi's format; `undefined` if the body has another one. */
export function readServerError(body: unknown): { name: string; message: string; details: ErrorDetails } | undefined {
  if (!isObject(body) || !isObject(body['error'])) return undefined;
  const { name, message, details } = body['error'];
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  return { name, message, details: isObject(details) ? readDetails(details) : {} };
}

/** Leaves out what is no field error and no name: programs walk these lists. */
function readDetails({ errors, changed, by, at, ...others }: { [name: string]: unknown }): ErrorDetails {
  const details: ErrorDetails = others;
  if (Array.isArray(errors)) details.errors = errors.filter(isFieldError);
  if (Array.isArray(changed)) details.changed = changed.filter((name): name is string => typeof name === 'string');
  if (isObject(by) || by === null) details.by = by;
  if (typeof at === 'string' || at === null) details.at = at;
  return details;
}

function isFieldError(value: unknown): value is FieldError {
  return isObject(value) && Array.isArray(value['path']) && typeof value['message'] === 'string';
}

/** True for objects that are no lists. */
export function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
