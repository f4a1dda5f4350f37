// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/client';
import { toAgreement, canInstall, defaultGrants, newestFirst, missingConfirmations } from './agreement';
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

describe('the agreement', () => {
  it('starts with required grants and previously granted ones', () => {
    expect(defaultGrants({ grants: [line(0, false, false), line(1, true, false), line(2, true, true)] })).toEqual([
      0, 2,
    ]);
  });

  it('lists new effects first, and marks them in upgrades only', () => {
    const does = [
      { kind: 'route', sentence: 'as before', isNew: false },
      { kind: 'hook', sentence: 'news', isNew: true },
    ];
    expect(newestFirst(does, true).map(({ sentence }) => sentence)).toEqual(['news', 'as before']);
    expect(newestFirst(does, false)).toEqual(does.map((one) => ({ ...one, isNew: false })));
  });

  it('requires each confirmation that the server needs', () => {
    expect(missingConfirmations({ needs: ['unsigned', 'older'] }, new Set(['older']))).toEqual(['unsigned']);
    expect(toAgreement({ needs: ['unsigned'], choices: [], opened: ['api::page.page'] }, new Set([2, 0]))).toEqual({
      grants: [0, 2],
      opened: ['api::page.page'],
      unsigned: true,
    });
    expect(toAgreement({ needs: [], choices: [], opened: [] }, new Set())).toEqual({ grants: [] });
  });

  it('is impossible if the package is refused or already installed', () => {
    expect(
      (['install', 'upgrade', 'older', 'same', 'refused'] as const).map((decision) => canInstall({ decision })),
    ).toEqual([true, true, true, false, false]);
  });
});

const errorWith = (errors: unknown, status = 400): ApiError =>
  new ApiError({ status, name: 'ValidationError', message: '', details: { errors } });

describe('problems of a package', () => {
  it('have their locations', () => {
    expect(
      packageProblems(
        errorWith([
          { path: 'plugin.toml:12', message: 'no such capability' },
          { path: ['plugin.wasm'], message: 'is missing' },
        ]),
      ),
    ).toEqual([
      { location: 'plugin.toml:12', message: 'no such capability' },
      { location: 'plugin.wasm', message: 'is missing' },
    ]);
  });
  it('are empty if the error is about something else or has another shape', () => {
    expect(
      [
        errorWith([{}], 400),
        errorWith('x'),
        errorWith([null, { message: 3 }]),
        errorWith([{ path: 'a', message: 'b' }], 500),
        new Error('x'),
      ].map(packageProblems),
    ).toEqual([[], [], [], [], []]);
  });
});
