import { Combobox, Text, Textarea, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type Ref, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Colleague, peopleQuery } from '@/api/users';
import { popupPlace } from '@/fields/shared/popup';
import { announce } from '@/ui/live';
import { mentionQueryAt, matchPeople, withMention } from './mentions';

interface MentionFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  ref?: Ref<HTMLTextAreaElement>;
}

/** A text in which `@` names people: who is meant is chosen from a list while one types on. */
export function MentionField({ label, value, onChange, onKeyDown, ref }: MentionFieldProps) {
  const { t } = useTranslation('editor');
  const people = useQuery(peopleQuery);
  const [query, setQuery] = useState<string | null>(null);
  const caret = useRef(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const matches = query === null ? [] : matchPeople(people.data ?? [], query);
  const open = query !== null && matches.length > 0;

  const look = (element: HTMLTextAreaElement) => {
    caret.current = element.selectionStart;
    const mention = mentionQueryAt(element.value, element.selectionStart);
    setQuery(mention);
    const candidates = mention === null ? [] : matchPeople(people.data ?? [], mention);
    if (candidates.length === 0) combobox.closeDropdown();
    else {
      combobox.openDropdown();
      combobox.selectFirstOption();
      if (query === null) announce(t('comments.people', { count: candidates.length }));
    }
  };
  const choose = (person: Colleague) => {
    const changed = withMention(value, caret.current, person.email);
    onChange(changed.text);
    setQuery(null);
    combobox.closeDropdown();
    // The caret goes behind what was put in, once that is there.
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(changed.caret, changed.caret);
    });
  };
  return (
    <Combobox
      store={combobox}
      portalProps={popupPlace()}
      onOptionSubmit={(email) => {
        const person = matches.find((each) => each.email === email);
        if (person) choose(person);
      }}
    >
      <Combobox.Target withKeyboardNavigation={open}>
        <Textarea
          ref={(element) => {
            field.current = element;
            if (typeof ref === 'function') ref(element);
            else if (ref) ref.current = element;
          }}
          label={label}
          description={t('comments.mention')}
          autosize
          minRows={2}
          maxLength={10_000}
          aria-autocomplete="list"
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value);
            look(event.currentTarget);
          }}
          onSelect={(event) => {
            // The caret was moved by hand: another word may be meant, or none.
            if (event.currentTarget.selectionStart !== caret.current) look(event.currentTarget);
          }}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && open) {
              // Of what is open the list alone.
              event.stopPropagation();
              setQuery(null);
              combobox.closeDropdown();
            } else onKeyDown?.(event);
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!open}>
        <Combobox.Options mah={240} style={{ overflowY: 'auto' }} aria-label={t('comments.who')}>
          {matches.map((person) => (
            <Combobox.Option key={person.id} value={person.email}>
              {person.name}
              <Text size="xs">{person.email}</Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
