import { Button, Stack, Text } from '@mantine/core';
import { IconPlus, IconRosetteDiscountCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type SealProfile, sealProfilesQuery } from '@/api/sealProfiles';
import { isAbsent } from '@/api/routeExists';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { QueryState } from '../parts/QueryState';
import { Profile } from './Profile';
import { ProfileDialog } from './ProfileDialog';
import { RemoveDialog } from './RemoveDialog';

type SealDialog = { to: 'add' } | { to: 'replace' | 'remove'; profile: SealProfile };

/** Keys and certificates that plugins seal PDFs with. The server keeps them. */
export default function SealsPage() {
  const { t } = useTranslation('seals');
  const profiles = useQuery(sealProfilesQuery);
  const [asking, setAsking] = useState<SealDialog>();
  const close = (): void => setAsking(undefined);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAsking({ to: 'add' })}>
      {t('add')}
    </Button>
  );
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')} actions={profiles.data?.length ? add : undefined}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {isAbsent(profiles.error) ? (
        <EmptyState icon={IconRosetteDiscountCheck} title={t('absent')}>
          {t('absentHint')}
        </EmptyState>
      ) : (
        <QueryState query={profiles}>
          {(all) =>
            all.length === 0 ? (
              <EmptyState icon={IconRosetteDiscountCheck} title={t('none')} action={add}>
                {t('noneHint')}
              </EmptyState>
            ) : (
              all.map((profile) => (
                <Profile
                  key={profile.name}
                  profile={profile}
                  onReplace={() => setAsking({ to: 'replace', profile })}
                  onRemove={() => setAsking({ to: 'remove', profile })}
                />
              ))
            )
          }
        </QueryState>
      )}
      {(asking?.to === 'add' || asking?.to === 'replace') && (
        <ProfileDialog
          replaced={asking.to === 'replace' ? asking.profile.name : undefined}
          taken={profiles.data?.map(({ name }) => name) ?? []}
          onClose={close}
        />
      )}
      {asking?.to === 'remove' && <RemoveDialog profile={asking.profile} onClose={close} />}
    </Stack>
  );
}
