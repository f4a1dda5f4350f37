import { useLoaderData } from 'react-router';
import { getTelemetryRun, type PlottedChannel, type TelemetryRun } from '../cairn/telemetry.ts';
import type { PageContext, Portal } from '../context.ts';
import { Title } from '../parts/document.tsx';
import { Plot } from '../parts/plot.tsx';
import { withVehicle } from '../parts/portal-layout.tsx';
import { useSite } from '../parts/site.tsx';

interface RunData {
  portal: Portal;
  run: TelemetryRun<PlottedChannel>;
}

export async function loader(context: PageContext, { id = '' }: Record<string, string | undefined>): Promise<RunData> {
  const [portal, run] = await Promise.all([
    context.loadPortal(),
    context.asCustomer((api) => getTelemetryRun(api, id)),
  ]);
  return { portal, run };
}

/** What was measured in a run: a table, and a plot of each channel. */
export function Component() {
  const { portal, run } = useLoaderData<RunData>();
  const { format, t } = useSite();
  return (
    <>
      <Title page={run.title} />
      <div className="intro">
        <p className="kicker">
          <a href={`${withVehicle('/vehicle', portal)}#telemetry`}>{t('telemetry.title')}</a>
        </p>
        <h1 className="long">{run.title}</h1>
        <p className="facts">
          <span>{format.time(run.ranAt)}</span>
          <span>{format.duration(run.seconds)}</span>
          <span>{t('telemetry.rows', { count: format.count(run.rows) })}</span>
        </p>
      </div>
      <section className="block" aria-labelledby="values">
        <h2 id="values">{t('telemetry.values')}</h2>
        <ChannelTable channels={run.channels} />
      </section>
      <section className="block" aria-labelledby="plots">
        <h2 id="plots">{t('telemetry.plots')}</h2>
        <p className="quiet">{t('telemetry.plots.hint')}</p>
        <div className="plots">
          {run.channels.map((channel, at) => (
            <Plot key={channel.name} id={`plot-${at}`} channel={channel} seconds={run.seconds} />
          ))}
        </div>
      </section>
    </>
  );
}

function ChannelTable({ channels }: { channels: PlottedChannel[] }) {
  const { format, t } = useSite();
  const columns = ['min', 'mean', 'max'] as const;
  return (
    <table className="stacked" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            {t('telemetry.channel')}
          </th>
          {columns.map((column) => (
            <th key={column} scope="col" role="columnheader" className="number">
              {t(`telemetry.${column}`)}
            </th>
          ))}
          <th scope="col" role="columnheader" className="number">
            {t('telemetry.missing')}
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {channels.map((channel) => (
          <tr key={channel.name} role="row">
            <th scope="row" role="rowheader">
              {channel.name}
            </th>
            {columns.map((column) => (
              <td key={column} role="cell" className="number" data-label={t(`telemetry.${column}`)}>
                {format.measure(channel[column], channel.unit)}
              </td>
            ))}
            <td role="cell" className="number" data-label={t('telemetry.missing')}>
              {format.count(channel.missing ?? 0)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
