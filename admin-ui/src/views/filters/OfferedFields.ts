import { createContext } from 'react';

/** The fields that a filter bar offers; without it all that can be filtered by. */
export const OfferedFields = createContext<readonly string[] | undefined>(undefined);
