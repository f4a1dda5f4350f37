import { createContext } from 'react';

/** An edit in place, as the view around it sees it. */
export interface OpenEdit {
  /** Whether something was typed that is not saved. */
  isDirty: () => boolean;
}

/** What a view does for edits in place inside of it. */
export interface EditingHost {
  /** Holds the view as it is drawn until the edit ends: one that is described anew could have no place for what is typed. */
  begin: (edit: OpenEdit) => () => void;
  /** Whether something inside is typed and not saved. */
  isDirty: () => boolean;
}

export const EditingContext = createContext<EditingHost>({ begin: () => () => {}, isDirty: () => false });
