import { byId, make } from './dom';
import { listMicrophones, type SoundChoices } from './microphone';
import { loadChoices, saveChoices } from './preferences';

type Processing = 'echoCancellation' | 'noiseSuppression' | 'autoGainControl';

/** The microphone picker and the three switches. */
export class SoundControls {
  readonly choices: SoundChoices = loadChoices();
  readonly #device = byId<HTMLSelectElement>('device');
  readonly #switches: Record<Processing, HTMLInputElement> = {
    echoCancellation: byId<HTMLInputElement>('echo'),
    noiseSuppression: byId<HTMLInputElement>('noise'),
    autoGainControl: byId<HTMLInputElement>('gain'),
  };

  constructor(changed: () => void) {
    for (const name of Object.keys(this.#switches) as Processing[]) {
      const box = this.#switches[name];
      box.checked = this.choices[name];
      box.addEventListener('change', () => {
        this.choices[name] = box.checked;
        saveChoices(this.choices);
        changed();
      });
    }
    this.#device.addEventListener('change', () => {
      this.choices.deviceId = this.#device.value;
      saveChoices(this.choices);
      changed();
    });
    void this.refresh();
    if ('mediaDevices' in navigator) navigator.mediaDevices.addEventListener('devicechange', () => void this.refresh());
  }

  /** Names appear once the browser allows the microphone. `current` is the device in use, which may not be the chosen one. */
  async refresh(current?: MediaStreamTrack): Promise<void> {
    const devices = await listMicrophones().catch(() => []);
    const inUse = current?.getSettings().deviceId;
    const chosen = devices.some((device) => device.deviceId === this.choices.deviceId) ? this.choices.deviceId : (inUse ?? '');
    const options = devices.map((device, index) => {
      const option = make('option', '', device.label || `Microphone ${index + 1}`);
      option.value = device.deviceId;
      return option;
    });
    if (!devices.some((device) => device.deviceId === 'default')) {
      const option = make('option', '', 'Default microphone');
      option.value = '';
      options.unshift(option);
    }
    this.#device.replaceChildren(...options);
    this.#device.value = chosen;
    if (this.#device.selectedIndex < 0) this.#device.selectedIndex = 0;
  }
}
