import { Button, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refreshServerTexts } from '@/api/language';
import { saveProfile } from '@/api/me';
import { setSession, useSession } from '@/api/session';
import { isLanguage, LANGUAGES, switchLanguage } from '@/i18n';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatList } from '@/ui/format';
import { useSubmit } from '@/ui/useSubmit';
import { SavedNote } from '@/ui/SavedNote';
import { Section } from './Section';

/** Name, and the language of the admin UI. */
export function PersonSection() {
  const { t, i18n } = useTranslation('profile');
  const session = useSession();
  const { me } = session;
  const queries = useQueryClient();
  const [saved, setSaved] = useState(false);
  const [language, setLanguage] = useState(me.language ?? i18n.resolvedLanguage ?? 'en');
  const form = useSubmit(async (values) => {
    const profile = {
      firstName: values.firstName?.trim() || null,
      lastName: values.lastName?.trim() || null,
      language,
    };
    await saveProfile(profile);
    if (isLanguage(language)) await switchLanguage(language);
    setSession(queries, { ...session, me: { ...me, ...profile } });
    setSaved(true);
    void refreshServerTexts(queries);
  });
  return (
    <Section
      title={t('person.title')}
      lead={t('person.lead', { email: me.email, roles: formatList(me.roles.map((role) => role.name)) })}
    >
      <form onSubmit={form.onSubmit} onChange={() => setSaved(false)}>
        <Stack gap="sm">
          {form.error !== undefined && <ErrorMessage error={form.error} />}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput
              label={t('person.firstName')}
              name="firstName"
              autoComplete="given-name"
              defaultValue={me.firstName ?? ''}
              error={form.problemOf('firstName')}
            />
            <TextInput
              label={t('person.lastName')}
              name="lastName"
              autoComplete="family-name"
              defaultValue={me.lastName ?? ''}
              error={form.problemOf('lastName')}
            />
          </SimpleGrid>
          <Select
            label={t('person.language')}
            description={t('person.languageHint')}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            value={language}
            onChange={(value) => {
              if (value) setLanguage(value);
              setSaved(false);
            }}
            allowDeselect={false}
            error={form.problemOf('language')}
          />
          <Group>
            <Button type="submit" loading={form.pending}>
              {t('person.save')}
            </Button>
            <SavedNote shown={saved} />
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
