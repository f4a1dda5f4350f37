import { ApiError } from '@/api/ApiError';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { isWritable } from './fieldPath';

/** An entry that somebody moves: a card to a column, a bar or an item to other days. */
export interface EntryMove {
  entry: Entry;
  /** What it is called. */
  title: string;
  /** What the place is called that it goes to. */
  place: string;
  /** It goes to another place among its neighbours, and to no other column. */
  reordered: boolean;
  /** The version that was seen, where it is known. */
  version: number | undefined;
  /** What an action that moves it is told: the values of its new place. */
  facts: Record<string, unknown>;
  /** Saves what has to stand before it is moved. Done once, however often it is asked for. */
  prepare: () => Promise<void>;
  /** Saves it in its new place, with more values. */
  save: (more: Record<string, unknown>) => Promise<void>;
}

/** How a view moves its entries, where that is more than saving them. */
export interface MoveEntry {
  /** Who may move what is for an action to say, and not for the rights to fields. */
  byAction: boolean;
  /** Answers whether it was moved: whoever is asked something may cancel. */
  move: (change: EntryMove) => Promise<boolean>;
}

/** Moves an entry by saving it. */
export const saveMove: MoveEntry['move'] = async ({ prepare, save }) => {
  await prepare();
  await save({});
  return true;
};

/** Whether somebody may move entries of a view by a field. What is shown as published is not what a save changes. */
export function canMove(
  type: ContentType,
  field: string,
  status: 'draft' | 'published' | undefined,
  move: MoveEntry | undefined,
): boolean {
  return move?.byAction ? type.can.find : isWritable(type, field) && status !== 'published';
}

/** Whether a move was refused because somebody else changed the entry. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409;
}
