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
  'h1',
  'h2',
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

/** The level of the first heading of a text: below the page's own, and those of its sections. */
const FIRST_LEVEL = 3;

const levelOf = (heading: Element): number => Number(heading.tagName.slice(1));

/** Moves the headings of a text below those of the page, however it begins: `#` and `##` are as good as `###` there. */
function lowerHeadings(text: DocumentFragment): void {
  const headings = [...text.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  const lower = Math.max(0, FIRST_LEVEL - Math.min(...headings.map(levelOf)));
  for (const heading of headings) {
    const lowered = document.createElement(`h${Math.min(6, levelOf(heading) + lower)}`);
    lowered.append(...heading.childNodes);
    heading.replaceWith(lowered);
  }
}

/** A plugin's Markdown as HTML that may be shown. Links lead to the web or into the admin UI; those to the web open beside it. */
export function pluginMarkdown(source: string): string {
  const html = marked.parse(source, { async: false, gfm: true });
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href'],
    ALLOWED_URI_REGEXP: /^(?:https:\/\/|mailto:|\/(?!\/|\\))/i,
    RETURN_DOM_FRAGMENT: true,
  });
  lowerHeadings(fragment);
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
