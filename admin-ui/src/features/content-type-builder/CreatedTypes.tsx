import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconFilePlus, IconWorld } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { contentRolesQuery, saveContentRole } from '@/api/roles';
import { type AppliedChange, type Schema, uidOfFile } from '@/api/schemaChanges';
import { useSession } from '@/api/session';
import { newEntryTarget } from '@/features/content-manager';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { hasPermission } from '@/app/permissions';

/** The role of whoever asks the content API without a token. */
const PUBLIC_ROLE = 'public';

/** What one wants next of types that have just been made: an entry, and that a site may read them. */
export function CreatedTypes({ applied }: { applied: AppliedChange }) {
  const created = applied.files.flatMap(({ path, before, after }) => {
    const uid = uidOfFile(path);
    return uid?.startsWith('api::') && before === null && after !== null
      ? [{ uid, schema: JSON.parse(after) as Schema }]
      : [];
  });
  return created.map(({ uid, schema }) => <CreatedType key={uid} uid={uid} schema={schema} />);
}

function CreatedType({ uid, schema }: { uid: string; schema: Schema }) {
  const { t } = useTranslation('builder');
  const { permissions } = useSession();
  const queries = useQueryClient();
  const name = schema.info.displayName ?? uid;
  const open = useMutation({
    mutationFn: async () => {
      const roles = await queries.fetchQuery(contentRolesQuery);
      const visitors = roles.find(({ code }) => code === PUBLIC_ROLE);
      await saveContentRole(PUBLIC_ROLE, {
        permissions: { ...visitors?.permissions, [uid]: { ...visitors?.permissions[uid], find: {}, findOne: {} } },
      });
      await queries.invalidateQueries({ queryKey: ['content-roles'] });
    },
  });
  const address = `/api/${(schema.kind === 'singleType' ? schema.info.singularName : schema.info.pluralName) ?? ''}`;
  return (
    <div>
      <Group gap="xs">
        <Button
          size="xs"
          leftSection={<IconFilePlus size={16} aria-hidden />}
          renderRoot={(props) => <Link {...newEntryTarget(uid)} {...props} />}
        >
          {t('applied.write', { name })}
        </Button>
        {hasPermission(permissions, ['settings.content-roles']) && !open.isSuccess && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconWorld size={16} aria-hidden />}
            loading={open.isPending}
            onClick={() => open.mutate()}
          >
            {t('applied.open', { name })}
          </Button>
        )}
      </Group>
      {open.error && <ErrorMessage error={open.error} />}
      {open.isSuccess && (
        <Text size="sm" role="status" mt={4}>
          {t('applied.opened')}{' '}
          <Anchor size="sm" underline="always" href={address} target="_blank" rel="noreferrer">
            {address}
          </Anchor>
        </Text>
      )}
    </div>
  );
}
