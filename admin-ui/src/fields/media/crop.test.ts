import { expect, it } from 'vitest';
import { cropPosition } from './crop';

const wide = { width: 400, height: 200 };
const square = { width: 1, height: 1 };

it.each([
  // In the middle, and as far as there is picture.
  [50, 50],
  [25, 0],
  [0, 0],
  [75, 100],
  [100, 100],
  // A square shows half of what is twice as wide: the rest moves by half as much.
  [40, 30],
])('a square of a wide picture, %i %% from the left: %i', (x, position) => {
  expect(cropPosition(wide, square, { x, y: 10 })).toEqual({ x: position, y: 50 });
});

it('cuts a tall picture above and below', () => {
  const tall = { width: 90, height: 160 };
  expect(cropPosition(tall, { width: 16, height: 9 }, { x: 0, y: 100 })).toEqual({ x: 50, y: 100 });
  expect(cropPosition(tall, { width: 16, height: 9 }, { x: 0, y: 50 })).toEqual({ x: 50, y: 50 });
});

it('cuts nothing of what has the same shape', () => {
  expect(cropPosition(wide, wide, { x: 0, y: 100 })).toEqual({ x: 50, y: 50 });
});
