import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Assets.module.css';
import { useFileTarget } from './moving/useFileDrag';
import { libraryAddress } from './addresses';

interface Props {
  /** The folder's number; 0: files in none; nothing: all files. */
  target: number | undefined;
  current: boolean;
  icon: ReactNode;
  name: string;
  depth: number;
  count?: number;
  /** Takes files that are dropped here. */
  onFiles?: (ids: string[]) => void;
  /** What can be done with it; absent for what is no folder of its own. */
  on?: { newIn: () => void; change: () => void; remove: () => void };
}

/** A folder among the others: a link to what is in it, a place to put files, its menu. */
export function FolderLine({ target, current, icon, name, depth, count, onFiles, on }: Props) {
  const { t } = useTranslation('media');
  const { ref, over } = useFileTarget(onFiles);
  return (
    <li ref={ref} className={classes.folder} data-over={over || undefined}>
      <Link
        {...libraryAddress.to({}, { folder: target })}
        className={classes.folderLink}
        style={{ paddingInlineStart: `${0.5 + depth}rem` }}
        aria-current={current ? 'page' : undefined}
        activeProps={{}}
      >
        {icon}
        <span className={classes.grow}>{name}</span>
        {count !== undefined && (
          <Text size="xs" c="dimmed" component="span">
            {count}
          </Text>
        )}
      </Link>
      {on && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              miw={24}
              mih={24}
              aria-label={t('folder.actions', { name })}
            >
              <IconDots size={14} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={on.newIn}>{t('folder.newIn')}</Menu.Item>
            <Menu.Item onClick={on.change}>{t('folder.change')}</Menu.Item>
            <Menu.Item color="red" onClick={on.remove}>
              {t('folder.delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
