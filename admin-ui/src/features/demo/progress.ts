/** What a step made. */
export interface CreatedRecord {
  documentId?: string;
  id?: number;
}

/** How far the demo is: what each step made, and the step that was begun last, of which nobody knows whether it was done. */
export interface Progress {
  made: Record<string, CreatedRecord>;
  begun: string | null;
}

export const NO_PROGRESS: Progress = { made: {}, begun: null };

/** One thing to make. */
export interface Step<Kit> {
  /** `article:the-last-keeper:en`. */
  id: string;
  /** Makes it; `again`: it may be there already, as an earlier try never told. */
  run: (kit: Kit, again: boolean) => Promise<CreatedRecord>;
}

interface StepRun<Kit> {
  steps: readonly Step<Kit>[];
  progress: Progress;
  /** Keeps how far it is, before and after each step. */
  keep: (progress: Progress) => void;
  kitOf: (progress: Progress) => Kit | Promise<Kit>;
  signal: AbortSignal;
}

/** Takes the steps that are not done, one after the other. What was made stays made, whenever it ends. */
export async function runSteps<Kit>({ steps, progress, keep, kitOf, signal }: StepRun<Kit>): Promise<Progress> {
  let now = progress;
  for (const step of steps) {
    if (now.made[step.id]) continue;
    signal.throwIfAborted();
    const again = now.begun === step.id;
    now = { ...now, begun: step.id };
    keep(now);
    // One after the other on purpose: later things name earlier ones.
    // eslint-disable-next-line no-await-in-loop
    const record = await step.run(await kitOf(now), again);
    now = { made: { ...now.made, [step.id]: record }, begun: null };
    keep(now);
  }
  return now;
}

const storageKey = (tenant: string): string => `cairn.demo.${tenant}`;

/** As it was kept on this device; nothing where that cannot be read. */
export function readProgress(tenant: string): Progress {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey(tenant)) ?? 'null');
    if (typeof stored === 'object' && stored !== null && 'made' in stored && typeof stored.made === 'object')
      return { ...NO_PROGRESS, ...stored } as Progress;
  } catch {
    // Somebody else's words under our name.
  }
  return NO_PROGRESS;
}

export function storeProgress(tenant: string, progress: Progress): void {
  localStorage.setItem(storageKey(tenant), JSON.stringify(progress));
}
