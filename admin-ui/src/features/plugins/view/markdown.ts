import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** What a plugin's text may have: no pictures, which would tell another server who reads, and nothing that looks like the admin itself. */
const TAGS = [
  'p',
  'br',
  'strong',
  'em',
  'del',
  'ul',
  'ol',
  'li',
  'a',
  'code',
  'pre',
  'blockquote',
  'hr',
  'h3',
  'h4',
  'h5',
  'h6',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
];

/** A plugin's Markdown as HTML that may be shown. Links lead to the web or into the admin UI; those to the web open beside it. */
export function pluginMarkdown(source: string): string {
  const html = marked.parse(source, { async: false, gfm: true });
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href'],
    ALLOWED_URI_REGEXP: /^(?:https:\/\/|mailto:|\/(?!\/|\\))/i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll('a[href]')) {
    if (!link.getAttribute('href')?.startsWith('/')) {
      link.setAttribute('target', '_blank');
      link.setAttribute('rel', 'noopener noreferrer');
    }
  }
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}
