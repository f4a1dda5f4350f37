import { useContext, useSyncExternalStore } from 'react';
import { languageName } from '@/ui/format';
import { goToField } from '@/fields/form/reveal';
import { SaveIndicator } from '../SaveIndicator';
import type { EntrySession, SaveState } from '../session';
import { SIDE_FORM, SideContext } from './side';
import classes from './SideBySide.module.css';

/** Where each of two languages is: on the server, on its way, on this device. */
export function SidesState(props: { session: EntrySession; save: SaveState; publishing: boolean }) {
  const side = useContext(SideContext);
  return (
    <div className={classes.states}>
      <div className={classes.stateOf} data-side-state="open">
        <span>{languageName(props.session.locale ?? '')}</span>
        <SaveIndicator {...props} />
      </div>
      {side && <BesideState session={side.session} publishing={side.publishing} />}
    </div>
  );
}

function BesideState({ session, publishing }: { session: EntrySession; publishing: boolean }) {
  const save = useSyncExternalStore(session.subscribe, () => session.save);
  return (
    <div className={classes.stateOf} data-side-state="beside">
      <span>{languageName(session.locale ?? '')}</span>
      <SaveIndicator
        session={session}
        save={save}
        publishing={publishing}
        goTo={(path) => goToField(session.store, path, SIDE_FORM)}
      />
    </div>
  );
}
