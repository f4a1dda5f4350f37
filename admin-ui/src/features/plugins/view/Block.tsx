import { Alert, Skeleton } from '@mantine/core';
import { type ComponentType, Suspense } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { DelayedContent } from '@/ui/DelayedContent';
import { lazyPart } from '@/ui/lazyPart';
import { ActionsBlock } from './blocks/Actions';
import { CountBlock, StatsBlock } from './blocks/Stats';
import { FieldsBlock } from './blocks/Fields';
import { HeaderBlock } from './blocks/Header';
import { ColumnsBlock, DashboardBlock, EmptyBlock, StackBlock, TabsBlock } from './blocks/Layout';
import { DocumentLinkBlock, FileBlock } from './blocks/Links';
import { StepsBlock } from './blocks/Steps';
import { TextBlock } from './blocks/Text';
import type { Block, BlockOf, BlockKind } from './types';

type Drawer<K extends BlockKind> = ComponentType<{ block: BlockOf<K> }>;

const Entries = lazyPart(() => import('./blocks/Entries'));

/** What draws each kind. What brings much with it comes when it is drawn. */
const DRAWERS: { [K in BlockKind]: Drawer<K> } = {
  stack: StackBlock,
  header: HeaderBlock,
  text: TextBlock,
  fields: FieldsBlock,
  table: Entries as Drawer<'table'>,
  kanban: Entries as Drawer<'kanban'>,
  calendar: Entries as Drawer<'calendar'>,
  timeline: Entries as Drawer<'timeline'>,
  gallery: Entries as Drawer<'gallery'>,
  tree: Entries as Drawer<'tree'>,
  chart: lazyPart(() => import('./blocks/Chart')),
  stats: StatsBlock,
  form: lazyPart(() => import('./blocks/Form')),
  steps: StepsBlock,
  feed: lazyPart(() => import('./blocks/Feed')),
  actions: ActionsBlock,
  tabs: TabsBlock,
  columns: ColumnsBlock,
  empty: EmptyBlock,
  'document-link': DocumentLinkBlock,
  'filter-bar': lazyPart(() => import('./blocks/Filters')),
  file: FileBlock,
  diff: lazyPart(() => import('./blocks/Diff')),
  dashboard: DashboardBlock,
  count: CountBlock,
  breakdown: lazyPart(async () => ({ default: (await import('./blocks/Chart')).BreakdownBlock })),
};

/** A block; one of a kind that is not known here is drawn as what it says for that. One that cannot be drawn leaves the others alone. */
function BlockView({ block }: { block: Block }) {
  const { t } = useTranslation('pluginView');
  // Of a later line of the contract than this admin UI knows.
  const Drawn = Object.hasOwn(DRAWERS, block.kind)
    ? (DRAWERS[block.kind] as ComponentType<{ block: Block }>)
    : undefined;
  if (!Drawn)
    return block.fallback ? (
      <BlockView block={block.fallback} />
    ) : (
      <Alert color="gray">{t('unknown', { kind: block.kind })}</Alert>
    );
  return (
    <ErrorBoundary fallback={<Alert color="yellow">{t('broken', { kind: block.kind })}</Alert>} resetKeys={[block]}>
      <Suspense
        fallback={
          <DelayedContent>
            <Skeleton h={96} />
          </DelayedContent>
        }
      >
        <Drawn block={block} />
      </Suspense>
    </ErrorBoundary>
  );
}

/** Blocks one below the other. */
export function Blocks({ blocks }: { blocks: readonly Block[] }) {
  // A block is known by its place alone.
  // eslint-disable-next-line react/no-array-index-key
  return blocks.map((block, at) => <BlockView key={`${block.kind} ${at}`} block={block} />);
}
