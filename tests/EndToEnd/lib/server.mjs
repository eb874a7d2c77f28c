import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const Root = fileURLToPath(new URL('../../../', import.meta.url));
const Builds = ['Release', 'Debug'].map((kind) => `${Root}src/MediaServer/bin/${kind}/net10.0/AsrHub.Rtc.MediaServer.dll`);

/** The built server, or undefined. */
export const serverPath = process.env.ASRHUB_TEST_SERVER ?? Builds.find(existsSync);

/** Why a test that needs the whole server cannot run here; false if it can. */
export const noServer = serverPath && existsSync(serverPath) ? false : 'the server is not built (dotnet build src/MediaServer)';

/** Starts the server on ports that the system chooses, unless `args` say otherwise, and waits until it takes sessions. */
export async function startServer(...args) {
  const child = spawn('dotnet', [serverPath, '--port', '0', '--media-port', '0', ...args], {
    env: { ...process.env, ASRHUB_HOME: Root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const take = (data) => {
      output += data;
      const found = /https?:\/\/\S+:\d+\//.exec(output.slice(output.indexOf('is up.')));
      if (output.includes('is up.') && found) resolve(found[0]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    setTimeout(() => reject(new Error(`the server is not up after a minute:\n${output}`)), 60_000).unref();
  });
  for (let tries = 0; tries < 300; tries++) {
    if ((await fetch(`${url}healthz`).catch(() => undefined))?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    url,
    get output() { return output; },
    /** Holds its breath (`true`) and breathes again: to clients a network that went away and came back. */
    freeze(frozen) { child.kill(frozen ? 'SIGSTOP' : 'SIGCONT'); },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
