import { Anchor, Code, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AskAdministrator } from '@/features/users';
import type { RequiredPermissions } from '../permissions';
import { PageTitle } from '@/ui/PageTitle';

/** Somebody may not see a page: which right would let them, and who can give it. */
export function NoPermissionPage({ needs }: { needs: RequiredPermissions }) {
  const { t } = useTranslation('frame');
  return (
    <section>
      <PageTitle title={t('noPermission.title')} />
      <Text mb="sm">{t('noPermission.explanation', { count: needs.length })}</Text>
      <List mb="md">
        {needs.map((right) => (
          <List.Item key={right}>
            <Code>{right}</Code>
          </List.Item>
        ))}
      </List>
      {needs[0] && <AskAdministrator action={needs[0]} />}
      <Anchor mt="md" display="inline-block" renderRoot={(props) => <Link to="/" {...props} />}>
        {t('toHome')}
      </Anchor>
    </section>
  );
}
