import { Button, Combobox, Text, useCombobox } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Component, Model } from '@/api/model';
import { componentOf } from '@/api/model';
import { labelOf } from '../label';
import { popupPlace } from '../shared/popup';
import { ComponentIcon } from './ComponentIcon';
import { ComponentThumb } from './ComponentThumb';
import classes from './Form.module.css';

interface ComponentPickerProps {
  model: Model;
  allowed: readonly string[];
  label: string;
  disabled?: boolean;
  onPick: (uid: string) => void;
}

/** The labels of its attributes. */
function fieldsOf(component: Component): string {
  return Object.entries(component.attributes)
    .map(([name, attribute]) => labelOf(name, attribute))
    .join(', ');
}

/** A button that adds a component: the only one there can be at once, else one that is looked for by its name, its category and its fields. */
export function ComponentPicker({ model, allowed, label, disabled, onPick }: ComponentPickerProps) {
  const { t } = useTranslation('fields');
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
  });
  const [only] = allowed;
  const add = {
    leftSection: <IconPlus size={16} aria-hidden />,
    variant: 'light',
    size: 'xs',
    disabled: disabled ?? false,
  } as const;
  if (allowed.length === 1 && only) {
    return (
      <Button {...add} onClick={() => onPick(only)}>
        {label}
      </Button>
    );
  }
  const queryWords = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = allowed
    .map((uid) => componentOf(model, uid))
    .filter((component) => component !== undefined)
    .filter((component) =>
      queryWords.every((word) =>
        `${component.displayName} ${component.uid} ${fieldsOf(component)}`.toLowerCase().includes(word),
      ),
    );
  const categories = [...new Set(matches.map((component) => component.category))];
  return (
    <Combobox
      store={combobox}
      position="bottom-start"
      portalProps={popupPlace()}
      width="min(26rem, calc(100vw - 2rem))"
      onOptionSubmit={(uid) => {
        combobox.closeDropdown();
        onPick(uid);
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <Button
          {...add}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          onClick={() => combobox.toggleDropdown()}
        >
          {label}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          aria-label={t('items.search')}
          placeholder={t('items.search')}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
        />
        <Combobox.Options aria-label={label} mah={420} style={{ overflowY: 'auto' }}>
          {categories.map((category) => (
            <Combobox.Group key={category} label={category}>
              {matches
                .filter((component) => component.category === category)
                .map((component) => (
                  <Choice key={component.uid} component={component} />
                ))}
            </Combobox.Group>
          ))}
          {matches.length === 0 && <Combobox.Empty>{t('items.noneFound')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function Choice({ component }: { component: Component }) {
  return (
    <Combobox.Option value={component.uid} className={classes.component}>
      <ComponentThumb attributes={component.attributes} />
      <span className={classes.componentText}>
        <span className={classes.componentName}>
          <ComponentIcon component={component} />
          {component.displayName}
        </span>
        <Text component="span" size="xs" truncate>
          {fieldsOf(component)}
        </Text>
      </span>
    </Combobox.Option>
  );
}
