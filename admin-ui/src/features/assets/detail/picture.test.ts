import { expect, it } from 'vitest';
import { isListed, pictureQuery } from './picture';

it('the address has only the given parameters, and crops if both sides are set', () => {
  expect(pictureQuery({})).toBe('');
  expect(pictureQuery({ w: 640, format: 'avif' })).toBe('w=640&format=avif');
  expect(pictureQuery({ w: 400, h: 300, q: 70 })).toBe('w=400&h=300&fit=cover&q=70');
});

it('only the listed widths need no signature', () => {
  expect([isListed({ w: 640 }), isListed({ w: 640, format: 'webp' })]).toEqual([true, true]);
  expect([isListed({ w: 641 }), isListed({ w: 640, h: 10 }), isListed({ w: 640, q: 5 }), isListed({})]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
