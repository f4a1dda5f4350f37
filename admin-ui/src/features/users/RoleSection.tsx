import { Stack, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AdminRole, ContentRole } from '@/api/roles';
import { Section } from '@/features/settings';

type RoleTexts = Pick<AdminRole & ContentRole, 'name' | 'description'>;

interface Props {
  role: RoleTexts;
  onChange: (change: Partial<RoleTexts>) => void;
  code: string;
  /** A role that is made can be given a code; later it stays. */
  onCode: ((code: string) => void) | undefined;
  nameError?: string | undefined;
  readOnly?: boolean;
}

/** What a role is called and what it is for. */
export function RoleSection({ role, onChange, code, onCode, nameError, readOnly = false }: Props) {
  const { t } = useTranslation('users');
  return (
    <Section title={t('role.about')}>
      <Stack gap="sm" maw={560}>
        <TextInput
          label={t('role.name')}
          value={role.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={nameError}
          readOnly={readOnly}
          required
        />
        <TextInput
          label={t('role.code')}
          description={t('role.codeHint')}
          value={code}
          onChange={(event) => onCode?.(event.currentTarget.value)}
          readOnly={!onCode}
          required={onCode !== undefined}
        />
        <Textarea
          label={t('role.description')}
          value={role.description}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
          readOnly={readOnly}
          autosize
          minRows={2}
        />
      </Stack>
    </Section>
  );
}
