import { Text } from '@mantine/core';
import { IconPin, IconPinFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { createElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentType, pluralNameOf } from '@/api/model';
import lines from '@/app/NavigationLines.module.css';
import { listAddress } from '../addresses';
import { iconOfType } from '../typeIcon';
import classes from './TypesMenu.module.css';

interface Props {
  type: ContentType;
  /** What tells it from other lines, of which a type may have two. */
  line: string;
  pinned: boolean;
  onPin: () => void;
  /** Whether the Tab key stops at it. */
  isStop: boolean;
}

/** A type in the menu: the way to its entries, and the button that pins it. */
export function TypeLine({ type, line, pinned, onPin, isStop }: Props) {
  const { t } = useTranslation('list');
  const name = pluralNameOf(type);
  const Pin = pinned ? IconPinFilled : IconPin;
  const label = t(pinned ? 'types.unpin' : 'types.pin', { type: name });
  const tabIndex = isStop ? 0 : -1;
  return (
    <li className={classes.line} data-type-line={line}>
      <Link
        {...listAddress.to({ uid: type.uid })}
        className={`${lines.link} ${classes.link}`}
        activeOptions={{ includeSearch: false }}
        activeProps={{ 'aria-current': 'page' }}
        title={name}
        tabIndex={tabIndex}
      >
        {createElement(iconOfType(type), { size: 16, stroke: 1.6, 'aria-hidden': true, className: classes.icon })}
        <Text size="sm" truncate component="span">
          {name}
        </Text>
      </Link>
      <button
        type="button"
        className={classes.pin}
        data-pinned={pinned || undefined}
        aria-label={label}
        title={label}
        tabIndex={tabIndex}
        onClick={onPin}
      >
        <Pin size={14} aria-hidden />
      </button>
    </li>
  );
}
