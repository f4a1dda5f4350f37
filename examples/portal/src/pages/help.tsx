import { useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { searchHelp } from '../cairn/portal.ts';
import type { HelpHit, Page } from '../cairn/types.ts';
import { type PageContext, readPageNumber } from '../context.ts';
import { findLanguage } from '../i18n/texts.ts';
import { Title } from '../parts/document.tsx';
import { Field, Notice } from '../parts/form.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { useSite } from '../parts/site.tsx';

/** Longest text that is searched for. */
const MAX_QUERY_CHARS = 256;

interface HelpData {
  query: string;
  /** The language that the articles are in. */
  language: string;
  /** `undefined` while the knowledge base is not there. */
  hits: Page<HelpHit> | undefined;
}

export async function loader(context: PageContext): Promise<HelpData> {
  const page = readPageNumber(context.query('page'));
  const q = context.query('q').trim().slice(0, MAX_QUERY_CHARS);
  const { language, theme } = context.parts;
  const search = (wanted: string) => context.asCustomer((api) => searchHelp(api, { q, language: wanted, page }));
  try {
    const hits = await search(language);
    if (hits.total > 0) return { query: q, language, hits };
    // An article in another language is better than none.
    for (const other of theme.languages.map(findLanguage)) {
      if (!other || other === language) continue;
      const found = await search(other);
      if (found.total > 0) return { query: q, language: other, hits: found };
    }
    return { query: q, language, hits };
  } catch (error) {
    if (hasStatus(error, 404, 503)) return { query: q, language, hits: undefined };
    throw error;
  }
}

/** The help articles: those that are good to know, or what a search finds. */
export function Component() {
  const { query, language, hits } = useLoaderData<HelpData>();
  const site = useSite();
  const { t } = site;
  return (
    <>
      <Title page={t('help.title')} />
      <PageHead title={t('help.title')} intro={t('help.intro')} />
      <search className="block">
        <form method="get" action="/help" className="search">
          <Field name="q" type="search" label={t('help.search')} value={query} optional={false} />
          <button className="button">{t('help.submit')}</button>
        </form>
      </search>
      <section className="block" aria-labelledby="articles">
        <h2 id="articles">{headline(site.t, query, hits)}</h2>
        {!hits ? <Notice kind="info">{t('help.unavailable')}</Notice> : null}
        {hits && language !== site.language && hits.total > 0 ? (
          <p className="quiet">{t('help.otherLanguage')}</p>
        ) : null}
        {hits?.total === 0 ? <p className="quiet">{query ? t('help.none', { query }) : t('help.empty')}</p> : null}
        <ul className="articles" lang={language}>
          {hits?.rows.map((hit) => (
            <li key={`${hit.space}/${hit.slug}`}>
              <h3>
                <a href={`/help/${encodeURIComponent(hit.slug)}?space=${encodeURIComponent(hit.space)}`}>{hit.title}</a>
              </h3>
              <p dangerouslySetInnerHTML={{ __html: keepMarks(hit.snippet) }} />
            </li>
          ))}
        </ul>
        {hits ? <Pager page={hits.page} pageCount={hits.pageCount} /> : null}
      </section>
    </>
  );
}

function headline(t: ReturnType<typeof useSite>['t'], query: string, hits: Page<HelpHit> | undefined): string {
  if (!query || !hits) return t('help.popular');
  return hits.total === 1 ? t('help.result', { query }) : t('help.results', { count: hits.total, query });
}

/** Cairn escapes snippets and leaves `<mark>` alone in them. What else looks like an element is taken for text here. */
function keepMarks(html: string): string {
  return html.replace(/<(?!\/?mark>)/g, '&lt;');
}
