import { describe, expect, it } from 'vitest';
import { PendingUploads } from './pendingUploads';

describe('pending uploads', () => {
  it('are waited for, those that begin meanwhile too', async () => {
    const uploads = new PendingUploads();
    const counts: number[] = [];
    uploads.subscribe(() => counts.push(uploads.count));
    const arrive: (() => void)[] = [];
    const upload = () => new Promise<boolean>((done) => arrive.push(() => done(true)));
    uploads.add(upload());
    let settled: boolean | undefined;
    const settling = uploads.settle().then((complete) => (settled = complete));
    uploads.add(upload());
    arrive[0]?.();
    await new Promise((done) => setTimeout(done));
    expect(settled).toBeUndefined();
    arrive[1]?.();
    await settling;
    expect(settled).toBe(true);
    expect(counts).toEqual([1, 2, 1, 0]);
  });

  it('tell that one failed', async () => {
    const uploads = new PendingUploads();
    uploads.add(Promise.reject(new Error('away')));
    uploads.add(Promise.resolve(true));
    expect(await uploads.settle()).toBe(false);
    expect(await uploads.settle()).toBe(true);
  });
});
