import { Fieldset, Select, SimpleGrid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldWidth, FormColumn } from '@/api/model';
import type { SchemaAttribute } from '@/api/schemaChanges';
import { LanguageTexts } from './LanguageTexts';
import { MAX_TEXT_CHARS, PLACEHOLDER_TYPES, withPresentation } from './model/presentation';

interface Props {
  attribute: SchemaAttribute;
  /** Of a content type; the fields of a component have no columns. */
  isOfType: boolean;
  onChange: (attribute: SchemaAttribute) => void;
}

/** What a field is called, in the languages of the admin, and its place in the form. */
export function AttributePresentation({ attribute, isOfType, onChange }: Props) {
  const { t } = useTranslation('builder');
  const presentation = attribute.pluginOptions?.cairn ?? {};
  const texts = (['label', 'help', 'placeholder'] as const).filter(
    (key) => key !== 'placeholder' || PLACEHOLDER_TYPES.includes(attribute.type),
  );
  return (
    <Fieldset legend={t('presentation.field')}>
      <Stack gap="sm">
        {texts.map((key) => (
          <LanguageTexts
            key={key}
            label={t(`presentation.${key}`)}
            text={presentation[key]}
            limit={MAX_TEXT_CHARS[key]}
            long={key === 'help'}
            onChange={(text) => onChange(withPresentation(attribute, key, text))}
          />
        ))}
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
          <Select
            label={t('presentation.width')}
            data={(['full', 'half', 'third'] as const).map((value) => ({ value, label: t(`presentation.${value}`) }))}
            value={presentation.width ?? 'full'}
            allowDeselect={false}
            onChange={(width) =>
              onChange(withPresentation(attribute, 'width', width === 'full' ? undefined : (width as FieldWidth)))
            }
          />
          {isOfType && (
            <Select
              label={t('presentation.column')}
              data={(['auto', 'main', 'side'] as const).map((value) => ({ value, label: t(`presentation.${value}`) }))}
              value={presentation.column ?? 'auto'}
              allowDeselect={false}
              onChange={(column) =>
                onChange(withPresentation(attribute, 'column', column === 'auto' ? undefined : (column as FormColumn)))
              }
            />
          )}
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
}
