// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, OfflineError } from '@/api/client';
import * as api from '@/api/translations';
import * as localCopy from '../localCopy';
import { isMachineTranslated } from './machineTranslations';
import { ChangedMeanwhile, explainFailure, previewTranslation, translateEmpty, translateField } from './translate';
import { localised, localisedType, openSides } from './testing';

const type = localisedType({
  title: localised('string'),
  summary: localised('text'),
  body: localised('blocks'),
  slug: localised('uid'),
  amount: localised('integer'),
});

const paragraph = (text: string) => [{ type: 'paragraph', children: [{ type: 'text', text, bold: true }] }];
const sides = (open: object, beside: object, of = type) => openSides(of, open, beside);
const error = (status: number, details: Record<string, unknown> = {}, message = '') =>
  new ApiError({ status, name: 'x', message, details });
const translateTexts = vi.spyOn(api, 'translateTexts');

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  translateTexts.mockReset().mockImplementation(async ({ texts }) => texts.map((text) => `nl: ${text}`));
});

describe('translating a field', () => {
  it('is announced as what it would do', () => {
    const { open, beside } = sides({ title: 'Gate', summary: 'Opens', slug: 'gate', amount: 7 }, { title: 'Poort' });
    const would = (name: string) => previewTranslation(open, beside, name);
    expect(would('title')).toBe('replaces');
    expect(would('summary')).toBe('fills');
    expect([would('slug'), would('amount'), would('body')]).toEqual(['nothing', 'nothing', 'nothing']);
    // A copy is to be translated, most likely.
    beside.store.set('title', 'Gate');
    expect(would('title')).toBe('replaces');
    const can = { ...type.can, fields: { ...type.can.fields, write: ['title'] } };
    const limited = sides({ summary: 'Opens' }, {}, { ...type, can });
    expect(previewTranslation(limited.open, limited.beside, 'summary')).toBe('nothing');
  });

  it('sends texts alone, keeps their structure and is one step of undo', async () => {
    const { open, beside } = sides({ body: paragraph('It opens') }, { body: paragraph('Oud') });
    const { count } = await translateField(open, beside, 'body');
    expect(translateTexts.mock.calls).toEqual([[{ type: type.uid, source: 'en', target: 'nl', texts: ['It opens'] }]]);
    expect([count, beside.store.get('body')]).toEqual([1, paragraph('nl: It opens')]);
    expect(isMachineTranslated(beside, 'body')).toBe(true);
    beside.store.undo();
    expect(beside.store.get('body')).toEqual(paragraph('Oud'));
    expect(isMachineTranslated(beside, 'body')).toBe(false);
  });

  it('is marked until somebody edits it', async () => {
    const { open, beside } = sides({ title: 'Gate' }, {});
    await translateField(open, beside, 'title');
    expect(isMachineTranslated(beside, 'title')).toBe(true);
    expect(isMachineTranslated(open, 'title')).toBe(false);
    beside.store.set('title', 'Poort');
    expect(isMachineTranslated(beside, 'title')).toBe(false);
  });

  it('leaves what is written meanwhile', async () => {
    const { open, beside } = sides({ title: 'Gate' }, { title: 'Poort' });
    translateTexts.mockImplementation(async ({ texts }) => {
      beside.store.set('title', 'Hek');
      return [...texts];
    });
    await expect(translateField(open, beside, 'title')).rejects.toBeInstanceOf(ChangedMeanwhile);
    expect(beside.store.get('title')).toBe('Hek');
  });
});

describe('translating all that is empty', () => {
  it('fills every empty field with words, and nothing else', async () => {
    const { open, beside } = sides(
      { title: 'Gate', summary: 'Opens', body: paragraph('It opens'), slug: 'gate', amount: 7 },
      { title: 'Poort' },
    );
    const { count, undo } = await translateEmpty(open, beside);
    expect(translateTexts.mock.calls.map(([{ texts }]) => texts)).toEqual([['Opens', 'It opens']]);
    expect(count).toBe(2);
    expect([beside.store.get('title'), beside.store.get('summary')]).toEqual(['Poort', 'nl: Opens']);
    expect([beside.store.get('slug') ?? null, beside.store.get('amount') ?? null]).toEqual([null, null]);
    await undo();
    expect(beside.store.get('summary') ?? null).toBeNull();
  });

  it('sends nothing where nothing is empty', async () => {
    const { open, beside } = sides({ title: 'Gate' }, { title: 'Poort' });
    expect((await translateEmpty(open, beside)).count).toBe(0);
    expect(translateTexts).not.toHaveBeenCalled();
  });

  it('sends long texts in several requests, and changes nothing where one of them fails', async () => {
    const { open, beside } = sides(
      { title: 'Gate', summary: 'x'.repeat(4_000), body: paragraph('y'.repeat(4_000)) },
      {},
    );
    translateTexts.mockResolvedValueOnce(['a', 'b']).mockRejectedValueOnce(new OfflineError());
    await expect(translateEmpty(open, beside)).rejects.toBeInstanceOf(OfflineError);
    expect(translateTexts).toHaveBeenCalledTimes(2);
    expect(beside.store.get('title') ?? null).toBeNull();
  });
});

it('explains what went wrong by its reason, or in the words of the plugin', () => {
  expect(explainFailure(error(503, { reason: 'off' }))).toEqual({ key: 'off' });
  expect(explainFailure(error(403))).toEqual({ key: 'forbidden' });
  expect(explainFailure(error(500))).toEqual({ key: 'failed' });
  expect(explainFailure(new OfflineError())).toEqual({ key: 'offline' });
  expect(explainFailure(new ChangedMeanwhile())).toEqual({ key: 'changed' });
  const errors = [{ path: [], message: 'No Frisian.', name: 'ValidationError' }];
  expect(explainFailure(error(400, { errors }, 'No Frisian.'))).toEqual({ words: 'No Frisian.' });
});
