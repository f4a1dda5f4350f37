import { expect, test } from 'vitest';
import { scaleOf, splitAtGaps } from './plot.tsx';

const point = (t: number, mean: number | null) => ({ t, min: mean, max: mean, mean });

test('the scale goes from the first to the last time, and from the lowest to the highest value', () => {
  const { x, y } = scaleOf([point(5, 1), point(15, 3)], 1, 3, 10);
  expect([x(5) < x(10), x(10) < x(15), y(1) > y(2), y(2) > y(3)]).toEqual([true, true, true, true]);
});

test('a channel that never changes, a point alone and no point at all have places', () => {
  const flat = scaleOf([point(0, 0), point(1, 0)], 0, 0, 1);
  expect([flat.low, flat.high]).toEqual([-1, 1]);
  for (const scale of [scaleOf([point(3, 7)], 7, 7, 0), scaleOf([], 1, 2, 0)]) {
    expect([scale.x(scale.from), scale.y(scale.low), scale.y(scale.high)].every(Number.isFinite)).toBe(true);
  }
});

test('a line breaks where nothing was measured', () => {
  expect(splitAtGaps([])).toEqual([]);
  expect(splitAtGaps([point(0, null), point(1, null)])).toEqual([]);
  const parts = splitAtGaps([point(0, 1), point(1, 2), point(2, null), point(3, null), point(4, 5)]);
  expect(parts.map((part) => part.map(({ t }) => t))).toEqual([[0, 1], [4]]);
});
