// @module-tag postgresql
import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  inThreeSeconds,
  BERT,
  User,
  inAnHour,
  startStage,
  TOKENS,
  allViolations,
  withAdmin,
  writeMoment,
  ZONE,
} from './harness';

/** Both ways on one server, each with a type of its own. */
const INPUT_DEVICES = ['mouse', 'keyboard'] as const;
const NAMES = { mouse: 'Story', keyboard: 'Report' } as const;
const PATHS = { mouse: '/api/stories', keyboard: '/api/reports' } as const;

describe('from a new type to an approved, scheduled and published entry', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS, adminRoles: { reviewer: { name: 'Reviewer', actions: [] } } }, [
      { ...BERT, roles: ['reviewer', 'editor'] },
    ]),
  });
  const uidOf = (way: (typeof INPUT_DEVICES)[number]) => `api::${NAMES[way].toLowerCase()}.${NAMES[way].toLowerCase()}`;

  test.each(INPUT_DEVICES)('the type is created (%s)', async (way) => {
    const { page } = await stage.as(ADMIN, '/content-types');
    const user = new User(page, way);
    await user.use(page.getByRole('button', { name: 'New', exact: true }));
    await user.use(page.getByRole('menuitem', { name: 'Collection type' }));
    await user.write(page.getByRole('textbox', { name: 'Display name' }), NAMES[way]);
    await user.use(page.getByRole('button', { name: 'Create', exact: true }));
    await page.getByRole('heading', { name: NAMES[way], level: 1 }).waitFor();
    await user.use(page.getByRole('button', { name: 'Add a field' }));
    await user.use(page.getByRole('button', { name: /^Long text/ }));
    await user.write(page.getByRole('textbox', { name: 'Name', exact: true }), 'body');
    await user.use(page.getByRole('button', { name: 'Add the field' }));
    await user.use(page.getByRole('link', { name: 'Review changes' }));
    await user.use(page.getByRole('button', { name: /^Apply/ }));
    await page.getByText('Changes applied', { exact: true }).first().waitFor();
    const type = uidOf(way);
    await stage.api.admin('PUT', `/workflows/${NAMES[way]}`, {
      contentTypes: [type],
      stages: [{ name: 'writing' }, { name: 'review' }, { name: 'ready', backTo: 'writing' }],
      // Asked for in the stage before publishing, whether or not that is said.
      approvals: [{ role: 'reviewer', count: 1, ...(way === 'mouse' ? { before: 'ready' } : {}) }],
      publishIn: ['ready'],
    });
  });

  test.each(INPUT_DEVICES)('an entry is written, approved by somebody else and scheduled (%s)', async (way) => {
    const type = uidOf(way);
    const anna = await stage.as(ADMIN, `/content/${type}`);
    const user = new User(anna.page, way);
    await user.use(anna.page.getByRole('link', { name: 'New entry' }).first());
    await user.write(anna.page.getByRole('textbox', { name: 'Title' }), `${NAMES[way]} of the day`);
    await user.write(anna.page.getByRole('textbox', { name: 'Body' }), 'All of it.');
    await user.press('ControlOrMeta+s');
    await anna.page.waitForURL((url) => !url.pathname.endsWith('/create'));
    await user.use(anna.page.getByRole('tab', { name: 'Review' }));
    await anna.page.getByText('Needed before publishing').waitFor();
    expect(await anna.page.getByRole('button', { name: 'To ready' }).count()).toBe(0);
    // Who publishes all the same is told what is missing.
    await user.use(anna.page.getByRole('button', { name: 'Publish', exact: true }));
    const before = anna.page.getByRole('dialog', { name: 'Before you publish' });
    await before
      .getByText(/reviewer/i)
      .first()
      .waitFor();
    await user.use(before.getByRole('button', { name: 'To the review' }));
    await before.waitFor({ state: 'detached' });
    await user.use(anna.page.getByRole('button', { name: 'To review' }));
    await anna.page.getByText('review', { exact: true }).first().waitFor();
    expect(await allViolations(anna.page)).toEqual([]);

    const bert = await stage.as(BERT, '/inbox?tab=waiting');
    const his = new User(bert.page, way);
    await his.use(bert.page.getByRole('link', { name: `${NAMES[way]} of the day` }));
    await his.write(bert.page.getByRole('textbox', { name: 'Note' }), 'Well said.');
    await his.use(bert.page.getByRole('button', { name: 'Approve as reviewer' }));
    // What is typed is text of the page too: what came of it is in the list.
    await bert.page.getByRole('listitem').filter({ hasText: 'approved as reviewer' }).getByText('Well said.').waitFor();

    await anna.page.reload();
    await user.use(anna.page.getByRole('button', { name: 'To ready' }));
    await anna.page.getByText('ready', { exact: true }).first().waitFor();
    await user.use(anna.page.getByRole('button', { name: 'Publishing options' }));
    await user.use(anna.page.getByRole('menuitem', { name: 'Schedule…' }));
    const dialog = anna.page.getByRole('dialog', { name: 'Schedule' });
    const moment = inAnHour();
    await writeMoment(user, moment);
    await user.use(dialog.getByRole('button', { name: 'Schedule', exact: true }));
    await dialog.waitFor({ state: 'detached' });
    await user.use(anna.page.getByRole('tab', { name: 'Schedule' }));
    await anna.page.getByText(/^Publish .*Europe\/Amsterdam/).waitFor();
    expect((await stage.api.ask<unknown[]>('GET', PATHS[way])).data).toEqual([]);
    const [planned] = await stage.api.admin<{ id: number; localTime: string; zone: string }[]>(
      'GET',
      `/schedules?contentType=${type}&state=waiting`,
    );
    expect([planned?.localTime, planned?.zone]).toEqual([moment, ZONE]);
    await stage.api.admin('PUT', `/schedules/${planned?.id}`, inThreeSeconds());
  });

  test('the entry appears in the content API at its time', async () => {
    for (const way of INPUT_DEVICES) {
      await expect
        .poll(async () =>
          (await stage.api.ask<{ title?: string }[]>('GET', PATHS[way])).data.map?.(({ title }) => title),
        )
        .toEqual([`${NAMES[way]} of the day`]);
    }
  });
});
