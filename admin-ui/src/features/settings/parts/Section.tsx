import { Card, Group, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  /** What it does. */
  lead?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

/** One matter of a settings page. */
export function Section({ title, lead, actions, children }: Props) {
  const id = useId();
  return (
    <Card withBorder padding="md" component="section" aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead && (
            <Text size="sm" c="dimmed" mt={2} maw={640} component="div">
              {lead}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children && <div style={{ marginTop: '0.75rem' }}>{children}</div>}
    </Card>
  );
}
