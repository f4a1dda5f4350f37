import { expect, test } from 'vitest';
import { reduceEvent } from './live.ts';

test('events say that something changed, and nothing else', () => {
  const event = 'id: 1042\nevent: entry.update\ndata: {"uid":"plugin::portal.vehicle","documentId":"abc"}';
  expect(reduceEvent(event)).toBe('id: 1042\nevent: change\ndata:\n\n');
  expect(reduceEvent('event: reset\ndata: {}')).toBe('event: change\ndata:\n\n');
  for (const other of ['event: ready\ndata: {}', ': comment', 'event: end\ndata: {"reason":"x"}', 'id: x']) {
    expect(reduceEvent(other), other).toBe(':\n\n');
  }
});
