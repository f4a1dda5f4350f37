import { micromark } from 'micromark';

const MAX_HEADING = 6;

/**
 * Markdown as HTML. micromark turns HTML in it into text and drops the targets of links other than `http:`, `https:`, `mailto:` and relative
 * ones. Of pictures of other sites their descriptions stay: nothing is loaded from a third party. `below`: the level of the heading that the text stands
 * under, so that its own headings continue from there.
 */
export function renderMarkdown(text: string, below: number): string {
  return micromark(text)
    .replace(/<(\/?)h([1-6])>/g, (_, slash: string, level: string) => `<${slash}h${nestHeading(Number(level), below)}>`)
    .replace(/<img src="([^"]*)" alt="([^"]*)"[^>]*\/>/g, (whole, source: string, alt: string) =>
      source.startsWith('/uploads/') ? whole.replace('<img', '<img loading="lazy"') : alt,
    )
    .replace(/<a href="(?=https?:)/g, '<a rel="noopener noreferrer" href="');
}

/** A first heading in a text is one level below what it stands under, whether it was typed with one `#` or two. */
function nestHeading(level: number, below: number): number {
  return Math.min(MAX_HEADING, below + Math.max(1, level - 1));
}
