import { type ReactNode, useMemo, useState } from 'react';
import type { ContentType } from '@/api/model';
import type { EntryMove, MoveEntry } from '@/views/moveEntry';
import { isSchema, type Schema } from '../../schema/schema';
import { useView } from '../context';
import type { MoveBlock } from '../types';
import { documentOf } from './documentOf';
import { MoveDialog } from './MoveDialog';
import { refusedNames } from './refusedNames';

/** A move that somebody is asked about. */
interface AskedMove {
  change: EntryMove;
  /** Properties that are asked for. */
  names: readonly string[];
  /** Why it was refused without them. */
  refusal: unknown;
  /** It was moved, or not; or it cannot be any more, which is told where it was moved from. */
  end: (moved: boolean) => void;
  fail: (error: unknown) => void;
}

/**
 * How the entries of a block are moved: by saving them with what was asked for, or by the plugin's action. `dialog` is drawn beside
 * the view. It is opened before a move for what is always needed, and after a refusal for what was missing.
 */
export function useMove(
  type: ContentType,
  block: MoveBlock | undefined,
  locale: string | undefined,
): { move: MoveEntry | undefined; dialog: ReactNode } {
  const { act } = useView();
  const [asked, setAsked] = useState<AskedMove>();
  const run = useMemo(
    () =>
      async (change: EntryMove, values: Record<string, unknown>): Promise<void> => {
        await change.prepare();
        if (!block?.call) {
          await change.save(values);
          return;
        }
        const version = change.version === undefined ? {} : { version: change.version };
        await act(
          block.call,
          { ...block.values, ...values, ...change.facts, ...version },
          documentOf(type, change.entry, locale),
        );
      },
    [act, block, type, locale],
  );
  const move = useMemo((): MoveEntry | undefined => {
    if (!block) return undefined;
    const ask = async (change: EntryMove, names: readonly string[], refusal?: unknown): Promise<boolean> =>
      new Promise<boolean>((end, fail) => setAsked({ change, names, refusal, end, fail })).finally(() =>
        setAsked(undefined),
      );
    return {
      byAction: block.call !== undefined,
      move: async (change) => {
        const required = requiredNames(block.schema);
        if (!change.reordered && (required.length > 0 || block.confirm !== undefined)) return ask(change, required);
        try {
          await run(change, {});
          return true;
        } catch (error) {
          const refused = refusedNames(block.schema, error);
          if (change.reordered || refused.length === 0) throw error;
          return ask(change, refused, error);
        }
      },
    };
  }, [block, run]);
  const dialog = block && asked && (
    <MoveDialog
      block={block}
      change={asked.change}
      names={asked.names}
      refusal={asked.refusal}
      run={async (values) => run(asked.change, values)}
      end={asked.end}
      fail={asked.fail}
    />
  );
  return { move, dialog };
}

/** The properties of a schema that cannot be left out. */
function requiredNames(schema: Schema | undefined): string[] {
  if (!isSchema(schema)) return [];
  return (schema.required ?? []).filter((name) => Object.hasOwn(schema.properties ?? {}, name));
}
