import { expect, it } from 'vitest';
import { isListed, pictureQuery } from './picture';

it('names only what is asked for, and cuts where both sides are given', () => {
  expect(pictureQuery({})).toBe('');
  expect(pictureQuery({ w: 640, format: 'avif' })).toBe('w=640&format=avif');
  expect(pictureQuery({ w: 400, h: 300, q: 70 })).toBe('w=400&h=300&fit=cover&q=70');
});

it('needs no signature for the listed widths alone', () => {
  expect([isListed({ w: 640 }), isListed({ w: 640, format: 'webp' })]).toEqual([true, true]);
  expect([isListed({ w: 641 }), isListed({ w: 640, h: 10 }), isListed({ w: 640, q: 5 }), isListed({})]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
