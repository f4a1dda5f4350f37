import type { Vehicle } from '../cairn/types.ts';
import { WithCodes } from './codes.tsx';

/** The beginning of a page: which vehicle it is about, its title, and what is here. */
export function PageHead({ title, intro, vehicle }: { title: string; intro: string; vehicle?: Vehicle | undefined }) {
  return (
    <div className="intro">
      {vehicle ? (
        <p className="kicker">
          <WithCodes text={vehicle.title} />
        </p>
      ) : null}
      <h1>{title}</h1>
      <p className="lead">{intro}</p>
    </div>
  );
}
