import { Anchor, Group, Modal, Stack, Table, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { sortByOrder, filterPermitted } from '@/app/compose';
import { useFeatures } from '@/app/useFeatures';
import { Keys } from '@/ui/Keys';

/** Every key that does something, by where it does. */
export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const features = useFeatures();
  const { permissions } = useSession();
  const hints = features.flatMap((feature) => feature.shortcuts ?? []);
  const entries = sortByOrder(
    filterPermitted(
      features.flatMap((feature) => feature.navigation ?? []),
      permissions,
    ),
  ).filter((entry) => entry.goTo);
  const { t } = useTranslation([
    'frame',
    ...new Set([...hints, ...entries].map(({ label }) => label.split(':')[0] ?? 'frame')),
  ]);
  const goTo = entries.map((entry) => ({ keys: `g ${entry.goTo}`, label: entry.label, where: 'frame:shortcuts.goTo' }));
  const all = [...hints, ...goTo];
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('frame:shortcuts.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="lg">
        {[...new Set(all.map((hint) => hint.where))].map((where) => (
          <section key={where}>
            <Title order={3} size="h4" mb={4}>
              {t(where)}
            </Title>
            <Table>
              <Table.Tbody>
                {all
                  .filter((hint) => hint.where === where)
                  .map((hint) => (
                    <Table.Tr key={hint.keys}>
                      <Table.Th scope="row" fw={400}>
                        {t(hint.label)}
                      </Table.Th>
                      <Table.Td w="9rem">
                        <Keys keys={hint.keys} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </section>
        ))}
        <Group gap={4}>
          <Text size="sm">{t('frame:shortcuts.off')}</Text>
          <Anchor
            size="sm"
            renderRoot={(props) => <Link to="/profile" hash="shortcuts" onClick={onClose} {...props} />}
          >
            {t('frame:shortcuts.offLink')}
          </Anchor>
        </Group>
      </Stack>
    </Modal>
  );
}
