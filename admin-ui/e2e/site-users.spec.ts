// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN,
  allViolations,
  startStage,
  TOKENS,
  User,
  violations,
  violationsInBothSchemes,
  withAdmin,
} from './harness';
import { MailReceiver, textOf } from './harness/mailReceiver';
import { installPlugin } from './harness/plugins';

const LINK = /http:\/\/\S+\/invitation\?code=\S+/;
const HELPER = { email: 'helper@example.com', password: 'correct horse battery staple', firstName: 'Hanna' };

describe('users of the site', () => {
  let mails: MailReceiver;
  const setup = {
    config: '',
    settings: withAdmin(
      {
        ...TOKENS,
        roles: { member: { name: 'Member', permissions: {} }, crew: { name: 'Crew', permissions: {} } },
        adminRoles: { helper: { actions: ['content-users.read', 'content-users.manage'], permissions: {} } },
      },
      [{ ...HELPER, roles: ['helper'] }],
    ),
  };
  beforeAll(async () => {
    mails = await MailReceiver.start();
    setup.config = mails.config;
  });
  const stage = startStage(setup);
  afterAll(() => mails.stop());

  /** The link in the last of so many mails. */
  const linkIn = async (address: string, count: number): Promise<string> => {
    await expect.poll(() => mails.mailsTo(address).length).toBe(count);
    const mail = mails.mailsTo(address).at(-1);
    const link = mail && LINK.exec(textOf(mail))?.[0];
    if (!link) throw new Error(`no link in ${mail?.raw}`);
    return link;
  };

  test('a helper invites somebody, who chooses a password without scripts and is signed in', async () => {
    const helper = await stage.as(HELPER, '/site-users');
    const { page } = helper;
    await page.getByRole('heading', { name: 'No accounts yet' }).waitFor();
    await helper.picture('site-users-empty');
    expect(await allViolations(page)).toEqual([]);
    // By keys alone.
    const user = new User(page, 'keyboard');
    await user.use(page.getByRole('button', { name: 'Invite somebody' }).first());
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
    await user.write(dialog.getByRole('textbox', { name: 'E-mail address' }), 'nel');
    await user.press('Enter');
    await dialog.getByText('This is not a valid e-mail address').waitFor();
    await user.write(dialog.getByRole('textbox', { name: 'E-mail address' }), 'nel@example.com');
    await user.write(dialog.getByRole('textbox', { name: 'Username' }), 'Nel');
    await helper.picture('site-users-invite');
    expect(await allViolations(page)).toEqual([]);
    await user.press('Enter');
    await page.getByRole('heading', { name: 'Nel', level: 1 }).waitFor();
    await page.getByText('Invited', { exact: true }).waitFor();
    await helper.picture('site-user-invited');
    expect(await violationsInBothSchemes(page)).toEqual([]);
    const first = await linkIn('nel@example.com', 1);
    // Back leads to the list, not to the dialog.
    await page.goBack();
    await page.getByRole('link', { name: 'Nel' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.goForward();
    await page.getByRole('heading', { name: 'Nel', level: 1 }).waitFor();

    // The page of the link has no scripts, and needs none.
    const nel = await stage.visitor({ javaScriptEnabled: false, locale: 'nl-NL' });
    await nel.page.goto(first);
    await nel.page.getByRole('heading', { name: 'Kies je wachtwoord' }).waitFor();
    await nel.picture('invitation-page');
    await nel.page.getByLabel('Wachtwoord', { exact: true }).fill('een mooi wachtwoord');
    await nel.page.getByLabel('Nog een keer hetzelfde wachtwoord').fill('een ander wachtwoord');
    await nel.page.getByRole('button', { name: 'Wachtwoord opslaan' }).click();
    await nel.page.getByRole('alert').getByText('De twee wachtwoorden zijn niet gelijk').waitFor();
    await nel.picture('invitation-page-problem');
    for (const label of ['Wachtwoord', 'Nog een keer hetzelfde wachtwoord'])
      await nel.page.getByLabel(label, { exact: true }).fill('een mooi wachtwoord');
    await nel.page.getByRole('button', { name: 'Wachtwoord opslaan' }).click();
    await nel.page.getByRole('heading', { name: 'Je account is klaar' }).waitFor();
    await nel.picture('invitation-page-done');
    const credentials = { identifier: 'nel@example.com', password: 'een mooi wachtwoord' };
    expect((await stage.api.ask('POST', '/api/auth/local', credentials)).status).toBe(200);

    // A link that was used leads to the way out.
    await nel.page.goto(first);
    await nel.page.getByRole('heading', { name: 'Deze link is niet meer geldig' }).waitFor();
    await nel.picture('invitation-page-used');
    await nel.page.getByLabel('E-mailadres').fill('nel@example.com');
    await nel.page.getByRole('button', { name: 'Stuur me een nieuwe link' }).click();
    await nel.page.getByRole('heading', { name: 'Kijk in je mailbox' }).waitFor();
    // She has a password: nothing is sent, and nobody hears of it.
    await expect
      .poll(async () => (await stage.api.admin<{ state: string }[]>('GET', '/jobs?state=waiting')).length)
      .toBe(0);
    expect(mails.mailsTo('nel@example.com')).toHaveLength(1);

    await page.reload();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send a password link' }).click();
    const help = page.getByRole('region', { name: 'Help with signing in' });
    await help.getByText('A password link was sent to nel@example.com.').waitFor();
    await expect.poll(() => mails.mailsTo('nel@example.com').length).toBe(2);
  });

  test('the page for invitations has no accessibility mistakes, in light and dark', async () => {
    const visitor = await stage.visitor({ locale: 'en-GB' });
    for (const path of ['/invitation', '/invitation?code=nonsense']) {
      await visitor.page.goto(`${stage.server.base}${path}`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await visitor.page.emulateMedia({ colorScheme });
        expect(await violations(visitor.page)).toEqual([]);
      }
      await visitor.picture(`invitation-page-dark${path.includes('?') ? '-used' : ''}`);
    }
  });

  test('who has a password is not invited again, which is said', async () => {
    const { page } = await stage.as(HELPER, '/site-users?invite=true');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('NEL@example.com');
    await dialog.getByRole('button', { name: 'Send the invitation' }).click();
    await dialog.getByRole('alert').getByText('no invitation was sent').waitFor();
    await dialog.getByRole('link', { name: 'Open Nel' }).click();
    await page.getByRole('heading', { name: 'Nel', level: 1 }).waitFor();
  });

  test('a list is searched and filtered, also on a phone', async () => {
    const helper = await stage.as(HELPER, '/site-users', { viewport: { width: 390, height: 844 } });
    const { page } = helper;
    await page.getByText('1 user.').waitFor();
    await page.getByRole('searchbox', { name: 'Name or e-mail address' }).fill('nobody');
    await page.getByText('No users found.').waitFor();
    await page.getByRole('searchbox', { name: 'Name or e-mail address' }).fill('NE');
    await page.getByRole('link', { name: 'Nel' }).waitFor();
    await helper.picture('site-users-phone');
    expect(await allViolations(page)).toEqual([]);
    // A page behind the last one leads to the first.
    await page.goto(`${stage.server.base}/admin/site-users?page=9`);
    await page.getByRole('link', { name: 'To the first page' }).click();
    await page.getByRole('link', { name: 'Nel' }).waitFor();
  });

  test('a list is ordered by the last sign-in', async () => {
    const { data } = await stage.api.ask<{ roles: { id: number; type: string }[] }>(
      'GET',
      '/api/users-permissions/roles',
    );
    const role = data.roles.find(({ type }) => type === 'authenticated')?.id;
    const aaf = { username: 'Aaf', email: 'aaf@example.com', password: HELPER.password, role };
    expect((await stage.api.ask('POST', '/api/users', aaf)).status).toBe(201);
    const helper = await stage.as(HELPER, '/site-users');
    const { page } = helper;
    const user = new User(page, 'keyboard');
    const names = () => page.getByRole('rowheader').getByRole('link').allTextContents();
    const head = page.getByRole('columnheader', { name: 'Last signed in' });
    await expect.poll(names).toEqual(['Aaf', 'Nel']);
    await user.use(head.getByRole('button'));
    await expect.poll(names).toEqual(['Nel', 'Aaf']);
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await helper.picture('site-users-sorted');
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await user.use(head.getByRole('button'));
    await expect.poll(names).toEqual(['Aaf', 'Nel']);
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    // A phone has no heads of columns.
    const phone = await stage.as(HELPER, '/site-users', { viewport: { width: 390, height: 844 } });
    await phone.page.getByRole('combobox', { name: 'Sort by' }).click();
    await phone.page.getByRole('option', { name: 'Last signed in, latest first' }).click();
    await expect
      .poll(() => phone.page.getByRole('rowheader').getByRole('link').allTextContents())
      .toEqual(['Nel', 'Aaf']);
    await phone.picture('site-users-sorted-phone');
    expect(await phone.scrollsSideways()).toBe(false);
  });

  test('a user gets another role, and a role that has users is deleted only with another for them', async () => {
    // Whoever helps people decides about no roles.
    const helper = await stage.as(HELPER, '/site-users');
    await helper.page.getByRole('link', { name: 'Nel' }).click();
    await helper.page.getByRole('heading', { name: 'Nel', level: 1 }).waitFor();
    expect(await helper.page.getByRole('button', { name: 'Change role' }).count()).toBe(0);

    const owner = await stage.as(ADMIN, '/site-users');
    const { page } = owner;
    await page.getByRole('link', { name: 'Nel' }).click();
    await page.getByRole('button', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the role of Nel' });
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Member' }).click();
    await owner.picture('site-user-role');
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Member', { exact: true }).waitFor();
    await owner.goOn('/site-users?role=member');
    await page.getByText('1 user.').waitFor();

    await owner.goOn('/settings/content-roles');
    await page
      .getByRole('row', { name: /Member/ })
      .getByText('1', { exact: true })
      .waitFor();
    await owner.picture('content-roles');
    await page.getByRole('link', { name: 'Member' }).click();
    await page.getByText('1 user has this role and gets another one.').waitFor();
    await page.getByRole('button', { name: 'Remove role' }).click();
    const removal = page.getByRole('dialog', { name: 'Remove role' });
    await removal.getByRole('textbox', { name: /member/ }).fill('member');
    await removal.getByRole('button', { name: 'Delete', exact: true }).click();
    await removal.getByText('Choose the role that these users get.').waitFor();
    await owner.picture('content-role-delete');
    expect(await allViolations(page)).toEqual([]);
    await removal.getByRole('combobox', { name: 'New role of these users' }).click();
    expect(await page.getByRole('option', { name: /Member|Public/ }).count()).toBe(0);
    await page.getByRole('option', { name: 'Crew' }).click();
    await removal.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'Content API roles', level: 1 }).waitFor();
    expect(await page.getByRole('link', { name: 'Member' }).count()).toBe(0);
    const [nel] = await stage.api.admin<{ role: { code: string } }[]>('GET', '/content-users?q=nel');
    expect(nel?.role.code).toBe('crew');
  });

  test('a running journey is told before its customer is blocked', async () => {
    await installPlugin(await stage.admin('/plugins'), 'journey', 'plugins');
    const owner = await stage.api.as(ADMIN);
    const journey = { definition: 'klantreis', customer: 'nel@example.com', title: 'F22 – Nel' };
    const started = await owner.ask('POST', '/admin/api/plugin-routes/journey/start', journey);
    expect(started.status, JSON.stringify(started.data)).toBe(201);
    const visitor = await stage.as(ADMIN, '/site-users');
    const { page } = visitor;
    await page.getByRole('link', { name: 'Nel' }).click();
    await page.getByRole('heading', { name: 'Nel', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Block' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block Nel?' });
    await dialog.getByText('In progress').waitFor();
    await dialog
      .getByText(/F22 – Nel/)
      .first()
      .waitFor();
    await visitor.picture('site-user-block');
    expect(await allViolations(page)).toEqual([]);
    // Told, and not decided yet.
    const state = async () =>
      (await stage.api.admin<{ state: string }[]>('GET', '/content-users?q=nel')).map((user) => user.state);
    expect(await state()).toEqual(['active']);
    await dialog.getByRole('button', { name: 'Block' }).click();
    await page.getByText('Blocked', { exact: true }).waitFor();
    expect(await state()).toEqual(['blocked']);
    const credentials = { identifier: 'nel@example.com', password: 'een mooi wachtwoord' };
    expect((await stage.api.ask('POST', '/api/auth/local', credentials)).status).toBe(400);
    await page.getByRole('button', { name: 'Unblock' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    expect((await stage.api.ask('POST', '/api/auth/local', credentials)).status).toBe(200);
    await visitor.picture('site-user');
    expect(await violationsInBothSchemes(page)).toEqual([]);
  });
});
