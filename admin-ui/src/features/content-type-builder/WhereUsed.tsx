import { Anchor, Card, List, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useBuilder } from './builder';
import { sectionOf, findUses } from './model/draft';
import { definitionAddress } from './addresses';

/** What leads to a content type or holds a component. */
export function WhereUsed({ uid }: { uid: string }) {
  const { t } = useTranslation('builder');
  const { all } = useBuilder();
  const uses = findUses(all, uid);
  return (
    <Card withBorder padding="md" mt="md" component="section" aria-labelledby="where-used">
      <Title order={2} id="where-used" mb="xs">
        {t('used.title')}
      </Title>
      {uses.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('used.nowhere')}
        </Text>
      ) : (
        <List size="sm" spacing={4}>
          {uses.map((use) => (
            <List.Item key={`${use.uid} ${use.attribute}`}>
              <Anchor
                renderRoot={(props) => (
                  <Link {...definitionAddress.to({ uid: use.uid }, { field: use.attribute })} {...props} />
                )}
                size="sm"
              >
                {all[sectionOf(use.uid)][use.uid]?.info.displayName ?? use.uid} · {use.attribute}
              </Anchor>{' '}
              <Text span size="xs" c="dimmed">
                {t(`used.${use.kind}`)}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
}
