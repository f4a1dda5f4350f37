import type { TextKey } from '../i18n/texts.ts';
import { Brand } from '../parts/brand.tsx';
import { Title } from '../parts/document.tsx';
import { useSite } from '../parts/site.tsx';

/** Title and text by status. */
const TEXTS: Record<number, [TextKey, TextKey]> = {
  403: ['form.stale.title', 'form.stale'],
  404: ['error.notFound.title', 'error.notFound'],
  405: ['error.method.title', 'error.notFound'],
  429: ['error.tooMany.title', 'error.tooMany'],
  503: ['error.failed.title', 'error.unavailable'],
};
/** Addresses that forms are sent to and that show no page. */
const COMMANDS = ['/sign-out', '/language', '/session'];
const FAILED: [TextKey, TextKey] = ['error.failed.title', 'error.failed'];

/** Says what went wrong, and where to go on. */
export function ErrorPage({ status }: { status: number }) {
  const { context, t } = useSite();
  const [title, text] = TEXTS[status] ?? FAILED;
  const isStale = status === 403;
  const isPage = !COMMANDS.includes(context.parts.url.pathname);
  return (
    <>
      <header className="head">
        <div className="head-bar">
          <Brand href="/" />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="narrow">
        <Title page={t(title)} />
        <h1>{t(title)}</h1>
        <p className="lead">{t(text)}</p>
        <p>
          <a className="button" href={isStale && isPage ? context.path : '/'}>
            {t(isStale ? 'form.stale.back' : 'error.home')}
          </a>
        </p>
      </main>
    </>
  );
}
