// Pictures of each main screen, and axe's opinion of it. Called by `cargo xtask shots --of admin`.
//   node shots.mjs BASE OUT MODULES     MODULES: the folder that holds node_modules
// With SCREENS=home,profile only those.
import { readFileSync } from 'node:fs';
import { Photographer, SCHEMES, signInToAdmin, WIDTHS } from './photographer.mjs';

const [base, out, modules] = process.argv.slice(2);

/** `before`: what has to be there; `open`: what is done once the page is there. Without `signedIn` the visitor is nobody. */
const SCREENS = [
  { name: 'root', path: '/', locales: ['en', 'nl'] },
  { name: 'sign-in', path: '/admin', locales: ['en', 'nl'] },
  { name: 'home', path: '/admin', signedIn: true },
  { name: 'palette', path: '/admin', signedIn: true, open: (page) => palette(page, 'phase') },
  { name: 'content', path: '/admin/content', signedIn: true },
  { name: 'content-list', path: '/admin/content/api::phase.phase', signedIn: true },
  { name: 'content-entry', path: async (page) => `/admin/content/api::phase.phase/${await anEntry(page, 'phases')}`, signedIn: true },
  { name: 'content-types', path: '/admin/content-types', signedIn: true },
  { name: 'content-type', path: '/admin/content-types/api::phase.phase', signedIn: true },
  { name: 'board', path: '/admin/content/api::phase.phase?view=kanban&group=ownerTeam', signedIn: true },
  { name: 'media', path: '/admin/media', signedIn: true },
  { name: 'calendar', path: '/admin/calendar', signedIn: true },
  { name: 'releases', path: '/admin/releases', signedIn: true },
  { name: 'inbox', path: '/admin/inbox', signedIn: true },
  { name: 'plugin-install', path: '/admin/plugins', signedIn: true, open: consent },
  { name: 'plugins', path: '/admin/plugins', signedIn: true, before: bookings },
  ...['overview', 'grants', 'settings', 'health', 'log', 'calls'].map((tab) => ({ name: `plugin-${tab}`, path: `/admin/plugins/bookings?tab=${tab}`, signedIn: true, before: bookings })),
  { name: 'plugin-board', path: '/admin/plugins/bookings/pages/board', signedIn: true, before: bookings },
  { name: 'plugin-calendar', path: '/admin/plugins/bookings/pages/calendar', signedIn: true, before: bookings },
  { name: 'settings', path: '/admin/settings', signedIn: true },
  { name: 'settings-people', path: '/admin/settings/users', signedIn: true },
  { name: 'settings-role', path: '/admin/settings/roles/editor', signedIn: true },
  { name: 'settings-health', path: '/admin/settings/health', signedIn: true },
  { name: 'settings-appearance', path: '/admin/settings/appearance', signedIn: true },
  { name: 'settings-webhooks', path: '/admin/settings/webhooks', signedIn: true },
  { name: 'settings-events', path: '/admin/settings/events', signedIn: true },
  { name: 'settings-audit', path: '/admin/settings/audit', signedIn: true },
  { name: 'settings-backups', path: '/admin/settings/backups', signedIn: true, before: aBackup },
  { name: 'settings-seals', path: '/admin/settings/seals', signedIn: true },
  { name: 'settings-working-hours', path: '/admin/settings/working-calendars/workshop', signedIn: true, before: aCalendar },
  { name: 'settings-mail', path: '/admin/settings/mail', signedIn: true },
  { name: 'profile', path: '/admin/profile', signedIn: true },
];
const wanted = process.env.SCREENS?.split(',');

async function palette(page, words) {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(words);
  await page.waitForTimeout(800);
}

async function anEntry(page, plural) {
  const answer = await page.request.get(`${base}/api/${plural}?pagination[pageSize]=1`);
  return (await answer.json()).data[0].documentId;
}

/** What a plugin asks for, before anybody has agreed. */
async function consent(page) {
  await page.locator('input[type=file]').setInputFiles(process.env.PLUGIN_PACKAGE);
  await page.getByText('What it may do once you agree').waitFor();
}

/** Asks the admin API as the administrator. */
async function ask(method, address, body) {
  token ??= (await sent('POST', '/admin/api/login', { email: process.env.ADMIN_EMAIL, password: process.env.ADMIN_PASSWORD, token: true })).token;
  return sent(method, address, body);
}
let token;

/** One backup that was verified. */
let backedUp;
function aBackup() {
  backedUp ??= (async () => {
    await ask('POST', '/admin/api/backups');
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      const { run } = await ask('GET', '/admin/api/backups');
      if (run?.endedAt) return;
      await new Promise((done) => setTimeout(done, 250));
    }
    throw new Error('the backup does not end');
  })();
  return backedUp;
}

/** Hours of a workshop, with a night shift and the official holidays. */
function aCalendar() {
  const day = ['07:30-12:00', '12:30-16:00'];
  const hours = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: ['22:00-06:00'] };
  const holidays = [
    { date: '12-24', name: 'Christmas Eve', hours: ['07:30-12:00'] },
    { date: 'last friday of 07', name: 'Summer closing' },
  ];
  const workshop = { title: 'Workshop', zone: 'Europe/Amsterdam', preset: 'nl', hours, holidays };
  return ask('PUT', '/admin/api/settings/calendars', { workshop });
}

async function sent(method, address, body) {
  const raw = body instanceof Uint8Array;
  const headers = { 'Content-Type': raw ? 'application/octet-stream' : 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(base + address, { method, headers, body: raw ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).data;
}

/** The example plugin is installed once, with some events and who comes to them. */
function bookings() {
  installed ??= (async () => {
    const { digest, grants } = await ask('POST', '/admin/api/plugins/packages', readFileSync(process.env.PLUGIN_PACKAGE));
    await ask('POST', '/admin/api/plugins', { digest, grants: grants.map(({ index }) => index), unsigned: true });
    const today = new Date();
    const EVENTS = [['Factory tour', 3, 12], ['Track day', 9, 2], ['Owners meet for the weekend', 16, 40]];
    for (const [title, days, places] of EVENTS) {
      const startsAt = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1 + days, 9));
      const event = await ask('POST', '/admin/api/content/plugin::bookings.event', { data: { title, places, location: 'Lelystad', startsAt, endsAt: new Date(startsAt.getTime() + 7_200_000) } });
      for (const name of ['Bert Bakker', 'Carla Visser', 'Dirk Jan van den Oudenhoven']) {
        const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
        await ask('POST', '/admin/api/content/plugin::bookings.booking', { data: { name, email, event: event.documentId } });
      }
    }
  })();
  return installed;
}
let installed;

const photographer = await Photographer.start(out, modules);
const session = await photographer.session({}, (context) => signInToAdmin(context, base, process.env.ADMIN_EMAIL, process.env.ADMIN_PASSWORD));

for (const screen of SCREENS) {
  if (wanted && !wanted.includes(screen.name)) continue;
  await screen.before?.();
  for (const width of Object.keys(WIDTHS)) {
    for (const scheme of SCHEMES) {
      for (const locale of screen.locales ?? ['en']) {
        const address = typeof screen.path === 'string' ? base + screen.path : async (page) => base + (await screen.path(page));
        const own = screen.signedIn ? session : undefined;
        await photographer.take({ ...screen, address, width, scheme, locale, session: own, isKept: locale === 'en' });
      }
    }
  }
}
await photographer.finish();
