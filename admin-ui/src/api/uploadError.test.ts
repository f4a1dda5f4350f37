import { describe, expect, it } from 'vitest';
import { ApiError, OfflineError } from './ApiError';
import { toUploadError } from './uploadError';

const failed = (status: number, body: string) =>
  Object.assign(new Error('tus: unexpected response while uploading chunk'), {
    originalRequest: {},
    originalResponse: {
      getStatus: () => status,
      getHeader: (name: string) => (name === 'X-Request-Id' ? 'r1' : undefined),
      getBody: () => body,
    },
  });

describe('the error of an upload', () => {
  it('is the refusal of the server, in its words', () => {
    const body = JSON.stringify({
      error: { status: 415, name: 'InvalidFile', message: 'No such kind', details: { a: 1 } },
    });
    const error = toUploadError(failed(415, body));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 415, name: 'InvalidFile', message: 'No such kind', details: { a: 1 } });
    expect(error).toMatchObject({ reference: 'r1' });
  });

  it.each(['<html><h1>413 Request Entity Too Large</h1></html>', '', 'null', '[]', '{"error":null}'])(
    'has no words of a proxy: %j',
    (body) => {
      expect(toUploadError(failed(413, body))).toMatchObject({ status: 413, message: '', details: {} });
    },
  );

  it('is that of a server that cannot be reached, where nothing came back', () => {
    const error = Object.assign(new Error('tus: failed to upload chunk'), {
      originalRequest: {},
      originalResponse: null,
    });
    expect(toUploadError(error)).toBeInstanceOf(OfflineError);
  });

  it('is itself where nothing was sent', () => {
    const error = new Error('tus: cannot read the file');
    expect(toUploadError(error)).toBe(error);
  });
});
