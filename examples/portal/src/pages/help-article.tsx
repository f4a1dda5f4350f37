import { redirect, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { getArticle, voteArticle } from '../cairn/portal.ts';
import type { HelpArticle } from '../cairn/types.ts';
import { notFound, type PageContext } from '../context.ts';
import { renderMarkdown } from '../markdown.ts';
import { Title } from '../parts/document.tsx';
import { PostForm } from '../parts/form.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

type Parameters = Record<string, string | undefined>;

export async function loader(context: PageContext, { slug }: Parameters): Promise<HelpArticle> {
  try {
    return await context.asCustomer((api) => getArticle(api, slug ?? '', context.query('space') || undefined));
  } catch (error) {
    // A slug that cannot be one.
    if (hasStatus(error, 400)) throw notFound();
    throw error;
  }
}

/** Stores whether the article helped. */
export async function action(context: PageContext, { slug }: Parameters) {
  const t = textsOf(context);
  const space = context.query('space') || undefined;
  const helpful = context.field('helpful');
  let said = t('help.thanks');
  try {
    if (helpful) await context.asCustomer((api) => voteArticle(api, slug ?? '', space, helpful === 'yes'));
  } catch (error) {
    if (!hasStatus(error, 429)) throw error;
    said = t('help.tooMany');
  }
  if (helpful) storeNotice(context.parts.keys, context.parts.jar, said);
  return redirect(context.path, 303);
}

/** A help article. */
export function Component() {
  const article = useLoaderData<HelpArticle>();
  const { language, t } = useSite();
  const lang = article.locale === language ? undefined : article.locale;
  return (
    <div className="narrow">
      <Title page={article.title} />
      <p>
        <a href="/help">← {t('help.back')}</a>
      </p>
      <article lang={lang}>
        <h1>{article.title}</h1>
        {article.excerpt ? <p className="lead">{article.excerpt}</p> : null}
        <div className="prose" dangerouslySetInnerHTML={{ __html: renderMarkdown(article.body, 1) }} />
      </article>
      <PostForm className="helpful">
        <p id="helpful">{t('help.helpful')}</p>
        <button className="button button-quiet" name="helpful" value="yes" aria-describedby="helpful">
          {t('help.yes')}
        </button>
        <button className="button button-quiet" name="helpful" value="no" aria-describedby="helpful">
          {t('help.no')}
        </button>
      </PostForm>
    </div>
  );
}
