import { Alert, Text } from '@mantine/core';
import { Suspense } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import { useLabels } from '../context';
import { COLOURS } from '@/views/tones';
import type { BlockOf } from '../types';

const Markdown = lazyPart(() => import('./Markdown'));

/** A paragraph; with a tone in a box of its colour. */
export function TextBlock({ block }: { block: BlockOf<'text'> }) {
  const label = useLabels();
  const text = label(block.text);
  const shown =
    block.format === 'markdown' ? (
      <Suspense fallback={<Text size="sm">{text}</Text>}>
        <Markdown source={text} />
      </Suspense>
    ) : (
      <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
        {text}
      </Text>
    );
  return block.tone && block.tone !== 'neutral' ? <Alert color={COLOURS[block.tone]}>{shown}</Alert> : shown;
}
