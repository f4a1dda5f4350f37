import { ActionIcon, Button, Card, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconPlus, IconTrash, IconUserCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Owner, ownersQuery, removeOwner, saveOwner } from '@/api/owners';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { QueryState } from '../parts/QueryState';
import { TextLink } from '../parts/TextLink';
import { useHasPermission } from '../parts/useHasPermission';
import { useUndo } from '../parts/useUndo';
import { newOwnerAddress, OWNER_TABS, ownerAddress, ownersAddress } from '../addresses';
import { Escalations } from './Escalations';
import { toOwnerInput } from './owner';
import { describeOwner } from './describeOwner';
import { useNames } from './useNames';

/** Who answers for which content, and what waited too long. */
export default function OwnersPage() {
  const { t } = useTranslation('owners');
  const { tab = 'owners' } = ownersAddress.useSearch();
  const setSearch = ownersAddress.useSetSearch();
  const owners = useQuery(ownersQuery);
  const mayChange = useHasPermission('settings.owners');
  const make = mayChange && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...newOwnerAddress.to({})} {...props} />}
    >
      {t('new')}
    </Button>
  );
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')} actions={tab === 'owners' && owners.data?.length ? make : undefined}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      <Tabs
        value={tab}
        onChange={(value) => setSearch({ tab: OWNER_TABS.find((one) => one === value) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {OWNER_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="owners">
          <Stack gap="sm">
            {!mayChange && (
              <Text size="sm" c="dimmed">
                {t('readOnly')}
              </Text>
            )}
            <QueryState query={owners}>
              {(all) =>
                all.length === 0 ? (
                  <EmptyState icon={IconUserCheck} title={t('none')} action={make}>
                    {t('noneHint')}
                  </EmptyState>
                ) : (
                  <OwnerTable all={all} mayChange={mayChange} />
                )
              }
            </QueryState>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="escalated">
          <Escalations />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function OwnerTable({ all, mayChange }: { all: Owner[]; mayChange: boolean }) {
  const { t } = useTranslation('owners');
  const { t: anyOf } = useTranslation();
  const names = useNames();
  const queries = useQueryClient();
  const undo = useUndo();
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['owners'] });
  const remove = useMutation({
    mutationFn: (owner: Owner) => removeOwner(owner.id),
    onSuccess: async (_, owner) => {
      undo(t('removed'), async () => {
        await saveOwner(toOwnerInput(owner));
        await changed();
      });
      await changed();
    },
  });
  return (
    <>
      {remove.error && <ErrorMessage error={remove.error} />}
      <Stack gap="xs" component="ul" aria-label={t('list')} m={0} p={0} style={{ listStyle: 'none' }}>
        {all.map((owner) => {
          const description = describeOwner(anyOf, owner, names);
          return (
            <Card key={owner.id} withBorder padding="sm" component="li">
              <Group justify="space-between" wrap="nowrap" align="flex-start">
                {mayChange ? (
                  <TextLink {...ownerAddress.to({ id: String(owner.id) })}>{description}</TextLink>
                ) : (
                  <Text size="sm">{description}</Text>
                )}
                {mayChange && (
                  <ActionIcon
                    variant="default"
                    size={32}
                    disabled={remove.isPending}
                    aria-label={t('remove', { what: description })}
                    onClick={() => remove.mutate(owner)}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                )}
              </Group>
            </Card>
          );
        })}
      </Stack>
    </>
  );
}
