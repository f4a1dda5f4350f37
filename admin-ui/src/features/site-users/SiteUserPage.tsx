import { Button, Group, Stack, Text } from '@mantine/core';
import { IconBan, IconDownload, IconKey, IconLockOpen, IconMail } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ContentUser,
  contentUserQuery,
  dependentsQuery,
  inviteContentUserAgain,
  sendPasswordReset,
  setContentUserBlocked,
} from '@/api/contentUsers';
import { downloadBlob } from '@/api/download';
import { fetchPersonArchive } from '@/api/personalData';
import { useSession } from '@/api/session';
import { DescriptionList, QueryState, Section, TextLink, useHasPermission } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { siteUserAddress, siteUsersAddress } from './addresses';
import { BlockDialog } from './BlockDialog';
import { DependentsList } from './DependentsList';
import { RoleDialog } from './RoleDialog';
import { SeeAsSection } from './SeeAsSection';
import { UserStateBadge } from './UserStateBadge';

/** One user of the site: how they stand, and what can be done for them. */
export default function SiteUserPage() {
  const { t } = useTranslation('siteUsers');
  const { id } = siteUserAddress.useParams();
  const user = useQuery(contentUserQuery(id));
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={user.data?.username ?? t('one')}>
        <TextLink {...siteUsersAddress.to({})}>{t('back')}</TextLink>
      </PageTitle>
      <QueryState query={user}>{(found) => <UserSections user={found} />}</QueryState>
    </Stack>
  );
}

function UserSections({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const mayManage = useHasPermission('content-users.manage');
  const maySeeAs = useHasPermission('preview.see-as');
  const mayExport = useHasPermission('settings.personal-data');
  const dependents = useQuery(dependentsQuery(user.documentId));
  return (
    <>
      <Section title={t('account')}>
        <DescriptionList
          facts={[
            [t('stateLabel'), <UserStateBadge key="state" state={user.state} />],
            [t('email'), user.email],
            [t('username'), user.username === user.email ? null : user.username],
            [t('role'), <UserRole key="role" user={user} />],
            [t('confirmed'), t(user.confirmed ? 'yes' : 'notYet')],
            [t('verified'), t(user.emailVerified ? 'yes' : 'notVerified')],
            [t('signedIn'), user.signedInAt ? formatDateTime(user.signedInAt) : t('never')],
            [t('since'), formatDateTime(user.createdAt)],
          ]}
        />
      </Section>
      {mayManage && <SignInSection user={user} />}
      {mayManage && <BlockSection user={user} />}
      <Section title={t('bound.title')} lead={t('bound.lead')}>
        <QueryState query={dependents}>{(found) => <DependentsList dependents={found} />}</QueryState>
      </Section>
      {maySeeAs && <SeeAsSection user={user} />}
      {mayExport && <DataSection user={user} />}
    </>
  );
}

/** The role of a user, and the way to another for whoever decides about roles. */
function UserRole({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const mayManage = useHasPermission('content-users.manage');
  const decides = useHasPermission('settings.content-roles');
  const [asking, setAsking] = useState(false);
  const name = user.role?.name ?? t('noRole');
  if (!mayManage || !decides) return name;
  return (
    <Group gap="xs">
      <span>{name}</span>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
        {t('roleDialog.action')}
      </Button>
      {asking && <RoleDialog user={user} onClose={() => setAsking(false)} />}
    </Group>
  );
}

/** Links that are mailed to the user: an invitation while they have no password, another password afterwards. */
function SignInSection({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const { mail } = useSession();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: async (): Promise<string> => {
      if (user.state !== 'invited') {
        await sendPasswordReset(user.documentId);
        return t('help.resetSent', { email: user.email });
      }
      const invited = await inviteContentUserAgain(user.documentId);
      return invited.result === 'sent-again'
        ? t('help.inviteSent', { email: user.email })
        : t(`invited.${invited.result}`);
    },
    onSuccess: async (sentence) => {
      announce(sentence);
      await queries.invalidateQueries({ queryKey: ['content-users'] });
    },
  });
  if (user.state === 'blocked') return null;
  const kind = user.state === 'invited' ? 'invite' : 'reset';
  return (
    <Section
      title={t('help.title')}
      lead={t(`help.${kind}Lead`)}
      actions={
        <Button
          variant="default"
          leftSection={kind === 'invite' ? <IconMail size={16} aria-hidden /> : <IconKey size={16} aria-hidden />}
          loading={send.isPending}
          onClick={() => send.mutate()}
        >
          {t(`help.${kind}`)}
        </Button>
      }
    >
      {(send.error || send.data || !mail) && (
        <Stack gap="xs">
          {send.error && <ErrorMessage error={send.error} />}
          {send.data && <Text size="sm">{send.data}</Text>}
          {!mail && (
            <Text size="sm" c="dimmed">
              {t('help.noMail')}
            </Text>
          )}
        </Stack>
      )}
    </Section>
  );
}

function BlockSection({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const isBlocked = user.state === 'blocked';
  const unblock = useMutation({
    mutationFn: () => setContentUserBlocked(user.documentId, false),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['content-users'] });
      announce(t('unblock.done', { name: user.username }));
    },
  });
  return (
    <Section
      title={t('block.section')}
      lead={t(isBlocked ? 'unblock.lead' : 'block.lead')}
      actions={
        isBlocked ? (
          <Button
            variant="default"
            leftSection={<IconLockOpen size={16} aria-hidden />}
            loading={unblock.isPending}
            onClick={() => unblock.mutate()}
          >
            {t('unblock.action')}
          </Button>
        ) : (
          <Button
            color="red"
            variant="light"
            leftSection={<IconBan size={16} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {t('block.action')}
          </Button>
        )
      }
    >
      {unblock.error && <ErrorMessage error={unblock.error} />}
      {asking && <BlockDialog user={user} onClose={() => setAsking(false)} />}
    </Section>
  );
}

/** The archive of what is stored about the user, and the way to erase it. */
function DataSection({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  const download = useMutation({
    mutationFn: () => fetchPersonArchive(user.email),
    onSuccess: (archive) => {
      downloadBlob(`person-${new Date().toISOString().slice(0, 10)}.tar.gz`, archive);
      announce(t('data.downloaded'));
    },
  });
  return (
    <Section
      title={t('data.title')}
      lead={
        <>
          {t('data.lead')}{' '}
          <TextLink inText to="/settings/personal-data" params={{}} search={{}}>
            {t('data.erase')}
          </TextLink>
        </>
      }
      actions={
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          {t('data.download')}
        </Button>
      }
    >
      {download.error && <ErrorMessage error={download.error} />}
    </Section>
  );
}
