import { Group, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { setDocumentTitle } from './documentTitle';
import { headingFocus } from './headingFocus';
import classes from './PageTitle.module.css';

interface Props {
  /** The heading, and the document's title. */
  title: string;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** A line below the heading. */
  children?: ReactNode;
  /** The id of the field that takes the focus in place of the heading: on a page that is opened to type. */
  focusField?: string | undefined;
}

/** The heading of a page: names the document, and takes the focus after a change of page so that it is read aloud. */
export function PageTitle({ title, actions, children, focusField }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => setDocumentTitle(title), [title]);
  useEffect(() => headingFocus.offer(heading.current), []);
  return (
    <header className={classes.header}>
      <Group justify="space-between" align="center" gap="sm">
        <Title order={1} ref={heading} tabIndex={-1} className={classes.title} data-page-title={focusField ?? ''}>
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </header>
  );
}
