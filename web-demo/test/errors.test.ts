import { describe, expect, it } from 'vitest';
import { errorObjectOf, hubCallError, hubConnectError, mediaUnreachable } from '../src/sdk/errors';
import { udpEndpoints } from '../src/sdk/sdp';

const Url = 'https://speech.example:8443/hubs/signaling';

describe('errors', () => {
  it.each([
    [new Error("Failed to complete negotiation with the server: Error: : Status code '401'"), 'key_missing_or_wrong'],
    [Object.assign(new Error('Unauthorized'), { statusCode: 401 }), 'key_missing_or_wrong'],
    [new Error("Status code '403'"), 'origin_refused'],
    [new Error("Status code '404'"), 'server_error'],
    [new Error("Status code '502'"), 'server_away'],
    [new TypeError('Failed to fetch'), 'server_away'],
  ])('tells what a failed connection means: %s', (reason, code) => {
    const error = hubConnectError(reason, Url);
    expect(error.code).toBe(code);
    expect(error.remedy).not.toBe('');
  });

  it('names the server that is away', () => {
    expect(hubConnectError(new TypeError('Failed to fetch'), Url).title).toContain('speech.example:8443');
  });

  it('finds the error object inside a hub exception', () => {
    const reason = new Error('HubException: {"type":"error","error":{"type":"invalid_request_error","code":"sdp_too_large","message":"Too long."}}');
    expect(errorObjectOf(reason)?.code).toBe('sdp_too_large');
    expect(hubCallError(reason, 'answer the offer')).toMatchObject({ code: 'server_error', remedy: 'Too long.' });
  });

  it('knows a session that the server has forgotten', () => {
    expect(hubCallError(new Error('{"error":{"code":"session_not_found","message":"No such session."}}'), 'restart').code).toBe('session_lost');
  });

  it.each(['', 'nothing in here', '{broken', '{"error":null}', '{"error":{"code":1}}', '[]', 'x}{'])('survives a message without an error object: %s', (text) => {
    expect(errorObjectOf(new Error(text))).toBeUndefined();
    expect(hubCallError(new Error(text), 'go on').code).toBe('server_error');
  });

  it('names the addresses and ports that could not be reached', () => {
    const endpoints = udpEndpoints(
      [
        'a=candidate:1 1 udp 2130706431 192.168.1.20 40000 typ host',
        'a=candidate:2 1 UDP 2130706430 fd00::20 40000 typ host',
        'a=candidate:3 1 tcp 1 192.168.1.20 443 typ host tcptype passive',
        'a=candidate:1 1 udp 2130706431 192.168.1.20 40000 typ host',
        'a=candidate:',
      ].join('\r\n'),
    );
    expect(endpoints).toEqual(['192.168.1.20:40000', '[fd00::20]:40000']);
    expect(mediaUnreachable(endpoints).title).toContain('192.168.1.20:40000');
    expect(mediaUnreachable([]).remedy).toContain('public address');
  });
});
