import type { Dashboard, OpenAction, Vehicle } from '../cairn/types.ts';
import type { Portal } from '../context.ts';
import { WithCodes } from './codes.tsx';
import { withVehicle } from './portal-layout.tsx';
import { useSite } from './site.tsx';

/** How long before its day a payment is something to do; until then it is among the payments. */
const PAYMENT_NOTICE_MILLIS = 60 * 24 * 60 * 60 * 1_000;

/** Open actions of the customer for a vehicle, the most urgent first. */
export function ActionList({ portal, vehicle }: { portal: Portal; vehicle: Vehicle }) {
  const { context, t } = useSite();
  const { actions: all, surveys = [] } = portal.dashboard;
  // A survey of the list below has a card of its own.
  const hasCard = (action: OpenAction) => action.kind === 'survey' && surveys.some(({ id }) => id === idOf(action));
  const { now } = context.parts;
  const actions = all.filter((action) => isFor(action, vehicle) && !hasCard(action) && !isFarPayment(action, now));
  if (actions.length === 0) return <p className="quiet">{t('dashboard.actions.none')}</p>;
  return (
    <ul className="actions">
      {actions.map((action) => (
        <li key={`${action.kind}/${idOf(action) ?? action.step}`} className={action.overdue ? 'urgent' : undefined}>
          <ActionText action={action} vehicle={vehicle} portal={portal} />
        </li>
      ))}
    </ul>
  );
}

/** Surveys of the customer about a vehicle, each on a card. */
export function SurveyCards({ portal, vehicle }: { portal: Portal; vehicle: Vehicle }) {
  const { format, t } = useSite();
  const surveys = (portal.dashboard.surveys ?? []).filter(
    ({ state, vehicle: about }) => state === 'open' && (!about || about === vehicle.documentId),
  );
  return surveys.map((survey) => (
    <section key={survey.id} className="card" aria-labelledby={`survey-${survey.id}`}>
      <div>
        <p className="kicker">{t('survey.kicker')}</p>
        <h2 id={`survey-${survey.id}`}>{survey.title}</h2>
        <p className="quiet">
          {survey.questions.length === 1
            ? t('survey.question')
            : t('survey.questions', { count: survey.questions.length })}{' '}
          {survey.until ? t('action.survey.hint', { day: format.day(survey.until) }) : null}
        </p>
      </div>
      <a className="button" href={withVehicle(`/surveys/${encodeURIComponent(survey.id)}`, portal)}>
        {t('survey.open')}
        <span className="unseen"> {survey.title}</span>
      </a>
    </section>
  ));
}

/** A survey may be about the customer, and no vehicle. */
function isFor(action: OpenAction, vehicle: Vehicle): boolean {
  return action.vehicle === vehicle.documentId || (action.kind === 'survey' && !action.vehicle);
}

function isFarPayment({ kind, due, overdue }: OpenAction, now: number): boolean {
  return kind === 'pay' && !overdue && Date.parse(due ?? '') - now > PAYMENT_NOTICE_MILLIS;
}

function idOf(action: OpenAction): string | null {
  return action.id ?? action.documentId;
}

function ActionText({ action, vehicle, portal }: { action: OpenAction; vehicle: Vehicle; portal: Portal }) {
  const { format, t } = useSite();
  const { kind } = action;
  const due = action.due ?? action.until;
  const day = format.day(due);
  const amount = format.money(action.amount ?? 0, vehicle.contract?.currency);
  const title = kind === 'rate' ? stepTitle(portal.dashboard, action) : action.title;
  const target = {
    sign: signingPath(action, portal),
    choose: `/configuration#choice-${action.documentId}`,
    pay: '/documents#payments',
    rate: `/rate?step=${action.step}`,
    survey: `/surveys/${encodeURIComponent(idOf(action) ?? '')}`,
  };
  const href = join(target[kind], portal);
  const hint =
    kind === 'pay' && action.overdue
      ? t('action.pay.overdue', { amount, day })
      : t(`action.${kind}.hint`, { amount, day, time: format.time(due) });
  return (
    <>
      <a href={href}>
        <WithCodes text={t(`action.${kind}`, { title })} />
      </a>
      <p>{hint}</p>
    </>
  );
}

/** The page to sign a document; the documents where nothing is known of its envelope. */
function signingPath(action: OpenAction, portal: Portal): string {
  const document = portal.dashboard.documents.find(({ documentId }) => documentId === action.documentId);
  return document?.envelope ? `/sign/${encodeURIComponent(document.envelope)}` : '/documents';
}

/** The address of a part of a page, for the vehicle that is shown. */
function join(target: string, portal: Portal): string {
  const [path = '', part] = target.split('#');
  return `${withVehicle(path, portal)}${part ? `#${part}` : ''}`;
}

function stepTitle({ vehicles }: Dashboard, action: OpenAction): string {
  const vehicle = vehicles.find(({ documentId }) => documentId === action.vehicle);
  return vehicle?.steps?.find(({ key }) => key === action.step)?.title ?? action.title;
}
