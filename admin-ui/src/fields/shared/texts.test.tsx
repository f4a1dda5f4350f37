import { renderHook } from '@testing-library/react';
import { beforeAll, expect, test } from 'vitest';
import { startTestTexts } from '@/test/render';
import { useProblemText } from './texts';

beforeAll(() => startTestTexts());

test('the function is the same with each drawing: two languages side by side tell each other of what is made with it', () => {
  const { result, rerender } = renderHook(useProblemText);
  const first = result.current;
  rerender();
  expect(result.current).toBe(first);
});
