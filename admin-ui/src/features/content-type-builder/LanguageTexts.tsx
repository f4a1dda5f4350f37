import { SimpleGrid, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AdminText } from '@/api/model';
import { type Language, LANGUAGES } from '@/i18n';
import { isTooLong, textIn, withTextIn } from './model/presentation';

interface Props {
  label: string;
  description?: string;
  text: AdminText | undefined;
  limit: number;
  long?: boolean;
  disabled?: boolean;
  /** What stands in for a text that is not there. */
  placeholder?: string;
  onChange: (text: AdminText | undefined) => void;
}

/** A text for editors, in each language of the admin. */
export function LanguageTexts({ label, description, text, limit, long = false, onChange, ...props }: Props) {
  const { t } = useTranslation('builder');
  return (
    <SimpleGrid type="container" cols={{ base: 1, '380px': 2 }} spacing="xs">
      {Object.entries(LANGUAGES).map(([code, name]) => {
        const language = code as Language;
        const value = textIn(text, language);
        const shared = {
          ...props,
          label: t('presentation.inLanguage', { text: label, language: name }),
          description,
          inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
            | 'label'
            | 'input'
            | 'description'
            | 'error'
          )[],
          value,
          lang: language,
          error: isTooLong(value, limit)
            ? t('presentation.tooLong', { limit, length: [...value.trim()].length })
            : null,
        };
        const change = (written: string): void => onChange(withTextIn(text, language, written));
        return long ? (
          <Textarea key={code} {...shared} autosize onChange={(event) => change(event.currentTarget.value)} />
        ) : (
          <TextInput key={code} {...shared} onChange={(event) => change(event.currentTarget.value)} />
        );
      })}
    </SimpleGrid>
  );
}
