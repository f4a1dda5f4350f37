import { useLoaderData } from 'react-router';
import { listJourneyItems, listTimeline } from '../cairn/portal.ts';
import type { JourneyItem, TimelineEntry, Vehicle } from '../cairn/types.ts';
import type { PageContext } from '../context.ts';
import { renderMarkdown } from '../markdown.ts';
import { Title } from '../parts/document.tsx';
import { FilmFigure, Films, Photos } from '../parts/entry.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Picture } from '../parts/picture.tsx';
import { useSite } from '../parts/site.tsx';
import { fileAddresses } from '../server/file-addresses.ts';

/** Entries whose photos and films are shown: the newest. */
const MAX_ENTRIES = 100;

interface MediaData {
  vehicle: Vehicle | undefined;
  entries: TimelineEntry[];
  items: JourneyItem[];
}

export async function loader(context: PageContext): Promise<MediaData> {
  const { vehicle } = await context.loadPortal();
  const [timeline, items] = await Promise.all([
    vehicle?.scope?.seesTimeline
      ? context.asCustomer((api) => listTimeline(api, vehicle.documentId, 1, MAX_ENTRIES))
      : undefined,
    context.asCustomer(listJourneyItems),
  ]);
  const entries = timeline?.rows.filter(({ photos, films }) => photos.length + films.length > 0) ?? [];
  return { vehicle, entries, items };
}

/** Photos and films of the vehicle, and stories for everybody whose vehicle is as far. */
export function Component() {
  const { vehicle, entries, items } = useLoaderData<MediaData>();
  const { t } = useSite();
  return (
    <>
      <Title page={t('media.title')} />
      <PageHead title={t('media.title')} intro={t('media.intro')} vehicle={vehicle} />
      <section className="gallery" aria-labelledby="car">
        <h2 id="car">{t('media.car')}</h2>
        {entries.length === 0 ? <p className="quiet">{t('media.none')}</p> : null}
        {entries.map((entry) => (
          <section key={entry.documentId} aria-label={entry.title}>
            <h3>{entry.title}</h3>
            <Photos entry={entry} />
            <Films entry={entry} />
          </section>
        ))}
      </section>
      {items.length > 0 ? (
        <section className="gallery" aria-labelledby="workshop">
          <h2 id="workshop">{t('media.workshop')}</h2>
          <ul className="stories">
            {items.map((item) => (
              <Story key={item.documentId} item={item} />
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

function Story({ item }: { item: JourneyItem }) {
  const { format, t } = useSite();
  return (
    <li>
      <p className="entry-when">{format.day(item.publishedAt)}</p>
      <h3>{item.title}</h3>
      {item.body ? <div className="prose" dangerouslySetInnerHTML={{ __html: renderMarkdown(item.body, 3) }} /> : null}
      <StoryFiles item={item} />
      {item.link && /^https?:\/\//.test(item.link.url) ? (
        <p>
          <a href={item.link.url} rel="noopener noreferrer">
            {item.link.label || t('media.more')}
          </a>
        </p>
      ) : null}
    </li>
  );
}

/** Photos, films and documents of a story. */
function StoryFiles({ item }: { item: JourneyItem }) {
  const { format, t } = useSite();
  const { gallery, films, files } = item;
  return (
    <>
      {gallery.length > 0 ? (
        <ul className="photos story-photos" aria-label={t('timeline.photos')}>
          {gallery.map((file, at) => {
            const alt = file.alternativeText || t('timeline.photo', { number: at + 1, title: item.title });
            return (
              <li key={file.documentId}>
                <a href={fileAddresses.journey(item, file)} aria-label={t('timeline.enlarge', { name: alt })}>
                  <Picture
                    file={file}
                    alt={alt}
                    sizes="(min-width: 46rem) 20rem, 100vw"
                    address={(width) => fileAddresses.journey(item, file, width)}
                  />
                </a>
                {file.caption ? <p className="caption">{file.caption}</p> : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      {films.map((file) => (
        <FilmFigure key={file.documentId} file={file} address={fileAddresses.journey(item, file)} />
      ))}
      {files.length > 0 ? (
        <ul className="row-files">
          {files.map((file) => (
            <li key={file.documentId}>
              <a href={fileAddresses.journey(item, file)}>
                <span className="unseen">{t('documents.download')} </span>
                {file.alternativeText || file.name}
              </a>{' '}
              <span className="size">{format.size(file.size)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
