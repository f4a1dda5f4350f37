// A site of one file, rendered on the server: a list of articles, and a page for each. It has no dependencies; any framework does the same.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** Starts the site. `cms`: the address of Cairn, or how to find it; `port` 0 takes any. */
export async function startSite({ cms, port = 0, script = true }) {
  const server = createServer((request, response) => {
    const base = typeof cms === 'function' ? cms() : cms;
    answer(base, new URL(request.url, 'http://site'), script).then(
      ({ status, html }) => {
        response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
        response.end(html);
      },
      (error) => {
        response.writeHead(502, { 'Content-Type': 'text/plain' });
        response.end(`Cairn does not answer: ${error.message}`);
      },
    );
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return server;
}

async function answer(cms, { pathname, searchParams }, script) {
  const token = searchParams.get('token');
  // In a preview, Cairn says for each text where it is from.
  const headers = token ? { 'Cairn-Preview': token, 'Strapi-Encode-Source-Maps': 'true' } : {};
  const read = async (path) => {
    const response = await fetch(`${cms}/api/${path}`, { headers });
    return { status: response.status, data: (await response.json()).data };
  };
  const page = (status, title, body) => ({
    status,
    html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>body { font: 1.1rem/1.6 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
${body}
${token && script ? `<script src="${cms}/cairn/preview.js" defer></script>` : ''}
</html>`,
  });
  if (pathname === '/') {
    const { status, data } = await read('articles?fields=title');
    const items = (data ?? []).map(({ documentId, title }) => `<li><a href="/${documentId}">${escape(title)}</a></li>`);
    return page(status, 'Articles', `<h1>Articles</h1><ul>${items.join('')}</ul>`);
  }
  const { status, data } = await read(`articles/${encodeURIComponent(pathname.slice(1))}?populate[author]=true&populate[zone]=true`);
  if (!data) return page(status, 'Not found', '<h1>Not found</h1>');
  const author = data.author ? `<p>By <a href="/">${escape(data.author.name)}</a></p>` : '';
  const lead = data.lead ? `<p><strong>${escape(data.lead)}</strong></p>` : '';
  return page(200, data.title, `<h1>${escape(data.title)}</h1>${author}${lead}${(data.zone ?? []).map(block).join('')}`);
}

function block(item) {
  switch (item.__component) {
    case 'block.text':
      return `<section>${item.heading ? `<h2>${escape(item.heading)}</h2>` : ''}${(item.text ?? []).map(paragraph).join('')}</section>`;
    case 'block.quote':
      return `<blockquote><p>${escape(item.quote)}</p>${item.by ? `<footer>${escape(item.by)}</footer>` : ''}</blockquote>`;
    default:
      return '';
  }
}

/** Of blocks this site knows paragraphs alone; `@strapi/blocks-react-renderer` and others know all. */
function paragraph(node) {
  return `<p>${(node.children ?? []).map(({ text }) => escape(text ?? '')).join('')}</p>`;
}

function escape(text) {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const cms = process.env.CAIRN_URL ?? 'http://127.0.0.1:1337';
  const server = await startSite({ cms, port: Number(process.env.PORT ?? 4321) });
  console.log(`http://127.0.0.1:${server.address().port} shows what ${cms} has`);
}
