import { Select, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentRole, removeContentRole } from '@/api/roles';
import { RemoveSection } from '@/features/settings';
import { contentRolesAddress } from './addresses';

interface Props {
  role: ContentRole;
  /** All roles; the users of this one get one of the others. */
  others: readonly ContentRole[];
}

/** Takes a role away, once it was said which role its users get. */
export function RemoveContentRole({ role, others }: Props) {
  const { t } = useTranslation('users');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [moveTo, setMoveTo] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const isUsed = role.users > 0;
  const lead = t('contentRoles.removeLead', { count: role.users });
  return (
    <RemoveSection
      title={t('role.remove')}
      lead={lead}
      word={role.code}
      check={() => {
        setMissing(isUsed && moveTo === null);
        return !isUsed || moveTo !== null;
      }}
      onConfirm={async () => {
        await removeContentRole(role.code, isUsed ? (moveTo ?? undefined) : undefined);
        await Promise.all([
          queries.invalidateQueries({ queryKey: ['content-roles'] }),
          queries.invalidateQueries({ queryKey: ['content-users'] }),
        ]);
        await navigate(contentRolesAddress.to({}));
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{lead}</Text>
        {isUsed && (
          <Select
            label={t('contentRoles.moveTo')}
            placeholder={t('contentRoles.chooseRole')}
            data={others
              .filter(({ code }) => code !== role.code && code !== 'public')
              .map(({ code, name }) => ({ value: code, label: name }))}
            value={moveTo}
            onChange={(code) => {
              setMoveTo(code);
              setMissing(false);
            }}
            error={missing ? t('contentRoles.moveToMissing') : undefined}
            withAsterisk
            allowDeselect={false}
          />
        )}
      </Stack>
    </RemoveSection>
  );
}
