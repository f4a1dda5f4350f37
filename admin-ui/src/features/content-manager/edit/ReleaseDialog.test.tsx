import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import * as editorial from '@/api/editorial';
import { renderPlain } from '@/fields/testing';
import { testModel } from '@/views/testModel';
import ReleaseDialog from './ReleaseDialog';
import { loadedEntry, openSession } from './testing';

const [type] = testModel.contentTypes as [(typeof testModel.contentTypes)[0]];
const subject = { uid: type.uid, documentId: 'd', locale: undefined };

const make = vi.spyOn(editorial, 'makeRelease');
const addTo = vi.spyOn(editorial, 'addToRelease');

async function open() {
  const session = openSession(type, loadedEntry({ title: 'A' }));
  await renderPlain(<ReleaseDialog subject={subject} session={session} onClose={() => undefined} />);
  return screen.findByRole('combobox', { name: 'Release' });
}

beforeEach(() => {
  vi.spyOn(editorial, 'listOpenReleases').mockResolvedValue([{ id: 4, name: 'Autumn' }] as never);
  make.mockReset().mockResolvedValue({ id: 9 } as never);
  addTo.mockReset().mockResolvedValue(undefined);
});

it('offers to create the release that was typed and is not there', async () => {
  await userEvent.type(await open(), 'Spring launch');
  expect(screen.queryByRole('option', { name: 'Autumn' })).toBeNull();
  await userEvent.click(screen.getByRole('option', { name: 'Create “Spring launch”' }));
  expect((screen.getByLabelText(/Name of the release/) as HTMLInputElement).value).toBe('Spring launch');
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  expect(make).toHaveBeenCalledWith('Spring launch');
  expect(addTo).toHaveBeenCalledWith(9, subject, 'publish');
});

it('finds the release that is there, and offers no second one of its name', async () => {
  const field = await open();
  await userEvent.type(field, 'Autumn');
  expect((await screen.findAllByRole('option')).map(({ textContent }) => textContent)).toEqual([
    'Autumn',
    'New release…',
  ]);
  await userEvent.click(screen.getByRole('option', { name: 'Autumn' }));
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  expect(make).not.toHaveBeenCalled();
  expect(addTo).toHaveBeenCalledWith(4, subject, 'publish');
});

it('begins a release without a name where nothing was typed', async () => {
  await userEvent.click(await open());
  await userEvent.click(await screen.findByRole('option', { name: 'New release…' }));
  expect((screen.getByLabelText(/Name of the release/) as HTMLInputElement).value).toBe('');
});
