/** One thing that is wrong with a request, and where in it. */
export interface Problem {
  path: readonly (string | number)[];
  message: string;
  name: string;
}

/** A refusal of the server, in its own words. `ErrorMessage` says it in the reader's. */
export class ApiError extends Error {
  override readonly name: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  /** By which the server's log has the request. */
  readonly reference: string | undefined;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined;

  constructor(init: {
    status: number;
    name: string;
    message: string;
    details?: Record<string, unknown>;
    reference?: string;
    retryAfter?: number;
  }) {
    super(init.message);
    this.name = init.name;
    this.status = init.status;
    this.details = init.details ?? {};
    this.reference = init.reference;
    this.retryAfter = init.retryAfter;
  }

  /** What is wrong with single fields. */
  get problems(): readonly Problem[] {
    const { errors } = this.details;
    return Array.isArray(errors) ? errors.filter(isProblem) : [];
  }

  /** The right that is missing, where the server names it. */
  get missingRight(): string | undefined {
    const { action } = this.details;
    return typeof action === 'string' ? action : undefined;
  }
}

/** The server cannot be reached: no network, or it is down. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' && value !== null && 'path' in value && Array.isArray(value.path) && 'message' in value
  );
}
