import type { CairnFile, Choice, JourneyItem, ServiceRecord, TimelineEntry, VehicleDocument } from '../cairn/types.ts';

/** The address of a part of the page for a file. */
export const fileAddresses = {
  document: (document: VehicleDocument) => `/files/documents/${document.documentId}`,
  choice: (choice: Choice, width?: number) => withWidth(`/files/choices/${choice.documentId}`, width),
  timeline: (entry: TimelineEntry, file: CairnFile, width?: number) =>
    withWidth(`/files/timeline/${entry.documentId}/${file.documentId}`, width),
  service: (record: ServiceRecord, file: CairnFile) => `/files/service/${record.documentId}/${file.documentId}`,
  journey: (item: JourneyItem, file: CairnFile, width?: number) =>
    withWidth(`/files/journey/${item.documentId}/${file.documentId}`, width),
};

/** The address of a picture in a width, or as it is. */
export function withWidth(address: string, width: number | string | undefined): string {
  if (width === undefined) return address;
  return `${address}${address.includes('?') ? '&' : '?'}w=${width}`;
}
