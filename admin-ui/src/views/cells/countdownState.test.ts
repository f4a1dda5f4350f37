import { expect, test } from 'vitest';
import { readCountdown } from './countdownState';

const at = (rest: number) => readCountdown(1_000_000_000 + rest, 1_000_000_000);

test('countdowns show whole minutes, and seconds in the last one', () => {
  expect(at(2 * 3_600_000 + 59_000)).toEqual({ shown: 2 * 3_600_000, isOver: false, tone: 'info' });
  expect(at(3_600_000 - 1)).toEqual({ shown: 59 * 60_000, isOver: false, tone: 'warning' });
  expect(at(59_999)).toEqual({ shown: 59_000, isOver: false, tone: 'warning' });
  expect(at(1)).toEqual({ shown: 0, isOver: false, tone: 'warning' });
});

test('countdowns go on after their end', () => {
  expect(at(0)).toEqual({ shown: 0, isOver: true, tone: 'danger' });
  expect(at(-12_300)).toEqual({ shown: 12_000, isOver: true, tone: 'danger' });
  expect(at(-90 * 60_000)).toEqual({ shown: 90 * 60_000, isOver: true, tone: 'danger' });
});
