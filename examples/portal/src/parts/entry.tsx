import type { CairnFile, TimelineEntry, Vehicle } from '../cairn/types.ts';
import { renderMarkdown } from '../markdown.ts';
import { fileAddresses } from '../server/file-addresses.ts';
import { Picture } from './picture.tsx';
import { useSite } from './site.tsx';

/** An entry of the timeline with its photos and films. `level`: that of its heading. */
export function Entry({ entry, vehicle, level }: { entry: TimelineEntry; vehicle: Vehicle; level: 2 | 3 }) {
  const { format } = useSite();
  const Heading = `h${level}` as const;
  const step = vehicle.steps?.find(({ key }) => key === entry.step)?.title;
  return (
    <article className="entry">
      <header className="entry-head">
        <p className="entry-when">
          <time dateTime={entry.publishedAt ?? undefined}>{format.day(entry.publishedAt)}</time>
          {step ? <span>{step}</span> : null}
        </p>
        <Heading>{entry.title}</Heading>
      </header>
      <div className="entry-body">
        {entry.body ? (
          <div className="prose" dangerouslySetInnerHTML={{ __html: renderMarkdown(entry.body, level) }} />
        ) : null}
        <Photos entry={entry} />
        <Films entry={entry} />
      </div>
    </article>
  );
}

/** The photos of an entry, each leading to its full size. */
export function Photos({ entry }: { entry: TimelineEntry }) {
  const { t } = useSite();
  if (entry.photos.length === 0) return null;
  const isAlone = entry.photos.length === 1;
  return (
    <ul className={isAlone ? 'photos photos-one' : 'photos'} aria-label={t('timeline.photos')}>
      {entry.photos.map((file, at) => {
        const alt = file.alternativeText || t('timeline.photo', { number: at + 1, title: entry.title });
        return (
          <li key={file.documentId}>
            <a href={fileAddresses.timeline(entry, file)} aria-label={t('timeline.enlarge', { name: alt })}>
              <Picture
                file={file}
                alt={alt}
                sizes={isAlone ? '(min-width: 60rem) 46rem, 100vw' : '(min-width: 60rem) 23rem, 50vw'}
                address={(width) => fileAddresses.timeline(entry, file, width)}
              />
            </a>
            {file.caption ? <p className="caption">{file.caption}</p> : null}
          </li>
        );
      })}
    </ul>
  );
}

/** The films of an entry. */
export function Films({ entry }: { entry: TimelineEntry }) {
  return entry.films.map((file) => (
    <FilmFigure key={file.documentId} file={file} address={fileAddresses.timeline(entry, file)} />
  ));
}

/** A film with its caption, and a link to download it. */
export function FilmFigure({ file, address }: { file: CairnFile; address: string }) {
  const { assets, t } = useSite();
  const name = file.alternativeText || file.caption || file.name;
  return (
    <figure className="film">
      {/* Cairn has no picture of a film, and the first frame of many is black. */}
      <video
        controls
        preload="metadata"
        src={address}
        poster={assets.address('film.svg')}
        aria-label={t('timeline.film', { name })}
      >
        {t('timeline.filmFallback')}
      </video>
      <figcaption>
        {file.caption ? `${file.caption} ` : ''}
        <a href={address} download={file.name}>
          {t('timeline.download')}
          <span className="unseen"> {name}</span>
        </a>
      </figcaption>
    </figure>
  );
}
