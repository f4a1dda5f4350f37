import { Card, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  lead?: string;
  /** For links to it. */
  id?: string;
  children: ReactNode;
}

/** One matter of the profile. */
export function Section({ title, lead, id, children }: Props) {
  const own = useId();
  return (
    <Card withBorder padding="md" component="section" id={id} aria-labelledby={own}>
      <Title order={2} id={own}>
        {title}
      </Title>
      {lead && (
        <Text size="sm" c="dimmed" mt={2}>
          {lead}
        </Text>
      )}
      <div style={{ marginTop: '0.75rem' }}>{children}</div>
    </Card>
  );
}
