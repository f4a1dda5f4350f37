import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Actor } from '@/api/actor';

/** Who did it: their name and, as two people may share one, their number; what they are where that is no person of the admin. */
export function ActorName({ actor }: { actor: Actor }) {
  const { t } = useTranslation('events');
  const kind = t(`actor.${actor.kind}`, { defaultValue: actor.kind });
  const name = actor.name ?? actor.id;
  return (
    <>
      {name ?? kind}
      {name && (
        <Text span size="xs" c="dimmed">
          {' '}
          {actor.kind === 'admin' && actor.name && actor.id ? `#${actor.id}` : kind}
        </Text>
      )}
      {actor.uncheckedPlugins && (
        <Text size="xs" c="dimmed">
          {t('actor.unchecked', { plugins: actor.uncheckedPlugins.join(', ') })}
        </Text>
      )}
    </>
  );
}
