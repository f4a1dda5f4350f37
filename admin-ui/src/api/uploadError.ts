import { ApiError, OfflineError } from './ApiError';

/** What `tus-js-client` throws: the request that failed, and what came back. */
interface FailedUpload extends Error {
  originalRequest?: object | null;
  originalResponse?: {
    getStatus: () => number;
    getHeader: (name: string) => string | undefined;
    getBody: () => string;
  } | null;
}

/**
 * The error of an upload in pieces as that of any other request: a refusal, by the server or by a proxy before it, or no answer. The library's own
 * message is for developers: it has addresses, headers and bodies in it.
 */
export function toUploadError(failure: FailedUpload): Error {
  const { originalRequest, originalResponse } = failure;
  if (!originalResponse) return originalRequest ? new OfflineError('no answer', { cause: failure }) : failure;
  const error = readRefusal(originalResponse.getBody());
  return new ApiError({
    status: originalResponse.getStatus(),
    name: error?.name ?? 'HttpError',
    message: error?.message ?? '',
    details: { ...error?.details },
    reference: originalResponse.getHeader('X-Request-Id'),
  });
}

/** What the server says; a proxy answers with a page of its own. */
function readRefusal(body: string): Partial<ApiError> | undefined {
  try {
    return (JSON.parse(body) as { error?: Partial<ApiError> } | null)?.error;
  } catch {
    return undefined;
  }
}
