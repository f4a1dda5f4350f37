import { Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Permissions } from '@/api/roles';
import { Section } from '@/features/settings';
import { ActionGroups } from './ActionGroups';
import { PermissionMatrix } from './PermissionMatrix';
import { useContentSubjects } from './useSubjects';

interface Props {
  permissions: Permissions;
  readDrafts: boolean;
  onChange: (change: { permissions?: Permissions; readDrafts?: boolean }) => void;
  variables: readonly string[];
  /** Whether it is nobody in particular: routes of plugins that need a permission do not admit them. */
  isPublic?: boolean;
}

/** What a role or token of the content API may do: content, drafts, and everything else that has a route. */
export function ContentPermissions({ permissions, readDrafts, onChange, variables, isPublic = false }: Props) {
  const { t } = useTranslation('users');
  const { content, others, plugins } = useContentSubjects();
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
        <ActionGroups subjects={others} value={permissions} onChange={set} />
      </Section>
      {!isPublic && plugins.length > 0 && (
        <Section title={t('contentRoles.plugins')} lead={t('contentRoles.pluginsLead')}>
          <ActionGroups subjects={plugins} value={permissions} onChange={set} />
        </Section>
      )}
    </>
  );
}
