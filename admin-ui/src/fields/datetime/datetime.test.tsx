import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { knownZone, ZoneContext } from '@/ui/zone';
import { datetime } from '.';

describe('datetime', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'datetime' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '2026-11-21T10:00' } });
    expect(changes.at(-1)).toEqual(new Date('2026-11-21T10:00').toISOString());
  });

  it('reports problems', async () => {
    expect(datetime.check({ type: 'datetime' }, 'soon')?.key).toBe('notADate');
    await renderInput({ type: 'datetime' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(
      <datetime.Cell attribute={{ type: 'datetime' }} value={'2026-11-21T10:00:00.000Z'} />,
    );
    expect(container.textContent).toContain('2026');
    expect(container.querySelector('b,script')).toBeNull();
  });

  it('is written in the time zone of where it stands, which is named', async () => {
    const { container } = await renderPlain(
      <ZoneContext value={knownZone('Asia/Tokyo')}>
        <datetime.Cell attribute={{ type: 'datetime' }} value={'2026-11-21T18:00:00.000Z'} />
      </ZoneContext>,
    );
    const time = container.querySelector('time');
    expect(time?.textContent).toMatch(/22.*3:00/);
    expect(time?.title).toContain('Asia/Tokyo');
    expect(knownZone('Mars/Olympus')).toBeUndefined();
  });

  it('shows the time zone', async () => {
    await renderInput({ type: 'datetime' }, '2026-11-21T10:00:00.000Z');
    expect(screen.getByText(/Time zone/).textContent).toContain(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});
