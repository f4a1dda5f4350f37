import { renderHook } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { useDefaultMode } from './useDefaultMode';

test.each([
  [390, 'agenda'],
  [1440, 'month'],
])('at %i px a calendar begins as %s', (width, mode) => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: width <= Number.parseFloat(/([\d.]+)em/.exec(query)?.[1] ?? '') * 16,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  expect(renderHook(() => useDefaultMode()).result.current).toBe(mode);
});
