import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import * as editorial from '@/api/editorial';
import { type Attribute, SITE_USER_UID } from '@/api/model';
import { renderPlain } from '@/fields/testing';
import * as toast from '@/ui/toast';
import { testModel } from '@/views/testModel';
import CompareDialog from './CompareDialog';
import * as localCopy from './localCopy';
import { loadedEntry, openSession } from './testing';

const [type] = testModel.contentTypes as [(typeof testModel.contentTypes)[0]];

const versionOf = (id: number) =>
  ({ id, at: '2026-11-20T10:00:00Z', actor: { kind: 'admin', name: 'Anna' } }) as unknown as editorial.HistoryEntry;

it('has no main button that changes the entry, for whoever came to look', async () => {
  const differences = [{ attribute: 'title', before: 'Old', after: 'New' }];
  vi.spyOn(editorial, 'compareVersions').mockResolvedValue({ differences } as never);
  const session = openSession(type, loadedEntry({ title: 'New' }));
  await renderPlain(
    <CompareDialog from={versionOf(1)} to={versionOf(2)} session={session} onClose={() => undefined} />,
  );
  await screen.findByRole('checkbox', { name: 'Title' });
  const buttons = ['Restore the older version', /^Restore \d+ field/].map((name) =>
    screen.getByRole('button', { name }),
  );
  expect(buttons.map((button) => button.dataset.variant)).not.toContain('filled');
});

it('says what a restoration could not bring back, and takes it back', async () => {
  const showToast = vi.spyOn(toast, 'showToast').mockReturnValue(() => undefined);
  vi.spyOn(localCopy, 'storeCopy').mockResolvedValue(undefined);
  vi.spyOn(editorial, 'compareVersions').mockResolvedValue({
    differences: [{ attribute: 'title', before: 'Old', after: 'New' }],
  } as never);
  const leftOut = [{ path: 'author', type: 'api::author.author', documentId: 'gone' }];
  vi.spyOn(editorial, 'restoreVersion').mockResolvedValue({ leftOut });
  const session = openSession(type, loadedEntry({ title: 'New' }));
  vi.spyOn(content, 'readEntry').mockResolvedValue(loadedEntry({ title: 'Old' }));
  const giveBack = vi.spyOn(session, 'giveBack').mockResolvedValue(true);
  await renderPlain(
    <CompareDialog from={versionOf(1)} to={versionOf(2)} session={session} onClose={() => undefined} />,
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Restore the older version' }));
  await waitFor(() => expect(showToast).toHaveBeenCalledOnce());
  expect(session.store.get('title')).toBe('Old');
  const [{ message, undo } = {}] = showToast.mock.calls[0] ?? [];
  expect(message).toBe('Version restored without 1 link: what it led to has been deleted');
  await undo?.();
  expect(giveBack.mock.calls[0]?.[0]).toMatchObject({ title: 'New' });
});

it('names no document that the reader has no access to', async () => {
  const author: Attribute = { type: 'relation', relation: 'manyToMany', target: SITE_USER_UID };
  const differences = [
    { attribute: 'author', added: [{ noAccess: true }, { noAccess: true }] },
    { attribute: 'seo', change: 'added', after: { author: { noAccess: true } } },
    { attribute: 'category', added: [{ documentId: 'def456' }] },
  ];
  vi.spyOn(editorial, 'compareVersions').mockResolvedValue({ differences } as never);
  const withAuthor = { ...type, attributes: { ...type.attributes, author } };
  const session = openSession(withAuthor, loadedEntry({ title: 'New' }));
  await renderPlain(
    <CompareDialog from={versionOf(1)} to={versionOf(2)} session={session} onClose={() => undefined} />,
  );
  expect(await screen.findAllByText('no access')).toHaveLength(2);
  expect(screen.getByText('author: no access')).toBeTruthy();
  // What has no title is called by its id.
  expect(screen.getByText('def456')).toBeTruthy();
});
