import { Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Permissions } from '@/api/roles';
import { Section } from '@/features/settings';
import { PermissionMatrix } from './PermissionMatrix';
import { useContentSubjects } from './useSubjects';

interface Props {
  permissions: Permissions;
  readDrafts: boolean;
  onChange: (change: { permissions?: Permissions; readDrafts?: boolean }) => void;
  variables: readonly string[];
}

/** What a role or token of the content API may do: content, drafts, and everything else that has a route. */
export function ContentPermissions({ permissions, readDrafts, onChange, variables }: Props) {
  const { t } = useTranslation('users');
  const { content, others } = useContentSubjects();
  const set = (next: Permissions): void => onChange({ permissions: next });
  return (
    <>
      <Section title={t('role.content')} lead={t('contentRoles.contentLead')}>
        <Stack gap="md">
          <PermissionMatrix
            label={t('role.content')}
            subjects={content}
            value={permissions}
            onChange={set}
            variables={variables}
          />
          <Switch
            label={t('contentRoles.readDrafts')}
            description={t('contentRoles.readDraftsHint')}
            checked={readDrafts}
            onChange={(event) => onChange({ readDrafts: event.currentTarget.checked })}
          />
        </Stack>
      </Section>
      <Section title={t('contentRoles.others')} lead={t('contentRoles.othersLead')}>
        <Stack gap="lg">
          {others.map((subject) => (
            <PermissionMatrix
              key={subject.uid}
              label={subject.label}
              subjects={[subject]}
              value={permissions}
              onChange={set}
              variables={variables}
            />
          ))}
        </Stack>
      </Section>
    </>
  );
}
