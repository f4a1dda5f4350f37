import { beforeAll, describe, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { installPlugin } from '../harness/plugins';
import { foldContentTypes, takePicture, WIDE } from './camera';
import { ANNA, call, dayIn, ENGLISH, personHeaders, rename, setPlugin } from './project';

const JOURNEY = 'plugin::journey.journey';
const ITEM = 'plugin::journey.item';

const CUSTOMERS = [
  { name: 'Sanne Verhoeven', username: 'sanne', car: 'F22', daysAgo: 3 },
  { name: 'Oliver Bennett', username: 'oliver', car: 'F22', daysAgo: 5 },
  { name: 'Pieter Bakker', username: 'pieter', car: 'F22', daysAgo: 92 },
  { name: 'Camille Fontaine', username: 'camille', car: 'P24 RS', daysAgo: 64 },
  { name: 'Yuki Tanaka', username: 'yuki', car: 'P24 RS', daysAgo: 180 },
  { name: 'Marcus Lindqvist', username: 'marcus', car: 'D8 GTO', daysAgo: 338 },
  { name: 'Ingrid Hansen', username: 'ingrid', car: 'F22', daysAgo: 402 },
  { name: 'Elena Rossi', username: 'elena', car: 'F22', daysAgo: 545 },
] as const;

const ITEMS = [
  ['orderbevestiging', 'video', 'Welcome to the family', 'How your car comes into being in the next two years.'],
  [
    'orderbevestiging',
    'document',
    'Your contract and configuration',
    'Is something not right? Call your account manager.',
  ],
  ['design-engineering', 'message', 'Your car in 3D', 'Turn your car around, by day and in the evening.'],
  ['design-engineering', 'video', 'A talk with the designer', 'Why the nose is lower than before, and what that does.'],
  [
    'productievoorbereiding',
    'message',
    'The carbon monocoque',
    'It is baked in one piece, which keeps it light and stiff.',
  ],
  ['assemblage', 'photos', 'Your car is on the bridge', 'The first photos of your own car.'],
  ['testen', 'message', 'The first kilometres', 'The brakes and the temperatures are just right.'],
] as const;

/** The phases that come with the plugin, in English. */
const PHASES: Record<string, { title: string }> = {
  orderbevestiging: { title: 'Order confirmation' },
  productievoorbereiding: { title: 'Production planning' },
  assemblage: { title: 'Assembly' },
  testen: { title: 'Testing & quality control' },
};

/** What is planned in the phases that come with the plugin, in English. */
const ROWS: Record<string, { title: string }> = {
  'Welkomstvideo, contract en configuratieoverzicht': { title: 'Welcome film, contract and configuration' },
  '3D-modelviewer en interviews': { title: '3D viewer and interviews' },
  'Nieuwsitems en component-highlights': { title: 'News, and parts up close' },
  'Persoonlijke video-updates en fotoalbums': { title: 'Films and photos of their car' },
  'Datadashboards en uitnodigingen': { title: 'Measurements and invitations' },
  'Logistieke planning en tutorials': { title: 'Transport and tutorials' },
  'Serviceherinneringen en eventkalender': { title: 'Service reminders and events' },
};

describe('the journeys of a maker of sports cars', () => {
  const stage = startStage({
    settings: withAdmin({
      ...TOKENS,
      ...ENGLISH,
      adminUsers: [ANNA],
      adminRoles: {
        'customer-success': { name: 'Customer success', actions: [], permissions: {} },
        'product-manager': { name: 'Product manager', actions: [], permissions: {} },
      },
    }),
  });
  const journeys = new Map<string, string>();

  beforeAll(async () => {
    const { api } = stage;
    await installPlugin(await stage.admin('/plugins'), 'journey', 'plugins');
    await setPlugin(api, 'journey', { sender: 'Donkervoort', language: 'en', staff: 'role:super-admin' });
    await rename(api, 'plugin::journey.definition', 'key', { klantreis: { title: 'From order to delivery' } });
    await rename(api, 'plugin::journey.phase', 'key', PHASES);
    await rename(api, 'plugin::journey.plan-row', 'title', ROWS);
    const headers = await personHeaders(api);
    const { data } = await api.ask<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
    const role = data.roles.find(({ type }) => type === 'authenticated')?.id;
    for (const { name, username, car, daysAgo } of CUSTOMERS) {
      const email = `${username}@example.org`;
      await api.ask('POST', '/api/users', {
        username,
        email,
        password: 'a long road to Lelystad',
        role,
        confirmed: true,
        emailVerified: true,
      });
      const { documentId } = await call<{ documentId: string }>(
        api,
        '/api/journey/start',
        {
          definition: 'klantreis',
          customer: email,
          title: `${car} – ${name}`,
          language: 'en',
          name,
          anchorAt: dayIn(-daysAgo),
        },
        headers,
      );
      journeys.set(username, documentId);
    }
    const phases = await api.admin<{ documentId: string; key: string }[]>(
      'GET',
      '/content/plugin::journey.phase?pagination[pageSize]=20',
    );
    for (const [key, kind, title, body] of ITEMS) {
      const phase = phases.find((one) => one.key === key)?.documentId;
      const item = await api.write(ITEM, { title, body, kind, phases: { set: [phase] } });
      await api.admin('POST', `/content/${ITEM}/${item}/actions/publish`, {});
    }
  });

  test('phase map', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/journey/pages/map', WIDE);
    await page.getByText('Pieter Bakker').first().waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'journey-map');
  });

  test('page of a customer', async () => {
    const { page } = await stage.as(ADMIN, `/content/${JOURNEY}/${journeys.get('marcus')}`, WIDE);
    await page
      .getByRole('heading', { name: /Marcus Lindqvist/ })
      .first()
      .waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'journey-customer');
  });

  test('plan', async () => {
    const { page } = await stage.as(ADMIN, '/plugins/journey/pages/plan', WIDE);
    await page.getByRole('row').nth(2).waitFor();
    await foldContentTypes(page);
    await takePicture(page, 'journey-plan');
  });
});
