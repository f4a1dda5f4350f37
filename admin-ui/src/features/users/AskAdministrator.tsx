import { Button, Code, CopyButton, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { formatList } from '@/ui/format';
import { explainPermissionAddress } from './addresses';

interface Props {
  /** The right that is missing. */
  action: string;
  /** Where it is about content: of which type, and which document. */
  type?: string | undefined;
  documentId?: string | undefined;
}

/** For who lacks a right: the roles they have, and the address at which an administrator sees why they may not and who may. */
export function AskAdministrator({ action, type, documentId }: Props) {
  const { t } = useTranslation('frame');
  const { me } = useSession();
  const params = new URLSearchParams({
    user: String(me.id),
    action,
    ...(type ? { type } : {}),
    ...(documentId ? { documentId } : {}),
  });
  const address = `${window.location.origin}/admin${explainPermissionAddress.path}?${params}`;
  const roles = me.roles.map(({ name }) => name);
  return (
    <div>
      <Text size="sm">{t('noPermission.roles', { count: roles.length, roles: formatList(roles) })}</Text>
      <Text size="sm" mt={4}>
        {t('noPermission.ask')}
      </Text>
      <Group gap="xs" mt={4}>
        <Code style={{ overflowWrap: 'anywhere' }}>{address}</Code>
        <CopyButton value={address}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {t(copied ? 'noPermission.copied' : 'noPermission.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
