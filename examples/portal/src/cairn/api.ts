import { strapi } from '@strapi/client';

/** A response of Cairn other than the one that was expected. */
export class CairnError extends Error {
  constructor(
    readonly status: number,
    /** Cairn's own sentence, in the language of the request if the route has it. */
    message: string,
    /** The fields that are wrong, each with its sentence. */
    readonly fields: { path: string; message: string }[],
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }
}

/** The visitor for whom requests to Cairn are made. */
export interface Caller {
  /** Token of the content API; without one, as the public. */
  token?: string | undefined;
  language: string;
  /** Network address of the visitor: Cairn counts attempts by it. */
  address: string;
}

const TIMEOUT_MILLIS = 15_000;

type StrapiClient = ReturnType<typeof strapi>;

interface ErrorBody {
  error?: { message?: string; details?: { errors?: { path?: (string | number)[]; message?: string }[] } };
}

/** Cairn's API for one caller. Content goes through `@strapi/client`, which the routes of plugins are called with as well. */
export class CairnApi {
  readonly client: StrapiClient;

  constructor(
    readonly base: URL,
    readonly caller: Caller,
  ) {
    const headers = { 'Accept-Language': caller.language, 'X-Forwarded-For': caller.address };
    const baseURL = new URL('api', withSlash(base)).href;
    this.client = strapi({ baseURL, headers, ...(caller.token ? { auth: caller.token } : {}) });
  }

  /** Reads JSON. Throws a {@link CairnError} for any status but 2xx. */
  async get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    return this.send<T>('GET', withQuery(path, { locale: this.caller.language, ...query }));
  }

  /** Sends JSON. Throws a {@link CairnError} for any status but 2xx. */
  async post<T>(path: string, body: object, query: Record<string, string | undefined> = {}): Promise<T> {
    return this.send<T>('POST', withQuery(path, { locale: this.caller.language, ...query }), body);
  }

  /** Sends JSON in the place of what is there. Throws a {@link CairnError} for any status but 2xx. */
  async put<T>(path: string, body: object): Promise<T> {
    return this.send<T>('PUT', withQuery(path, { locale: this.caller.language }), body);
  }

  /** Reads a document of a content type of the portal, with some of its files. Throws a {@link CairnError} if the caller may not see it. */
  async findPart<T>(plural: string, id: string, files: string[]): Promise<T> {
    const collection = this.client.collection(plural, { path: `/portal/${plural}` });
    return toCairnErrors(async () => {
      const { data } = await collection.findOne(encodeURIComponent(id), { populate: files });
      return data as unknown as T;
    });
  }

  /** Reads documents of a content type of the portal, with some of their files: those that the caller may see, up to 100. */
  async findParts<T>(plural: string, ids: string[], files: string[]): Promise<T[]> {
    const collection = this.client.collection(plural, { path: `/portal/${plural}` });
    return toCairnErrors(async () => {
      const filters = { documentId: { $in: ids.slice(0, 100) } };
      const { data } = await collection.find({ filters, populate: files, pagination: { pageSize: 100 } });
      return data as unknown as T[];
    });
  }

  private async send<T>(method: string, path: string, body?: object): Promise<T> {
    return toCairnErrors(async () => {
      const response = await this.client.fetch(path, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
        ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}),
      });
      return (response.status === 204 ? undefined : await response.json()) as T;
    });
  }
}

/** The client throws for statuses with errors of its own, which carry the response. */
async function toCairnErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const response = (error as { response?: unknown }).response;
    if (response instanceof Response) throw await readError(response);
    throw error;
  }
}

/** The error that a response describes. */
export async function readError(response: Response): Promise<CairnError> {
  const body: ErrorBody = await response.json().then(
    (value) => (value ?? {}) as ErrorBody,
    () => ({}),
  );
  const fields = (body.error?.details?.errors ?? []).map(({ path, message }) => ({
    path: (path ?? []).join('.'),
    message: message ?? '',
  }));
  const retryAfter = Number(response.headers.get('retry-after'));
  return new CairnError(response.status, body.error?.message ?? '', fields, retryAfter > 0 ? retryAfter : undefined);
}

/** True if an error is a response of Cairn with that status. */
export function hasStatus(error: unknown, ...statuses: number[]): error is CairnError {
  return error instanceof CairnError && statuses.includes(error.status);
}

/** What a request reads; `undefined` where Cairn has no such thing for the caller, or a plugin's version has no such route. Throws other errors. */
export async function readIfPresent<T>(read: () => Promise<T>, ...others: number[]): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasStatus(error, 403, 404, 405, ...others)) return undefined;
    throw error;
  }
}

function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return `${path}?${parameters}`;
}

function withSlash(url: URL): URL {
  return url.pathname.endsWith('/') ? url : new URL(`${url.href}/`);
}
