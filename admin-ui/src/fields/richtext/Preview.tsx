import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { useMemo } from 'react';
import classes from './Markdown.module.css';

/** Markdown as it may be shown. What could run, load from elsewhere in the background, or be mistaken for the admin itself goes. */
export function renderMarkdown(source: string): string {
  const html = marked.parse(source, { async: false, gfm: true });
  return DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: [
      'style',
      'form',
      'input',
      'button',
      'textarea',
      'select',
      'iframe',
      'object',
      'embed',
      'svg',
      'math',
      'video',
      'audio',
    ],
    FORBID_ATTR: ['style', 'class', 'id', 'name'],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/|#|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  });
}

export default function Preview({ source }: { source: string }) {
  const html = useMemo(() => renderMarkdown(source), [source]);
  // oxlint-disable-next-line react/no-danger -- sanitised above
  return <div className={classes.preview} dangerouslySetInnerHTML={{ __html: html }} />;
}
