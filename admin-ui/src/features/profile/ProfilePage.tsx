import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { PageTitle } from '@/ui/PageTitle';
import { AppearanceSection } from './AppearanceSection';
import { PasskeysSection } from './PasskeysSection';
import { PasswordSection } from './PasswordSection';
import { PersonSection } from './PersonSection';
import { SessionsSection } from './SessionsSection';
import { TotpSection } from './TotpSection';

/** Who one is here, how it looks, and how one signs in. */
export default function ProfilePage() {
  const { t } = useTranslation('profile');
  const { passkeys } = useSession();
  return (
    <Stack gap="lg" maw={720}>
      <PageTitle title={t('title')} />
      <PersonSection />
      <AppearanceSection />
      <PasswordSection />
      <TotpSection />
      {passkeys && <PasskeysSection />}
      <SessionsSection />
    </Stack>
  );
}
