import { describe, expect, test } from 'vitest';
import { ADMIN, startStage } from './harness';

describe('settings of a limited role', () => {
  const stage = startStage({
    settings: {
      adminUsers: [
        { email: 'chief@example.com', password: 'another horse battery staple', roles: ['super-admin'] },
        { ...ADMIN, roles: ['desk'] },
      ],
      adminRoles: { desk: { name: 'Desk', actions: ['settings.webhooks'] } },
    },
  });

  test('permitted settings are listed; others are neither listed nor accessible', async () => {
    const { page } = await stage.admin('/settings');
    const menu = page.getByRole('navigation', { name: 'Settings' });
    await menu.getByRole('link', { name: 'Webhooks' }).waitFor();
    expect(await menu.getByRole('link', { name: 'Mail' }).count()).toBe(0);
    expect(await menu.getByRole('link', { name: 'Roles' }).count()).toBe(0);
    await page.goto('/admin/settings/mail');
    await page.getByText('settings.mail', { exact: true }).waitFor();
    expect(await page.getByRole('tab', { name: 'Templates' }).count()).toBe(0);
  });
});
