// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import * as reveal from '@/fields/form/reveal';
import { moveAcross } from './moveAcross';
import { localised, localisedType, openSides, shared } from './testing';

const type = localisedType({
  title: localised('string'),
  place: shared('string'),
});
const { open, beside } = openSides(type, { title: 'Gate' }, { title: 'Poort' });
const goToField = vi.spyOn(reveal, 'goToField').mockImplementation(() => undefined);

function focus(id: string): void {
  document.body.innerHTML = `
    <button id="elsewhere"></button>
    <div data-field="place"><input id="place" /></div>
    <div data-field="title">
      <input id="left" />
      <div data-beside><div data-field="title"><input id="right" /></div></div>
    </div>`;
  document.getElementById(id)?.focus();
}

beforeEach(() => goToField.mockClear());

it('moves from either language to the other', () => {
  focus('left');
  expect(moveAcross(open, beside)).toBe('moved');
  expect(goToField).toHaveBeenLastCalledWith(beside.store, 'title', 'side');
  focus('right');
  expect(moveAcross(open, beside)).toBe('moved');
  expect(goToField).toHaveBeenLastCalledWith(open.store, 'title', undefined);
});

it('stays in a field that both share, and where no field is', () => {
  focus('place');
  expect(moveAcross(open, beside)).toBe('shared');
  focus('elsewhere');
  expect(moveAcross(open, beside)).toBe('nowhere');
  expect(goToField).not.toHaveBeenCalled();
});
