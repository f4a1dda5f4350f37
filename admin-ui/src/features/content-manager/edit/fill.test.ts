// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { testModel } from '@/views/testModel';
import { overwrittenBy, takeOver } from './fill';
import * as localCopy from './localCopy';
import { EntrySession } from './session';

const localised = { type: 'string', pluginOptions: { i18n: { localized: true } } };
const type = {
  ...testModel.contentTypes[0],
  draftAndPublish: false,
  localized: true,
  attributes: { title: localised, summary: localised, note: localised },
} as (typeof testModel.contentTypes)[0];

function begin() {
  const session = new EntrySession({
    model: testModel,
    type,
    documentId: 'd',
    locale: 'nl',
    read: null,
    initial: { title: 'Hallo', summary: null, note: 'Gelijk' },
    copyKey: 'k',
  });
  return session;
}

const found = { title: 'Hello', summary: 'A greeting', note: 'Gelijk' };

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
});

describe('another locale', () => {
  it('would overwrite only what is written here and differs', () => {
    expect(overwrittenBy(begin(), found)).toEqual(['title']);
    expect(overwrittenBy(begin(), { title: '', summary: 'A greeting' })).toEqual([]);
  });

  it('fills what is empty, and leaves the rest alone', () => {
    const session = begin();
    expect(takeOver(session, found, 'empty').count).toBe(1);
    expect(session.store.values).toEqual({ title: 'Hallo', summary: 'A greeting', note: 'Gelijk' });
  });

  it('replaces everything, which undo takes back but for what was written since', async () => {
    const session = begin();
    const { count, undo } = takeOver(session, found, 'all');
    expect(count).toBe(2);
    session.store.set('summary', 'Een groet');
    await undo();
    expect(session.store.values).toEqual({ title: 'Hallo', summary: 'Een groet', note: 'Gelijk' });
  });
});
