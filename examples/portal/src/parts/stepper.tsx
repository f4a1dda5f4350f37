import { useRouteLoaderData } from 'react-router';
import type { Step, StepStatus, Vehicle } from '../cairn/types.ts';
import type { Portal } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { withVehicle } from './portal-layout.tsx';
import { useSite } from './site.tsx';

const STATUS_TEXTS: Record<StepStatus, TextKey> = { todo: 'step.todo', active: 'step.active', done: 'step.done' };

/** The steps of production, and how far they are. */
export function Stepper({ vehicle }: { vehicle: Vehicle }) {
  return (
    <ol className="steps">
      {(vehicle.steps ?? []).map((step) => (
        <li key={step.key} className={`step step-${step.status}`} aria-current={isCurrent(step) ? 'step' : undefined}>
          <StepText step={step} vehicle={vehicle} />
        </li>
      ))}
    </ol>
  );
}

function StepText({ step, vehicle }: { step: Step; vehicle: Vehicle }) {
  const { format, context, t } = useSite();
  const portal = useRouteLoaderData<Portal>('portal');
  const day = step.doneAt ? t('step.doneOn', { day: format.day(step.doneAt) }) : '';
  const since = step.startedAt && !step.doneAt ? t('step.since', { day: format.day(step.startedAt) }) : '';
  const closes = step.ratingClosesAt ? Date.parse(step.ratingClosesAt) : 0;
  const canRate = closes > context.parts.now && vehicle.scope?.seesTimeline && vehicle.status !== 'cancelled';
  return (
    <>
      <p className="step-title">{step.title}</p>
      <p className="step-state">
        {t(STATUS_TEXTS[step.status])}
        {day || since ? <span className="step-day">{day || since}</span> : null}
      </p>
      {step.rating ? <p className="step-rating">{t('step.rated', { score: step.rating.score })}</p> : null}
      {canRate && portal ? (
        <p className="step-rating">
          <a href={withVehicle(`/rate?step=${step.key}`, portal)}>
            {t(step.rating ? 'step.rateAgain' : 'step.rate')}
            <span className="unseen"> {step.title}</span>
          </a>
        </p>
      ) : null}
    </>
  );
}

function isCurrent(step: Step): boolean {
  return step.status === 'active';
}
