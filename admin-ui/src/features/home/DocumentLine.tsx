import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { languageName } from '@/ui/format';
import classes from './Lines.module.css';

interface Props {
  document: { contentType: string | null; documentId: string | null; locale: string | null; title: string | null };
  /** The panel of its page that is opened. */
  panel?: 'review';
  /** What is said of it, at the right. */
  children: ReactNode;
}

/** A document in a widget: its title, which leads to it, and what is said of it. */
export function DocumentLine({ document: { contentType, documentId, locale, title }, panel, children }: Props) {
  const { t } = useTranslation('home');
  const called = title ?? t('untitled');
  return (
    <Group justify="space-between" gap="xs" component="li" py={2}>
      <Group gap={6} wrap="nowrap" miw={0}>
        {contentType && documentId ? (
          <Anchor
            size="sm"
            lh="1.5rem"
            className={classes.title}
            renderRoot={(props) => (
              <Link
                to="/content/$uid/$documentId"
                params={{ uid: contentType, documentId }}
                search={{ ...(locale ? { locale } : {}), ...(panel ? { panel } : {}) }}
                {...props}
              />
            )}
          >
            {called}
          </Anchor>
        ) : (
          <Text size="sm" className={classes.title}>
            {called}
          </Text>
        )}
        {locale && (
          <Text size="xs" c="dimmed" title={languageName(locale)}>
            {locale}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" component="span">
        {children}
      </Text>
    </Group>
  );
}
