import { useLoaderData } from 'react-router';
import type { CairnApi } from '../cairn/api.ts';
import { addServiceFiles, getVehicle } from '../cairn/portal.ts';
import { findTelemetry, type TelemetryRun } from '../cairn/telemetry.ts';
import type { Page, ServiceRecord, Vehicle } from '../cairn/types.ts';
import { type PageContext, type Portal, readPageNumber } from '../context.ts';
import { renderMarkdown } from '../markdown.ts';
import { WithCodes } from '../parts/codes.tsx';
import { Title } from '../parts/document.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { withVehicle } from '../parts/portal-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { fileAddresses } from '../server/file-addresses.ts';
import { canShare } from './share.tsx';

const PAGE_SIZE = 20;

interface VehicleData {
  portal: Portal;
  /** `undefined` where this person does not see it. */
  service: ServiceRecord[] | undefined;
  runs: Page<TelemetryRun> | undefined;
}

export async function loader(context: PageContext): Promise<VehicleData> {
  const page = readPageNumber(context.query('page'));
  const portal = await context.loadPortal();
  const { vehicle } = portal;
  if (!vehicle?.scope) return { portal, service: undefined, runs: undefined };
  const { documentId, scope } = vehicle;
  const [service, runs] = await Promise.all([
    scope.seesService ? context.asCustomer((api) => readService(api, documentId)) : undefined,
    scope.seesTimeline ? context.asCustomer((api) => findTelemetry(api, documentId, page, PAGE_SIZE)) : undefined,
  ]);
  return { portal, service, runs };
}

async function readService(api: CairnApi, id: string): Promise<ServiceRecord[]> {
  const { service } = await getVehicle(api, id);
  return addServiceFiles(api, service ?? []);
}

/** The vehicle itself: its numbers, its service and what was measured. */
export function Component() {
  const { portal, service, runs } = useLoaderData<VehicleData>();
  const { t } = useSite();
  const { vehicle } = portal;
  return (
    <>
      <Title page={t('vehicle.title')} />
      <PageHead title={t('vehicle.title')} intro={t('vehicle.intro')} vehicle={vehicle} />
      {vehicle?.scope ? (
        <>
          <Facts vehicle={vehicle} />
          {service ? <Service records={service} /> : null}
          {runs ? <Telemetry portal={portal} runs={runs} /> : null}
          {canShare(vehicle) ? (
            <section className="block" aria-labelledby="share">
              <h2 id="share">{t('share.title')}</h2>
              <p className="quiet">{t('share.teaser')}</p>
              <p>
                <a className="button button-quiet" href={withVehicle('/share', portal)}>
                  {t('share.open')}
                </a>
              </p>
            </section>
          ) : null}
        </>
      ) : (
        <p className="quiet block">{t(vehicle ? 'vehicle.former' : 'vehicle.none')}</p>
      )}
    </>
  );
}

function Facts({ vehicle }: { vehicle: Vehicle }) {
  const { format, t } = useSite();
  const facts: [string, string | null | undefined][] = [
    [t('vehicle.model'), vehicle.model],
    [t('vehicle.orderNo'), vehicle.orderNo],
    [t('vehicle.vin'), vehicle.vin],
    [t('vehicle.orderedOn'), format.day(vehicle.orderedAt)],
    [t('vehicle.deliveredOn'), format.day(vehicle.deliveredAt)],
    [t('vehicle.mileage'), typeof vehicle.mileage === 'number' ? format.distance(vehicle.mileage) : null],
  ];
  return (
    <section className="block" aria-labelledby="facts">
      <h2 id="facts">{t('vehicle.facts')}</h2>
      <dl className="details">
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className="detail">
              <dt>{label}</dt>
              <dd>
                <WithCodes text={value ?? ''} />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function Service({ records }: { records: ServiceRecord[] }) {
  const { format, t } = useSite();
  const [last] = records;
  return (
    <section className="block" aria-labelledby="service">
      <h2 id="service">{t('service.title')}</h2>
      {records.length === 0 ? <p className="quiet">{t('service.none')}</p> : null}
      {last ? <NextService record={last} /> : null}
      <ul className="rows">
        {records.map((record) => (
          <li key={record.documentId}>
            <p className="row-kind">{format.day(record.servicedOn)}</p>
            <div className="row-main">
              <h3>{record.title}</h3>
              {record.mileage === null ? null : <p className="quiet">{format.distance(record.mileage)}</p>}
              {record.description ? (
                <div
                  className="prose row-prose"
                  dangerouslySetInnerHTML={{ __html: renderMarkdown(record.description, 3) }}
                />
              ) : null}
            </div>
            <ServiceFiles record={record} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NextService({ record }: { record: ServiceRecord }) {
  const { format, t } = useSite();
  const { nextOn, nextMileage } = record;
  if (!nextOn && !nextMileage) return null;
  const key = nextOn && nextMileage ? 'service.next' : nextOn ? 'service.nextOn' : 'service.nextMileage';
  const values = { day: format.day(nextOn), mileage: format.distance(nextMileage ?? 0) };
  return <p className="service-next">{t(key, values)}</p>;
}

function ServiceFiles({ record }: { record: ServiceRecord }) {
  const { format, t } = useSite();
  const files = record.files ?? [];
  if (files.length === 0) return null;
  return (
    <ul className="row-end row-files">
      {files.map((file) => (
        <li key={file.documentId}>
          <a href={fileAddresses.service(record, file)}>
            <span className="unseen">{t('documents.download')} </span>
            {file.name}
          </a>{' '}
          <span className="size">{format.size(file.size)}</span>
        </li>
      ))}
    </ul>
  );
}

function Telemetry({ portal, runs }: { portal: Portal; runs: Page<TelemetryRun> }) {
  const { format, t } = useSite();
  return (
    <section className="block" aria-labelledby="telemetry">
      <h2 id="telemetry">{t('telemetry.title')}</h2>
      {runs.rows.length === 0 ? <p className="quiet">{t('telemetry.none')}</p> : null}
      <ul className="rows">
        {runs.rows.map((run) => (
          <li key={run.id}>
            <p className="row-kind">{format.day(run.ranAt)}</p>
            <div className="row-main">
              <h3>
                <a href={withVehicle(`/telemetry/${encodeURIComponent(run.id)}`, portal)}>{run.title}</a>
              </h3>
              <p className="facts">
                <span>{format.duration(run.seconds)}</span>
                <span>{run.channels.map(({ name }) => name).join(', ')}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      <Pager page={runs.page} pageCount={runs.pageCount} />
    </section>
  );
}
