import { Alert, Button, Card, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { labelOf } from '@/fields/label';
import { formatList } from '@/ui/format';
import { type FormSection, type FormViewDef, labelText } from '@/views/definition';
import { isWritable } from '@/views/fieldPath';
import { OrderButtons } from './OrderButtons';
import { moveItem } from './widgets';

interface Props {
  type: ContentType;
  definition: FormViewDef;
  onChange: (definition: FormViewDef) => void;
}

/** A form in the making: sections with the fields that are asked for. */
export function FormBuilder({ type, definition, onChange }: Props) {
  const { t } = useTranslation('views');
  const { sections } = definition;
  const set = (next: readonly FormSection[]): void => onChange({ ...definition, sections: next });
  const used = sections.flatMap(({ fields }) => fields);
  const fields = Object.keys(type.attributes).filter((name) => isWritable(type, name));
  const missing = fields.filter((name) => type.attributes[name]?.required && !used.includes(name));
  const named = (name: string): string => labelOf(name, type.attributes[name]);
  return (
    <Stack>
      {missing.length > 0 && (
        <Alert color="yellow">
          {t('builder.required', { fields: formatList(missing.map(named)), count: missing.length })}
        </Alert>
      )}
      {sections.map((section, at) => (
        <SectionBuilder
          key={at}
          section={section}
          named={named}
          at={at}
          count={sections.length}
          free={fields.filter((name) => !used.includes(name))}
          onChange={(next) => set(sections.with(at, next))}
          move={(by) => set(moveItem(sections, at, by))}
          remove={() => set(sections.toSpliced(at, 1))}
        />
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => set([...sections, { fields: [] }])}
      >
        {t('builder.addSection')}
      </Button>
    </Stack>
  );
}

interface SectionProps {
  section: FormSection;
  /** What a field is called. */
  named: (field: string) => string;
  at: number;
  count: number;
  /** Fields that no section has yet. */
  free: readonly string[];
  onChange: (section: FormSection) => void;
  move: (by: number) => void;
  remove: () => void;
}

function SectionBuilder({ section, named, at, count, free, onChange, move, remove }: SectionProps) {
  const { t, i18n } = useTranslation('views');
  const { fields } = section;
  const label = labelText(section.label, i18n.resolvedLanguage ?? 'en') ?? '';
  const name = label || t('builder.section', { number: at + 1 });
  const { label: _, ...rest } = section;
  return (
    <Card withBorder padding="sm" component="section" aria-label={name}>
      <Group align="flex-end" wrap="nowrap" mb="xs">
        <TextInput
          flex={1}
          label={t('builder.heading')}
          value={label}
          onChange={(event) =>
            onChange(event.currentTarget.value ? { ...section, label: event.currentTarget.value } : rest)
          }
        />
        <OrderButtons name={name} at={at} count={count} move={move} remove={remove} />
      </Group>
      {fields.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('builder.noFields')}
        </Text>
      )}
      {fields.map((field, index) => (
        <Group key={field} justify="space-between" wrap="nowrap" gap="xs" mih={30}>
          <Text size="sm">{named(field)}</Text>
          <OrderButtons
            name={named(field)}
            at={index}
            count={fields.length}
            move={(by) => onChange({ ...section, fields: moveItem(fields, index, by) })}
            remove={() => onChange({ ...section, fields: fields.toSpliced(index, 1) })}
          />
        </Group>
      ))}
      {free.length > 0 && (
        <Select
          mt="xs"
          size="xs"
          maw={260}
          searchable
          aria-label={t('builder.addField', { section: name })}
          placeholder={t('builder.addFieldHint')}
          data={free.map((field) => ({ value: field, label: named(field) }))}
          value={null}
          onChange={(field) => field && onChange({ ...section, fields: [...fields, field] })}
        />
      )}
    </Card>
  );
}
