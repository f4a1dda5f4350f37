import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import * as contentApi from '@/api/contentApi';
import type { ContentType } from '@/api/model';
import { renderPlain } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import JsonDialog from './JsonDialog';
import * as localCopy from './localCopy';
import { loadedEntry, openSession } from './testing';

const type = { ...testModel.contentTypes[0], attributes: { title: { type: 'string' } } } as ContentType;
const read = vi.spyOn(contentApi, 'readEntryText');
const save = vi.spyOn(content, 'saveEntry');

const loaded = (version: string, title: string) => loadedEntry({ title }, { version });

async function open(status: content.DocumentStatus, more: Partial<ContentType> = {}) {
  const session = openSession({ ...type, ...more }, loaded('1', 'a'));
  session.start();
  session.store.set('title', 'typed');
  await renderPlain(<JsonDialog session={session} documentId="d" status={status} onClose={() => undefined} />);
  await screen.findByText(/"title"/);
}

beforeEach(() => {
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  vi.spyOn(localCopy, 'deleteCopy').mockResolvedValue(undefined);
  save.mockReset().mockImplementation(async (_type, _id, data) => loaded('2', String(data.title)));
  read
    .mockReset()
    .mockImplementation(async (_type, _id, { status }) => JSON.stringify({ data: { title: status ?? 'only one' } }));
});

const json = () => screen.getByRole('region', { name: 'JSON' });

it('shows what is published, and the draft with what was typed', async () => {
  await open('modified');
  expect(json().textContent).toContain('"title": "published"');
  screen.getByText(/^GET .*\/api\/articles\/d\?status=published&populate=\*$/);
  expect(save.mock.calls[0]?.[2]).toEqual({ title: 'typed' });
  fireEvent.click(screen.getByRole('radio', { name: 'Draft' }));
  await waitFor(() => expect(json().textContent).toContain('"title": "draft"'));
  screen.getByText(/^GET .*\/api\/articles\/d\?status=draft&populate=\*$/);
});

it('shows the draft alone where nothing is published', async () => {
  await open('draft');
  expect(json().textContent).toContain('"title": "draft"');
  expect(screen.queryByRole('radio')).toBeNull();
});

it('does not publish what has no draft by looking at it', async () => {
  await open('published', { draftAndPublish: false });
  expect(json().textContent).toContain('"title": "only one"');
  screen.getByText(/^GET .*\/api\/articles\/d\?populate=\*$/);
  expect(save).not.toHaveBeenCalled();
});

it('selects all of the JSON, and nothing else, by keyboard', async () => {
  await open('draft');
  expect(json().tabIndex).toBe(0);
  fireEvent.keyDown(json(), { key: 'a', ctrlKey: true });
  expect(window.getSelection()?.toString()).toBe(json().textContent);
});
