import { useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { getSharedDelivery, type SharedDelivery } from '../cairn/shares.ts';
import { notFound, type PageContext } from '../context.ts';
import { findLanguage, translate } from '../i18n/texts.ts';
import { Document, Title } from '../parts/document.tsx';
import { Picture } from '../parts/picture.tsx';
import { useSite } from '../parts/site.tsx';
import { withWidth } from '../server/file-addresses.ts';
import { sealSharedPhoto } from '../session/shared-photo.ts';

/** Width of the picture that messengers show with the link. */
const PREVIEW_WIDTH = 1280;

interface SharedData {
  delivery: SharedDelivery;
  /** Addresses of the photos on this site, in their order. */
  addresses: string[];
}

export async function loader(context: PageContext, { token = '' }: Record<string, string | undefined>) {
  const { keys } = context.parts;
  try {
    const delivery = await getSharedDelivery(context.publicApi, token);
    const base = `/shared/${encodeURIComponent(token)}/photos`;
    const addresses = delivery.photos.map(
      ({ url }) => `${base}/${sealSharedPhoto(keys, encodeURIComponent(token), url)}`,
    );
    return { delivery, addresses } satisfies SharedData;
  } catch (error) {
    // The same page for a link that never worked, has expired or was revoked.
    if (hasStatus(error, 400, 403, 404, 405, 410)) throw notFound();
    throw error;
  }
}

/** A delivery that its owner shares, for anybody with the link. It says nothing about the owner, and neither does its preview. */
export function Component() {
  const { delivery, addresses } = useLoaderData<SharedData>();
  const { context, assets, format, t } = useSite();
  const { theme, siteUrl } = context.parts;
  const title = delivery.title || delivery.model || t('shared.title');
  const [first] = addresses;
  const picture = first ?? theme.picture?.url;
  return (
    <Document>
      <Title page={title} />
      <meta property="og:type" content="website" />
      <meta property="og:site_name" content={theme.name} />
      <meta property="og:title" content={`${title} – ${theme.name}`} />
      {picture ? <meta property="og:image" content={new URL(withWidth(picture, PREVIEW_WIDTH), siteUrl).href} /> : null}
      <SharedHead />
      <main id="content" tabIndex={-1}>
        <div className="hero">
          <SharedHero delivery={delivery} address={first} title={title} fallback={assets.address('hero.svg')} />
        </div>
        <div className="intro">
          {delivery.deliveredOn ? (
            <p className="kicker">{t('shared.delivered', { month: format.month(delivery.deliveredOn) })}</p>
          ) : null}
          <h1>{title}</h1>
          {delivery.message ? <p className="lead shared-message">{delivery.message}</p> : null}
        </div>
        {addresses.length > 1 ? (
          <section className="gallery" aria-label={t('timeline.photos')}>
            <SharedPhotos delivery={delivery} addresses={addresses} title={title} />
          </section>
        ) : null}
      </main>
      <footer className="foot">
        <p>{t('shared.until', { day: format.day(delivery.endsAt) })}</p>
      </footer>
    </Document>
  );
}

function SharedHead() {
  const { context, language, t } = useSite();
  const { theme, url } = context.parts;
  const others = theme.languages.map(findLanguage).filter((code) => code && code !== language);
  return (
    <header className="head">
      <div className="head-bar head-shared">
        <span className="brand">
          {theme.logo ? <img src={theme.logo.url} alt={theme.logo.alt || theme.name} /> : theme.name}
        </span>
        {others.length > 0 ? (
          <nav aria-label={t('language.switch')}>
            {others.map((code) => (
              <a key={code} href={`${url.pathname}?language=${code}`} lang={code} hrefLang={code}>
                {code ? translate(code, 'language') : null}
              </a>
            ))}
          </nav>
        ) : null}
      </div>
    </header>
  );
}

function SharedHero({
  delivery,
  address,
  title,
  fallback,
}: {
  delivery: SharedDelivery;
  address: string | undefined;
  title: string;
  fallback: string;
}) {
  const { context, t } = useSite();
  const { picture } = context.parts.theme;
  const [photo] = delivery.photos;
  if (!photo || !address) {
    return <img src={picture ? withWidth(picture.url, 1920) : fallback} alt={picture?.alt ?? ''} />;
  }
  const alt = photo.alt || t('timeline.photo', { number: 1, title });
  return (
    <a href={address} aria-label={t('timeline.enlarge', { name: alt })}>
      <Picture file={photo} alt={alt} sizes="100vw" address={(width) => withWidth(address, width)} isFirst />
    </a>
  );
}

function SharedPhotos({
  delivery,
  addresses,
  title,
}: {
  delivery: SharedDelivery;
  addresses: string[];
  title: string;
}) {
  const { t } = useSite();
  return (
    <ul className={addresses.length === 2 ? 'photos photos-one' : 'photos'}>
      {delivery.photos.slice(1).map((photo, at) => {
        const address = addresses[at + 1] ?? '';
        const alt = photo.alt || t('timeline.photo', { number: at + 2, title });
        return (
          <li key={address}>
            <a href={address} aria-label={t('timeline.enlarge', { name: alt })}>
              <Picture
                file={photo}
                alt={alt}
                sizes="(min-width: 46rem) 40rem, 100vw"
                address={(width) => withWidth(address, width)}
              />
            </a>
          </li>
        );
      })}
    </ul>
  );
}
