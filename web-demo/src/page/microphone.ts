/** What the person chose about the sound. */
export interface SoundChoices {
  deviceId: string;
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

export type MicrophoneProblemCode = 'insecure' | 'refused' | 'refused_by_system' | 'none' | 'busy' | 'unknown';

export class MicrophoneProblem extends Error {
  override readonly name = 'MicrophoneProblem';

  constructor(
    readonly code: MicrophoneProblemCode,
    readonly detail = '',
  ) {
    super(detail || code);
  }
}

/** Browsers hide `mediaDevices` from pages that came over plain HTTP from another machine. */
export function microphoneAllowedHere(): boolean {
  return window.isSecureContext && 'mediaDevices' in navigator;
}

/** Opens the chosen microphone, or the default one when the chosen one is gone. */
export async function openMicrophone(choices: SoundChoices): Promise<MediaStreamTrack> {
  if (!microphoneAllowedHere()) throw new MicrophoneProblem('insecure');
  try {
    return await open(choices, choices.deviceId);
  } catch (reason) {
    const gone = reason instanceof DOMException && (reason.name === 'OverconstrainedError' || reason.name === 'NotFoundError');
    if (!gone || choices.deviceId === '') throw problemOf(reason);
    return await open(choices, '').catch((second: unknown) => {
      throw problemOf(second);
    });
  }
}

/** Microphones by name; without permission the browser gives no names. */
export async function listMicrophones(): Promise<MediaDeviceInfo[]> {
  if (!microphoneAllowedHere()) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === 'audioinput' && device.deviceId !== '');
}

async function open(choices: SoundChoices, deviceId: string): Promise<MediaStreamTrack> {
  const { echoCancellation, noiseSuppression, autoGainControl } = choices;
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation,
      noiseSuppression,
      autoGainControl,
      channelCount: { ideal: 1 },
      ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    },
  });
  const track = stream.getAudioTracks()[0];
  if (!track) throw new MicrophoneProblem('none');
  track.contentHint = 'speech';
  return track;
}

function problemOf(reason: unknown): MicrophoneProblem {
  if (reason instanceof MicrophoneProblem) return reason;
  const name = reason instanceof DOMException ? reason.name : '';
  const detail = reason instanceof Error ? reason.message : '';
  switch (name) {
    case 'NotAllowedError':
      return new MicrophoneProblem(/system/i.test(detail) ? 'refused_by_system' : 'refused', detail);
    case 'SecurityError':
      return new MicrophoneProblem('insecure', detail);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new MicrophoneProblem('none', detail);
    case 'NotReadableError':
    case 'AbortError':
      return new MicrophoneProblem('busy', detail);
    default:
      return new MicrophoneProblem('unknown', detail);
  }
}
