import { Group, Select, Text } from '@mantine/core';
import { IconFiles } from '@tabler/icons-react';
import { createElement } from 'react';
import { useTranslation } from 'react-i18next';
import { iconNamed } from '@/ui/namedIcon';
import { ICON_NAMES, type IconName } from './model/icons';

interface Props {
  value: string | undefined;
  disabled: boolean;
  onChange: (name: string | undefined) => void;
}

const draw = (name: string) =>
  createElement(iconNamed(name, IconFiles), { size: 18, stroke: 1.6, 'aria-hidden': true });

/** The icon of a content type, found by what it shows. */
export function IconSelect({ value, disabled, onChange }: Props) {
  const { t } = useTranslation('builder');
  const isKnown = value === undefined || ICON_NAMES.includes(value as IconName);
  const data = [
    { value: '', label: t('presentation.auto') },
    ...ICON_NAMES.map((name) => ({ value: name as string, label: t(`icon.${name}`) })),
    ...(isKnown ? [] : [{ value, label: value }]),
  ];
  return (
    <Select
      label={t('presentation.icon')}
      description={isKnown ? t('presentation.iconHint') : t('presentation.iconUnknown', { name: value })}
      disabled={disabled}
      searchable
      allowDeselect={false}
      data={data}
      value={value ?? ''}
      leftSection={draw(value ?? '')}
      nothingFoundMessage={t('presentation.iconNone')}
      // By its own name too, which files have.
      filter={({ options, search }) =>
        options.filter(
          (option) =>
            'value' in option && `${option.label} ${option.value}`.toLowerCase().includes(search.trim().toLowerCase()),
        )
      }
      renderOption={({ option }) => (
        <Group gap="xs" wrap="nowrap">
          {draw(option.value)}
          <Text size="sm">{option.label}</Text>
        </Group>
      )}
      onChange={(name) => onChange(name || undefined)}
    />
  );
}
