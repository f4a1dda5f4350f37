import { ActionIcon, Badge, Button, Group, Table, Text } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type GlossaryTerm, wordIn } from '@/api/glossary';
import { languageName } from '@/ui/format';
import { StackedCell, StackedTable } from '../parts/StackedTable';

/** Rows that are drawn at first, and more at a time: a glossary may have two thousand. */
const ROWS = 100;

interface Props {
  terms: readonly (readonly [string, GlossaryTerm])[];
  locales: readonly string[];
  mayChange: boolean;
  isBusy: boolean;
  onEdit: (key: string, term: GlossaryTerm) => void;
  onRemove: (key: string, term: GlossaryTerm) => void;
}

/** The terms, a row for each, with a column for each language. */
export function TermTable({ terms, locales, mayChange, isBusy, onEdit, onRemove }: Props) {
  const { t } = useTranslation('glossary');
  const [shown, setShown] = useState(ROWS);
  return (
    <>
      <StackedTable label={t('title')}>
        <Table.Thead>
          <Table.Tr>
            {locales.map((locale) => (
              <Table.Th key={locale}>{languageName(locale)}</Table.Th>
            ))}
            <Table.Th>{t('note')}</Table.Th>
            {mayChange && <Table.Th w={88}>{t('actions')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {terms.slice(0, shown).map(([key, term]) => {
            const word = locales.map((locale) => wordIn(term, locale)).find(Boolean) ?? key;
            return (
              <Table.Tr key={key}>
                {locales.map((locale, at) => (
                  <StackedCell key={locale} label={languageName(locale)}>
                    <Words term={term} locale={locale} isFirst={at === 0} />
                  </StackedCell>
                ))}
                <StackedCell label={t('note')} wide>
                  {term.note && (
                    <Text size="sm" c="dimmed">
                      {term.note}
                    </Text>
                  )}
                </StackedCell>
                {mayChange && (
                  <StackedCell label={t('actions')}>
                    <Group gap="xs" wrap="nowrap">
                      <ActionIcon
                        variant="default"
                        size={32}
                        aria-label={t('editOf', { word })}
                        onClick={() => onEdit(key, term)}
                      >
                        <IconPencil size={16} aria-hidden />
                      </ActionIcon>
                      <ActionIcon
                        variant="default"
                        size={32}
                        disabled={isBusy}
                        aria-label={t('removeOf', { word })}
                        onClick={() => onRemove(key, term)}
                      >
                        <IconTrash size={16} aria-hidden />
                      </ActionIcon>
                    </Group>
                  </StackedCell>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </StackedTable>
      {terms.length > shown && (
        <Button variant="default" size="xs" style={{ alignSelf: 'center' }} onClick={() => setShown(shown + ROWS)}>
          {t('more', { count: Math.min(ROWS, terms.length - shown) })}
        </Button>
      )}
    </>
  );
}

function Words({ term, locale, isFirst }: { term: GlossaryTerm; locale: string; isFirst: boolean }) {
  const { t } = useTranslation('glossary');
  const word = wordIn(term, locale);
  if (word === undefined)
    return (
      <Text size="sm" c="dimmed">
        {t('none')}
      </Text>
    );
  return (
    <Group gap={6}>
      <span lang={term.translate ? locale : undefined} translate="no">
        {word}
      </span>
      {!term.translate && isFirst && <Badge variant="default">{t('kept')}</Badge>}
    </Group>
  );
}
