import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { type ComponentType, Suspense } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { afterEach, expect, test, vi } from 'vitest';
import { lazyPart } from './lazyPart';

afterEach(cleanup);

type Load = () => Promise<{ default: ComponentType<{ name: string }> }>;

const load: Load = async () => ({ default: ({ name }) => <p>{name}</p> });

test('with a fallback, renders it until the part has loaded', async () => {
  const Part = lazyPart(load);
  render(<Part name="loaded" fallback="loading" />);
  expect(screen.getByText('loading')).toBeTruthy();
  expect(await screen.findByText('loaded')).toBeTruthy();
});

test('with a fallback, renders a part that was preloaded at once', async () => {
  const Part = lazyPart(load);
  await Part.preload();
  render(<Part name="loaded" fallback="loading" />);
  expect(screen.getByText('loaded')).toBeTruthy();
});

test('without a fallback, suspends', async () => {
  const Part = lazyPart(load);
  render(
    <Suspense fallback="suspended">
      <Part name="loaded" />
    </Suspense>,
  );
  expect(screen.getByText('suspended')).toBeTruthy();
  expect(await screen.findByText('loaded')).toBeTruthy();
});

test('throws to the error boundary if it cannot be loaded, and loads again when rendered again', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const failing = vi.fn(load).mockRejectedValueOnce(new Error('offline'));
  const Part = lazyPart(failing);
  render(
    <ErrorBoundary fallbackRender={({ resetErrorBoundary }) => <button onClick={resetErrorBoundary}>again</button>}>
      <Part name="loaded" fallback="loading" />
    </ErrorBoundary>,
  );
  fireEvent.click(await screen.findByText('again'));
  expect(await screen.findByText('loaded')).toBeTruthy();
  expect(failing).toHaveBeenCalledTimes(2);
});
