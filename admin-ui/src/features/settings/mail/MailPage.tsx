import { Stack, Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '@/ui/PageTitle';
import { MAIL_TABS, mailAddress } from '../addresses';
import { MailStatusTab } from './MailStatusTab';
import { SentMails } from './SentMails';
import { Suppressions } from './Suppressions';
import { Templates } from './Templates';

/** Mail: whether it works, what it says, what was sent, and who gets none. */
export default function MailPage() {
  const { t } = useTranslation('settings');
  const { tab = 'status' } = mailAddress.useSearch();
  const setSearch = mailAddress.useSetSearch();
  return (
    <Stack gap="md">
      <PageTitle title={t('mail.title')}>
        <Text size="sm" c="dimmed">
          {t('mail.lead')}
        </Text>
      </PageTitle>
      <Tabs
        value={tab}
        onChange={(value) =>
          setSearch({ tab: MAIL_TABS.find((one) => one === value), mail: undefined, state: undefined, to: undefined })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {MAIL_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`mail.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="status">
          <MailStatusTab />
        </Tabs.Panel>
        <Tabs.Panel value="templates">
          <Templates />
        </Tabs.Panel>
        <Tabs.Panel value="sent">
          <SentMails />
        </Tabs.Panel>
        <Tabs.Panel value="suppressed">
          <Suppressions />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
