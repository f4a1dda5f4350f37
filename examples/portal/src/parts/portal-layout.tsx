import { Outlet, useLoaderData, useLocation } from 'react-router';
import type { Portal } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { Brand } from './brand.tsx';
import { Document } from './document.tsx';
import { Notice, PostForm } from './form.tsx';
import { IdleWarning } from './idle-warning.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { useSite } from './site.tsx';

/** Pages of the menu. To add one: a line here, and its route in `routes.tsx`. */
const MENU: { path: string; text: TextKey }[] = [
  { path: '/', text: 'nav.dashboard' },
  { path: '/timeline', text: 'nav.timeline' },
  { path: '/media', text: 'nav.media' },
  { path: '/documents', text: 'nav.documents' },
  { path: '/configuration', text: 'nav.configuration' },
  { path: '/vehicle', text: 'nav.vehicle' },
  { path: '/help', text: 'nav.help' },
  { path: '/profile', text: 'nav.profile' },
];

/** Pages that are reached from one of the menu. */
const PARENTS: [string, string][] = [
  ['/rate', '/'],
  ['/surveys/', '/'],
  ['/sign/', '/documents'],
  ['/share', '/vehicle'],
  ['/telemetry/', '/vehicle'],
];

/** A page of a customer: the menu, the vehicles to pick from, and the page itself. */
export function PortalLayout() {
  const { context, notice, format, t } = useSite();
  const portal = useLoaderData<Portal>();
  const draft = context.readDraft();
  const now = new Date(context.parts.now);
  return (
    <Document>
      <header className="head">
        <div className="head-bar">
          <Brand href={withVehicle('/', portal)} />
          <nav className="menu menu-wide" aria-label={t('nav.label')}>
            <MenuItems portal={portal} />
          </nav>
          <div className="head-tools">
            <LanguageSwitch />
            <SignOut />
          </div>
          <details className="menu-narrow">
            <summary>{t('nav.menu')}</summary>
            <nav className="menu" aria-label={t('nav.label')}>
              <MenuItems portal={portal} />
            </nav>
            <div className="menu-tools">
              <LanguageSwitch />
              <SignOut />
            </div>
          </details>
        </div>
        <VehiclePicker portal={portal} />
      </header>
      <main id="content" tabIndex={-1}>
        {notice ? <Notice>{notice}</Notice> : null}
        {draft ? <Notice kind="info">{t('form.kept')}</Notice> : null}
        <Outlet />
      </main>
      <footer className="foot">
        <p>{t('footer.zone', { zone: `${format.zoneName(now, 'long')} (${format.zoneName(now, 'short')})` })}</p>
      </footer>
      <IdleWarning />
    </Document>
  );
}

function MenuItems({ portal }: { portal: Portal }) {
  const { pathname } = useLocation();
  const { t } = useSite();
  return (
    <ul>
      {MENU.map(({ path, text }) => {
        const isHere = path === findMenuPath(pathname);
        return (
          <li key={path}>
            <a href={withVehicle(path, portal)} aria-current={isHere ? 'page' : undefined}>
              {t(text)}
            </a>
          </li>
        );
      })}
    </ul>
  );
}

/** The page of the menu that a path belongs to. */
function findMenuPath(pathname: string): string {
  const parent = PARENTS.find(([start]) => pathname.startsWith(start))?.[1];
  return parent ?? MENU.findLast(({ path }) => pathname.startsWith(path))?.path ?? '/';
}

function SignOut() {
  const { t } = useSite();
  return (
    <PostForm action="/sign-out" className="sign-out">
      <button className="link">{t('nav.signOut')}</button>
    </PostForm>
  );
}

function VehiclePicker({ portal }: { portal: Portal }) {
  const { pathname } = useLocation();
  const { t } = useSite();
  const { vehicles } = portal.dashboard;
  if (vehicles.length < 2) return null;
  // An article, a step or a run is not one of the other vehicle.
  const path = MENU.some((item) => item.path === pathname) ? pathname : findMenuPath(pathname);
  return (
    <nav className="picker" aria-label={t('vehicle.pick')}>
      <ul>
        {vehicles.map(({ documentId, title }) => (
          <li key={documentId}>
            <a
              href={`${path}?vehicle=${documentId}`}
              aria-current={documentId === portal.vehicle?.documentId ? 'true' : undefined}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A page's address for the vehicle that is shown. The first one needs no parameter. */
export function withVehicle(path: string, { dashboard, vehicle }: Portal): string {
  if (!vehicle || dashboard.vehicles.length < 2) return path;
  return `${path}${path.includes('?') ? '&' : '?'}vehicle=${vehicle.documentId}`;
}
