import { createServer, type Server } from 'node:http';
import { marked } from 'marked';

interface Block {
  __component: string;
  text?: string;
  by?: string;
  picture?: { url: string; alternativeText: string };
}

interface Article {
  title: string;
  summary?: string;
  cover?: { url: string; alternativeText: string };
  category?: { name: string };
  authors?: { name: string }[];
  body?: Block[];
}

const POPULATE = 'populate[cover]=true&populate[category]=true&populate[authors]=true&populate[body][populate]=*';

const STYLE = `
  body { margin: 0; font: 18px/1.65 Georgia, 'DejaVu Serif', serif; color: #22312f; background: #fffdf8 }
  header { padding: 1rem 2rem; border-bottom: 1px solid #e5ded0; font-weight: bold; letter-spacing: 0.02em }
  main { max-width: 38rem; margin: 0 auto; padding: 1.5rem 2rem 4rem }
  h1 { font-size: 2.1rem; line-height: 1.2; margin: 0.25rem 0 0.5rem }
  img { display: block; width: 100%; max-height: 17rem; object-fit: cover; border-radius: 6px; margin: 1rem 0 }
  .category { color: #9a4a1d; font-size: 0.85rem; text-transform: uppercase; letter-spacing: 0.08em }
  .summary { font-size: 1.15rem } .by { color: #66706d; font-size: 0.95rem }
  blockquote { margin: 1.5rem 0; padding-left: 1rem; border-left: 4px solid #d9a441; font-style: italic }`;

/** Starts the site of the demo's magazine, rendered on the server, as its readers and the preview see it. `cms`: where Cairn is. */
export async function startMagazineSite(cms: () => string): Promise<Server> {
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://site');
    const token = searchParams.get('token');
    // In a preview, Cairn says for each text where it is from.
    const headers: Record<string, string> = token
      ? { 'Cairn-Preview': token, 'Strapi-Encode-Source-Maps': 'true' }
      : {};
    void fetch(`${cms()}/api/articles${pathname}?${POPULATE}`, { headers }).then(async (answer) => {
      const { data } = (await answer.json()) as { data: Article | null };
      response.writeHead(data ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(render(cms(), data, token !== null));
    });
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  return site;
}

function render(cms: string, article: Article | null, isPreview: boolean): string {
  const main = article
    ? `${article.category ? `<div class="category">${article.category.name}</div>` : ''}
      <h1>${article.title}</h1>
      <p class="summary">${article.summary ?? ''}</p>
      <p class="by">By ${(article.authors ?? []).map(({ name }) => name).join(' and ')}</p>
      ${image(cms, article.cover)}${(article.body ?? []).map((block) => renderBlock(cms, block)).join('')}`
    : '<h1>This page is not there</h1>';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>${article?.title ?? 'Slow News'}</title><style>${STYLE}</style>
    <header>Slow News</header><main>${main}</main>
    ${isPreview ? `<script src="${cms}/cairn/preview.js" defer></script>` : ''}</html>`;
}

function renderBlock(cms: string, { __component, text = '', by, picture }: Block): string {
  switch (__component) {
    case 'magazine.quote':
      return `<blockquote>${text}${by ? `<footer>– ${by}</footer>` : ''}</blockquote>`;
    case 'magazine.picture':
      return image(cms, picture);
    default:
      return marked.parse(text, { async: false });
  }
}

const image = (cms: string, file: Article['cover']): string =>
  file ? `<img src="${new URL(file.url, cms).href}" alt="${file.alternativeText}">` : '';
