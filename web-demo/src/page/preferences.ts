import type { SoundChoices } from './microphone';

const Storage = 'asrhub.sound';

const Defaults: SoundChoices = { deviceId: '', echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export function loadChoices(): SoundChoices {
  try {
    const stored = JSON.parse(localStorage.getItem(Storage) ?? '{}') as Partial<SoundChoices>;
    return { ...Defaults, ...stored };
  } catch {
    return { ...Defaults };
  }
}

export function saveChoices(choices: SoundChoices): void {
  try {
    localStorage.setItem(Storage, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing still works for this visit.
  }
}
