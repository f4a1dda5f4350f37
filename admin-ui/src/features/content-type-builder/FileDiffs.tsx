import { Accordion, Badge, Group, Title } from '@mantine/core';
import { structuredPatch } from 'diff';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileChange } from '@/api/schemaChanges';
import classes from './Builder.module.css';

/** What would be written into which file. */
export function FileDiffs({ files }: { files: readonly FileChange[] }) {
  const { t } = useTranslation('builder');
  if (files.length === 0) return null;
  return (
    <section aria-labelledby="plan-files">
      <Title order={2} id="plan-files" mb="xs">
        {t('files.title', { count: files.length })}
      </Title>
      <Accordion variant="contained" multiple order={3}>
        {files.map((file) => (
          <Accordion.Item key={file.path} value={file.path}>
            <Accordion.Control>
              <Group gap="xs">
                <span className={classes.mono}>{file.path}</span>
                <Badge variant="default">
                  {t(file.before === null ? 'files.new' : file.after === null ? 'files.gone' : 'files.changed')}
                </Badge>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Diff file={file} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </section>
  );
}

function Diff({ file }: { file: FileChange }) {
  const { t } = useTranslation('builder');
  const lines = useMemo(() => {
    const patch = structuredPatch(file.path, file.path, file.before ?? '', file.after ?? '', '', '', { context: 3 });
    return patch.hunks.flatMap((hunk) => [`@@ ${hunk.newStart}`, ...hunk.lines]);
  }, [file]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keys
    <pre className={classes.diff} tabIndex={0} role="region" aria-label={t('files.diffOf', { path: file.path })}>
      {lines.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines of a text that does not change
        <span
          key={index}
          className={line.startsWith('+') ? classes.added : line.startsWith('-') ? classes.removed : undefined}
        >
          {line}
        </span>
      ))}
    </pre>
  );
}
