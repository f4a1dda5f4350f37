// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as localCopy from '../localCopy';
import { copyField, fillEmpty, hasTwoSides, previewCopy } from './copyAcross';
import { localised, localisedType, openSides, shared } from './testing';

const type = localisedType({
  title: localised('string'),
  summary: localised('text'),
  slug: localised('uid'),
  pin: localised('password'),
  place: shared('string'),
});

const sides = (open: object, beside: object, of = type) => openSides(of, open, beside);

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
});

it('has two sides for what each language has of its own and everybody may read', () => {
  const names = Object.keys(type.attributes).filter((name) => hasTwoSides(type.attributes[name]));
  expect(names).toEqual(['title', 'summary', 'slug']);
  // Relations are of one language each, unless the schema says otherwise.
  expect(hasTwoSides({ type: 'relation' })).toBe(true);
  expect(hasTwoSides({ type: 'string' })).toBe(false);
});

describe('copying a field', () => {
  it('is announced as what it would do', () => {
    const { open, beside } = sides({ title: 'Gate', summary: 'Opens', slug: 'gate' }, { title: 'Poort', slug: null });
    expect(previewCopy(open, beside, 'title')).toBe('replaces');
    expect(previewCopy(open, beside, 'summary')).toBe('fills');
    expect(previewCopy(beside, open, 'summary')).toBe('nothing');
    expect(previewCopy(open, beside, 'slug')).toBe('nothing');
    beside.store.set('title', 'Gate');
    expect(previewCopy(open, beside, 'title')).toBe('nothing');
  });

  it('is not offered where the role may not write', () => {
    const can = { ...type.can, fields: { ...type.can.fields, write: ['title'] } };
    const { open, beside } = sides({ summary: 'Opens' }, {}, { ...type, can });
    expect(previewCopy(open, beside, 'summary')).toBe('nothing');
  });

  it('takes what is typed, saved or not, and can be undone in both ways', async () => {
    const { open, beside } = sides({ title: 'Gate' }, { title: 'Poort' });
    open.store.set('title', 'The gate');
    const { count, undo } = copyField(open, beside, 'title');
    expect([count, beside.store.get('title')]).toEqual([1, 'The gate']);
    expect(open.store.get('title')).toBe('The gate');
    beside.store.undo();
    expect(beside.store.get('title')).toBe('Poort');
    beside.store.redo();
    vi.spyOn(beside, 'flush').mockResolvedValue(true);
    await undo();
    expect(beside.store.get('title')).toBe('Poort');
  });

  it('is not undone over what was written since', async () => {
    const { open, beside } = sides({ title: 'Gate' }, { title: 'Poort' });
    const { undo } = copyField(open, beside, 'title');
    beside.store.set('title', 'De poort');
    vi.spyOn(beside, 'flush').mockResolvedValue(true);
    await undo();
    expect(beside.store.get('title')).toBe('De poort');
  });
});

it('fills what is empty in one step, in either direction, and leaves the rest as it is', () => {
  const { open, beside } = sides({ title: 'Gate', summary: 'Opens' }, { title: 'Poort', place: 'Hall' });
  expect(fillEmpty(open, beside).count).toBe(1);
  expect(beside.store.values).toMatchObject({ title: 'Poort', summary: 'Opens', place: 'Hall' });
  beside.store.undo();
  expect(beside.store.get('summary') ?? null).toBeNull();
  open.store.set('title', null);
  expect(fillEmpty(beside, open).count).toBe(1);
  expect(open.store.values).toMatchObject({ title: 'Poort', summary: 'Opens' });
  expect(fillEmpty(beside, open).count).toBe(0);
});
