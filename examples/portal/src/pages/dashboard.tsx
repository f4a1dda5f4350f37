import { useLoaderData } from 'react-router';
import { getUser } from '../cairn/portal.ts';
import type { Payment, TimelineEntry, User, Vehicle } from '../cairn/types.ts';
import type { PageContext, Portal } from '../context.ts';
import { ActionList, SurveyCards } from '../parts/actions.tsx';
import { WithCodes } from '../parts/codes.tsx';
import { Title } from '../parts/document.tsx';
import { Entry } from '../parts/entry.tsx';
import { Picture } from '../parts/picture.tsx';
import { withVehicle } from '../parts/portal-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { Stepper } from '../parts/stepper.tsx';
import { fileAddresses, withWidth } from '../server/file-addresses.ts';
import { canShare } from './share.tsx';

/** Entries of the timeline that are shown. */
const SHOWN_ENTRIES = 2;

interface DashboardData {
  portal: Portal;
  /** Read where there is no vehicle: the page then says which address it should be ordered with. */
  user: User | undefined;
}

export async function loader(context: PageContext): Promise<DashboardData> {
  const portal = await context.loadPortal();
  return { portal, user: portal.vehicle ? undefined : await context.asCustomer(getUser) };
}

/** How far the vehicle is, and what is to be done. */
export function Component() {
  const { portal, user } = useLoaderData<DashboardData>();
  const { t } = useSite();
  return (
    <>
      <Title page={t('dashboard.title')} />
      {portal.vehicle ? <VehicleOverview portal={portal} vehicle={portal.vehicle} /> : <NoVehicle user={user} />}
    </>
  );
}

function NoVehicle({ user }: { user: User | undefined }) {
  const { assets, t } = useSite();
  return (
    <>
      <div className="hero">
        <img src={assets.address('hero.svg')} alt="" />
      </div>
      <div className="narrow">
        <h1>{t('dashboard.none.title')}</h1>
        <p className="lead">{t('dashboard.none', { email: user?.email ?? '' })}</p>
      </div>
    </>
  );
}

function VehicleOverview({ portal, vehicle }: { portal: Portal; vehicle: Vehicle }) {
  const { assets, nonce, t, format } = useSite();
  const own = <T extends { vehicle?: string }>(rows: T[]) => rows.filter((row) => row.vehicle === vehicle.documentId);
  const timeline = own(portal.dashboard.timeline);
  return (
    <>
      <Hero entries={timeline} />
      <div className="opening">
        <div className="intro">
          <p className="kicker">{t('dashboard.hello', { name: portal.dashboard.name.split(' ')[0] ?? '' })}</p>
          <h1>
            <WithCodes text={vehicle.title} />
          </h1>
          <p className="facts">
            {[
              vehicle.orderNo,
              vehicle.vin,
              vehicle.deliveredAt
                ? t('dashboard.delivered', { day: format.day(vehicle.deliveredAt) })
                : vehicle.orderedAt && t('dashboard.ordered', { day: format.day(vehicle.orderedAt) }),
            ]
              .filter(Boolean)
              .map((fact) => (
                <span key={fact}>
                  <WithCodes text={String(fact)} />
                </span>
              ))}
          </p>
          <Situation vehicle={vehicle} />
          {canShare(vehicle) ? (
            <p>
              <a className="more" href={withVehicle('/share', portal)}>
                {t('share.open')}
              </a>
            </p>
          ) : null}
        </div>
        <section className="opening-actions" aria-labelledby="actions">
          <h2 id="actions">{t('dashboard.actions')}</h2>
          <ActionList portal={portal} vehicle={vehicle} />
        </section>
        {vehicle.scope?.seesPayments ? (
          <section className="opening-payment" aria-labelledby="payment">
            <h2 id="payment">{t('dashboard.payment')}</h2>
            <NextPayment portal={portal} vehicle={vehicle} payments={own(portal.dashboard.payments)} />
          </section>
        ) : null}
      </div>
      <SurveyCards portal={portal} vehicle={vehicle} />
      {vehicle.steps ? (
        <section className="band" aria-labelledby="status">
          <h2 id="status">
            {t('dashboard.status')} <Position vehicle={vehicle} />
          </h2>
          <Stepper vehicle={vehicle} />
        </section>
      ) : null}
      {vehicle.scope?.seesTimeline ? <News portal={portal} vehicle={vehicle} entries={timeline} /> : null}
      <script type="module" src={assets.address('live.js')} nonce={nonce} />
    </>
  );
}

function Hero({ entries }: { entries: TimelineEntry[] }) {
  const { context, assets, t } = useSite();
  const { picture } = context.parts.theme;
  const entry = entries.find(({ photos }) => photos.length > 0);
  const photo = entry?.photos[0];
  return (
    <div className="hero">
      {entry && photo ? (
        <Picture
          file={photo}
          alt={photo.alternativeText || t('timeline.photo', { number: 1, title: entry.title })}
          sizes="100vw"
          address={(width) => fileAddresses.timeline(entry, photo, width)}
          isFirst
        />
      ) : (
        <img src={picture ? withWidth(picture.url, 1920) : assets.address('hero.svg')} alt={picture?.alt ?? ''} />
      )}
    </div>
  );
}

/** A sentence about an order or an access that is not the usual one. */
function Situation({ vehicle }: { vehicle: Vehicle }) {
  const { t, format } = useSite();
  if (vehicle.until) return <p className="lead">{t('dashboard.former', { day: format.day(vehicle.until) })}</p>;
  if (vehicle.status === 'cancelled') {
    return <p className="lead">{t('dashboard.cancelled', { day: format.day(vehicle.cancelledAt) })}</p>;
  }
  return vehicle.role === 'delegate' ? <p className="lead">{t('dashboard.delegate')}</p> : null;
}

function Position({ vehicle }: { vehicle: Vehicle }) {
  const { t } = useSite();
  const steps = vehicle.steps ?? [];
  const number = steps.findIndex(({ status }) => status !== 'done') + 1;
  if (number === 0) return null;
  const hasBegun = steps.some(({ status }) => status !== 'todo');
  return (
    <span className="position">
      {hasBegun ? t('dashboard.step', { number, total: steps.length }) : t('dashboard.notStarted')}
    </span>
  );
}

function NextPayment({ portal, vehicle, payments }: { portal: Portal; vehicle: Vehicle; payments: Payment[] }) {
  const { t, format } = useSite();
  const currency = vehicle.contract?.currency;
  const next = payments.find(({ state }) => state !== 'paid');
  const { amount, paid } = vehicle.contract ?? { amount: null, paid: 0 };
  return (
    <>
      {next ? (
        <p className={next.state === 'overdue' ? 'amount urgent' : 'amount'}>
          <strong>{format.money(next.amount, currency)}</strong>
          <span>{next.title}</span>
          <span>
            {t('payments.due')} {format.day(next.dueOn)}
            {next.state === 'overdue' ? ` – ${t('payments.overdue')}` : ''}
          </span>
        </p>
      ) : (
        <p className="quiet">{t('dashboard.payment.none')}</p>
      )}
      {amount ? (
        <p className="quiet">
          <progress max={amount} value={paid} aria-hidden="true" />
          {t('dashboard.paid', { paid: format.money(paid, currency), total: format.money(amount, currency) })}
        </p>
      ) : null}
      <p>
        <a href={`${withVehicle('/documents', portal)}#payments`}>{t('dashboard.payment.all')}</a>
      </p>
    </>
  );
}

function News({ portal, vehicle, entries }: { portal: Portal; vehicle: Vehicle; entries: TimelineEntry[] }) {
  const { t } = useSite();
  return (
    <section className="news" aria-labelledby="news">
      <h2 id="news">{t('dashboard.news')}</h2>
      {entries.length === 0 ? <p className="quiet">{t('dashboard.news.none')}</p> : null}
      {entries.slice(0, SHOWN_ENTRIES).map((entry) => (
        <Entry key={entry.documentId} entry={entry} vehicle={vehicle} level={3} />
      ))}
      {entries.length > 0 ? (
        <p>
          <a className="more" href={withVehicle('/timeline', portal)}>
            {t('dashboard.news.all')}
          </a>
        </p>
      ) : null}
    </section>
  );
}
