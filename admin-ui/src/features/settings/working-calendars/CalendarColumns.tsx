import type { ReactNode } from 'react';
import classes from './CalendarColumns.module.css';

/** A calendar, and beside it how its year turns out; below it where there is no room. */
export function CalendarColumns({ children, year }: { children: ReactNode; year: ReactNode }) {
  return (
    <div className={classes.container}>
      <div className={classes.columns}>
        <div className={classes.calendar}>{children}</div>
        <div className={classes.year}>{year}</div>
      </div>
    </div>
  );
}
