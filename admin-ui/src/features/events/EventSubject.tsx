import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** What the type is called, or what else it is about. */
  name: ReactNode;
  documentId: string | null;
  locale: string | null;
}

/** What a line of a log is about. */
export function EventSubject({ name, documentId, locale }: Props) {
  return (
    <>
      {name}
      {documentId && (
        <Text size="xs" c="dimmed">
          {documentId} {locale}
        </Text>
      )}
    </>
  );
}
