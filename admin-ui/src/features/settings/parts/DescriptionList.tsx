import { Text } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import classes from './DescriptionList.module.css';

/** Names and what they stand at, in two columns. What is not there is left out. */
export function DescriptionList({ facts }: { facts: readonly [name: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value], at) => (
          // Two may have the same name.
          // eslint-disable-next-line react/no-array-index-key
          <Fragment key={`${name} ${at}`}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0}>
              {value}
            </Text>
          </Fragment>
        ))}
    </dl>
  );
}
