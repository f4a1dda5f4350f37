import { createElement, type ReactNode, useContext } from 'react';
import { BlocksContext } from './context';
import type { Block } from './types';

/** The blocks that a block has in it. */
export function NestedBlocks({ blocks }: { blocks: readonly Block[] }): ReactNode {
  const BlocksComponent = useContext(BlocksContext);
  return BlocksComponent && createElement(BlocksComponent, { blocks });
}
