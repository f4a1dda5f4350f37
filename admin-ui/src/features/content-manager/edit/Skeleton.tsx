import { Skeleton as Bone, Stack } from '@mantine/core';

/** Where an entry will be. */
export function Skeleton() {
  return (
    <Stack aria-hidden>
      <Bone height={40} width="40%" />
      <Bone height={36} />
      <Bone height={36} />
      <Bone height={160} />
    </Stack>
  );
}
