// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/client';
import { problemAt, problemsOf } from './problems';

const errorWith = (message: string, details = {}): ApiError =>
  new ApiError({ status: 400, name: 'ValidationError', message, details });

describe('problems of an error', () => {
  it('come from the details', () => {
    const error = errorWith('2 problems', {
      errors: [{ path: ['stages', '0', 'name'], message: 'is empty', name: 'ValidationError' }],
    });
    expect(problemsOf(error)).toEqual([{ path: 'stages.0.name', message: 'is empty' }]);
    expect(problemAt(error, 'stages.0')).toBe('is empty');
    expect(problemAt(error, 'stages.1')).toBeUndefined();
  });

  it('come from the message if there are no details', () => {
    const error = errorWith('events[1]: expected one of entry.create; url: must be https');
    expect(problemAt(error, 'events')).toBe('expected one of entry.create');
    expect(problemAt(error, 'url')).toBe('must be https');
    expect(problemAt(error, 'types')).toBeUndefined();
  });

  it('are empty for a message without a field, or another status', () => {
    expect(problemsOf(errorWith('say who owns it'))).toEqual([]);
    expect(problemsOf(new ApiError({ status: 500, name: 'x', message: 'url: x' }))).toEqual([]);
  });
});
