/** Enough to recognise one's own address, too little to collect somebody else's. */
export function hintOfAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '' : `${address.slice(0, 1)}•••${address.slice(at)}`;
}
