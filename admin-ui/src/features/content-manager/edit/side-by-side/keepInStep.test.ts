// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import * as localCopy from '../localCopy';
import { loadedEntry } from '../testing';
import { keepInStep } from './keepInStep';
import { localised, localisedType, openSides, shared } from './testing';

const type = localisedType({
  title: localised('string'),
  place: shared('string'),
});

const read = vi.spyOn(content, 'readEntry');
const stops: (() => void)[] = [];

function begin() {
  const { open, beside } = openSides(type, { title: 'Gate', place: 'Hall' }, { title: 'Poort', place: 'Hall' });
  stops.push(open.start(), beside.start(), keepInStep(open, beside));
  return { open, beside };
}

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  vi.spyOn(localCopy, 'deleteCopy').mockResolvedValue(undefined);
  vi.spyOn(content, 'saveEntry').mockImplementation(async (_type, _id, data) =>
    loadedEntry({ title: 'Gate', place: 'Hall', ...data }, { version: '2' }),
  );
  read.mockReset().mockResolvedValue(loadedEntry({ title: 'Poort', place: 'Yard' }, { version: '2' }));
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

it('takes over what all languages share once it is saved in the other one', async () => {
  const { open, beside } = begin();
  open.store.set('place', 'Yard');
  await open.flush();
  await vi.waitFor(() => expect(beside.store.get('place')).toBe('Yard'));
  expect(beside.version).toBe('2');
  expect(beside.unsaved).toBe(false);
});

it('reads nothing where only a language of its own was saved', async () => {
  const { open } = begin();
  open.store.set('title', 'The gate');
  await open.flush();
  expect(read).not.toHaveBeenCalled();
});

it('leaves alone what is being typed: its next save is merged', async () => {
  const { open, beside } = begin();
  beside.store.set('title', 'De poort');
  open.store.set('place', 'Yard');
  await open.flush();
  expect(read).not.toHaveBeenCalled();
  expect(beside.store.get('title')).toBe('De poort');
});
