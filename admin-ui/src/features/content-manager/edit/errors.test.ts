// @vitest-environment jsdom
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '@/api/client';
import type { ContentType } from '@/api/model';
import { EntryStore } from '@/fields/form/store';
import common from '@/i18n/en/common.json';
import { type EditTarget, splitErrors } from './errors';

const edited: EditTarget = {
  store: new EntryStore({ title: 'x' }),
  type: { attributes: { title: { type: 'string' } } } as unknown as ContentType,
  model: { contentTypes: [], components: [], hash: '', locked: false },
};

describe('errors of the server', () => {
  beforeAll(async () => {
    await i18next.init({ lng: 'en', ns: ['common'], defaultNS: 'common', resources: { en: { common } } });
  });

  it('are assigned to their fields', () => {
    const error = new ApiError({
      status: 400,
      name: 'ValidationError',
      message: 'title must be unique',
      details: { errors: [{ path: ['title'], message: 'title must be unique', name: 'ValidationError' }] },
    });
    expect([...splitErrors(edited, error).fields]).toEqual([['title', 'Must be unique']]);
  });

  it('name the missing permission and who can grant it', () => {
    const error = new ApiError({
      status: 403,
      name: 'ForbiddenError',
      message: 'Forbidden',
      details: { action: 'publish' },
    });
    const { rest } = splitErrors(edited, error);
    expect(rest[0]).toContain('“publish”');
    expect(rest[0]).toContain('administrator');
  });
});
