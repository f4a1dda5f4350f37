import { Group, Kbd } from '@mantine/core';
import { keyNames } from './keys';

/** A shortcut as keys to press: `mod+S`, or `g c` for two after one another. */
export function Keys({ keys }: { keys: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span">
      {keys
        .split(' ')
        .flatMap((combination) => keyNames(combination))
        .map((name, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the same key may stand twice
          <Kbd key={`${name} ${index}`} size="xs">
            {name}
          </Kbd>
        ))}
    </Group>
  );
}
