import type { Dashboard, OpenAction, Vehicle } from '../cairn/types.ts';
import type { Portal } from '../context.ts';
import { withVehicle } from './portal-layout.tsx';
import { useSite } from './site.tsx';

/** Open actions of the customer for a vehicle, the most urgent first. */
export function ActionList({ portal, vehicle }: { portal: Portal; vehicle: Vehicle }) {
  const { t } = useSite();
  const actions = portal.dashboard.actions.filter((action) => action.vehicle === vehicle.documentId);
  if (actions.length === 0) return <p className="quiet">{t('dashboard.actions.none')}</p>;
  return (
    <ul className="actions">
      {actions.map((action) => (
        <li
          key={`${action.kind}/${action.documentId ?? action.step}`}
          className={action.overdue ? 'urgent' : undefined}
        >
          <ActionText action={action} vehicle={vehicle} portal={portal} />
        </li>
      ))}
    </ul>
  );
}

function ActionText({ action, vehicle, portal }: { action: OpenAction; vehicle: Vehicle; portal: Portal }) {
  const { format, t } = useSite();
  const { kind, due } = action;
  const day = format.day(due);
  const amount = format.money(action.amount ?? 0, vehicle.contract?.currency);
  const title = kind === 'rate' ? stepTitle(portal.dashboard, action) : action.title;
  const target = {
    sign: '/documents',
    choose: `/configuration#choice-${action.documentId}`,
    pay: '/documents#payments',
  };
  const href = kind === 'rate' ? withVehicle(`/rate?step=${action.step}`, portal) : join(target[kind], portal);
  const hint =
    kind === 'pay' && action.overdue
      ? t('action.pay.overdue', { amount, day })
      : t(`action.${kind}.hint`, { amount, day, time: format.time(due) });
  return (
    <>
      <a href={href}>{t(`action.${kind}`, { title })}</a>
      <p>{hint}</p>
    </>
  );
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
