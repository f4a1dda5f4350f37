import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backup, BackupRun, BackupsState } from '@/api/backups';
import { ApiError } from '@/api/ApiError';
import type { RequestOptions } from '@/api/client';
import { Providers, startTestTexts } from '@/fields/testing';
import backups from '@/i18n/en/backups.json';
import common from '@/i18n/en/common.json';
import BackupsPage from './BackupsPage';

let state: BackupsState;
/** What was asked for beside the list, in order. */
let asked: { method: string; path: string; body: unknown }[];
let answer: () => BackupRun;

vi.mock(import('@/api/client'), async (actual) => ({
  ...(await actual()),
  request: (async (method: string, path: string, { body }: RequestOptions = {}) => {
    if (method === 'GET') return { data: state };
    asked.push({ method, path, body });
    const run = answer();
    state = { ...state, run };
    return { data: run };
  }) as never,
}));

const backup: Backup = {
  name: 'b 1',
  takenAt: new Date(2026, 10, 21, 3, 0).toISOString(),
  sizeBytes: 2_500_000,
  verified: { at: '2026-11-21T03:01:00Z', rows: 1234, files: 1 },
};
const going: BackupRun = {
  what: 'take',
  name: 'b 1',
  tenant: null,
  startedAt: '2026-11-21T12:00:00Z',
  endedAt: null,
  error: null,
};
const restore: BackupRun = { ...going, what: 'restore', tenant: 'restored-20261121' };

async function draw(begun: Partial<BackupsState>): Promise<void> {
  state = { backups: [backup], run: null, mayRestore: true, ...begun };
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, backups })) i18next.addResourceBundle('en', name, texts);
  render(
    <Providers>
      <BackupsPage />
    </Providers>,
  );
  await screen.findAllByRole('button', { name: 'Back up now' });
}

const press = (name: RegExp | string): Promise<void> => userEvent.click(screen.getByRole('button', { name }));

beforeEach(() => {
  asked = [];
  answer = () => going;
});

describe('the backups page', () => {
  it('starts the first backup and shows its progress', async () => {
    await draw({ backups: [] });
    await press('Back up now');
    await screen.findByText('A backup is being taken and verified');
    expect(asked).toEqual([{ method: 'POST', path: '/admin/api/backups', body: undefined }]);
    expect(screen.getByRole('button', { name: 'Back up now' }).getAttribute('aria-disabled')).toBe('true');
    await press('Back up now');
    expect(asked).toHaveLength(1);

    state = { ...state, backups: [backup], run: { ...going, endedAt: '2026-11-21T12:00:02Z' } };
    await screen.findByText('Backup taken and verified', {}, { timeout: 3000 });
    expect(screen.getByText('Verified')).toBeTruthy();
    expect(screen.getByText(/1,234 rows, 1 file,/)).toBeTruthy();
    expect(screen.getByText('2.5 MB')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Back up now' }).getAttribute('aria-disabled')).toBeNull();
  });

  it('restores a backup beside the live site, and links to it', async () => {
    await draw({});
    answer = () => restore;
    await press(/^Restore beside the live site/);
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByLabelText(/^Name of the restored site/)).toHaveProperty('value', 'restored-20261121');
    expect(within(dialog).getByLabelText(/^Host name/)).toHaveProperty('value', 'restored-20261121.localhost');
    await press('Restore');
    await screen.findByText(/is being restored as restored-20261121/);
    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/admin/api/backups/b%201/restore',
        body: { tenant: 'restored-20261121', hosts: ['restored-20261121.localhost'] },
      },
    ]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

    state = { ...state, run: { ...restore, endedAt: '2026-11-21T12:00:02Z' } };
    const link = await screen.findByRole('link', { name: 'Open the restored site' }, { timeout: 3000 });
    expect(link.getAttribute('href')).toBe(
      `http://restored-20261121.localhost${window.location.port && `:${window.location.port}`}/admin`,
    );
  });

  it('reports an invalid name at its field', async () => {
    await draw({});
    await press(/^Restore beside the live site/);
    const tenant = await screen.findByLabelText(/^Name of the restored site/);
    await userEvent.clear(tenant);
    await userEvent.type(tenant, 'Old');
    expect(screen.getByLabelText(/^Host name/)).toHaveProperty('value', 'Old.localhost');
    await press('Restore');
    expect(tenant.getAttribute('aria-invalid')).toBe('true');
    expect(asked).toEqual([]);

    await userEvent.clear(tenant);
    await userEvent.type(tenant, 'old');
    answer = () => {
      throw new ApiError({
        status: 400,
        name: 'ValidationError',
        message: 'wrong',
        details: { errors: [{ path: ['tenant'], message: 'there is one of this name', name: 'ValidationError' }] },
      });
    };
    await press('Restore');
    await screen.findByText('there is one of this name');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('reports why a restore failed and what to do, even without its host', async () => {
    await draw({ run: { ...restore, endedAt: '2026-11-21T12:00:02Z', error: 'the disk is full' } });
    const status = screen.getAllByRole('status').find((region) => region.textContent?.includes('the disk is full'));
    expect(status?.textContent).toContain('The live site stays as it is.');
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('does not offer restoring if it is not possible, and gives the reason', async () => {
    await draw({ mayRestore: false, backups: [{ ...backup, verified: null }] });
    expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
    expect(screen.getByText(/from this server’s default tenant/)).toBeTruthy();
    expect(screen.getByText('Not verified')).toBeTruthy();
  });

  it('verifies, downloads and deletes backups', async () => {
    await draw({});
    await press(/^More for the backup of/);
    expect((await screen.findByRole('menuitem', { name: 'Download' })).getAttribute('href')).toBe(
      '/admin/api/backups/b%201',
    );
    answer = () => {
      throw new ApiError({ status: 409, name: 'ConflictError', message: 'busy' });
    };
    await userEvent.click(screen.getByRole('menuitem', { name: 'Verify' }));
    await screen.findByText(/this did not start/);
    answer = () => going;
    await press(/^More for the backup of/);
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
    await waitFor(() =>
      expect(asked.at(-1)).toEqual({ method: 'DELETE', path: '/admin/api/backups/b%201', body: undefined }),
    );
    expect(asked[0]?.path).toBe('/admin/api/backups/b%201/verify');
  });
});
