import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentUserQuery } from '@/api/contentUsers';
import { listPeopleToSeeAs, type SeeAs } from '@/api/editorial';
import { formatDateTime } from '@/ui/format';

/** Everybody who is not signed in. */
const PUBLIC = '';
const SEARCH_DELAY_MS = 250;

interface SeeAsBarProps {
  /** What is shown now; `null`: the draft, as editors see it. */
  value: SeeAs | null;
  onChange: (value: SeeAs | null) => void;
}

/** Chooses whom and when the preview shows, and goes back to the draft. */
export function SeeAsBar({ value, onChange }: SeeAsBarProps) {
  const { t } = useTranslation('editor');
  const everybody = t('seeAs.public');
  const [person, setPerson] = useState(value?.person ?? PUBLIC);
  // Who was chosen on another page is known by their id alone.
  const [first] = useState(value?.person);
  const firstName = useQuery({ ...contentUserQuery(first ?? ''), enabled: first !== undefined }).data?.username;
  const [chosenName, setName] = useState('');
  const name = person === first ? (firstName ?? '') : chosenName;
  // Another person may be chosen while this one is still shown.
  const [laterName, setShownName] = useState<string>();
  const shownName = laterName ?? firstName ?? '';
  const [localTime, setLocalTime] = useState('');
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search === name || search === everybody ? '' : search, SEARCH_DELAY_MS);
  const people = useQuery({
    queryKey: ['see-as-people', asked],
    queryFn: ({ signal }) => listPeopleToSeeAs(asked, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const options = [
    { value: PUBLIC, label: everybody },
    ...(people.data ?? []).map((user) => ({ value: user.documentId, label: user.username })),
  ];
  // Who is chosen stays so while others are looked for.
  if (person !== PUBLIC && !options.some((option) => option.value === person)) {
    options.push({ value: person, label: name });
  }
  const show = () => {
    setShownName(name);
    onChange({
      ...(person === PUBLIC ? {} : { person }),
      ...(localTime === '' ? {} : { at: new Date(localTime).toISOString() }),
    });
  };
  return (
    <Group gap="xs" role="group" aria-label={t('seeAs.title')} align="end">
      <Select
        size="xs"
        label={t('seeAs.person')}
        data={options}
        value={person}
        searchable
        allowDeselect={false}
        nothingFoundMessage={t('seeAs.nobody')}
        filter={({ options: found }) => found}
        onSearchChange={setSearch}
        onChange={(next, option) => {
          setPerson(next ?? PUBLIC);
          setName(option?.label ?? '');
        }}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={t('seeAs.at')}
        value={localTime}
        onChange={(event) => setLocalTime(event.currentTarget.value)}
      />
      <Button size="xs" variant="light" leftSection={<IconEye size={16} aria-hidden />} onClick={show}>
        {t('seeAs.show')}
      </Button>
      {value && (
        <>
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconEyeOff size={16} aria-hidden />}
            onClick={() => onChange(null)}
          >
            {t('seeAs.stop')}
          </Button>
          <Text size="sm" role="status">
            {t(value.at ? 'seeAs.shownAt' : 'seeAs.shown', {
              person: value.person ? shownName : everybody,
              ...(value.at ? { at: formatDateTime(value.at) } : {}),
            })}
          </Text>
        </>
      )}
    </Group>
  );
}
