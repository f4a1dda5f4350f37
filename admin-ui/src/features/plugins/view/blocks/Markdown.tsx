import { useMemo } from 'react';
import { pluginMarkdown } from '../markdown';
import classes from './Markdown.module.css';

export default function Markdown({ source }: { source: string }) {
  const html = useMemo(() => pluginMarkdown(source), [source]);
  // oxlint-disable-next-line react/no-danger -- sanitised above
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
