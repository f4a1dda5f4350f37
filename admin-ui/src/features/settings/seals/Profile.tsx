import { ActionIcon, Button, Code, CopyButton, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SealProfile } from '@/api/sealProfiles';
import { pluginAddress } from '@/features/plugins';
import { formatDate } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { DescriptionList } from '../parts/DescriptionList';
import { Section } from '../parts/Section';
import { StateBadge } from '@/ui/StateBadge';
import { TextLink } from '../parts/TextLink';
import { useHasPermission } from '../parts/useHasPermission';
import { EXPIRY_TONES, expiryOf } from './expiry';

interface Props {
  profile: SealProfile;
  onReplace: () => void;
  onRemove: () => void;
}

/** A profile: whose certificate it is, until when, and who seals with it. */
export function Profile({ profile, onReplace, onRemove }: Props) {
  const { t } = useTranslation(['seals', 'common']);
  const [now] = useState(() => Date.now());
  const { name } = profile;
  const expiry = expiryOf(profile, now);
  return (
    <Section
      title={name}
      lead={
        <StateBadge tone={EXPIRY_TONES[expiry]}>
          {t(`expiry.${expiry}`, { from: formatDate(profile.notBefore), until: formatDate(profile.notAfter) })}
        </StateBadge>
      }
      actions={
        <Group gap="xs">
          <Button size="xs" variant="default" aria-label={t('replaceNamed', { name })} onClick={onReplace}>
            {t('replace')}
          </Button>
          <Button size="xs" variant="default" aria-label={t('removeNamed', { name })} onClick={onRemove}>
            {t('common:remove')}
          </Button>
        </Group>
      }
    >
      <DescriptionList
        facts={[
          [t('subject'), profile.subject],
          [t('issuer'), profile.issuer],
          [t('algorithm'), profile.algorithm ?? t('foreign')],
          [t('serial'), profile.serial],
          [t('chain'), t('chainCount', { count: profile.certificates })],
          [t('fingerprint'), <Fingerprint key="fingerprint" fingerprint={profile.fingerprint} />],
          [t('usedBy'), <ProfileUsers key="users" profile={profile} />],
          [t('changedAt'), <RelativeTime key="changed" at={profile.changedAt} />],
        ]}
      />
    </Section>
  );
}

function Fingerprint({ fingerprint }: { fingerprint: string }) {
  const { t } = useTranslation(['seals', 'common']);
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>{fingerprint}</Code>
      <CopyButton value={fingerprint}>
        {({ copied, copy }) => (
          <Tooltip label={t(copied ? 'common:copied' : 'common:copy')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={t(copied ? 'common:copied' : 'copyFingerprint')}
              onClick={copy}
            >
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

/** The plugins that were granted it, each with the way to its rights. */
function ProfileUsers({ profile }: { profile: SealProfile }) {
  const { t } = useTranslation('seals');
  const mayLook = useHasPermission('plugins.read');
  if (profile.usedBy.length === 0) return t('nobody');
  return profile.usedBy.map((plugin, at) => (
    <Fragment key={plugin}>
      {at > 0 && ', '}
      {mayLook ? (
        <TextLink {...pluginAddress.to({ plugin }, { tab: 'grants' })} inText>
          {plugin}
        </TextLink>
      ) : (
        plugin
      )}
    </Fragment>
  ));
}
