import { useLoaderData } from 'react-router';
import { listTimeline } from '../cairn/portal.ts';
import type { Page, TimelineEntry, Vehicle } from '../cairn/types.ts';
import { type PageContext, readPageNumber } from '../context.ts';
import { Title } from '../parts/document.tsx';
import { Entry } from '../parts/entry.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { useSite } from '../parts/site.tsx';

const PAGE_SIZE = 10;

interface TimelineData {
  vehicle: Vehicle | undefined;
  entries: Page<TimelineEntry> | undefined;
}

export async function loader(context: PageContext): Promise<TimelineData> {
  const page = readPageNumber(context.query('page'));
  const { vehicle } = await context.loadPortal();
  if (!vehicle?.scope?.seesTimeline) return { vehicle, entries: undefined };
  return {
    vehicle,
    entries: await context.asCustomer((api) => listTimeline(api, vehicle.documentId, page, PAGE_SIZE)),
  };
}

/** The timeline of the vehicle, newest first. */
export function Component() {
  const { vehicle, entries } = useLoaderData<TimelineData>();
  const { t } = useSite();
  return (
    <>
      <Title page={t('timeline.title')} />
      <PageHead title={t('timeline.title')} intro={t('timeline.intro')} vehicle={vehicle} />
      <div className="news">
        {!entries || entries.rows.length === 0 ? <p className="quiet">{t('timeline.none')}</p> : null}
        {vehicle &&
          entries?.rows.map((entry) => <Entry key={entry.documentId} entry={entry} vehicle={vehicle} level={2} />)}
        {entries ? <Pager page={entries.page} pageCount={entries.pageCount} /> : null}
      </div>
    </>
  );
}
