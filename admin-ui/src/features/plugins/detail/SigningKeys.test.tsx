import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '@/api/client';
import type { PluginDetail } from '@/api/plugins';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import plugin from '@/i18n/en/plugin.json';
import { SigningKeys } from './SigningKeys';

type SigningKey = PluginDetail['signingKeys'][number];

/** What the server was sent. */
let sent: [string, string, unknown][];

vi.mock(import('@/api/client'), async (actual) => ({
  ...(await actual()),
  request: (async (method: string, path: string, { body }: RequestOptions = {}) => {
    sent.push([method, path, body]);
    return {};
  }) as never,
}));

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: () => ({ permissions: { isSuper: true, actions: [] } }) as never,
}));

const publicKey = (kid: string) => ({
  kid,
  jwk: { kty: 'EC', kid },
  pem: '-----BEGIN PUBLIC KEY-----\n',
  createdAt: '2026-01-05T09:00:00.000Z',
  retiredAt: null,
});

const receipts: SigningKey = {
  name: 'receipts',
  title: 'Receipts',
  algorithm: 'es256',
  usable: false,
  current: null,
  earlier: [],
};

async function renderKeys(signingKeys: SigningKey[]) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  i18next.addResourceBundle('en', 'plugin', plugin);
  render(<SigningKeys plugin={{ id: 'shop', signingKeys } as unknown as PluginDetail} />, { wrapper: Providers });
}

beforeEach(() => {
  sent = [];
});

describe('signing keys of a plugin', () => {
  it('are generated without a key being sent', async () => {
    await renderKeys([receipts]);
    expect(screen.getByText('Not set')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Remove the key for Receipts' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Generate a key for Receipts' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Generate' }));
    await waitFor(() =>
      expect(sent).toEqual([['PUT', '/admin/api/plugins/shop/signing-keys/receipts', { pem: null }]]),
    );
  });

  it('are imported from PEM', async () => {
    await renderKeys([receipts]);
    await userEvent.click(screen.getByRole('button', { name: 'Import a key for Receipts' }));
    const dialog = within(await screen.findByRole('dialog'));
    const save = dialog.getByRole('button', { name: 'Import' });
    expect(save).toHaveProperty('disabled', true);
    await userEvent.type(dialog.getByLabelText('Private key (PEM)'), 'a key');
    await userEvent.click(save);
    await waitFor(() => expect(sent.map(([, , body]) => body)).toEqual([{ pem: 'a key' }]));
  });

  it('show the public half, how many there were, and what cannot be used', async () => {
    const current = publicKey('kid-1');
    await renderKeys([
      { ...receipts, usable: true, current, earlier: [publicKey('kid-0')] },
      { ...receipts, name: 'letters', title: 'Letters', algorithm: 'rs256', current },
    ]);
    expect(screen.getAllByText('kid-1')).toHaveLength(2);
    expect(screen.getByText(/1 earlier key is kept/)).toBeTruthy();
    expect(screen.getByText('Unusable')).toBeTruthy();
    expect(screen.getAllByRole('button', { name: 'Copy public key (JWK)' })).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: 'Remove the key for Letters' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(sent).toEqual([['DELETE', '/admin/api/plugins/shop/signing-keys/letters', undefined]]));
  });
});
