import { Group, Modal, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttributeType } from '@/api/model';
import type { Icon as IconType } from '@/ui/icon';
import classes from './Builder.module.css';
import { KIND_GROUPS, KIND_ICONS } from './kinds';
import { PRESETS, type Preset } from './model/presets';

interface Props {
  /** A component holds no dynamic zone. */
  isComponent: boolean;
  onClose: () => void;
  onKind: (kind: AttributeType) => void;
  onPreset: (preset: Preset) => void;
}

/** Which kind of field is to be added, or which set of them. */
export function KindPicker({ isComponent, onClose, onKind, onPreset }: Props) {
  const { t } = useTranslation(['builder', 'fields']);
  const [search, setSearch] = useState('');
  const fits = (...texts: string[]): boolean => texts.join(' ').toLowerCase().includes(search.trim().toLowerCase());
  const offered = KIND_GROUPS.map(({ id, kinds }) => ({
    id,
    kinds: kinds.filter((kind) => !(isComponent && kind === 'dynamiczone')),
  }));
  const groupsWith = (found: (kind: AttributeType) => boolean) =>
    offered.map(({ id, kinds }) => ({ id, kinds: kinds.filter(found) })).filter(({ kinds }) => kinds.length > 0);
  const named = groupsWith((kind) => fits(kind, t(`fields:kind.${kind}`), t(`builder:kindWords.${kind}`)));
  // What is called so, or does so by another name; what only mentions it where nothing is.
  const groups = named.length > 0 ? named : groupsWith((kind) => fits(t(`builder:kind.${kind}`)));
  const presets = PRESETS.filter(({ id }) =>
    fits(t(`builder:preset.${id}.name`), t(`builder:preset.${id}.explanation`)),
  );
  const chooseFirst = (): void => {
    const [kind] = groups[0]?.kinds ?? [];
    const [preset] = presets;
    if (kind) onKind(kind);
    else if (preset) onPreset(preset);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('builder:field.choose')}
      closeButtonProps={{ 'aria-label': t('builder:close') }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          aria-label={t('builder:field.search')}
          placeholder={t('builder:field.search')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing || search.trim() === '') return;
            event.preventDefault();
            chooseFirst();
          }}
        />
        {groups.map(({ id, kinds }) => (
          <section key={id} aria-labelledby={`kinds-${id}`}>
            <Title order={3} mb={6} id={`kinds-${id}`}>
              {t(`builder:group.${id}`)}
            </Title>
            <ul className={classes.kinds}>
              {kinds.map((kind) => (
                <Choice
                  key={kind}
                  Icon={KIND_ICONS[kind]}
                  name={t(`fields:kind.${kind}`)}
                  explanation={t(`builder:kind.${kind}`)}
                  onChoose={() => onKind(kind)}
                />
              ))}
            </ul>
          </section>
        ))}
        {presets.length > 0 && (
          <section aria-labelledby="kinds-presets">
            <Title order={3} mb={6} id="kinds-presets">
              {t('builder:preset.title')}
            </Title>
            <ul className={classes.kinds}>
              {presets.map((preset) => (
                <Choice
                  key={preset.id}
                  Icon={IconSparkles}
                  name={t(`builder:preset.${preset.id}.name`)}
                  explanation={t(`builder:preset.${preset.id}.explanation`)}
                  onChoose={() => onPreset(preset)}
                />
              ))}
            </ul>
          </section>
        )}
        {groups.length === 0 && presets.length === 0 && (
          <Group>
            <Text c="dimmed">{t('builder:field.nothing', { word: search })}</Text>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

interface ChoiceProps {
  Icon: IconType;
  name: string;
  explanation: string;
  onChoose: () => void;
}

function Choice({ Icon, name, explanation, onChoose }: ChoiceProps) {
  return (
    <li>
      <UnstyledButton className={classes.kind} onClick={onChoose}>
        <Icon size={20} stroke={1.5} aria-hidden />
        <span>
          <Text size="sm" fw={500} component="span" display="block">
            {name}
          </Text>
          <Text size="xs" c="dimmed" component="span" display="block">
            {explanation}
          </Text>
        </span>
      </UnstyledButton>
    </li>
  );
}
