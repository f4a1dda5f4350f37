import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { useState } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import common from '@/i18n/en/common.json';
import frame from '@/i18n/en/frame.json';
import { renderPlain, startTestTexts } from '@/test/render';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';

const GONE = new TypeError('Failed to fetch dynamically imported module: https://cms.example/admin/assets/Dialog-x.js');

beforeEach(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, frame })) i18next.addResourceBundle('en', name, texts);
});

function Page({ load }: { load: () => Promise<{ default: () => React.ReactNode }> }) {
  const [Part] = useState(() => lazyPart(load));
  const [opened, setOpened] = useState(false);
  return (
    <>
      <input aria-label="Title" />
      <button type="button" onClick={() => setOpened(true)}>
        Open
      </button>
      <PartBoundary closeDialog={() => setOpened(false)}>{opened && <Part />}</PartBoundary>
    </>
  );
}

test('a dialog whose chunk went with an update says so, keeps the page and can be closed', async () => {
  await renderPlain(<Page load={() => Promise.reject(GONE)} />);
  await userEvent.type(screen.getByLabelText('Title'), 'kept');
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  const dialog = await screen.findByRole('dialog', { name: 'Cairn has been updated' });
  expect(dialog.textContent).toContain('This page belongs to the previous version.');
  expect(screen.getByRole('button', { name: 'Reload' })).toBeTruthy();
  expect(document.body.textContent).not.toContain('dynamically imported');
  await userEvent.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect((screen.getByLabelText('Title') as HTMLInputElement).value).toBe('kept');
  // Asked for again, it answers again.
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  await screen.findByRole('dialog', { name: 'Cairn has been updated' });
});

test('a part of the page says it in its place', async () => {
  const Part = lazyPart<object>(() => Promise.reject(GONE));
  await renderPlain(
    <PartBoundary>
      <Part />
    </PartBoundary>,
  );
  expect((await screen.findByRole('alert')).textContent).toContain('Cairn has been updated');
  expect(screen.getByRole('button', { name: 'Reload' })).toBeTruthy();
});

test('any other failure can be tried again', async () => {
  let broken = true;
  const Part = () => {
    if (broken) throw new Error('no luck');
    return <p>there</p>;
  };
  await renderPlain(
    <PartBoundary>
      <Part />
    </PartBoundary>,
  );
  const retry = await screen.findByRole('button', { name: common.retry });
  broken = false;
  await userEvent.click(retry);
  expect(await screen.findByText('there')).toBeTruthy();
});
