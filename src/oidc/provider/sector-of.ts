/** The registered sector of a client; the library types it loosely, `live-provider` makes it ours. */
export function sectorOf(client: { readonly clientId: string; readonly sectorIdentifier?: unknown }): string {
  return typeof client.sectorIdentifier === 'string' ? client.sectorIdentifier : client.clientId;
}
