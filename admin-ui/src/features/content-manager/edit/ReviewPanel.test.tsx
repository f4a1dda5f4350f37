import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Review } from '@/api/editorial';
import { renderPlain } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import ReviewPanel from './ReviewPanel';
import { loadedEntry, openSession } from './testing';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));
vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ me: { id: 1 }, permissions: { isSuper: false, actions: [] } }) as never,
}));
// What was changed is looked at elsewhere.
vi.mock(import('./ChangesSincePublished'), () => ({ ChangesSincePublished: () => null }));

const review = {
  workflow: 'news',
  stage: 'writing',
  returned: false,
  version: 7,
  publishedVersion: null,
  assignees: [],
  due: null,
  mayApprove: ['reviewer', 'lawyer'],
  needed: [],
  approvals: [],
  publish: { allowed: false, why: [] },
  next: [{ stage: 'ready', allowed: true, why: [] }],
} as unknown as Review;

const approvals = () => request.mock.calls.filter(([method]) => method === 'POST');

beforeEach(() => {
  request.mockReset();
  request.mockImplementation(async (_method: string, path: string) => ({
    data: path.includes('/review/') ? review : [],
  }));
});

async function open() {
  const type = { ...testModel.contentTypes[0], can: { update: true } } as (typeof testModel.contentTypes)[0];
  const session = openSession(type, loadedEntry({ title: 'Hello' }));
  vi.spyOn(session, 'flush').mockResolvedValue(true);
  await renderPlain(<ReviewPanel subject={{ uid: type.uid, documentId: 'd' } as never} session={session} />);
  return screen.findByRole('button', { name: /^Approve as Reviewer/ });
}

it('begins with the approval, which is the one main button and the first stop of the Tab key', async () => {
  const approve = await open();
  const main = screen.getAllByRole('button').filter((button) => button.dataset.variant === 'filled');
  expect(main).toEqual([approve]);
  const note = screen.getByRole('textbox', { name: 'Note' });
  expect(approve.compareDocumentPosition(note) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  await userEvent.tab();
  expect(document.activeElement).toBe(approve);
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(approvals()).toHaveLength(1));
  expect(approvals()[0]?.[2]).toMatchObject({ body: { role: 'reviewer', version: 7 } });
});

it('sends the note that stands under the button along', async () => {
  const approve = await open();
  await userEvent.type(screen.getByRole('textbox', { name: 'Note' }), 'Fine.');
  await userEvent.click(approve);
  await waitFor(() => expect(approvals()[0]?.[2]).toMatchObject({ body: { role: 'reviewer', comment: 'Fine.' } }));
});
