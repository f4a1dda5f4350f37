import { Anchor, Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf } from '@/api/model';
import type { EntryUsage } from '@/api/usages';
import { languageName } from '@/ui/format';
import classes from './Edit.module.css';
import { useFieldName } from './useFieldName';
import { entryAddress } from './addresses';

interface UsageLine extends EntryUsage {
  statuses: EntryUsage['status'][];
}

/** One line for each place, whatever versions of the entry have it. */
function linesOf(usages: readonly EntryUsage[]): Map<string, UsageLine> {
  const lines = new Map<string, UsageLine>();
  for (const usage of usages) {
    const key = [usage.contentType, usage.documentId, usage.locale ?? '', usage.path].join(' ');
    const line = lines.get(key);
    if (line) line.statuses.push(usage.status);
    else lines.set(key, { ...usage, statuses: [usage.status] });
  }
  return lines;
}

/** Lines that are shown at first. */
const INITIAL_LINES = 20;

/** Entries that lead to another, each a link to the field by which it does. `newTab`: for dialogs, which are to stay. */
export function UsageList({ usages, newTab = false }: { usages: readonly EntryUsage[]; newTab?: boolean }) {
  const { t } = useTranslation('editor');
  const { t: tf } = useTranslation('fields');
  const fieldName = useFieldName();
  const model = useQuery(modelQuery).data;
  const [all, setAll] = useState(false);
  const lines = [...linesOf(usages)];
  return (
    <>
      <ul className={classes.list}>
        {lines.slice(0, all ? undefined : INITIAL_LINES).map(([key, usage]) => {
          const target = entryAddress.to(
            { uid: usage.contentType, documentId: usage.documentId },
            { field: usage.path, ...(usage.locale ? { locale: usage.locale } : {}) },
          );
          return (
            <li key={key} className={classes.card}>
              <Anchor
                size="sm"
                underline="always"
                renderRoot={(props) => <Link {...target} {...(newTab ? { target: '_blank' } : {})} {...props} />}
              >
                {usage.title || usage.documentId}
              </Anchor>{' '}
              {(contentTypeOf(model, usage.contentType)?.draftAndPublish ? usage.statuses : []).map((status) => (
                <Badge key={status} size="xs" variant="light">
                  {tf(`status.${status}`)}
                </Badge>
              ))}
              <div className={classes.dim}>
                {[
                  usage.typeName,
                  fieldName(usage.contentType, usage.path),
                  usage.locale ? languageName(usage.locale) : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </li>
          );
        })}
      </ul>
      {!all && lines.length > INITIAL_LINES && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          {t('usages.all', { count: lines.length })}
        </Button>
      )}
    </>
  );
}
