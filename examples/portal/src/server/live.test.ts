import { expect, test } from 'vitest';
import { reduceEvent } from './live.ts';

test('events say that something changed, and nothing else', () => {
  const event = 'id: 1042\nevent: entry.update\ndata: {"uid":"plugin::portal.vehicle","documentId":"abc"}';
  expect(reduceEvent(event)).toBe('id: 1042\nevent: change\ndata:\n\n');
  expect(reduceEvent('event: reset\ndata: {}')).toBe('event: change\ndata:\n\n');
  for (const other of ['event: ready\ndata: {}', ': comment', 'event: end\ndata: {"reason":"x"}', 'id: x']) {
    expect(reduceEvent(other), other).toBe(':\n\n');
  }
  // Where the stream is, so that a browser that comes back is told what it has missed.
  expect(reduceEvent('retry: 1000\nid: 7\nevent: ready\ndata: {}')).toBe('id: 7\n\n');
  expect(reduceEvent(': still here\nid: 8')).toBe('id: 8\n\n');
});
