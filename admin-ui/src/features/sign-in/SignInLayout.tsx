import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/api/session';
import { LANGUAGES, type Language, switchLanguage } from '@/i18n';
import { Brand } from '@/ui/Brand';
import { PageTitle } from '@/ui/PageTitle';
import classes from './SignInLayout.module.css';

interface Props {
  title: string;
  /** A line below the title. */
  lead?: ReactNode;
  children: ReactNode;
}

/** A page for who is not in yet: the project's name, one thing to do, the language. */
export function SignInLayout({ title, lead, children }: Props) {
  const { i18n } = useTranslation('frame');
  const session = useQuery(sessionQuery).data;
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Group mb="lg" gap="sm">
          {session?.theme.logo ? (
            <img src={session.theme.logo} alt={session.tenant.displayName} className={classes.logo} />
          ) : (
            <Brand name={session?.tenant.displayName ?? 'Cairn'} />
          )}
        </Group>
        <PageTitle title={title}>
          {lead && (
            <Text c="dimmed" mt={4}>
              {lead}
            </Text>
          )}
        </PageTitle>
        <Stack gap="md">{children}</Stack>
      </div>
      <Group gap="md" justify="center" component="footer">
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <Anchor
            key={language}
            component="button"
            type="button"
            size="sm"
            lang={language}
            c="dimmed"
            className={classes.language}
            aria-pressed={i18n.resolvedLanguage === language}
            fw={i18n.resolvedLanguage === language ? 500 : undefined}
            onClick={() => void switchLanguage(language)}
          >
            {LANGUAGES[language]}
          </Anchor>
        ))}
      </Group>
    </main>
  );
}
