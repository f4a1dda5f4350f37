/** What a step made. */
export interface Made {
  documentId?: string;
  id?: number;
}

/** How far the demo is: what each step made, and the step that was begun last, of which nobody knows whether it was done. */
export interface Progress {
  made: Record<string, Made>;
  begun: string | null;
}

export const NOTHING: Progress = { made: {}, begun: null };

/** One thing to make. */
export interface Step<Kit> {
  /** `article:the-last-keeper:en`. */
  id: string;
  /** Makes it; `again`: it may be there already, as an earlier try never told. */
  run: (kit: Kit, again: boolean) => Promise<Made>;
}

interface Work<Kit> {
  steps: readonly Step<Kit>[];
  progress: Progress;
  /** Keeps how far it is, before and after each step. */
  keep: (progress: Progress) => void;
  kitOf: (progress: Progress) => Kit | Promise<Kit>;
  signal: AbortSignal;
}

/** Takes the steps that are not done, one after the other. What was made stays made, whenever it ends. */
export async function take<Kit>({ steps, progress, keep, kitOf, signal }: Work<Kit>): Promise<Progress> {
  let now = progress;
  for (const step of steps) {
    if (now.made[step.id]) continue;
    signal.throwIfAborted();
    const again = now.begun === step.id;
    now = { ...now, begun: step.id };
    keep(now);
    // One after the other on purpose: later things name earlier ones.
    // eslint-disable-next-line no-await-in-loop
    const made = await step.run(await kitOf(now), again);
    now = { made: { ...now.made, [step.id]: made }, begun: null };
    keep(now);
  }
  return now;
}

const key = (tenant: string): string => `cairn.demo.${tenant}`;

/** As it was kept on this device; nothing where that cannot be read. */
export function readProgress(tenant: string): Progress {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(tenant)) ?? 'null');
    if (typeof kept === 'object' && kept !== null && 'made' in kept && typeof kept.made === 'object')
      return { ...NOTHING, ...kept } as Progress;
  } catch {
    // Somebody else's words under our name.
  }
  return NOTHING;
}

export function keepProgress(tenant: string, progress: Progress): void {
  localStorage.setItem(key(tenant), JSON.stringify(progress));
}
