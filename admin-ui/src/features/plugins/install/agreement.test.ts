import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/client';
import { agreementOf, canInstall, firstGrants, inOrderOfNews, missingWords } from './agreement';
import { packageProblems } from './problems';

const line = (index: number, optional: boolean, granted: boolean) => ({
  index,
  capability: 'http',
  sentence: '',
  reason: null,
  optional,
  granted,
  isNew: false,
});

describe('what is agreed to', () => {
  it('begins with all that has to be, and what was granted before', () => {
    expect(firstGrants({ grants: [line(0, false, false), line(1, true, false), line(2, true, true)] })).toEqual([0, 2]);
  });

  it('shows what is new first, and marks it in an upgrade alone', () => {
    const does = [
      { kind: 'route', sentence: 'as before', isNew: false },
      { kind: 'hook', sentence: 'news', isNew: true },
    ];
    expect(inOrderOfNews(does, true).map(({ sentence }) => sentence)).toEqual(['news', 'as before']);
    expect(inOrderOfNews(does, false)).toEqual(does.map((one) => ({ ...one, isNew: false })));
  });

  it('needs each word that the server wants', () => {
    expect(missingWords({ needs: ['unsigned', 'older'] }, new Set(['older']))).toEqual(['unsigned']);
    expect(agreementOf({ needs: ['unsigned'] }, new Set([2, 0]))).toEqual({ grants: [0, 2], unsigned: true });
    expect(agreementOf({ needs: [] }, new Set())).toEqual({ grants: [] });
  });

  it('is nothing where it is refused or there already', () => {
    expect(
      (['install', 'upgrade', 'older', 'same', 'refused'] as const).map((decision) => canInstall({ decision })),
    ).toEqual([true, true, true, false, false]);
  });
});

const refused = (errors: unknown, status = 400): ApiError =>
  new ApiError({ status, name: 'ValidationError', message: '', details: { errors } });

describe('what is wrong with a package', () => {
  it('is told by its places', () => {
    expect(
      packageProblems(
        refused([
          { path: 'plugin.toml:12', message: 'no such capability' },
          { path: ['plugin.wasm'], message: 'is missing' },
        ]),
      ),
    ).toEqual([
      { place: 'plugin.toml:12', message: 'no such capability' },
      { place: 'plugin.wasm', message: 'is missing' },
    ]);
  });
  it('is nothing where the answer is about something else, or not of this shape', () => {
    expect(
      [
        refused([{}], 400),
        refused('x'),
        refused([null, { message: 3 }]),
        refused([{ path: 'a', message: 'b' }], 500),
        new Error('x'),
      ].map(packageProblems),
    ).toEqual([[], [], [], [], []]);
  });
});
