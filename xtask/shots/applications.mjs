// Pictures of the applications and of the customers' site, and axe's opinion of them. Called by `cargo xtask shots --of applications`.
//   node applications.mjs SITES OUT MODULES     SITES: where the samples are, as JSON; MODULES: the folder that has node_modules
// With SCREENS=crm,portal-site only those whose names begin so. One picture for a wide screen and one for a phone is kept of each, in English.
import { Photographer, SCHEMES, signInToAdmin, WIDTHS } from './photographer.mjs';

const [sites, out, modules] = process.argv.slice(2);
const { 'mr-dj': mrDj, donkervoort } = JSON.parse(sites);
const password = process.env.SAMPLE_PASSWORD;
const wanted = process.env.SCREENS?.split(',');

/** Pages of a plugin, and of one of its documents. */
const page = (plugin, name) => ({ name: `${plugin}-${name}`, path: `/admin/plugins/${plugin}/pages/${name}` });
const document = (plugin, type) => ({
  name: `${plugin}-${type}`,
  path: async (request, base) => {
    const uid = `plugin::${plugin}.${type}`;
    const answer = await request.get(`${base}/admin/api/content/${uid}?pagination[pageSize]=1&sort=createdAt:asc`);
    return `/admin/content/${uid}/${(await answer.json()).data[0].documentId}`;
  },
});

const ADMIN_SCREENS = [
  {
    site: mrDj,
    screens: [
      page('crm', 'dashboard'),
      page('crm', 'inbox'),
      page('crm', 'board'),
      page('crm', 'quotes'),
      document('crm', 'lead'),
      document('crm', 'deal'),
      page('kb', 'report'),
      document('kb', 'article'),
    ],
  },
  {
    site: donkervoort,
    screens: [
      page('journey', 'map'),
      page('journey', 'plan'),
      page('journey', 'rules'),
      page('journey', 'definitions'),
      document('journey', 'journey'),
      page('esign', 'envelopes'),
      document('esign', 'envelope'),
      page('portal', 'board'),
      page('portal', 'tasks'),
      document('portal', 'vehicle'),
    ],
  },
];
const SITE_PAGES = {
  overview: '/',
  timeline: '/timeline',
  media: '/media',
  documents: '/documents',
  configuration: '/configuration',
  vehicle: '/vehicle',
  help: '/help',
  profile: '/profile',
};

const photographer = await Photographer.start(out, modules);

async function takeAll(name, address, session) {
  if (wanted && !wanted.some((beginning) => name.startsWith(beginning))) return;
  for (const width of Object.keys(WIDTHS)) {
    for (const scheme of SCHEMES) {
      for (const locale of ['en', 'nl']) {
        const isKept = scheme === 'light' && locale === 'en' && width !== 'tablet';
        await photographer.take({ name, address, width, scheme, locale, session, isKept });
      }
    }
  }
}

for (const { site, screens } of ADMIN_SCREENS) {
  const session = await photographer.session({}, (context) => signInToAdmin(context, site.base, site.admin, password));
  for (const screen of screens) {
    const address = typeof screen.path === 'string' ? site.base + screen.path : async (page) => site.base + (await screen.path(page.request, site.base));
    await takeAll(screen.name, address, session);
  }
}

const portal = donkervoort.portal;
await takeAll('portal-site-sign-in', `${portal}/sign-in`, undefined);
const customer = await photographer.session({ baseURL: portal }, async (context) => {
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.locator('[name=identifier]').fill(donkervoort.customer);
  await page.locator('[name=password]').fill(password);
  await page.locator('form:has([name=password]) button.button').click();
  await page.waitForURL(`${portal}/`);
});
for (const [name, path] of Object.entries(SITE_PAGES)) await takeAll(`portal-site-${name}`, portal + path, customer);
await photographer.finish();
