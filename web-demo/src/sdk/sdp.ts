/** `address:port` of each UDP candidate in a description, so that a message can name what could not be reached. */
export function udpEndpoints(sdp: string): string[] {
  const endpoints = new Set<string>();
  for (const line of sdp.split(/\r?\n/)) {
    // RFC 8839 section 5.1: candidate:foundation component transport priority address port typ type
    const fields = line.startsWith('a=candidate:') ? line.slice(12).split(' ') : [];
    const [, , transport, , address, port] = fields;
    if (transport?.toLowerCase() !== 'udp' || address === undefined || port === undefined) continue;
    endpoints.add(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  }
  return [...endpoints];
}
