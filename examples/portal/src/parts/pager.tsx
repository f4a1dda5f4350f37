import { useSite } from './site.tsx';

/** Links to the pages before and after. */
export function Pager({ page, pageCount }: { page: number; pageCount: number }) {
  const { context, t } = useSite();
  if (pageCount < 2) return null;
  const address = (number: number) => {
    const parameters = new URLSearchParams(context.parts.url.search);
    parameters.set('page', String(number));
    return `${context.parts.url.pathname}?${parameters}`;
  };
  return (
    <nav className="pager" aria-label={t('pages.label')}>
      {page > 1 ? (
        <a rel="prev" href={address(page - 1)}>
          ← {t('pages.newer')}
        </a>
      ) : (
        <span />
      )}
      <span>{t('pages.of', { page, total: pageCount })}</span>
      {page < pageCount ? (
        <a rel="next" href={address(page + 1)}>
          {t('pages.older')} →
        </a>
      ) : (
        <span />
      )}
    </nav>
  );
}
