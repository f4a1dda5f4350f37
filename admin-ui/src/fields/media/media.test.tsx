import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { media } from '.';
import { acceptOf, kindsOf, mediaTypeOf, safeUrl } from './files';

const file = {
  id: 1,
  documentId: 'd',
  name: '<b>x</b>.png',
  url: '/uploads/x.png',
  mime: 'image/png',
  alternativeText: null,
  width: 4,
  height: 3,
};

describe('media', () => {
  it('shows names as text, and removes files', async () => {
    const { changes, container } = await renderInput({ type: 'media', multiple: true }, [file]);
    expect(screen.getByText('<b>x</b>.png')).toBeTruthy();
    expect(container.querySelector('b')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Remove <b>x</b>.png' }));
    expect(changes).toEqual([[]]);
  });

  it('is reordered by buttons', async () => {
    const { changes } = await renderInput({ type: 'media', multiple: true }, [file, { ...file, id: 2, name: 'y.png' }]);
    fireEvent.click(screen.getByRole('button', { name: 'Move y.png up' }));
    expect((changes.at(-1) as { id: number }[]).map((each) => each.id)).toEqual([2, 1]);
  });

  it('loads only safe addresses', () => {
    expect(safeUrl('/uploads/x.png')).toBe('/uploads/x.png');
    expect(safeUrl('https://example.com/x.png')).toBe('https://example.com/x.png');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//evil.example/x', ''])
      expect(safeUrl(bad)).toBeNull();
  });

  it('allows kinds of files', () => {
    expect(kindsOf(['images', 'files'])).toBe('image,document,model,other');
    expect(acceptOf(['images'])).toBe('image/*');
    expect(mediaTypeOf('video/mp4')).toBe('videos');
  });

  it('is shown as pictures with names', async () => {
    await renderPlain(<media.Cell attribute={{ type: 'media' }} value={file} />);
    expect(screen.getByAltText('<b>x</b>.png')).toBeTruthy();
  });
});
