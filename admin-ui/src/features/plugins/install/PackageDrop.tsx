import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconPackageImport } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFileDrop } from '@/ui/useFileDrop';
import classes from './PackageDrop.module.css';

/** Takes a package, by choosing or by dropping it. */
export function PackageDrop({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation('plugin');
  const drop = useFileDrop(([file]) => file && onFile(file));
  return (
    // Dropping is a second way: the button does the same by mouse and keyboard.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.drop} data-over={drop.isOver ? '' : undefined} {...drop.handlers}>
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
