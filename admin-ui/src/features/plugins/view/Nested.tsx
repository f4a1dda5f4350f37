import { createElement, type ReactNode, useContext } from 'react';
import { BlocksContext } from './context';
import type { Block } from './types';

/** The blocks that a block has in it. */
export function Nested({ blocks }: { blocks: readonly Block[] }): ReactNode {
  const drawn = useContext(BlocksContext);
  return drawn && createElement(drawn, { blocks });
}
