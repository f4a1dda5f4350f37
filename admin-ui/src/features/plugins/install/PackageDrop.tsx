import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconPackageImport } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './PackageDrop.module.css';

/** Takes a package, by choosing or by dropping it. */
export function PackageDrop({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation('plugin');
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    // Dropping is a second way: the button does the same by mouse and keyboard.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={classes.drop}
      data-over={over ? '' : undefined}
      onDragEnter={drag}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file) onFile(file);
      }}
    >
      <Group gap="sm" justify="center">
        <FileButton accept=".cairnplugin" onChange={(file) => file && onFile(file)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconPackageImport size={18} aria-hidden />}>
              {t('install.choose')}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          {t('install.drop')}
        </Text>
      </Group>
    </div>
  );
}
