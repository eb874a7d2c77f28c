import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const Speech = fileURLToPath(new URL('../../../../shared/speech/', import.meta.url));

export const jfk = {
  file: join(Speech, 'jfk.wav'),
  words: 'and so my fellow americans ask not what your country can do for you ask what you can do for your country',
};

export const noSpeech = existsSync(jfk.file) ? false : `no speech to play: ${jfk.file} is not there`;

/** Lower case, no punctuation. */
export function wordsOf(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}' ]+/gu, ' ').split(/\s+/).filter(Boolean).join(' ');
}

export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'asrhub-e2e-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The file between two stretches of silence: playback starts when the microphone opens, before anything is connected. */
export function padded(file, folder, silence = 3) {
  const target = join(folder, 'padded.wav');
  execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-i', file, '-af', `adelay=${silence * 1000}:all=1,apad=pad_dur=${silence}`, '-ar', '48000', '-ac', '1', target]);
  return target;
}

/** A steady tone, as a WAV file. */
export function tone(hertz, seconds, folder) {
  const rate = 48_000;
  const wav = Buffer.alloc(44 + rate * seconds * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(wav.length - 44, 40);
  for (let i = 0; i < rate * seconds; i++) wav.writeInt16LE(Math.round(16_000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + i * 2);
  const target = join(folder, `tone-${hertz}.wav`);
  writeFileSync(target, wav);
  return target;
}

export function hasPulse() {
  try {
    execFileSync('pulseaudio', ['--version'], { stdio: 'ignore' });
    execFileSync('paplay', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A sound server of our own whose default microphone hears what is played into it. */
export async function startPulse() {
  const { folder, remove } = scratch();
  const socket = join(folder, 'native');
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, PULSE_RUNTIME_PATH: folder, PULSE_STATE_PATH: folder, PULSE_COOKIE: join(folder, 'cookie'), HOME: folder };
  const child = spawn('pulseaudio', [
    '--daemonize=no', '--exit-idle-time=-1', '--disallow-exit=no', '-n', '--realtime=no',
    '-L', `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    '-L', 'module-null-sink sink_name=speech sink_properties=device.description=Speech rate=48000 channels=1',
  ], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (data) => { log += data; });
  const server = `unix:${socket}`;
  const client = { ...env, PULSE_SERVER: server };
  for (let tries = 0; ; tries++) {
    try {
      execFileSync('pactl', ['set-default-source', 'speech.monitor'], { env: client, stdio: 'pipe' });
      break;
    } catch (error) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`pulseaudio did not start:\n${log}\n${error.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    env: { PULSE_SERVER: server, PULSE_COOKIE: env.PULSE_COOKIE },
    play(file) {
      const player = spawn('paplay', ['--device=speech', '--latency-msec=2000', '--process-time-msec=200', file], { env: client, stdio: 'ignore' });
      return new Promise((resolve) => player.on('exit', resolve));
    },
    stop() {
      child.kill();
      remove();
    },
  };
}
